"""What members are told by email: that somebody wrote, or that a lead or a conversation is theirs now.

The rule that it guards: it goes to members only, at the address with which they log in, and names no contact and
repeats no word of theirs: the address in it leads to the page behind the log-in. Each is a message of the account, of
the purpose service, and passes the gate: STOPPED holds it. docs/notes/0019-member-news.md has the reasons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.answers import BY_ITSELF
from allstop.rules.facts import Channel, Purpose
from allstop.rules.member_news import NewsKind, Wish, due_at
from allstop.rules.roles import Act, Role
from allstop.store import ledger, queue
from allstop.store.models import Account, Contact, Conversation, Inbound, Member, MemberNews

KEEPS = timedelta(days=1)  # what the gate held for longer is no news any more
KEPT = timedelta(days=7)  # what was told: longer than it is asked for
AT_ONCE = 50  # members in one look


@dataclass(frozen=True, slots=True)
class Wishes:
    written: Wish
    assigned: Wish
    digest_hour: int


def note_written(found: Conversation, inbound: Inbound) -> None:
    """In the transaction that stores it. The assigned member is told, else the admins. A member's own mail to the
    account is no news: two programs would answer each other."""
    members = Member.objects.filter(account_id=inbound.account_id, user__is_active=True).select_related("user")
    if members.filter(user__email__iexact=inbound.sender).exists():
        return
    mine = list(members.filter(pk=found.assigned_to_id)) if found.assigned_to_id is not None else []
    for member in mine or members.filter(role=Role.ADMIN.value):
        _note(member, NewsKind.WRITTEN, inbound.at, conversation=found)


def note_assigned(
    member_id: int | None,
    by: Actor,
    now: datetime,
    *,
    contact: Contact | None = None,
    conversation: Conversation | None = None,
) -> None:
    """Whoever takes something for themselves knows it already."""
    if member_id is None or member_id == by.member_id:
        return
    member = Member.objects.select_related("user").filter(account_id=by.account_id, pk=member_id).first()
    if member is not None and member.user.is_active:
        _note(member, NewsKind.ASSIGNED, now, contact=contact, conversation=conversation)


def _note(
    member: Member,
    kind: NewsKind,
    now: datetime,
    *,
    contact: Contact | None = None,
    conversation: Conversation | None = None,
) -> None:
    """While one waits, more of the same only count up."""
    wish = Wish(member.mail_written if kind is NewsKind.WRITTEN else member.mail_assigned)
    about = MemberNews.objects.filter(member=member, kind=kind.value, contact=contact, conversation=conversation)
    if about.filter(told_at=None).update(count=F("count") + 1):  # member_news_once
        return
    told_at = about.exclude(message_id=None).order_by("-told_at").values_list("told_at", flat=True).first()
    zone = Account.objects.values_list("zone", flat=True).get(pk=member.account_id)
    due = due_at(wish, member.digest_hour, zone, told_at, now)
    if due is not None:
        new = MemberNews(
            account_id=member.account_id,
            member=member,
            kind=kind.value,
            contact=contact,
            conversation=conversation,
            at=now,
            due_at=due,
            in_digest=wish is Wish.DIGEST,
        )
        MemberNews.objects.bulk_create([new], ignore_conflicts=True)  # two may write at one moment


def send_due_news(now: datetime) -> int:
    """How many mails were queued. Any number of workers may call it at once."""
    due = MemberNews.objects.filter(told_at=None, due_at__lte=now)  # member_news_due
    members = due.order_by("member_id").values_list("member_id", flat=True).distinct()[:AT_ONCE]
    return sum(_tell(member_id, now) for member_id in members)


@transaction.atomic
def _tell(member_id: int, now: datetime) -> bool:
    """All that is due for this member in one mail, marked as told in the same transaction."""
    rows = MemberNews.objects.select_for_update(of=("self",), skip_locked=True).select_related("conversation")
    due = list(rows.filter(member_id=member_id, told_at=None, due_at__lte=now).order_by("at", "pk"))
    if not due:
        return False
    MemberNews.objects.filter(pk__in=[one.pk for one in due]).update(told_at=now)
    MemberNews.objects.filter(member_id=member_id, told_at__lt=now - KEPT).delete()
    member = Member.objects.select_related("user", "account").get(pk=member_id)
    news = [one for one in due if _is_news(one, member)]
    if not news or not member.user.is_active:
        return False
    (message_id,) = queue.enqueue([_mail(member, news, now)], now)
    MemberNews.objects.filter(pk__in=[one.pk for one in news]).update(message_id=message_id)
    ledger.append(
        account_id=member.account_id,
        at=now,
        by=BY_ITSELF,
        act="tell_member",
        subject=f"message:{message_id}",
        after={"member": member.pk, "news": len(news)},
    )
    return True


def _is_news(one: MemberNews, member: Member) -> bool:
    """What was read meanwhile is none, nor what the member does not want any more."""
    if one.kind == NewsKind.WRITTEN:
        return member.mail_written != Wish.NEVER and one.conversation is not None and one.conversation.unread > 0
    return member.mail_assigned != Wish.NEVER


def _mail(member: Member, news: Sequence[MemberNews], now: datetime) -> queue.NewMessage:
    return queue.NewMessage(
        account_id=member.account_id,
        channel=Channel.EMAIL,
        purpose=Purpose.SERVICE,
        address=member.user.email,
        subject=_subject(news),
        body="\n".join(_lines(member, news)),
        due_at=now,
        use_by=now + KEEPS,
    )


def _subject(news: Sequence[MemberNews]) -> str:
    written = sum(1 for one in news if one.kind == NewsKind.WRITTEN)
    assigned = len(news) - written
    parts = []
    if written:
        parts.append("Somebody wrote" if written == 1 else f"{written} conversations wait")
    if assigned:
        parts.append("something is yours now" if assigned == 1 else f"{assigned} are yours now")
    words = ", ".join(parts)
    return words[0].upper() + words[1:]


def _lines(member: Member, news: Iterable[MemberNews]) -> list[str]:
    lines = [f"{member.account.name}:", ""]
    for one in news:
        if one.kind == NewsKind.WRITTEN:
            times = "" if one.count == 1 else f" {one.count} times"
            lines.append(f"- Somebody wrote{times}: {settings.URL}/inbox/{one.conversation_id}")
        elif one.conversation_id is not None:
            lines.append(f"- A conversation is yours now: {settings.URL}/inbox/{one.conversation_id}")
        else:
            lines.append(f"- A new lead is yours: {settings.URL}/contacts/{one.contact_id}")
    return [*lines, "", f"What you are told by email, and when, is your choice: {settings.URL}/notices"]


def wishes_of(actor: Actor) -> Wishes:
    member = _me(actor)
    return Wishes(Wish(member.mail_written), Wish(member.mail_assigned), member.digest_hour)


def set_wishes(actor: Actor, wishes: Wishes) -> Wishes:
    """The member's own choice, for this account. What waits goes by the new choice when it is due."""
    member = _me(actor)
    if not 0 <= wishes.digest_hour <= 23:
        raise Invalid(digest_hour="Choose an hour from 0 to 23.")
    Member.objects.filter(pk=member.pk).update(
        mail_written=wishes.written.value, mail_assigned=wishes.assigned.value, digest_hour=wishes.digest_hour
    )
    return wishes


def _me(actor: Actor) -> Member:
    require(actor, Act.VIEW)
    found = Member.objects.filter(account_id=actor.account_id, pk=actor.member_id or 0).first()
    if found is None:
        raise NotThere("Only a member has mails of their own.")
    return found
