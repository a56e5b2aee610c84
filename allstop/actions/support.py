"""An operator inside an account as support: asked why, shown on every page, and over after an hour.

The rule that it guards: nobody of the installation looks into an account unseen. Who entered, why, since when and until
when stands in the account's ledger and in its list of visits, its admins are told, and what is done inside is recorded
under the operator's name with "(support)", never under a member's. What support may do: rules/roles.py.
"""

from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Forbidden, Invalid, NotThere, Operator
from allstop.actions.notices import notify
from allstop.rules.roles import Act, Role, roles_that_may
from allstop.store import ledger
from allstop.store.models import Account, Member, NoticeKind, SupportVisit, User

LASTS = timedelta(hours=1)
LONGEST_REASON = 300


@transaction.atomic
def enter_account(by: Operator, user_id: int, account_id: int, reason: str, now: datetime) -> SupportVisit:
    """One account at a time: a visit of the same operator to another one ends."""
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON or "\0" in said:
        raise Invalid(reason=f"Say why, in at most {LONGEST_REASON} characters: the account reads it.")
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotThere("There is no such account.")
    person = User.objects.select_for_update().get(pk=user_id)  # two tabs: one after the other
    if not (person.is_operator and person.is_active):
        raise Forbidden(f"{person.name} is no operator.")
    if Member.objects.filter(account=account, user=person).exists():
        raise Conflict(f"You are a member of {account.name}: choose it under Another account.")
    for earlier in SupportVisit.objects.filter(user=person, ended_at=None):
        _end(by, earlier, now)
    visit = SupportVisit.objects.create(
        account=account, user=person, operator=by.name, reason=said, began_at=now, until=now + LASTS
    )
    notify(
        NoticeKind.SUPPORT,
        f"{by.name} has entered as support",
        f"An operator of this installation looks into {account.name} until {visit.until:%H:%M} UTC at the latest. "
        "Why, and until when it was, stands under Tickets.",
        now,
        account_id=account.pk,
        about=f"support:{visit.pk}",
        url="/help/tickets",
        roles=roles_that_may(Act.HANDLE_TICKETS),
    )
    _tell(by, visit, "enter_support", now, until=visit.until, reason=said)
    return visit


@transaction.atomic
def leave_account(by: Operator, user_id: int, visit_id: int, now: datetime) -> SupportVisit:
    """Also where its hour has passed meanwhile: then it was over at that time. Left twice, it stays as it was."""
    visit = SupportVisit.objects.select_for_update().filter(pk=visit_id, user_id=user_id).first()
    if visit is None:
        raise NotThere("There is no such visit.")
    if visit.ended_at is None:
        _end(by, visit, now)
    return visit


def as_support(visit: SupportVisit) -> Actor:
    """Who acts inside. No member, and with the acts of support only."""
    return Actor(
        visit.account_id,
        f"{visit.operator[:100]} (support)",
        Role.ADMIN,
        via="console",
        is_operator=True,
        is_support=True,
    )


def _end(by: Operator, visit: SupportVisit, now: datetime) -> None:
    visit.ended_at = min(now, visit.until)
    visit.save(update_fields=["ended_at"])
    _tell(by, visit, "leave_support", now, until=visit.ended_at)


def _tell(by: Operator, visit: SupportVisit, act: str, now: datetime, *, until: datetime, reason: str = "") -> None:
    """In the account's chain with the reason; in the installation's, the operators' own history, with where it was."""
    after = {"visit": visit.pk, "until": until.isoformat(), "via": by.via}
    ledger.append(account_id=None, at=now, by=by.name, act=act, subject=f"account:{visit.account_id}", after={**after})
    ledger.append(
        account_id=visit.account_id,
        at=now,
        by=by.name,
        act=act,
        subject="account",
        after=after,
        personal={"reason": reason},
    )
