"""When what waits leaves: read from the queue as a worker would take it, channel by channel."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.import_preview import import_forecast
from allstop.actions.messenger import Letter, One, To
from allstop.actions.messenger_forecast import forecast_send
from allstop.actions.own_windows import Proposal, read_every, read_sessions
from allstop.actions.plan import start_as_planned
from allstop.actions.rehearsing import rehearse
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel, Purpose
from allstop.rules.holds import STOPPED, Reach, Scope
from allstop.rules.markers import MarkerKind
from allstop.rules.plan import NOTHING_STALE
from allstop.rules.ramp import RampChoice
from allstop.store import lists, queue
from allstop.store.models import ChannelSetup, DeliverySession, QueueEntry
from tests.reminder_files import a_row, taken_in
from tests.world import World, contact, job, texts

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)  # a Monday, 09:00 in New York


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def paced(world: World) -> World:
    """Texts: one every three minutes, on weekdays from nine to twelve."""
    rows = ChannelSetup.objects.filter(account=world.account, channel="text")
    rows.update(provider="sandbox", pace_ms=180_000)
    for day in range(5):
        DeliverySession.objects.create(account=world.account, channel="text", weekday=day, starts=540, ends=720)
    queue.setup_changed(world.account.pk, Channel.TEXT, 180_000, world.now)
    return world


def of_texts(world: World) -> lists.ChannelForecast:
    found = lists.account_forecast(world.account.pk, world.now)
    return next(one for one in found.channels if one.channel is Channel.TEXT)


def test_each_channel_has_its_own_finish_and_the_whole_has_the_last(paced: World) -> None:
    """TX5: 100 at one every three minutes, 09:00 to 12:00, take two session days."""
    texts(paced, 100)
    found = lists.account_forecast(paced.account.pk, paced.now)
    by_channel = {one.channel: one for one in found.channels}
    assert by_channel[Channel.TEXT].forecast.finish == NOW + DAY + 2 * HOUR
    assert (by_channel[Channel.CALL].forecast.messages, by_channel[Channel.EMAIL].forecast.messages) == (0, 0)
    assert (found.whole.finish, found.whole.messages, found.stuck) == (NOW + DAY + 2 * HOUR, 100, 0)
    assert lists.account_forecast(paced.rival.pk, paced.now).whole.messages == 0


def test_what_cannot_leave_is_told_apart(paced: World) -> None:
    texts(paced, 3)
    held = job(paced, "Held")
    texts(paced, 4, of=held)
    add_hold(
        new_hold(paced.admin, STOPPED, Reach(scope=Scope.JOB, account_id=paced.account.pk, job_id=held.pk), paced.now)
    )
    marked, said_no, elsewhere = (contact(paced, name) for name in ("Mary Marked", "Nora No", "Eve Elsewhere"))
    mark(paced.admin, [marked.pk], MarkerKind.STOP_ALL, "", paced.now)
    record_opt_out(said_no, Channel.TEXT, "STOP", paced.now)
    texts(paced, 1, to=marked)
    texts(paced, 1, to=said_no)
    texts(paced, 2, to=elsewhere)
    elsewhere.zones = []
    elsewhere.save()
    late = texts(paced, 1, due_at=NOW + MINUTE)
    QueueEntry.objects.filter(id__in=late).update(use_by=NOW + 5 * MINUTE)
    waiting = texts(paced, 1)
    QueueEntry.objects.filter(id__in=waiting).update(held="no_credits")
    found = of_texts(paced)
    assert (found.forecast.messages, found.forecast.late, found.refused) == (3, 1, 2)
    assert (found.held, found.forecast.stuck, found.stuck) == (5, 2, 7)


def test_a_channel_without_a_provider_says_so_and_a_stopped_account_is_reckoned_as_if_started(paced: World) -> None:
    texts(paced, 2)
    stop_account(paced.admin, "", paced.now)
    assert of_texts(paced).forecast.messages == 2
    ChannelSetup.objects.filter(account=paced.account, channel="text").update(provider="")
    found = of_texts(paced)
    assert (found.closed, found.forecast.messages, found.stuck) == ("no_provider", 0, 2)


def test_a_ramp_that_runs_ends_and_then_the_accounts_pace_counts(world: World) -> None:
    ChannelSetup.objects.filter(account=world.account, channel="text").update(provider="sandbox")
    texts(world, 100)
    stop_account(world.admin, "", NOW)
    start_as_planned(world.admin, NOTHING_STALE, now=NOW, ramp=RampChoice(per_minute=2, minutes=10))
    found = of_texts(world)
    assert found.forecast.before(NOW + 10 * MINUTE) == 20
    assert found.forecast.finish == NOW + 10 * MINUTE


def test_a_send_of_the_messenger_is_foreseen_behind_what_waits_and_without_those_left_behind(paced: World) -> None:
    texts(paced, 20)
    people = [contact(paced, f"Pat {letter}") for letter in "ABCDEFG"]
    mark(paced.admin, [people[0].pk], MarkerKind.STOP_PROMOTIONS, "", paced.now)
    to = To(ones=tuple(One(contact_id=one.pk) for one in people))
    letter = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello")
    before = QueueEntry.objects.count()
    found = forecast_send(paced.member, to, letter, paced.now)
    assert (found.messages, found.never) == (6, 0)
    assert found.forecast.first_at == NOW + HOUR
    assert found.forecast.finish == NOW + 78 * MINUTE
    later = forecast_send(paced.member, to, replace(letter, due_at=NOW + DAY), paced.now)
    assert later.forecast.finish == NOW + DAY + 18 * MINUTE
    assert forecast_send(paced.member, To(), letter, paced.now).messages == 0
    assert QueueEntry.objects.count() == before
    with pytest.raises(NotThere):
        forecast_send(paced.stranger, to, letter, paced.now)


def test_an_import_is_foreseen_before_it_is_confirmed(paced: World) -> None:
    texts(paced, 20)
    blocked = contact(paced, "No More", phone="+12125550109")
    mark(paced.admin, [blocked.pk], MarkerKind.STOP_ALL, "", paced.now)
    rows = [a_row(number, at="11/27/2026 16:00") for number in range(1, 5)]
    taken = taken_in(paced, *rows)
    found = import_forecast(paced.member, taken.pk, paced.now)
    assert found is not None
    assert (found.rows_looked_at, found.rows_total, found.is_estimate) == (4, 4, False)
    assert found.forecast.messages == 4
    assert found.forecast.forecast.messages == 4
    with pytest.raises(NotThere):
        import_forecast(paced.stranger, taken.pk, paced.now)


def test_a_changed_pace_or_window_is_tried_and_changes_nothing(paced: World) -> None:
    texts(paced, 100)
    before = list(ChannelSetup.objects.values()), list(DeliverySession.objects.values())
    seen = rehearse(paced.viewer, {Channel.TEXT: Proposal(every=MINUTE)}, paced.now)
    assert (seen.found.moved, seen.found.after.finish, seen.a_week) == (40, NOW + 100 * MINUTE, {Channel.TEXT: 900})
    shorter = rehearse(paced.viewer, {Channel.TEXT: Proposal(sessions=read_sessions(["mon 09:00-10:00"]))}, paced.now)
    assert [one.after for one in shorter.found.days if one.after] == [20, 20, 20, 20, 20]
    free = rehearse(paced.viewer, {Channel.TEXT: Proposal(sessions=(), every=timedelta(0))}, paced.now)
    assert (free.found.after.finish, free.a_week) == (NOW, {Channel.TEXT: None})
    assert (list(ChannelSetup.objects.values()), list(DeliverySession.objects.values())) == before


@pytest.mark.parametrize(
    ("every", "per_minute", "found"),
    [(None, None, None), (3, None, 3 * MINUTE), (0, None, timedelta(0)), (None, 3, timedelta(seconds=20))],
)
def test_a_pace_is_read_either_way(every: float | None, per_minute: float | None, found: timedelta | None) -> None:
    assert read_every(every, per_minute) == found


def test_a_pace_that_means_nothing_is_refused_with_words() -> None:
    for every, per_minute in ((3, 3), (-1, None), (20_000, None), (None, -1), (float("nan"), None)):
        with pytest.raises(Invalid):
            read_every(every, per_minute)
    with pytest.raises(Invalid, match="like Monday"):
        read_sessions(["always"])
