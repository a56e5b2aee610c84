"""The playbook at work: some worker's chore looks at each lead that is due, and does what the playbook says.

The rule that it guards: whatever a lead is told, and where it stands after that, is one transaction; so with any number
of workers, and wherever one of them is killed, each step happens once. Every message is one like any other and the gate
judges it. At most one waits for a lead; whoever writes before it has left is answered by a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction

from allstop.actions.actor import Actor, Invalid
from allstop.actions.heard import READ, change, conversation_with
from allstop.actions.leads import decide, write_event
from allstop.actions.messages import Accepted, Draft, send_message
from allstop.actions.talk_handing import BY_THE_PLAYBOOK, hand_over
from allstop.actions.talk_rows import OPTED_OUT, SWEPT_AGAIN, free_swept, silence, sweep, talk_of
from allstop.rules.holds import ENDING
from allstop.rules.leads import LeadStatus, Reason, Title
from allstop.rules.optout import Reply
from allstop.rules.playbook import (
    Action,
    Begun,
    Deed,
    Event,
    Move,
    Replied,
    Say,
    State,
    TimePassed,
    next_step,
)
from allstop.rules.playbook import Playbook as Rules
from allstop.rules.playbook_text import read_playbook
from allstop.rules.playbook_wording import worded
from allstop.rules.roles import Role
from allstop.rules.verdict import Refuse
from allstop.rules.words import Channel
from allstop.store.models import (
    Answers,
    Contact,
    Conversation,
    ConversationState,
    Hold,
    Inbound,
    Lead,
    Message,
    Playbook,
    Status,
    Talk,
)
from allstop.store.talks import still_queued

AT_ONCE = 200  # of one look: the rest is due in a second
LOOK_AGAIN = timedelta(minutes=15)  # while the last message waits for its window
SILENT = (Status.FAILED, Status.REFUSED, Status.REMOVED, Status.CANCELED)
OUT = {Channel.TEXT: Title.TEXT_OUT, Channel.EMAIL: Title.EMAIL_OUT, Channel.CALL: Title.CALL_TRIED}


@dataclass(slots=True)
class _Turn:
    contact: Contact
    conversation: Conversation
    lead: Lead
    talk: Talk
    now: datetime
    answered: str = ""  # the address from which they wrote what is answered now
    channel: str = ""  # of that


def run_due_talks(now: datetime) -> int:
    """How many were looked at. Any number of workers may call it at once; not inside a transaction."""
    due = Talk.objects.filter(due_at__lte=now).order_by("due_at")  # talk_due
    found = list(due.values_list("pk", "lead__contact_id")[:AT_ONCE])
    looked = sum(_look_at(lead_id, contact_id, now) for lead_id, contact_id in found)
    free_swept(now)
    return looked


@transaction.atomic
def _look_at(lead_id: int, contact_id: int, now: datetime) -> bool:
    locked = Contact.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    contact = locked.filter(pk=contact_id).first()
    if contact is None:
        return False  # somebody changes it at this moment, or they write: in a second it is looked at again
    conversation = conversation_with(contact, now)
    lead = Lead.objects.select_for_update(of=("self",), no_key=True).get(pk=lead_id)
    talk = talk_of(lead_id)
    if talk is None or talk.due_at is None or talk.due_at > now:
        return False  # another worker was quicker
    if not sweep(talk, now):
        talk.due_at = now + SWEPT_AGAIN
        talk.save()
        return True
    if talk.why == OPTED_OUT and lead.status == LeadStatus.NEW:
        _stop_saying(_Turn(contact, conversation, lead, talk, now), OPTED_OUT)
        return True
    if talk.answers != Answers.AUTOMATIC or lead.status != LeadStatus.NEW:
        talk.due_at = now if _is_held(contact.pk) else None  # free_swept takes it from here
        talk.save()
        return True
    _automatic(_Turn(contact, conversation, lead, talk, now))
    return True


def _is_held(contact_id: int) -> bool:
    return Hold.objects.filter(name=ENDING, contact_id=contact_id, lifted_at=None).exists()


def _automatic(turn: _Turn) -> None:
    talk, now = turn.talk, turn.now
    rules = _rules(talk.account_id)
    if rules is None:
        _hand_over(turn, "no_playbook")
        return
    waiting = still_queued(talk.account_id, talk.queued)
    if talk.heard_at is not None and waiting:
        _hand_over(turn, "wrote_before")
    elif waiting:
        talk.due_at = now + LOOK_AGAIN
        talk.save()
    elif why := _did_not_leave(talk):
        _stop_saying(turn, why)
    else:
        event = _event(turn)
        state = _state(rules, talk)
        _apply(turn, next_step(rules, state, event, now))


def _event(turn: _Turn) -> Event:
    if turn.talk.heard_at is None:
        return TimePassed() if turn.talk.step else Begun()
    written = _unanswered(turn)
    if written:
        turn.answered, turn.channel = written[-1].sender, written[-1].channel
    said = [one.text or one.subject for one in written]
    return Replied("\n".join(said))


def _unanswered(turn: _Turn) -> list[Inbound]:
    found = Inbound.objects.filter(account_id=turn.talk.account_id, contact=turn.contact, is_automatic=False)
    meant = found.filter(at__gte=turn.talk.heard_at, meaning=Reply.NOTHING.value)
    return list(meant.exclude(channel=Channel.CALL.value).order_by("at", "pk"))  # inbound_by_contact


def _state(rules: Rules, talk: Talk) -> State | None:
    """Delays count from when the last message left, not from when it was queued."""
    if not talk.step:
        return None
    since, step = talk.since, rules.step(talk.step)
    last = talk.queued[-1] if talk.queued else None
    left = Message.objects.filter(account_id=talk.account_id, id=last).first() if last else None
    if left is not None and left.finished_at is not None and step is not None and talk.afters <= len(step.afters):
        expected = since + (step.afters[talk.afters - 1].delay if talk.afters else timedelta(0))
        since += max(timedelta(0), left.finished_at - expected)
    return State(talk.step, since, talk.afters, talk.messages)


def _did_not_leave(talk: Talk) -> str:
    """The reason of the last message, if it will never leave."""
    if not talk.queued:
        return ""
    last = Message.objects.filter(account_id=talk.account_id, id=talk.queued[-1]).first()
    return last.reason or "not_delivered" if last is not None and Status(last.status) in SILENT else ""


def _apply(turn: _Turn, move: Move) -> None:
    """What is said, then where it stands. What cannot be said ends the playbook for this lead."""
    talk = turn.talk
    has_answered = talk.heard_at is not None
    queued: list[int] = []
    for say in move.says:
        accepted = _say(turn, say)
        if accepted is None:
            _hand_over(turn, "no_address")
            return
        talk.messages += 1
        if isinstance(accepted.verdict, Refuse):
            _stop_saying(turn, accepted.reason)
            return
        queued.append(accepted.id)
        talk.queued = queued
    talk.heard_at, talk.due_at = None, move.due_at
    if move.state is not None:
        talk.step, talk.since, talk.afters = move.state.step, move.state.since, move.state.afters
    talk.save()
    if move.says:
        last = {"last_at": max(turn.conversation.last_at, turn.now), "last_out_at": turn.now}
        change(
            turn.conversation.pk, **last, **(READ | {"state": ConversationState.CLOSED.value} if has_answered else {})
        )
    if move.end is not None:
        _end(turn, move.end, move.why)


def _end(turn: _Turn, action: Action, why: str) -> None:
    """What the playbook has just said leaves all the same: it belongs to the end."""
    match action.deed:
        case Deed.HAND_OVER:
            _hand_over(turn, why, is_last_wanted=True)
            return
        case Deed.QUALIFY:
            decide(turn.lead, LeadStatus.QUALIFIED, None, "", BY_THE_PLAYBOOK, turn.now)
        case Deed.UNQUALIFY:
            decide(turn.lead, LeadStatus.UNQUALIFIED, Reason(action.of), "", BY_THE_PLAYBOOK, turn.now)
        case Deed.END | Deed.GO:
            pass
    Talk.objects.filter(pk=turn.talk.pk).update(answers=Answers.NOBODY.value, why="", due_at=None, heard_at=None)


def _stop_saying(turn: _Turn, reason: str) -> None:
    """Its message will never leave. A no of the contact ends the lead; anything else is for a person."""
    if reason.startswith(OPTED_OUT):
        decide(turn.lead, LeadStatus.UNQUALIFIED, Reason.DO_NOT_CONTACT, "", BY_THE_PLAYBOOK, turn.now)
        silence(turn.talk, Answers.NOBODY, "", turn.now)
    else:
        _hand_over(turn, "refused" if reason in ("stop_all", "stop_promotions") else "not_delivered")


def _hand_over(turn: _Turn, why: str, *, is_last_wanted: bool = False) -> None:
    """The conversation opens: somebody waits for a person."""
    hand_over(turn.lead, turn.talk, why, turn.now, is_last_wanted=is_last_wanted)
    change(turn.conversation.pk, state=ConversationState.OPEN.value)


def _say(turn: _Turn, say: Say) -> Accepted | None:
    """None: the contact has no address for it."""
    contact, said = turn.contact, say.saying
    values = values_of(contact, turn.lead.kind)
    is_answer = turn.channel == said.channel and contact.addresses.filter(value=turn.answered).exists()
    draft = Draft(
        channel=said.channel,
        purpose=say.purpose,
        body=worded(said.body, values),
        subject=worded(said.subject, values) if said.subject else "",
        contact_id=contact.pk,
        address=turn.answered if is_answer else "",
    )
    actor = Actor(contact.account_id, BY_THE_PLAYBOOK, Role.MEMBER, "playbook")
    try:
        accepted = send_message(actor, draft, turn.now)
    except Invalid:
        return None
    write_event(turn.lead, OUT[said.channel], BY_THE_PLAYBOOK, turn.now, detail=draft.body, message_id=accepted.id)
    return accepted


def values_of(contact: Contact, kind: str) -> dict[str, str]:
    member = contact.assigned_to
    return {
        "first_name": contact.given_name,
        "last_name": contact.family_name,
        "kind": kind,
        "member": member.user.name if member else "",
        "account": contact.account.name,
    }


def next_due(talk: Talk, now: datetime) -> datetime | None:
    """Of a talk that waits for an answer since now."""
    rules = _rules(talk.account_id)
    if rules is None:
        return now
    return next_step(rules, State(talk.step, now, talk.afters, talk.messages), TimePassed(), now).due_at


def _rules(account_id: int) -> Rules | None:
    row = Playbook.objects.filter(account_id=account_id, is_on=True).first()
    return None if row is None else read_rules(row.text)


@lru_cache(maxsize=256)
def read_rules(text: str) -> Rules | None:
    """None: it was kept by an older Allstop, and this one finds a fault in it. A person answers then."""
    found = read_playbook(text, REASONS)
    return found if isinstance(found, Rules) else None


REASONS: Sequence[str] = tuple(
    one.value for one in Reason if one not in (Reason.MASS_END, Reason.MEMBER_END, Reason.DO_NOT_CONTACT)
)
