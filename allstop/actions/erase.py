"""Erase a person: what names or quotes them goes, what is needed to prove the past stays without them.

    begin ──► the contact is stopped ──► confirmed: no worker starts anything to them
          ──► what waits is withdrawn, what is unknown is left, a reply nobody has read counts as a no
          ──► nothing of theirs is under way ──► one transaction takes everything away, and writes the receipt

The rule that it guards: nothing leaves to them once the first transaction has committed; a no survives as a keyed
digest (suppression.py); every tally and the ledger's chain stay exact. It is asked for once and always ends: whatever
process dies, a worker goes on. docs/notes/0010-erasing.md.
"""

import re
import time
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.confirming import complete_lifts, wait_until_confirmed
from allstop.actions.contact_import_run import OPEN as IMPORTING
from allstop.actions.contacts import record_opt_out
from allstop.actions.families import CHANGED, leave, word_anew
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.lead_import import ERASED as LEAD_FILE_ENDED
from allstop.actions.messenger_run import OPEN as SENDING
from allstop.actions.obey import lock_everyone_at, settle_rows
from allstop.actions.suppression import remember
from allstop.rules.facts import Channel
from allstop.rules.holds import ERASING, Reach, Scope
from allstop.rules.mention import mention
from allstop.rules.roles import Act
from allstop.store import erasing, erasing_desk, ledger, queue, settling, withdrawing
from allstop.store.models import (
    Address,
    BulkChange,
    ChangeState,
    Contact,
    ContactImport,
    Erasure,
    ErasureState,
    FamilyVisit,
    Import,
    ImportState,
    LedgerRow,
    Message,
    MessengerSend,
    Settlement,
    Status,
    Stop,
    UnclearReply,
)

CONFIRM = "CONFIRM"
PATIENCE = timedelta(seconds=10)
FORGOTTEN = timedelta(seconds=2)  # one that is still under way after so long may have lost its process
BY_ERASING = "erased"  # the reason of messages that were withdrawn or given up


def erase_person(actor: Actor, contact_id: int, typed: str, now: datetime) -> Erasure:
    """`typed`: the contact's name, or CONFIRM. Done when it returns, unless something of theirs is still under way:
    then a worker ends it. Asked for again, it is the same one."""
    require(actor, Act.ERASE_PEOPLE)
    before = Erasure.objects.filter(account_id=actor.account_id, contact_id=contact_id).first()
    if before is None:
        _check(actor, contact_id, typed)
        before = _begin(actor, contact_id, now)
    return go_on(before.pk, now, PATIENCE)


def erasure_of(actor: Actor, erasure_id: int) -> Erasure:
    require(actor, Act.VIEW)
    found = Erasure.objects.filter(account_id=actor.account_id, pk=erasure_id).first()
    if found is None:
        raise NotThere("There is no such erasing.")
    return found


def refuse_if_erasing(account_id: int, contact_ids: list[int]) -> None:
    if Erasure.objects.filter(account_id=account_id, contact_id__in=contact_ids).exists():
        raise Conflict("This person is being erased. Nothing else can be done with them.")


def _check(actor: Actor, contact_id: int, typed: str) -> None:
    contact = Contact.objects.filter(account_id=actor.account_id, pk=contact_id).first()
    if contact is None:
        raise NotThere("There is no such contact.")
    said = " ".join(typed.split())
    if said != CONFIRM and (not contact.name or said.casefold() != " ".join(contact.name.split()).casefold()):
        raise Invalid(confirm=f"Type {contact.name or CONFIRM}{' or CONFIRM' if contact.name else ''}.")


def _begin(actor: Actor, contact_id: int, now: datetime) -> Erasure:
    with transaction.atomic(), queue.impatient():
        there = Contact.objects.select_for_update(no_key=True).filter(account_id=actor.account_id, pk=contact_id)
        if there.first() is None:
            raise NotThere("There is no such contact.")
        before = Erasure.objects.filter(account_id=actor.account_id, contact_id=contact_id).first()
        if before is not None:
            return before
        reach = Reach(scope=Scope.CONTACT, account_id=actor.account_id, contact_id=contact_id)
        number = queue.stop(add_hold(new_hold(actor, ERASING, reach, now)).pk, now).number
        made = Erasure.objects.create(
            account_id=actor.account_id,
            contact_id=contact_id,
            by=actor.name,
            via=actor.via,
            asked_at=now,
            stop_number=number,
            state=ErasureState.STOPPING,
        )
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="begin_erasing",
            subject=f"contact:{contact_id}",
            after={"number": number, "erasure": made.pk, "via": actor.via},
        )
    return made


