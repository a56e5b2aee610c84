"""Sending from the Messenger: to whom TO: means, one message each, and who is left behind.

The rule that it guards: everybody in TO: is accounted for, as a message or as left behind with a reason. What leaves
them behind is what the gate says; it is asked again when each message leaves, so a marker that is set in between
holds. Only Stop Promotions can be overridden, by a person who says why, and only for those who had it when Send was
pressed.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions import messages
from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.attachments import chosen, for_the_ledger, ids_in, problem_of
from allstop.actions.bulk import check_filter
from allstop.actions.contact_ticks import check_ticks
from allstop.actions.messenger_people import Said, Wording, parsed, people
from allstop.actions.messenger_run import run_here
from allstop.actions.messenger_steps import MOST_PEOPLE, Series, family_fault
from allstop.actions.own_windows import Proposal, as_json, own_windows
from allstop.actions.request_keys import check_key
from allstop.actions.templates import template_of
from allstop.rules import answer_link
from allstop.rules.facts import Channel, Purpose, Standing
from allstop.rules.messenger import is_group_send, may_override, takes_ownership, why_left_behind
from allstop.rules.roles import Act
from allstop.store import ledger, lists
from allstop.store import own_windows as store
from allstop.store.lists.phonebook import newest_contact
from allstop.store.lists.reading import scalar
from allstop.store.models import Account, Contact, ContactList, Group, Job, JobSource, MessengerSend, SendState

AT_ONCE = 2000  # contacts that the caller waits for; more are left to a process of their own
MOST_ONES = 1000  # contacts named one by one; more are a group, or all that match a filter


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """A contact, an address, or one certain address of a contact."""

    contact_id: int | None = None
    address: str = ""
    channel: Channel | None = None  # None: as everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """Whoever is meant twice gets it once, in the way in which they are named one by one."""

    ones: tuple[One, ...] = ()
    groups: tuple[int, ...] = ()
    filters: tuple[lists.Many, ...] = ()

    @property
    def many(self) -> list[lists.Many]:
        return [*(lists.Many(filter=lists.ContactFilter(group=group)) for group in self.groups), *self.filters]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent, when and how."""

    channel: Channel
    purpose: Purpose
    body: str
    subject: str = ""  # emails only, and they need one
    due_at: datetime | None = None  # None: now
    despite_stop_promotions: bool = False
    reason: str = ""  # why despite
    window: Proposal | None = None  # of this send alone; None: the account's
    attachments: tuple[int, ...] = ()  # emails only: the ids of uploaded files, in their order
    ticks: int | None = None  # a recall list on which whoever gets one is ticked as complete
    series: Series = field(default_factory=Series)  # the steps of a plan, one message for a family


@dataclass(frozen=True, slots=True)
class Counted:
    people: int
    left: dict[str, int]  # reason code -> how many
    why: dict[int, str]  # of those named one by one: the contact and the reason


@dataclass(frozen=True, slots=True)
class Pressed:
    send: MessengerSend
    is_repeat: bool = False  # the key was used before: nothing new was made


def count_to(actor: Actor, to: To, letter: Letter, now: datetime) -> Counted:
    """Who would be left behind now. Makes nothing; the letter may still be empty."""
    require(actor, Act.VIEW)
    check_to(actor, to)
    wording = parsed(letter.subject, letter.body)
    names = wording.names if isinstance(wording, Wording) else set()
    chosen = {one.contact_id: one for one in to.ones if one.contact_id is not None}
    strangers = sum(1 for one in to.ones if one.contact_id is None)  # nothing is known against an address
    kinds = lists.kinds_in_to(actor.account_id, to.many, letter.channel, names, list(chosen))
    number = len(chosen) + strangers + sum(count for _, count in kinds)
    override = override_of(actor, letter, now)
    left: Counter[str] = Counter()
    for kind, count in kinds:
        overridden = override is not None
        left[why_left_behind(kind, letter.purpose, number, overridden=overridden)] += count
    account = Account.objects.get(pk=actor.account_id)
    words = wording if isinstance(wording, Wording) else _nothing()
    said = Said(letter.purpose, number, override, words, account.name)
    why: dict[int, str] = {}
    for pk, person in people(actor.account_id, list(chosen)).items():
        reason = person.why_not(chosen[pk].channel or letter.channel, said, now, chosen[pk].address)
        left[reason] += 1
        if reason:
            why[pk] = reason
    del left[""]
    return Counted(number, {code: count for code, count in left.items() if count}, why)


