"""What some worker does every second or so. Each chore may be done by several at once, or by none for a while.

One query says which of them have something to do, and how many workers look: where nothing is to be done, they look
less often each, so that an idle installation costs next to nothing.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from allstop.actions.attachments import sweep
from allstop.actions.auto_reply import send_due_auto_replies
from allstop.actions.calls_instead import call_instead
from allstop.actions.carrying_on import finish_left
from allstop.actions.confirming import UNFINISHED, finish_forgotten
from allstop.actions.erase import finish_begun
from allstop.actions.families import word_anew
from allstop.actions.follow_ups import withdraw_ended
from allstop.actions.ramp import watch_ramps
from allstop.actions.standing_by import look_at_stand_bys
from allstop.actions.talks import run_due_talks
from allstop.dispatch import billing, changing, contact_importing, importing, lead_importing, mass_ending, messenger
from allstop.dispatch.burial import look_for_silent
from allstop.dispatch.lease import steady
from allstop.dispatch.threads import aside, in_store
from allstop.dispatch.upkeep import DUE, Due, Upkeep, asked
from allstop.rules import webhooks
from allstop.store import claims, webhook_queue

EVERY = 1.0  # seconds
AT_MOST_EVERY = 3.0  # seconds, however many workers there are
TIDY_EVERY = 3600.0
KEPT = timedelta(days=3)  # what finished in which second: longer than any account's today


class ToDo(NamedTuple):
    tallies: bool
    imports: bool
    forgotten_stops: bool  # and lifts
    silent_workers: bool
    changes: bool  # of many contacts
    contact_imports: bool
    plans: bool
    ramps: bool
    sends: bool  # of the Messenger
    auto_replies: bool
    erasures: bool
    talks: bool  # with leads
    mass_ends: bool
    lead_imports: bool
    bill_runs: bool
    stand_bys: bool  # steps of message plans that may be needed
    families: bool  # of whom somebody is not told of any more
    follow_ups: bool  # that have ended
    calls_instead: bool  # of texts that were refused
    workers: int  # that look, this one among them

    @property
    def pause(self) -> float:
        """Seconds until this worker looks again."""
        return EVERY if any(self[:-1]) else min(max(self.workers, 1) * EVERY, AT_MOST_EVERY)


# What takes long runs in a process of its own, by the name that ToDo has for it.
IN_PROCESSES = {
    "imports": importing.here,
    "changes": changing.here,
    "contact_imports": contact_importing.here,
    "sends": messenger.here,
    "mass_ends": mass_ending.here,
    "lead_imports": lead_importing.here,
    "bill_runs": billing.here,
}

# What is short, on a connection of its own, since it may have to wait for others; one after the other, in this order.
ASIDE: dict[str, Callable[[datetime], object]] = {
    "forgotten_stops": finish_forgotten,
    "plans": finish_left,
    "ramps": watch_ramps,
    "auto_replies": send_due_auto_replies,
    "talks": run_due_talks,
    "erasures": finish_begun,
    "stand_bys": look_at_stand_bys,
    "follow_ups": withdraw_ended,
    "families": word_anew,
    "calls_instead": call_instead,
}

# stop_unconfirmed, start_plan_under_way, ramp_running, conversation_auto_reply, erasure_to_finish, talk_due,
# mass_end_one_open, lead_import_to_run, bill_run_one_open, plan_step_standing_by, family_visit_to_word,
# follow_up_to_withdraw and call_instead_to_decide; the other tables are short
_TO_DO = """
SELECT EXISTS (SELECT FROM tally_change), EXISTS (SELECT FROM import WHERE state = ANY ('{queued,running}')),
       EXISTS (SELECT FROM stop WHERE confirmed_at IS NULL AND effective_at < %(forgotten)s),
       EXISTS (SELECT FROM worker WHERE lease_until < %(now)s - 2 * lease_ms * interval '1 millisecond'),
       EXISTS (SELECT FROM bulk_change WHERE state = ANY ('{queued,running,confirming}')),
       EXISTS (SELECT FROM contact_import WHERE state = ANY ('{queued,running,confirming,undoing}')),
       EXISTS (SELECT FROM start_plan WHERE state = 'applying') OR EXISTS (SELECT FROM start_plan_item),
       EXISTS (SELECT FROM ramp WHERE ended_at IS NULL),
       EXISTS (SELECT FROM messenger_send WHERE state = ANY ('{queued,running}')),
       EXISTS (SELECT FROM conversation WHERE auto_reply_due_at <= %(now)s),
       EXISTS (SELECT FROM erasure WHERE state = 'stopping'),
       EXISTS (SELECT FROM talk WHERE due_at <= %(now)s),
       EXISTS (SELECT FROM mass_end WHERE state = ANY ('{queued,running,confirming}')),
       EXISTS (SELECT FROM lead_import WHERE state = ANY ('{queued,running}')),
       EXISTS (SELECT FROM bill_run WHERE state = ANY ('{queued,running}')),
       EXISTS (SELECT FROM plan_step WHERE look_at <= %(now)s),
       EXISTS (SELECT FROM family_visit WHERE look_at <= %(now)s),
       EXISTS (SELECT FROM follow_up WHERE look_at <= %(now)s),
       EXISTS (SELECT FROM call_instead WHERE look_at <= %(now)s),
       (SELECT count(*) FROM worker WHERE NOT fenced),"""


async def do_chores() -> None:
    """Until cancelled."""
    connection = await claims.connect(may_lose_the_last=True)  # what is lost is found to be done again
    upkeep = Upkeep()
    tidy_at = 0.0
    try:
        while True:
            to_do, due = await _look(connection)
            await _do(to_do, connection)
            await upkeep.do(due, datetime.now(UTC))
            if steady() > tidy_at:
                tidy_at = steady() + TIDY_EVERY
                await connection.execute("DELETE FROM finish WHERE at < %s", (datetime.now(UTC) - KEPT,))
                await aside(sweep, datetime.now(UTC))
                await webhook_queue.sweep(
                    connection, datetime.now(UTC) - webhooks.KEPT, datetime.now(UTC) - webhooks.WAITS
                )
            await asyncio.sleep(to_do.pause)
    finally:
        for work in IN_PROCESSES.values():
            await asyncio.to_thread(work.end)
        await asyncio.to_thread(upkeep.end)
        await connection.close()


async def _look(connection: psycopg.AsyncConnection[Any]) -> tuple[ToDo, Due]:
    now = datetime.now(UTC)
    values = {"forgotten": now - UNFINISHED, **asked(now)}
    cursor = await connection.execute(_TO_DO + DUE, values)
    row = await cursor.fetchone()
    assert row is not None
    of_chores = len(ToDo._fields)
    return ToDo(*row[:of_chores]), Due(*row[of_chores:])


async def _do(what: ToDo, connection: psycopg.AsyncConnection[Any]) -> None:
    if what.tallies:
        await connection.execute("SELECT queue_fold_tally()")
    for name, work in IN_PROCESSES.items():
        if getattr(what, name) or work.is_busy:
            await in_store(work.look, datetime.now(UTC))
    for name, act in ASIDE.items():
        if getattr(what, name):
            await aside(act, datetime.now(UTC))
    if what.silent_workers:
        await look_for_silent(connection)
