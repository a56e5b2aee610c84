"""One message to one person: accepted into the queue, or refused at once with the reason.

The rule that it guards: the gate is asked twice. What it says here is an early answer for whoever sends; what counts
is its answer when the message leaves. A hold, STOPPED above all, never keeps a message from being accepted.
"""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from allstop.actions import follow_ups
from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.attachments import chosen, for_the_ledger, problem_of
from allstop.actions.matching import Phonebook
from allstop.actions.people import Person
from allstop.actions.request_keys import take_key
from allstop.rules import gate
from allstop.rules.addresses import Email, Phone, in_letters, parse_email, parse_phone, takes_texts
from allstop.rules.facts import Channel, Facts, MessageFacts, Purpose, Standing
from allstop.rules.roles import Act
from allstop.rules.segments import too_long
from allstop.rules.verdict import Hold, Refuse, Send, Verdict, reason_of
from allstop.rules.words import Problem
from allstop.store import facts, ledger, queue
from allstop.store.models import Account, Address, AddressKind, Contact, Message, Override, RequestKey, Status
from allstop.store.models import Hold as HoldRow

BY_HAND_PASSES = ("window", "pace")  # the checks that a person's own Send skips; nothing else
FURTHEST = timedelta(days=366)
LONGEST_SUBJECT = 300
LONGEST_REASON = 300
_GIVE = {Channel.TEXT: "a mobile number", Channel.CALL: "a phone number", Channel.EMAIL: "an email address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """To a contact, to an address, or to one certain address of a contact."""

    channel: Channel
    purpose: Purpose
    body: str
    subject: str = ""  # emails only
    contact_id: int | None = None
    address: str = ""  # "": the contact's first that the channel reaches
    due_at: datetime | None = None  # None: now
    use_by: datetime | None = None  # None: the appointment, if it has one
    appointment_at: datetime | None = None
    by_hand: bool = False  # skips the account's window and pace, and is recorded
    reason: str = ""  # why by hand
    attachments: tuple[int, ...] = ()  # emails only: the ids of uploaded files, in their order

    @property
    def latest(self) -> datetime | None:
        """It never leaves after this."""
        return self.use_by or self.appointment_at


@dataclass(frozen=True, slots=True)
class Accepted:
    id: int
    status: Status  # waiting, or refused; of a repeated request: what it has become
    verdict: Verdict  # the gate's early answer, for the time at which the message is due
    earliest: datetime | None  # when it can leave if nothing changes; None: not before somebody changes something
    is_repeat: bool = False  # the key was used before: nothing new was made

    @property
    def reason(self) -> str:
        return reason_of(self.verdict)


def send_message(actor: Actor, draft: Draft, now: datetime, key: str = "") -> Accepted:
    """With a `key`, the same request again returns the message that the first one made."""
    require(actor, Act.SEND_MESSAGE)
    account = Account.objects.get(pk=actor.account_id)
    _check(actor, draft, now)
    with transaction.atomic():
        if not key:
            return _accept(actor, account, draft, now)
        return _accept_once(actor, account, draft, now, key)


def _accept_once(actor: Actor, account: Account, draft: Draft, now: datetime, key: str) -> Accepted:
    asked, is_new = take_key(account.pk, key, astuple(draft), now)
    if is_new:
        accepted = _accept(actor, account, draft, now)
        RequestKey.objects.filter(pk=asked.pk).update(message_id=accepted.id)
        return accepted
    assert asked.message_id is not None
    return _repeated(account.pk, asked.message_id, now)


def _repeated(account_id: int, message_id: int, now: datetime) -> Accepted:
    message = Message.objects.get(account_id=account_id, id=message_id)
    status = Status(message.status)
    known = facts.facts_of(account_id, message_id)
    if status is Status.WAITING:
        verdict = gate.decide(known, max(now, message.due_at))
        return Accepted(message_id, status, verdict, gate.earliest(known, now), is_repeat=True)
    if status is Status.REFUSED:
        # Whatever has changed since, a refusal is for good: the check is the one that gives such a reason.
        answers = gate.explain(known, message.created_at)
        check = next((one.check for one in answers if reason_of(one.verdict) == message.reason), "")
        return Accepted(message_id, status, Refuse(check, message.reason), None, is_repeat=True)
    return Accepted(message_id, status, Send(), None, is_repeat=True)


def _check(actor: Actor, draft: Draft, now: datetime) -> None:
    problems: dict[str, str] = {}
    if draft.contact_id is None and not draft.address.strip():
        problems["to"] = f"Say to whom: a contact, or {_GIVE[draft.channel]}."
    problems |= body_problems(draft.body, is_text=draft.channel is Channel.TEXT) | subject_problems(draft)
    if why := problem_of(actor.account_id, draft.attachments, [draft.channel]):
        problems["attachments"] = why
    if draft.due_at is not None and draft.due_at > now + FURTHEST:
        problems["due_at"] = "Choose a time within a year."
    if draft.use_by is not None and draft.due_at is not None and draft.use_by <= draft.due_at:
        problems["use_by"] = "It is too late before the message is even due. Choose a later time, or an earlier one to"
        problems["use_by"] += " send it."
    if draft.appointment_at is not None and draft.appointment_at <= (draft.due_at or now):
        problems["appointment_at"] = "The appointment is over before the message is even due. Leave it out, or choose"
        problems["appointment_at"] += " an earlier time to send it."
    if draft.reason and not draft.by_hand:
        problems["reason"] = "A reason is only kept of what is sent by hand."
    if len(draft.reason) > LONGEST_REASON:
        problems["reason"] = f"Give the reason in at most {LONGEST_REASON} characters."
    if problems:
        raise Invalid(**problems)


def body_problems(body: str, *, is_text: bool) -> dict[str, str]:
    if not body.strip():
        return {"body": "Write what the message says."}
    words = too_long(body) if is_text else ""
    return {"body": words} if words else {}


def subject_problems(draft: Draft) -> dict[str, str]:
    subject = draft.subject.strip()
    if draft.channel is not Channel.EMAIL:
        return {"subject": "Only emails have a subject."} if subject else {}
    if not subject:
        return {"subject": "Write the subject of the email."}
    if len(subject) > LONGEST_SUBJECT or len(subject.splitlines()) > 1:
        return {"subject": f"Write the subject in one line of at most {LONGEST_SUBJECT} characters."}
    return {}


def _accept(actor: Actor, account: Account, draft: Draft, now: datetime) -> Accepted:
    contact, address = recipient(account, draft, now)
    asked = now if draft.due_at is None else max(draft.due_at, now)
    known = _facts(actor, draft, contact, asked, now)
    verdict = gate.decide(known, asked)
    is_refused = isinstance(verdict, Refuse)
    message = queue.NewMessage(
        account_id=account.pk,
        channel=draft.channel,
        purpose=draft.purpose,
        address=address,
        subject=draft.subject.strip(),
        body=draft.body,
        due_at=asked if is_refused else facts.due_time(known, asked),
        use_by=draft.latest,
        appointment_at=draft.appointment_at,
        contact_id=contact.pk,
        location_id=contact.location_id,
        by_hand=draft.by_hand,
        status=Status.REFUSED if is_refused else Status.WAITING,
        reason=reason_of(verdict) if is_refused else "",
        attachment_set=chosen(account.pk, draft.attachments, now),
    )
    (message_id,) = queue.enqueue([message], now)
    follow_ups.end(
        account.pk, follow_ups.booked([message], now), follow_ups.BOOKED, now, purposes=follow_ups.ABOUT_VISITS
    )
    _record(actor, draft, (message_id, contact.pk), verdict, now)
    status = Status.REFUSED if is_refused else Status.WAITING
    return Accepted(message_id, status, verdict, None if is_refused else gate.earliest(known, now))


def _facts(actor: Actor, draft: Draft, contact: Contact, asked: datetime, now: datetime) -> Facts:
    standing = Standing("override", actor.name, now, draft.reason)
    holds = HoldRow.objects.filter(
        Q(contact=contact) | Q(location_id=contact.location_id, location__isnull=False),
        account_id=actor.account_id,
        lifted_at=None,
    )
    message = MessageFacts(
        channel=draft.channel,
        purpose=draft.purpose,
        use_by=draft.latest,
        overrides=dict.fromkeys(BY_HAND_PASSES, standing) if draft.by_hand else {},
        due_at=asked,
        holds=tuple(facts.standing_hold(hold) for hold in holds),
    )
    return facts.facts_before(
        actor.account_id, message, facts.contact_facts([contact.pk], with_places=True)[contact.pk]
    )


def _record(actor: Actor, draft: Draft, of: tuple[int, int], verdict: Verdict, now: datetime) -> None:
    """`of`: the message and its contact."""
    if draft.by_hand:
        _record_by_hand(actor, draft.reason, of, now)
    if draft.attachments:
        _record_files(actor, draft.attachments, of, now)
    match verdict:
        case Refuse(_, reason):
            ledger.append(
                account_id=actor.account_id, at=now, by="gate", act="refused", subject=f"message:{of[0]}", reason=reason
            )
        case Send() | Hold():
            pass  # a hold is written down when it keeps the message from leaving, not while it is only foreseen


def _record_by_hand(actor: Actor, reason: str, of: tuple[int, int], now: datetime) -> None:
    """What a person's own Send passes, said to the gate and to the ledger."""
    message_id, contact_id = of
    Override.objects.bulk_create(
        Override(
            account_id=actor.account_id,
            message_id=message_id,
            check_name=check,
            by=actor.name,
            reason=reason,
            at=now,
        )
        for check in BY_HAND_PASSES
    )
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="send_by_hand",
        subject=f"message:{message_id}",
        after={"skips": list(BY_HAND_PASSES), "via": actor.via},
        personal={"reason": reason},
        contact=contact_id,
    )


