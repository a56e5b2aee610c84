"""Allstop's own words to its own people: written down for each of them, shown in the console, and mailed once.

The rule that it guards: only members of the account hear of it (of the installation: its operators), at the address
with which they log in, and no contact's data is in it. docs/notes/0007-own-notices.md has the reasons.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from allstop.actions.actor import Actor, NotThere, require
from allstop.rules.roles import Act, Role
from allstop.store.models import Notice, NoticeKind, NoticeReader, User

ADMINS = (Role.ADMIN,)


@transaction.atomic
def notify(  # noqa: PLR0913 - what a notice says, each by its name
    kind: NoticeKind,
    subject: str,
    body: str,
    now: datetime,
    *,
    account_id: int | None,
    about: str = "account",
    url: str = "",
    roles: Iterable[Role] = ADMINS,
    member_id: int | None = None,
    by_mail: bool = True,
) -> Notice:
    """Tell the account's members of these roles, or one member; with no account, the operators. In the caller's
    transaction. Not `by_mail`: in the bell only, since an email goes another way."""
    notice = Notice.objects.create(
        account_id=account_id, kind=kind, subject=subject[:200], body=body, about=about, url=url, created_at=now
    )
    people = User.objects.filter(is_active=True)
    if account_id is None:
        people = people.filter(is_operator=True)
    elif member_id is not None:
        people = people.filter(memberships__account_id=account_id, memberships__pk=member_id)
    else:
        people = people.filter(memberships__account_id=account_id, memberships__role__in=[role.value for role in roles])
    NoticeReader.objects.bulk_create(
        NoticeReader(
            notice=notice,
            account_id=account_id,
            user=person,
            mail_due_at=now if by_mail and person.notices_by_mail and settings.NOTICE_MAILS else None,
        )
        for person in people
    )
    return notice


def mark_read(actor: Actor, user_id: int, notice_id: int | None, now: datetime) -> int:
    """One notice, or all of the account (and the installation) that the person has not read; how many there were."""
    require(actor, Act.VIEW)
    mine = _of(actor, user_id)
    if notice_id is not None:
        mine = mine.filter(notice_id=notice_id)
        if not mine.exists():
            raise NotThere("There is no such notice.")
    return mine.filter(read_at=None).update(read_at=now)


def _of(actor: Actor, user_id: int) -> QuerySet[NoticeReader]:
    here = Q(account_id=actor.account_id) | Q(account=None)
    return NoticeReader.objects.filter(here, user_id=user_id)


def mail_notices(actor: Actor, user_id: int, *, by_mail: bool) -> None:
    """The person's own choice, for all their accounts. Turned off, what has not been mailed yet is not mailed."""
    require(actor, Act.VIEW)
    User.objects.filter(pk=user_id).update(notices_by_mail=by_mail)