def send(actor: Actor, to: To, letter: Letter, now: datetime, key: str = "") -> Pressed:
    """Done when it returns, if they are few; otherwise queued: a worker starts a process for it within a second."""
    pressed = ask_for_send(actor, to, letter, now, key)
    if pressed.is_repeat or pressed.send.total > AT_ONCE:
        return pressed
    return Pressed(run_here(pressed.send.pk))


@transaction.atomic
def ask_for_send(actor: Actor, to: To, letter: Letter, now: datetime, key: str = "") -> Pressed:
    """Write it down as queued. With a `key`, the same request again is the send that the first one made."""
    require(actor, Act.SEND_MESSAGE)
    if key and (known := _known(actor, key)) is not None:
        if known.digest != _digest(to, letter):
            raise Conflict("This was sent already, with other words or to others. Begin a new message.")
        return Pressed(known, is_repeat=True)
    check_to(actor, to)
    if letter.ticks is not None:
        check_ticks(actor, letter.ticks)
    check_letter(actor, to, letter, now)
    made = _write_down(actor, to, letter, now, key)
    _record(actor, made, letter, now)
    return Pressed(made)


def _write_down(actor: Actor, to: To, letter: Letter, now: datetime, key: str) -> MessengerSend:
    """It was checked. The run makes the messages: messenger_run.py."""
    account = Account.objects.get(pk=actor.account_id)
    ones = _resolved(account, to, letter, now)
    total = _how_many(actor.account_id, to, letter, [one[0] for one in ones])
    job = _job(actor, to, letter, total, now)
    if job is not None and letter.window is not None:
        windows = own_windows(actor.account_id, Channel, letter.window)
        store.keep(actor.account_id, job.pk, account.zone, windows, now)
    is_owned = takes_ownership(total, is_on=account.takes_ownership)
    return MessengerSend.objects.create(
        account=account,
        job=job,
        key=key,
        digest=_digest(to, letter),
        recipients=_as_json(ones, to)
        | ({} if letter.ticks is None else {"ticks": letter.ticks})
        | letter.series.as_json(),
        until_id=newest_contact(actor.account_id),
        channel=letter.channel,
        purpose=letter.purpose,
        subject=letter.subject.strip(),
        body=letter.body,
        attachment_set_id=chosen(actor.account_id, letter.attachments, now),
        due_at=letter.due_at,
        despite_stop_promotions=letter.despite_stop_promotions,
        reason=letter.reason.strip(),
        owner_id=actor.member_id if is_owned else None,
        by=actor.name,
        via=actor.via,
        state=SendState.QUEUED,
        total=total,
        created_at=now,
    )


def _digest(to: To, letter: Letter) -> str:
    return hashlib.sha256(repr((astuple(to), astuple(letter))).encode()).hexdigest()


def how_many(account_id: int, to: To, letter: Letter, ones: Sequence[int]) -> int:
    """Who is in TO:, the single ones and the many, each once."""
    many = lists.kinds_in_to(account_id, to.many, letter.channel, (), ones)
    return len(ones) + sum(count for _, count in many)


