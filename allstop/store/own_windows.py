"""Windows of single lists: kept with their job, asked when a message leaves, and the slots that they give out.

The rule that it guards: two workers never give out the same slot. Whoever gives one out holds the row of the list.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from allstop.rules.facts import Channel, Facts, LaneFacts
from allstop.rules.own_window import Allowed, OwnWindow, has_lost_its_slot, lay_out, next_slots
from allstop.rules.session_words import session_words
from allstop.store.facts import facts_of_messages, own_window
from allstop.store.models import JobWindow, Message


def keep(account_id: int, job_id: int, zone: str, windows: Mapping[Channel, OwnWindow], now: datetime) -> None:
    JobWindow.objects.bulk_create(
        JobWindow(
            account_id=account_id,
            job_id=job_id,
            channel=channel.value,
            sessions=None if own.windows is None else [session_words(one) for one in own.windows.sessions],
            zone=zone,
            pace_ms=own.interval // timedelta(milliseconds=1),
            slot_at=now,
        )
        for channel, own in windows.items()
    )


def slots_for(
    account_id: int, job_id: int, channel: Channel, asked: Sequence[datetime], allowed: Allowed
) -> tuple[datetime, ...] | None:
    """When each of these new messages is due; the list's clock goes on. None: the list has no window of its own."""
    row = _locked(account_id, job_id, channel)
    if row is None:
        return None
    laid = lay_out(asked, own_window(row), row.slot_at, allowed)
    JobWindow.objects.filter(pk=row.pk).update(slot_at=laid.slot_at)
    return laid.due


def facts_to_judge(account_id: int, ids: Collection[int], lane: LaneFacts, now: datetime) -> dict[int, Facts]:
    """As facts_of_messages; and whoever has lost a slot of a list's own window gets the next one."""
    loaded = facts_of_messages(account_id, list(ids), lane)
    lost = [one for one, facts in loaded.items() if _has_lost_its_slot(facts, now)]
    return loaded | (_with_new_slots(account_id, {one: loaded[one] for one in lost}, now) if lost else {})


def _has_lost_its_slot(facts: Facts, now: datetime) -> bool:
    own, due_at = facts.message.own, facts.message.due_at
    return own is not None and own.pace is not None and due_at is not None and has_lost_its_slot(due_at, now)


@transaction.atomic
def _with_new_slots(account_id: int, lost: Mapping[int, Facts], now: datetime) -> dict[int, Facts]:
    found: dict[int, Facts] = {}
    messages = Message.objects.filter(account_id=account_id, id__in=list(lost)).order_by("due_at", "id")
    by_list: dict[tuple[int, str], list[int]] = {}
    for message_id, job_id, channel in messages.values_list("id", "job_id", "channel"):
        by_list.setdefault((job_id, channel), []).append(message_id)
    for (job_id, channel), ids in sorted(by_list.items()):
        row = _locked(account_id, job_id, Channel(channel))
        assert row is not None  # it was read a moment ago, and stays as long as its job
        laid = next_slots(len(ids), own_window(row), row.slot_at, now)
        JobWindow.objects.filter(pk=row.pk).update(slot_at=laid.slot_at)
        for message_id, slot_at in zip(ids, laid.due, strict=True):
            facts = lost[message_id]
            found[message_id] = replace(facts, message=replace(facts.message, own_slot_at=slot_at))
    return found


def _locked(account_id: int, job_id: int, channel: Channel) -> JobWindow | None:
    rows = JobWindow.objects.select_for_update(of=("self",))
    return rows.filter(account_id=account_id, job_id=job_id, channel=channel).first()
