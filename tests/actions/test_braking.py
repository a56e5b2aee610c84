"""The automatic brake on a real queue: what it counts, what it stops, and that START begins a new count."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from allstop.actions.actor import Forbidden, Invalid
from allstop.actions.braking import EVERY, BrakeChoice, look, set_brake
from allstop.actions.contacts import record_opt_out
from allstop.actions.starting import start_one
from allstop.actions.switch import stop_account
from allstop.rules.brake import Limits, Rate
from allstop.rules.facts import Channel
from allstop.rules.holds import BRAKE
from allstop.store import ledger, lists
from allstop.store.models import Attempt, Brake, Contact, Hold, Job, LedgerEntry, Message, Notice, Status
from tests.world import World, contact, job, texts

MINUTE = timedelta(minutes=1)


def limits(rate: Rate, limit: int = 10, at_least: int = 10, minutes: int = 30) -> Limits:
    return Limits(minutes=minutes, at_least=at_least, percent={rate: Decimal(limit)})


def turn_on(world: World, of: Limits, at: datetime | None = None) -> Brake:
    choice = BrakeChoice(is_on=True, limits=of)
    return set_brake(world.leader, Channel.TEXT, choice, at or world.now - timedelta(days=2))


def finished(
    world: World,
    count: int,
    status: Status = Status.SENT,
    *,
    of: Job | None = None,
    to: Contact | None = None,
    at: datetime | None = None,
    reason: str = "",
    receipt: str = "",
) -> list[int]:
    ids = texts(world, count, of=of, to=to)
    ended = at or world.now - MINUTE
    Message.objects.filter(id__in=ids).update(status=status, finished_at=ended, reason=reason, receipt=receipt)
    Attempt.objects.bulk_create(
        Attempt(
            account=world.account,
            message_id=one,
            number=1,
            worker_id=1,
            adapter="sandbox",
            started_at=ended,
            ended_at=ended,
            outcome="accepted" if status is Status.SENT else "rejected",
            ref="",
            code="",
            detail="",
        )
        for one in ids
    )
    return ids


def standing() -> list[tuple[str, str, int | None]]:
    return [(hold.name, hold.scope, hold.job_id) for hold in Hold.objects.filter(lifted_at=None)]


def test_a_job_that_fails_is_stopped_with_the_figures_and_the_others_go_on(world: World, now: datetime) -> None:
    bad, good = job(world, "Wrong file"), job(world, "Good file")
    finished(world, 12, Status.FAILED, of=bad, reason="rejected")
    finished(world, 30, of=good)
    waiting = texts(world, 1, of=good)
    turn_on(world, limits(Rate.BOUNCE))
    assert look(now) == 1
    assert standing() == [(BRAKE, "job", bad.pk)]
    entry = LedgerEntry.objects.get(act="stop")
    assert entry.reason == "Within 30 minutes, 12 of 12 were refused for good: 100.0 %, over the limit of 10 %."
    assert entry.by == "the brake"
    assert entry.after is not None
    assert entry.after["figures"] == {
        "rate": "bounce",
        "channel": "text",
        "bad": 12,
        "tried": 12,
        "percent": 100.0,
        "limit": 10.0,
        "minutes": 30,
    }
    stopped = lists.stop(world.account.pk, entry.after["number"])
    assert stopped is not None
    assert stopped.reason == entry.reason
    assert stopped.confirmed_at is not None
    assert Notice.objects.get().subject == "The automatic brake has stopped the job Wrong file"
    verdict = lists.why(world.account.pk, waiting[0], now)
    assert verdict is not None
    assert verdict.reason == ""
    assert isinstance(ledger.verify(world.account.pk), int)


def test_where_no_job_explains_it_the_channel_is_stopped(world: World, now: datetime) -> None:
    for name in ("One", "Two", "Three"):
        finished(world, 5, Status.FAILED, of=job(world, name), reason="attempts_used_up")
    turn_on(world, limits(Rate.FAILURE))
    assert look(now) == 1
    assert standing() == [(BRAKE, "channel", None)]
    assert look(now + EVERY) == 0  # what is stopped is not looked at
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("rate", "status", "reason", "receipt", "trips"),
    [
        (Rate.BOUNCE, Status.FAILED, "rejected", "", True),
        (Rate.BOUNCE, Status.FAILED, "attempts_used_up", "", False),
        (Rate.BOUNCE, Status.SENT, "", "undeliverable", True),
        (Rate.BOUNCE, Status.SENT, "", "delivered", False),
        (Rate.FAILURE, Status.FAILED, "attempts_used_up", "", True),
        (Rate.FAILURE, Status.UNKNOWN, "outcome_unknown", "", True),
        (Rate.FAILURE, Status.SENT, "", "expired", True),
        (Rate.FAILURE, Status.SENT, "", "delivered", False),
        (Rate.FAILURE, Status.REFUSED, "stop_all", "", False),  # the gate's no was never tried
    ],
)
def test_what_counts_as_bad(
    world: World, now: datetime, rate: Rate, status: Status, reason: str, receipt: str, trips: bool
) -> None:
    turn_on(world, limits(rate))
    finished(world, 12, status, of=job(world), reason=reason, receipt=receipt)
    assert (look(now) == 1) is trips


def test_the_same_words_to_the_same_person_within_a_day_are_duplicates(world: World, now: datetime) -> None:
    turn_on(world, limits(Rate.DUPLICATE))
    people = [contact(world, f"Person {number}") for number in range(12)]
    for person in people:
        finished(world, 1, to=person, of=job(world, "Monday"), at=now - timedelta(hours=25))
        finished(world, 1, to=person, of=job(world, "Today"), at=now - 10 * MINUTE)
    assert look(now) == 0
    again = job(world, "Again")
    for person in people:
        finished(world, 1, to=person, of=again, at=now - MINUTE)
    assert look(now + EVERY) == 1
    assert standing() == [(BRAKE, "job", again.pk)]


def test_opt_outs_count_for_the_latest_text_that_the_person_got(world: World, now: datetime) -> None:
    turn_on(world, limits(Rate.OPT_OUT))
    sales, news = job(world, "Sale"), job(world, "News")
    for number in range(12):
        person = contact(world, f"Person {number}")
        finished(world, 1, to=person, of=news, at=now - 20 * MINUTE)
        finished(world, 1, to=person, of=sales, at=now - 10 * MINUTE)
        if number < 4:
            record_opt_out(person, Channel.TEXT, "STOP", now - 5 * MINUTE, "+12125550123")
    assert look(now) == 1
    assert standing() == [(BRAKE, "job", sales.pk)]


def test_after_start_only_what_happens_from_then_on_counts(world: World, now: datetime) -> None:
    bad = job(world)
    finished(world, 12, Status.FAILED, of=bad, reason="rejected")
    turn_on(world, limits(Rate.BOUNCE))
    look(now)
    start_one(world.leader, Hold.objects.get(name=BRAKE).pk, "fixed", now + MINUTE)
    assert look(now + 2 * MINUTE) == 0
    finished(world, 12, Status.FAILED, of=bad, reason="rejected", at=now + 3 * MINUTE)
    assert look(now + 4 * MINUTE) == 1


def test_what_happened_before_it_was_set_or_before_the_span_does_not_count(world: World, now: datetime) -> None:
    finished(world, 12, Status.FAILED, reason="rejected", at=now - MINUTE)
    turn_on(world, limits(Rate.BOUNCE), at=now)
    assert look(now + MINUTE) == 0
    finished(world, 12, Status.FAILED, reason="rejected", at=now + MINUTE)
    assert look(now + 32 * MINUTE) == 0
    finished(world, 12, Status.FAILED, reason="rejected", at=now + 33 * MINUTE)
    assert look(now + 62 * MINUTE) == 1


def test_other_accounts_channels_and_brakes_that_are_off_are_left_alone(world: World, now: datetime) -> None:
    finished(world, 12, Status.FAILED, reason="rejected")
    past = now - timedelta(days=1)
    email = BrakeChoice(is_on=True, limits=limits(Rate.BOUNCE))
    set_brake(world.stranger, Channel.TEXT, email, past)
    set_brake(world.leader, Channel.EMAIL, email, past)
    set_brake(world.leader, Channel.TEXT, replace(email, is_on=False), past)
    assert look(now) == 0
    assert standing() == []


def test_a_stopped_account_is_not_looked_at(world: World, now: datetime) -> None:
    finished(world, 12, Status.FAILED, reason="rejected")
    turn_on(world, limits(Rate.BOUNCE))
    stop_account(world.member, "", now)
    assert look(now) == 0


def test_one_worker_looks_at_a_time(world: World, now: datetime) -> None:
    turn_on(world, limits(Rate.BOUNCE))
    assert len(lists.brakes_on(now, EVERY)) == 1
    assert lists.brakes_on(now + EVERY / 2, EVERY) == []
    assert len(lists.brakes_on(now + EVERY, EVERY)) == 1


def test_setting_it_is_for_who_may_change_the_setup_and_in_the_ledger(world: World, now: datetime) -> None:
    choice = BrakeChoice(is_on=True, limits=limits(Rate.BOUNCE, 5))
    with pytest.raises(Forbidden):
        set_brake(world.member, Channel.TEXT, choice, now)
    with pytest.raises(Invalid) as said:
        set_brake(world.leader, Channel.TEXT, replace(choice, limits=limits(Rate.BOUNCE, 5, minutes=0)), now)
    assert set(said.value.problems) == {"minutes"}
    assert not Brake.objects.exists()
    set_brake(world.leader, Channel.TEXT, choice, now)
    set_brake(world.leader, Channel.TEXT, choice, now + MINUTE)  # nothing new: no entry, and it counts on
    assert Brake.objects.get().changed_at == now
    set_brake(world.leader, Channel.TEXT, replace(choice, is_on=False), now + MINUTE)
    entries = LedgerEntry.objects.filter(act="set_brake").order_by("number")
    assert [entry.after and (entry.after["is_on"], entry.after["bounce"]) for entry in entries] == [
        (True, 5.0),
        (False, 5.0),
    ]