def _how_many(account_id: int, to: To, letter: Letter, ones: Sequence[int]) -> int:
    total = how_many(account_id, to, letter, ones)
    if not total:
        raise Invalid(to="Nobody is in TO:. Put somebody there.")
    if not letter.series.is_plain and total > MOST_PEOPLE:
        raise Invalid(to=f"At most {MOST_PEOPLE:,} people get a plan, or one message for a family, in one go.")
    if letter.despite_stop_promotions and not may_override(total, letter.purpose):
        raise Invalid(reason="Up to five people get a personal message anyway: there is nothing to override.")
    return total


def in_the_words_of(actor: Actor, template_id: int, letter: Letter) -> Letter:
    """With saved wording and its files. NotThere: the account has none of this id."""
    found = template_of(actor, template_id)
    files = dict.fromkeys((*ids_in(actor.account_id, found.attachment_set_id), *letter.attachments))
    return replace(letter, subject=found.subject, body=found.body, attachments=tuple(files))


def send_of(actor: Actor, send_id: int) -> MessengerSend:
    require(actor, Act.VIEW)
    found = MessengerSend.objects.filter(account_id=actor.account_id, pk=send_id).select_related("job").first()
    if found is None:
        raise NotThere("There is no such send.")
    return found


def _known(actor: Actor, key: str) -> MessengerSend | None:
    check_key(key)
    # Of two that come at the same time the second waits here until the first has committed.
    lock = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, %(account)s))::text"
    scalar(lock, {"key": f"messenger_send {key}", "account": actor.account_id})
    return MessengerSend.objects.filter(account_id=actor.account_id, key=key).first()


def check_to(actor: Actor, to: To) -> None:
    if len(to.ones) > MOST_ONES:
        raise Invalid(to=f"Name at most {MOST_ONES:,} contacts one by one; for more make a group of them.")
    ids = {one.contact_id for one in to.ones if one.contact_id is not None}
    if Contact.objects.filter(account_id=actor.account_id, pk__in=ids).count() != len(ids):
        raise NotThere("One of these contacts does not exist. Take it out of TO:.")
    groups = set(to.groups)
    if Group.objects.filter(account_id=actor.account_id, pk__in=groups).count() != len(groups):
        raise NotThere("One of these groups does not exist. Take it out of TO:.")
    for one in to.filters:
        check_filter(actor.account_id, one.filter)


def check_letter(actor: Actor, to: To, letter: Letter, now: datetime) -> None:
    channels = [letter.channel, *(one.channel for one in to.ones if one.channel is not None)]
    problems = messages.body_problems(letter.body, is_text=Channel.TEXT in channels)
    more = (answer_link.NAME,) if letter.series.steps else ()
    wording = parsed(letter.subject, letter.body, *more)
    if isinstance(wording, dict):
        problems |= wording
    asked = messages.Draft(
        channel=Channel.EMAIL if Channel.EMAIL in channels else letter.channel,
        purpose=letter.purpose,
        body=letter.body,
        subject=letter.subject,
    )
    problems |= messages.subject_problems(asked)
    if why := _family_fault(letter):
        problems["body"] = why
    if why := problem_of(actor.account_id, letter.attachments, channels):
        problems["attachments"] = why
    if letter.due_at is not None and letter.due_at > now + messages.FURTHEST:
        problems["due_at"] = "Choose a time within a year."
    if letter.due_at is not None and letter.due_at <= now:
        problems["due_at"] = "Choose a time that is still to come, or send it now."
    if letter.despite_stop_promotions and not letter.reason.strip():
        problems["reason"] = "Say why those with Stop Promotions get it all the same."
    if letter.reason.strip() and not letter.despite_stop_promotions:
        problems["reason"] = "A reason is only kept of a send despite Stop Promotions."
    if len(letter.reason) > messages.LONGEST_REASON:
        problems["reason"] = f"Give the reason in at most {messages.LONGEST_REASON} characters."
    if problems:
        raise Invalid(**problems)


def check_series(letter: Letter) -> None:
    if why := _family_fault(letter):
        raise Invalid(body=why)


