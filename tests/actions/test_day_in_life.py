"""Days in the life of a practice, on a clock of the test's own: files come, one day is stopped, START is planned.

Exactly the right messages leave, and the report adds up (issue 8; TN3, TN5, TN6, TN12)."""

from collections import Counter
from datetime import UTC, datetime, time

from allstop.actions.feed_files import take_file
from allstop.actions.feeds import FeedChoice, save_feed
from allstop.actions.import_run import run_import
from allstop.actions.message_plans import PlanChoice, save_plan
from allstop.actions.plan import start_as_planned
from allstop.actions.reports import make_report
from allstop.actions.standing_by import look_at_stand_bys
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.message_plan import Condition, Step, Words
from allstop.rules.verdict import Refuse, Send
from allstop.store.facts import facts_of
from allstop.store.lists import ReportBy
from allstop.store.models import Feed, FeedKind, Message, QueueEntry, Status
from tests.actions.test_message_plans import imported
from tests.actions.test_visit_answers import says
from tests.reminder_files import HEADER, a_row
from tests.world import World, finish

TEXT = Step(channel=Channel.TEXT, days=1, clock=time(14), words=(Words(body="Text {when}"),))
CALL = Step(
    channel=Channel.CALL, days=1, clock=time(16), condition=Condition.UNCONFIRMED, words=(Words(body="Call {when}"),)
)


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour + 5, minute, tzinfo=UTC)


def comes(feed: Feed, now: datetime, *rows: str) -> None:
    file = take_file(feed, f"{now:%A}.csv", "\r\n".join((HEADER, *rows)).encode(), now)
    assert file.source_id is not None and run_import(file.source_id, now) is not None


def leaves(world: World, now: datetime) -> set[str]:
    """What a worker would send by now, as the gate says: channel and last digit of the phone."""
    look_at_stand_bys(now)
    left: set[str] = set()
    for entry in QueueEntry.objects.filter(account_id=world.account.pk, due_at__lte=now).order_by("due_at", "id"):
        verdict = decide(facts_of(world.account.pk, entry.id), now)
        if isinstance(verdict, Send):
            message = Message.objects.get(account=world.account, id=entry.id)
            left.add(f"{message.channel} {message.address[-1]}")
            finish(world, [entry.id], Status.SENT, now)
        elif isinstance(verdict, Refuse):
            finish(world, [entry.id], Status.REFUSED, now)
    return left


def a_feed(world: World) -> Feed:
    plan = save_plan(world.leader, PlanChoice(name="Text, then call", steps=(TEXT, CALL)), world.now)
    like = imported(world, plan, a_row(9, status="Cancelled"))
    choice = FeedChoice(name="Practice", kind=FeedKind.PUSH, settings={}, rhythm={}, like_import=like.pk)
    return save_feed(world.leader, choice, world.now)


def test_three_days_of_files_one_of_them_stopped(world: World) -> None:
    feed = a_feed(world)
    # Monday
    comes(feed, new_york(23, 12), a_row(1, at="11/24/2026 15:00"), a_row(2, at="11/24/2026 15:30"))
    assert leaves(world, new_york(23, 13)) == set()
    assert leaves(world, new_york(23, 14, 5)) == {"text 1", "text 2"}
    says("Yes", new_york(23, 15), sender="+12125550101")
    assert leaves(world, new_york(23, 16, 5)) == {"call 2"}
    # Tuesday is stopped; its file comes all the same
    stop_account(world.member, "the phones are out", new_york(24, 9))
    comes(feed, new_york(24, 12), a_row(3, at="11/25/2026 15:00"), a_row(4, at="11/25/2026 10:00"))
    assert leaves(world, new_york(24, 14, 5)) | leaves(world, new_york(24, 16, 5)) == set()
    # Wednesday: one appointment has moved, one is over; START drops what is stale
    wednesday = (a_row(3, at="11/27/2026 15:00"), a_row(5, at="11/26/2026 15:00"), a_row(6, at="11/26/2026 15:00"))
    comes(feed, new_york(25, 12), *wednesday)
    started = start_as_planned(world.leader, now=new_york(25, 13))
    assert (started.counts.drop, started.counts.send) == (2, 6)
    assert leaves(world, new_york(25, 13, 5)) == set()
    assert leaves(world, new_york(25, 14, 5)) == {"text 5", "text 6"}
    says("no", new_york(25, 15), sender="+12125550105")
    assert leaves(world, new_york(25, 16, 5)) == {"call 6"}
    # Thursday
    assert leaves(world, new_york(26, 14, 5)) == {"text 3"}
    assert leaves(world, new_york(26, 16, 5)) == {"call 3"}
    reasons = Counter(Message.objects.filter(account=world.account).values_list("status", "reason"))
    assert reasons == {
        ("sent", ""): 8,
        ("canceled", "appointment_cancelled"): 1,  # the file by hand
        ("canceled", "appointment_confirmed"): 1,
        ("canceled", "appointment_moved"): 2,
        ("canceled", "contact_cancelled"): 1,
        ("removed", "appointment_gone"): 2,
    }
    for by in ReportBy:
        totals = make_report(world.viewer, by, None, None, new_york(26, 17)).totals
        assert totals["notifications"] == sum(reasons.values()) == 15
        assert (totals["sent"], totals["canceled"], totals["removed"], totals["errors"]) == (8, 5, 2, 0)
        assert (totals["confirmed"], totals["cancelled"]) == (1, 1)