def finish_begun(now: datetime) -> None:
    """A chore: those whose process has died, or that wait for something that is under way."""
    begun = Erasure.objects.filter(state=ErasureState.STOPPING, asked_at__lt=now - FORGOTTEN)  # erasure_to_finish
    for erasure_id in begun.order_by("pk").values_list("pk", flat=True):
        go_on(erasure_id, now, timedelta(0))


def go_on(erasure_id: int, now: datetime, patience: timedelta) -> Erasure:
    """Not inside a transaction. Several may be at it, and each step may be done twice."""
    deadline = time.monotonic() + patience.total_seconds()
    of = Erasure.objects.get(pk=erasure_id)
    if of.state == ErasureState.STOPPING and Stop.objects.get(pk=of.stop_number).confirmed_at is None:
        wait_until_confirmed(of.stop_number)
    while of.state == ErasureState.STOPPING:
        if Stop.objects.filter(pk=of.stop_number, confirmed_at__isnull=False).exists():
            _clear_the_way(of, now)
            _finish(of.pk, now)
        of.refresh_from_db()
        if time.monotonic() >= deadline:
            break
        time.sleep(0.05)
    return of


def _clear_the_way(of: Erasure, now: datetime) -> None:
    open_replies = UnclearReply.objects.filter(account_id=of.account_id, contact_id=of.contact_id, settled_at=None)
    for row in open_replies.select_related("inbound", "contact").order_by("pk"):
        _take_as_a_no(row, now)
    _leave_families(of, now)
    withdrawn = erasing.withdraw_from(of.account_id, of.contact_id, now)
    unknown = Message.objects.filter(
        account_id=of.account_id, contact_id=of.contact_id, exception=Status.UNKNOWN.value
    ).values_list("id", flat=True)
    left = settling.give_up(of.account_id, list(unknown), BY_ERASING, now)
    with transaction.atomic():
        mine = Erasure.objects.select_for_update().get(pk=of.pk)
        mine.withdrawn += withdrawn
        mine.left_unknown += len(left)
        mine.save(update_fields=["withdrawn", "left_unknown"])


def _leave_families(of: Erasure, now: datetime) -> None:
    """What tells of them together with others goes as well; the others are told anew."""
    mine = Message.objects.filter(account_id=of.account_id, contact_id=of.contact_id)
    carriers = leave(of.account_id, list(mine.values_list("id", flat=True)), BY_ERASING, now)
    if carriers:
        withdrawing.withdraw_free(of.account_id, carriers, CHANGED, now)
        with transaction.atomic(), queue.impatient():
            held = withdrawing.last_moment_is(of.account_id, carriers, now)
            number = queue.announce_contacts(of.account_id, now) if held else None
        if number is not None:
            wait_until_confirmed(number)
    word_anew(now)


def _take_as_a_no(row: UnclearReply, now: datetime) -> None:
    """Nobody will read it any more, and it may hold others with the same address: it counts as a no on its channel."""
    with transaction.atomic(), queue.impatient():
        lock_everyone_at(row.contact, row.inbound.sender)
        settle_rows(row.account_id, [row], Settlement.THIS_CHANNEL, ERASING, now)
        number = record_opt_out(
            row.contact, Channel(row.inbound.channel), row.inbound.text, now, address=row.inbound.sender
        )
    complete_lifts(row.account_id, now)
    if number is not None:
        wait_until_confirmed(number)


def _is_quiet(of: Erasure) -> bool:
    """Nothing of theirs, and nothing that might bring them back, is under way."""
    account_id = of.account_id
    waiting = Message.objects.filter(
        account_id=account_id, contact_id=of.contact_id, status__in=(Status.WAITING, Status.UNKNOWN)
    )
    replies = UnclearReply.objects.filter(account_id=account_id, contact_id=of.contact_id, settled_at=None)
    running = (ImportState.QUEUED, ImportState.RUNNING)
    changing = (ChangeState.QUEUED, ChangeState.RUNNING, ChangeState.CONFIRMING)
    return not (
        waiting.exists()
        or replies.exists()
        or _is_told_of(of)
        or Import.objects.filter(account_id=account_id, state__in=running).exists()
        or BulkChange.objects.filter(account_id=account_id, state__in=changing).exists()
        or ContactImport.objects.filter(account_id=account_id, state__in=IMPORTING).exists()
        or MessengerSend.objects.filter(account_id=account_id, state__in=SENDING).exists()
    )


