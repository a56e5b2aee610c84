"""A list with a window of its own: for this sending only, in its slots, also after a STOP."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions.import_options import Start, Timing
from allstop.actions.import_preview import import_forecast
from allstop.actions.messenger import Letter, One, To, send
from allstop.actions.messenger_forecast import forecast_send
from allstop.actions.own_windows import STRAIGHT_AWAY, Proposal, read_sessions
from allstop.rules import gate
from allstop.rules.facts import Channel, Purpose
from allstop.rules.verdict import SEND, Hold
from allstop.store import facts, lists, queue
from allstop.store.models import ChannelSetup, DeliverySession, Job, JobWindow, Lane, LedgerEntry, Message, QueueEntry
from allstop.store.own_windows import facts_to_judge
from tests.reminder_files import a_row, changed, run, taken_in
from tests.world import World, contact, texts

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)  # a Monday, 09:00 in New York
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def paced(world: World) -> World:
    """Texts: one every three minutes, on weekdays from nine to twelve; twenty wait already."""
    ChannelSetup.objects.filter(account=world.account, channel="text").update(provider="sandbox", pace_ms=180_000)
    for day in range(5):
        DeliverySession.objects.create(account=world.account, channel="text", weekday=day, starts=540, ends=720)
    queue.setup_changed(world.account.pk, Channel.TEXT, 180_000, world.now)
    texts(world, 20)
    return world


def kept(act: str) -> object:
    after = LedgerEntry.objects.get(act=act).after
    assert after is not None
    return after["window"]


def dues(job: Job | None) -> list[datetime]:
    return sorted(Message.objects.filter(job=job).values_list("due_at", flat=True))


def test_an_import_may_have_sessions_and_a_pace_of_its_own(paced: World) -> None:
    """TX8: swap sessions and change the frequency for this list; the defaults stay."""
    before = list(ChannelSetup.objects.values()), list(DeliverySession.objects.values()), list(Lane.objects.values())
    own = Proposal(sessions=read_sessions(["Monday 13:00-14:00", "Tuesday 13:00-14:00"]), every=30 * MINUTE)
    rows = [a_row(number, at="12/08/2026 16:00") for number in range(1, 4)]
    taken = changed(
        paced, taken_in(paced, *rows), window=own, timing=Timing(Start.NOW), channels=(Channel.TEXT, Channel.EMAIL)
    )
    seen = import_forecast(paced.member, taken.pk, paced.now)
    assert seen is not None
    assert seen.forecast.forecast.finish == NOW + DAY + 4 * HOUR + 30 * MINUTE
    job = Job.objects.get(pk=run(paced, taken).job_id)
    slots = [NOW + 4 * HOUR, NOW + 4 * HOUR + 30 * MINUTE, NOW + DAY + 4 * HOUR]
    assert dues(job) == slots
    assert set(QueueEntry.objects.filter(job_id=job.pk).values_list("by_hand", flat=True)) == {True}
    after = list(ChannelSetup.objects.values()), list(DeliverySession.objects.values()), list(Lane.objects.values())
    assert after == before
    found = lists.account_forecast(paced.account.pk, paced.now)
    assert found.whole.finish == slots[-1]
    assert kept("import") == {"sessions": ["Monday 13:00-14:00", "Tuesday 13:00-14:00"], "every_ms": 1_800_000}


def test_straight_away_waits_for_nobody_but_quiet_hours(paced: World) -> None:
    """TX8: send all now."""
    people = [contact(paced, f"Pat {letter}") for letter in "AB"]
    people[1].zones = ["Asia/Kolkata"]  # half past seven in the evening; quiet from eight on
    people[1].save()
    to = To(ones=tuple(One(contact_id=one.pk) for one in people))
    letter = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello", window=STRAIGHT_AWAY)
    assert forecast_send(paced.member, to, letter, NOW).forecast.finish == NOW
    made = send(paced.member, to, letter, paced.now).send
    assert made.job is not None
    assert dues(made.job) == [NOW, NOW]
    assert kept("send") == {"sessions": [], "every_ms": 0}
    lane = facts.lane_setup(paced.account.pk, Channel.TEXT).facts
    for one in facts.facts_of_messages(paced.account.pk, made.message_ids, lane).values():
        assert gate.window(one, NOW - 2 * HOUR) is None
        assert gate.pace(one, NOW) is None


def test_a_message_that_lost_its_slot_takes_the_next_one_behind_the_list_and_the_gate_holds_the_sessions(
    paced: World,
) -> None:
    people = [contact(paced, f"Pat {letter}") for letter in "ABC"]
    to = To(ones=tuple(One(contact_id=one.pk) for one in people))
    letter = Letter(
        channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello", window=Proposal(sessions=None, every=HOUR)
    )
    made = send(paced.member, to, letter, paced.now).send
    ids = made.message_ids
    assert dues(made.job) == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    lane = facts.lane_setup(paced.account.pk, Channel.TEXT).facts

    def verdicts(at: datetime) -> list[object]:
        loaded = facts_to_judge(paced.account.pk, ids, lane, at)
        return [gate.decide(loaded[one], at) for one in ids]

    row = JobWindow.objects.get(job=made.job, channel="text")
    assert row.slot_at == NOW + 3 * HOUR
    # on time each leaves; whoever comes late takes the next free slot, of tomorrow's session
    assert verdicts(NOW + 30 * timedelta(seconds=1))[0] == SEND
    late = verdicts(NOW + HOUR)
    assert late == [Hold("pace", "pace", NOW + DAY), SEND, SEND]
    row.refresh_from_db()
    assert row.slot_at == NOW + DAY + HOUR
    assert verdicts(NOW + 4 * HOUR)[0] == Hold("window", "window_closed", NOW + DAY)
    said = lists.why(paced.account.pk, ids[0], NOW + 4 * HOUR)
    assert said is not None
    assert said.reason == "window_closed"
    assert JobWindow.objects.filter(account=paced.rival).count() == 0
