"""What a reply means is done: a no is in force, a taken-back no is lifted, a perhaps is put to a person.

The rule that it guards: nothing is guessed. A clear no counts at once; of an unclear reply a hold keeps what would go
to the contact until a person has read it; and START lifts only what the contact's own word had set.

Everything happens in the transaction that stores the reply. The caller waits for the workers afterwards.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from allstop.actions import follow_ups
from allstop.actions.actor import TheContact
from allstop.actions.answers import answer_help, confirm_opt_out
from allstop.actions.contacts import record_opt_in, record_opt_out
from allstop.actions.heard import hear
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.visit_answers import keep_answer, reply_answers
from allstop.rules.facts import Channel
from allstop.rules.holds import UNCLEAR_REPLY, Reach, Scope
from allstop.rules.optout import NOTHING, Reading, Reply, read_reply
from allstop.store import ledger, lists, queue
from allstop.store.models import Address, Contact, Hold, Inbound, OptOut, ReplySetup, Settlement, UnclearReply

THEY = TheContact()
_ANSWERS = re.compile(r"\s*(?:re|aw|antw|sv|rv|tr|fw|fwd|wg)\s*(?:\[\d+\])?:", re.I)


def obey(inbound: Inbound, contact: Contact) -> int | None:
    """The number of the last stop that came of it, for the caller to wait until workers confirm it."""
    setup = lists.reply_setup(inbound.account_id)
    read = _believed(inbound, read_inbound(inbound, setup.words))
    Inbound.objects.filter(pk=inbound.pk).update(meaning=read.reply.value)
    with queue.impatient():
        everyone = lock_everyone_at(contact, inbound.sender)
        of_visit = reply_answers(inbound, contact) if read.reply in (Reply.NOTHING, Reply.UNCLEAR) else None
        earlier = hear(inbound, contact, read.reply, waits_for_nobody=of_visit is not None and of_visit.needs_nobody)
        answered = keep_answer(inbound, of_visit)
        if of_visit is None and read.reply in (Reply.NOTHING, Reply.UNCLEAR):
            who = everyone if inbound.in_reply_to is None else [contact.pk]
            follow_ups.end_with_family(inbound.account_id, who, follow_ups.ANSWERED, inbound.at)
        match read.reply:
            case Reply.OPT_OUT:  # the own clear word also answers what they wrote before anybody knew them
                return _opt_out(inbound, contact, setup, read)
            case Reply.OPT_IN:
                _own_word_settles(inbound)
                record_opt_in(contact, Channel(inbound.channel), inbound.text, inbound.at, inbound.sender)
                return None
            case Reply.UNCLEAR:
                return _later(answered, put_to_a_person([*earlier, inbound], contact, everyone))
            case Reply.HELP | Reply.NOTHING:
                number = _later(answered, put_to_a_person(earlier, contact, everyone))
                if read.reply is Reply.HELP:
                    answer_help(inbound, contact, setup)
                return number


def _later(*numbers: int | None) -> int | None:
    """Of two stops the caller waits for the second; the numbers rise."""
    return max((one for one in numbers if one is not None), default=None)


def read_inbound(inbound: Inbound, own_words: Iterable[str]) -> Reading:
    """Of an email the subject counts too, where it is not only repeated from ours: many write nothing else."""
    words = list(own_words)
    read = read_reply(inbound.text, Channel(inbound.channel), words)
    if read.reply is Reply.NOTHING and inbound.subject and not _ANSWERS.match(inbound.subject):
        return read_reply(inbound.subject, Channel(inbound.channel), words)
    return read


def _believed(inbound: Inbound, read: Reading) -> Reading:
    """Anybody can write an email in anybody's name. A no is believed; a no taken back only in answer to an email of
    ours, whose name nobody else was given."""
    if read.reply is Reply.OPT_IN and inbound.channel == Channel.EMAIL and inbound.in_reply_to is None:
        return NOTHING
    return read


def lock_everyone_at(contact: Contact, address: str) -> list[int]:
    """Contacts with this address, the one who wrote included: two replies from it are obeyed one after the other."""
    at_address = Address.objects.filter(account_id=contact.account_id, value=address).values("contact_id")
    everyone = Contact.objects.filter(Q(pk=contact.pk) | Q(pk__in=at_address), account_id=contact.account_id)
    return list(everyone.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def _opt_out(inbound: Inbound, contact: Contact, setup: ReplySetup, read: Reading) -> int | None:
    channel = Channel(inbound.channel)
    standing = OptOut.objects.filter(contact=contact, lifted_at=None).filter(Q(channel=None) | Q(channel=channel))
    stood = standing.exists()
    of_all = read.of_all or setup.stops_all
    _own_word_settles(inbound)
    number = record_opt_out(contact, None if of_all else channel, inbound.text, inbound.at, inbound.sender)
    if not stood and channel is Channel.TEXT and setup.confirms:
        confirm_opt_out(inbound, contact, setup, of_all=of_all)
    return number


def put_to_a_person(unclear: Sequence[Inbound], contact: Contact, everyone: Collection[int]) -> int | None:
    """Everyone with the address is held. The number of the last stop, to wait until workers confirm it."""
    numbers = [_put_to_a_person(inbound, contact, everyone) for inbound in unclear]
    return max(filter(None, numbers), default=None)


def _put_to_a_person(inbound: Inbound, contact: Contact, everyone: Collection[int]) -> int | None:
    UnclearReply.objects.create(
        account_id=inbound.account_id,
        inbound=inbound,
        contact=contact,
        held=sorted(everyone),
        at=inbound.at,
        settled_by="",
    )
    standing = Hold.objects.filter(name=UNCLEAR_REPLY, contact_id__in=everyone, lifted_at=None)
    fresh = sorted(set(everyone) - set(standing.values_list("contact_id", flat=True)))
    numbers: dict[int, int] = {}
    for contact_id in fresh:
        reach = Reach(scope=Scope.CONTACT, account_id=inbound.account_id, contact_id=contact_id)
        hold = add_hold(new_hold(THEY, UNCLEAR_REPLY, reach, inbound.at, reason=inbound.text[:300]))
        numbers[contact_id] = queue.stop(hold.pk, inbound.at).number
    for contact_id in sorted({contact.pk, *fresh}):
        ledger.append(
            account_id=inbound.account_id,
            at=inbound.at,
            by=THEY.name,
            act="unclear_reply",
            subject=f"contact:{contact_id}",
            after={"inbound": inbound.pk, "wrote": contact.pk, "number": numbers.get(contact_id)},
            personal={"reason": inbound.text[:300]},
            contact=contact.pk,  # whose words they are
        )
    return max(numbers.values(), default=None)


def _own_word_settles(inbound: Inbound) -> None:
    """A clear word answers what an earlier one from this address may have meant."""
    waiting = UnclearReply.objects.filter(
        account_id=inbound.account_id, settled_at=None, inbound__sender=inbound.sender, inbound__channel=inbound.channel
    )
    settle_rows(inbound.account_id, list(waiting.order_by("pk")), Settlement.OWN_WORD, THEY.name, inbound.at)


def settle_rows(
    account_id: int, rows: list[UnclearReply], settlement: Settlement, by: str, now: datetime
) -> list[UnclearReply]:
    """Those that were open are settled, and contacts for whom none is left are free. Lanes are locked in here: call it
    before anything that takes a stop's number or writes to the ledger."""
    settled = [
        row
        for row in rows
        if UnclearReply.objects.filter(pk=row.pk, settled_at=None).update(
            settlement=settlement.value, settled_by=by, settled_at=now
        )
    ]
    for contact_id in sorted({one for row in settled for one in row.held}):
        if UnclearReply.objects.filter(account_id=account_id, settled_at=None, held__contains=[contact_id]).exists():
            continue
        for hold in Hold.objects.filter(name=UNCLEAR_REPLY, contact_id=contact_id, lifted_at=None):
            Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=now, lifted_by=by)
            queue.lift(hold.pk, account_id, Scope.CONTACT, now)
    return settled