def _is_told_of(of: Erasure) -> bool:
    """By a message to somebody else that has not left."""
    mine = Message.objects.filter(account_id=of.account_id, contact_id=of.contact_id).values("id")
    rows = FamilyVisit.objects.filter(account_id=of.account_id, message_id__in=mine)
    return rows.filter(look_at__isnull=False).exists()


@transaction.atomic
def _finish(erasure_id: int, now: datetime) -> None:
    """All or nothing. Whoever writes something for the contact meanwhile waits for the lock, and finds nobody."""
    of = Erasure.objects.select_for_update().get(pk=erasure_id)
    if of.state == ErasureState.DONE:
        return
    contact = Contact.objects.select_for_update().filter(pk=of.contact_id).first()
    if not _is_quiet(of):
        return
    # Somebody who is gone already (an undone import takes its contacts back) has nothing left to take away.
    counts = Counter[str]() if contact is None else _take_away(of, contact, now)
    of.counts = dict(counts)
    of.state = ErasureState.DONE
    of.finished_at = now
    of.save(update_fields=["counts", "state", "finished_at"])


def _addresses_of(contact: Contact) -> list[str]:
    """Those of today, and those that said no and were taken off since."""
    today = contact.addresses.values_list("value", flat=True)
    refused = contact.opt_outs.exclude(address="").values_list("address", flat=True)
    return sorted({*today, *refused})


def _take_away(of: Erasure, contact: Contact, now: datetime) -> Counter[str]:
    account_id = of.account_id
    addresses = _addresses_of(contact)
    pattern = mention(contact.given_name, contact.family_name, addresses)
    shared = Address.objects.filter(account_id=account_id, value__in=addresses).exclude(contact=contact)
    others = list(shared.values_list("contact_id", flat=True))
    names = partial(_may_name, pattern=pattern)
    same = [contact.pk, *merged_into(account_id, contact.pk)]
    words = erasing.words_of(account_id, contact.pk)
    counts = _counts(contact)
    counts["digests"] = remember(contact, addresses, now)
    messages = erasing.of_messages(account_id, erasing.messages_of(account_id, contact.pk, addresses))
    counts["messages"] = messages["message"]
    counts["attachments"] = messages["attachment"]
    erasing.of_leads(account_id, contact.pk)
    counts["replies"] = erasing.of_replies(account_id, contact.pk, addresses, words)
    erasing_desk.of_strangers(account_id, addresses)
    erasing_desk.of_webhooks(account_id, same)
    counts["files"] = erasing.of_files(account_id, names) + erasing_desk.of_contact_files(
        account_id, same, pattern, names
    )
    counts["files"] += erasing_desk.of_lead_files(account_id, pattern, names, LEAD_FILE_ENDED, now)
    erasing.of_changes(account_id, same, pattern)
    erasing_desk.of_the_messenger(account_id, same, pattern)
    counts["mentions"] = erasing.of_typed_words(account_id, pattern)
    contact.delete()  # addresses, markers, opt-outs, notes, groups, holds, leads and unclear replies go with it
    numbers = ledger.erase(account_id, erasing.entries_about(account_id, same, pattern, others, words))
    counts["entries"] = len(numbers)
    ledger.append(
        account_id=account_id,
        at=now,
        by=of.by,
        act=ledger.ERASE,
        subject=f"contact:{of.contact_id}",
        after={"erasure": of.pk, "erased": numbers, **counts, "via": of.via},
    )
    return counts


def _may_name(file: bytes, pattern: str) -> bool:
    """What is packed (Excel's files are) is not opened for it: it goes in any case."""
    return file.startswith(b"PK") or re.search(pattern, file.decode("utf-8", "replace"), re.IGNORECASE) is not None


def _counts(contact: Contact) -> Counter[str]:
    return Counter(
        addresses=contact.addresses.count(),
        notes=contact.notes.count(),
        groups=contact.groups.count(),
        markers=contact.markers.count(),
        opt_outs=contact.opt_outs.count(),
        leads=contact.leads.count(),
    )


def merged_into(account_id: int, contact_id: int) -> list[int]:
    """Contacts that became this one, over any number of merges."""
    found: list[int] = []
    ahead = [contact_id]
    while ahead:
        entries = LedgerRow.objects.filter(
            account_id=account_id, subject=f"contact:{ahead.pop()}", act="merge_contacts"
        )  # ledger_of_subject
        for before in entries.values_list("before", flat=True):
            other = int((before or {})["other"])
            found.append(other)
            ahead.append(other)
    return found
