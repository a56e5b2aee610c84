"""The automatic brake: its settings, and the look that some worker takes every two seconds.

The rule that it guards: it stops and never starts. A person lifts what it has stopped, and it counts anew from then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, Machine, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.notices import notify
from allstop.actions.switch import standing_stops, stop
from allstop.rules.brake import USUAL, Limits, Rate, Trip, trip_of
from allstop.rules.facts import Channel
from allstop.rules.holds import BRAKE, STOPS, Reach, Scope, one_channel, one_location
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.lists import brake_counts_from, brake_groups, brakes_on, limits_of
from allstop.store.models import Account, Brake, Hold, Job, Location, NoticeKind

EVERY = timedelta(seconds=2)
THE_BRAKE = Machine("the brake", "brake")
CHANNELS = {Channel.TEXT: "texts", Channel.CALL: "calls", Channel.EMAIL: "emails"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeChoice:
    is_on: bool
    limits: Limits = USUAL


@transaction.atomic
def set_brake(actor: Actor, channel: Channel, choice: BrakeChoice, now: datetime) -> Brake:
    """In force with the next look. It counts what happens from now on."""
    require(actor, Act.EDIT_SETUP)
    if faults := choice.limits.faults():
        raise Invalid(**faults)
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)  # one change at a time
    before = Brake.objects.filter(account_id=actor.account_id, channel=channel).first()
    values = {
        "is_on": choice.is_on,
        "minutes": choice.limits.minutes,
        "at_least": choice.limits.at_least,
        **{rate.value: choice.limits.percent.get(rate) for rate in Rate},
    }
    if before is not None and all(getattr(before, name) == value for name, value in values.items()):
        return before
    after, _ = Brake.objects.update_or_create(
        account_id=actor.account_id, channel=channel, defaults={**values, "changed_at": now}
    )
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="set_brake",
        subject=f"channel:{channel}",
        before=shown_brake(before),
        after={**shown_brake(after), "via": actor.via},
    )
    return after


def shown_brake(brake: Brake | None) -> dict[str, Any]:
    """As the ledger, the API and commands show it. Never set: off, with the usual limits."""
    limits = USUAL if brake is None else limits_of(brake)
    percent = {rate.value: limits.percent.get(rate) for rate in Rate}
    return {
        "is_on": brake is not None and brake.is_on,
        "minutes": limits.minutes,
        "at_least": limits.at_least,
        **{name: None if limit is None else float(limit) for name, limit in percent.items()},
    }


def look(now: datetime) -> int:
    """Of every channel with a brake on, if it is this worker's turn; returns how many tripped."""
    numbers = [number for brake in brakes_on(now, EVERY) if (number := _look(brake, now)) is not None]
    if numbers:
        wait_until_confirmed(max(numbers))
    return len(numbers)


def _look(brake: Brake, now: datetime) -> int | None:
    channel = Channel(brake.channel)
    if _is_stopped(brake.account_id, channel):
        return None
    limits = limits_of(brake)
    since = brake_counts_from(brake.account_id, channel, brake.changed_at)
    trip = trip_of(limits, brake_groups(brake.account_id, channel, limits, since, now))
    return None if trip is None else _trip(brake, channel, trip, now)


def _is_stopped(account_id: int, channel: Channel) -> bool:
    wide = Hold.objects.filter(name__in=STOPS, lifted_at=None, account_id=account_id, job=None, location=None)
    return wide.filter(channel=None, contact=None).exists() or wide.filter(channel=channel).exists()


@transaction.atomic
def _trip(brake: Brake, channel: Channel, trip: Trip, now: datetime) -> int | None:
    reach, what = _reach(brake.account_id, channel, trip)
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=brake.account_id)
    if any(hold.name == BRAKE for hold in standing_stops(reach)):
        return None
    words = f"Within {brake.minutes} minutes, {trip.words}."
    notify(
        NoticeKind.BRAKE,
        f"The automatic brake has stopped {what}",
        f"{words}\nOf {CHANNELS[channel]}. It stands until somebody has looked and presses START.",
        now,
        account_id=brake.account_id,
        about=reach.subject,
        url="/stops/standing",
    )
    figures = {
        "rate": trip.rate.value,
        "channel": channel.value,
        "bad": trip.bad,
        "tried": trip.tried,
        "percent": float(trip.percent),
        "limit": float(trip.limit),
        "minutes": brake.minutes,
    }
    return stop(THE_BRAKE, reach, words, now, name=BRAKE, figures=figures).number


def _reach(account_id: int, channel: Channel, trip: Trip) -> tuple[Reach, str]:
    if trip.scope is Scope.JOB and trip.ref is not None:
        name = Job.objects.get(pk=trip.ref).name
        return Reach(scope=Scope.JOB, account_id=account_id, job_id=trip.ref), f"the job {name}"
    if trip.scope is Scope.LOCATION and trip.ref is not None:
        return one_location(account_id, trip.ref), f"the location {Location.objects.get(pk=trip.ref).name}"
    return one_channel(account_id, channel), f"all {CHANNELS[channel]}"