def _record_files(actor: Actor, attachments: tuple[int, ...], of: tuple[int, int], now: datetime) -> None:
    message_id, contact_id = of
    files, names = for_the_ledger(actor.account_id, attachments)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="attach_files",
        subject=f"message:{message_id}",
        after={**files, "via": actor.via},
        personal={"after": names},
        contact=contact_id,
    )


def recipient(account: Account, draft: Draft, now: datetime) -> tuple[Contact, str]:
    """Who it goes to and at which address; an address that nobody has becomes a contact."""
    if draft.contact_id is None:
        found = _parsed(account, draft, account.country)
        return _contact_at(account, found, now), _written(found)
    contact = Contact.objects.filter(account=account, pk=draft.contact_id).first()
    if contact is None:
        raise NotThere("There is no such contact.")
    if not draft.address.strip():
        return contact, first_address(contact, draft.channel)
    address = _written(_parsed(account, draft, contact.country or account.country))
    if not contact.addresses.filter(value=address).exists():
        raise Invalid(
            to=f"{in_letters(address)} does not belong to this contact. Add it there, or send without naming a contact."
        )
    return contact, address


def _parsed(account: Account, draft: Draft, country: str) -> Phone | Email:
    match draft.channel:
        case Channel.EMAIL:
            found: Phone | Email | Problem = parse_email(draft.address)
        case Channel.TEXT | Channel.CALL:
            found = parse_phone(draft.address, country)
    if isinstance(found, Problem):
        raise Invalid(to=found.text)
    if draft.channel is Channel.TEXT and isinstance(found, Phone) and not takes_texts(found):
        raise Invalid(to=f"Texts cannot be sent to {found.e164}. Send a call instead, or give a mobile number.")
    return found


def _written(found: Phone | Email) -> str:
    return found.e164 if isinstance(found, Phone) else found.address


def _contact_at(account: Account, found: Phone | Email, now: datetime) -> Contact:
    """The contact who has this address, or a new one who has nothing else."""
    person = Person(phones=(found,)) if isinstance(found, Phone) else Person(emails=(found,))
    phonebook = Phonebook(account, [person])
    known = phonebook.place(person)
    phonebook.write(now)
    assert known.id is not None  # every one has its id once it is written
    return Contact.objects.get(pk=known.id)


def first_address(contact: Contact, channel: Channel) -> str:
    kind = AddressKind.EMAIL if channel is Channel.EMAIL else AddressKind.PHONE
    values = (
        Address.objects.filter(contact=contact, kind=kind).order_by("position", "pk").values_list("value", flat=True)
    )
    for value in values:
        if channel is not Channel.TEXT or _reads_texts(value):
            return value
    raise Invalid(to=f"{contact.name or 'This contact'} has no address for this. Add {_GIVE[channel]} to the contact.")


def _reads_texts(e164: str) -> bool:
    phone = parse_phone(e164, None)
    return isinstance(phone, Phone) and takes_texts(phone)