def _family_fault(letter: Letter) -> str:
    """Of the letter, or of every wording of its plan."""
    if not letter.series.for_family:
        return ""
    if not letter.series.steps:
        wording = parsed(letter.subject, letter.body)
        return family_fault(wording.names, wording.body.placeholders()) if isinstance(wording, Wording) else ""
    for number, step in enumerate(letter.series.steps, start=1):
        for words in step.words:
            said = parsed(words.subject, words.body, answer_link.NAME)
            assert isinstance(said, Wording), "it was checked when the plan was saved"
            if why := family_fault(said.names, said.body.placeholders()):
                return f"Step {number}: {why} Change the plan, or let the list send each their own."
    return ""


def override_of(actor: Actor, letter: Letter, now: datetime) -> Standing | None:
    return Standing("override", actor.name, now, letter.reason) if letter.despite_stop_promotions else None


def _nothing() -> Wording:
    nothing = parsed("", "")
    assert isinstance(nothing, Wording)
    return nothing


def _resolved(account: Account, to: To, letter: Letter, now: datetime) -> list[tuple[int, str, str]]:
    """(contact, channel or "", address or ""), each contact once. An address that nobody has becomes a contact."""
    found: dict[int, tuple[int, str, str]] = {}
    for one in to.ones:
        contact_id, address = one.contact_id, ""
        if one.address or contact_id is None:
            draft = messages.Draft(
                channel=one.channel or letter.channel,
                purpose=letter.purpose,
                body=letter.body,
                contact_id=contact_id,
                address=one.address,
            )
            contact, address = messages.recipient(account, draft, now)
            contact_id = contact.pk
        assert contact_id is not None
        found.setdefault(contact_id, (contact_id, one.channel.value if one.channel else "", address))
    return list(found.values())


def _as_json(ones: Sequence[tuple[int, str, str]], to: To) -> dict[str, Any]:
    filters = [{"filter": one.filter.as_json(), "except": sorted(one.without)} for one in to.filters]
    return {"contacts": [list(one) for one in sorted(ones)], "groups": sorted(set(to.groups)), "filters": filters}


def _job(actor: Actor, to: To, letter: Letter, total: int, now: datetime) -> Job | None:
    """So that a group send, and one for later, is listed, stopped and removed as one."""
    if not is_group_send(total) and letter.due_at is None and letter.window is None and letter.series.is_plain:
        return None
    name = "1 person" if total == 1 else f"{total:,} people"
    if len(to.groups) == 1 and not to.ones and not to.filters:
        name = Group.objects.values_list("name", flat=True).get(pk=to.groups[0])
    if letter.series.list_id is not None:
        name = ContactList.objects.values_list("name", flat=True).get(pk=letter.series.list_id)
    return Job.objects.create(
        account_id=actor.account_id,
        name=f"Message to {name}",
        source=JobSource.SEND,
        purpose=letter.purpose,
        created_by=actor.name,
        created_at=now,
        removed_by="",
    )


def _record(actor: Actor, made: MessengerSend, letter: Letter, now: datetime) -> None:
    """Before anything of it can leave. Whom it overrides stands with each of their messages."""
    files, names = for_the_ledger(actor.account_id, letter.attachments)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="send_despite_stop_promotions" if made.despite_stop_promotions else "send",
        subject=f"messenger_send:{made.pk}",
        reason=made.reason,
        after={
            "people": made.total,
            "groups": made.recipients["groups"],
            "purpose": made.purpose,
            **({} if letter.ticks is None else {"ticks": letter.ticks}),
            "job": made.job_id,
            "due_at": made.due_at.isoformat() if made.due_at else None,
            "via": actor.via,
            **({} if letter.window is None else {"window": as_json(letter.window)}),
            **_of_series(letter.series),
            **files,
        },
        personal={"after": names},
    )


def _of_series(series: Series) -> dict[str, Any]:
    plan = {} if series.plan_id is None else {"plan": series.plan_id, "steps": len(series.steps)}
    return plan | ({"for_family": True} if series.for_family else {})
