"""The ramp after START: begun with it, ended by time, by a person, by a STOP, or by its own limits.

The rule that it guards: a lane keeps to the slower of its setup's pace and the ramp's, and gets its own pace back. Who
changes a pace or a ramp first takes the rows of channel_setup, so that neither overlooks the other.
"""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import is_stopped, stop_account
from allstop.rules.facts import Channel
from allstop.rules.ramp import RampChoice, RampFigures, breach
from allstop.rules.roles import Act, Role
from allstop.store import ledger, queue
from allstop.store.lists import RampView, running_ramp, running_ramps
from allstop.store.models import ChannelSetup, Ramp, RampState

NAME = "ramp"  # who stops an account when it goes wrong


def begin_ramp(account_id: int, choice: RampChoice, by: str, now: datetime) -> Ramp:
    """In the transaction of a START, before it takes its number; whoever calls writes the ledger."""
    setups = _setups(account_id)
    made = Ramp.objects.create(
        account_id=account_id,
        start_number=0,
        by=by,
        per_minute=choice.per_minute,
        pace_ms=choice.pace_ms,
        minutes=choice.minutes,
        failures=choice.failures,
        opt_outs=choice.opt_outs,
        begun_at=now,
        state=RampState.RUNNING,
        ended_by="",
    )
    _set_paces(setups, now)
    return made


def end_ramp(account_id: int, state: RampState, by: str, now: datetime, figures: RampFigures | None = None) -> bool:
    """In the caller's transaction. False: none runs."""
    setups = _setups(account_id)
    ended = Ramp.objects.filter(account_id=account_id, ended_at=None).update(
        state=state, ended_at=now, ended_by=by, figures=asdict(figures) if figures else None
    )
    if ended:
        _set_paces(setups, now)
    return bool(ended)


def send_all_now(actor: Actor, now: datetime) -> None:
    """End the ramp: what is due leaves at the account's own pace."""
    require(actor, Act.START)
    ramp = running_ramp(actor.account_id)
    with transaction.atomic():
        if ramp is None or not end_ramp(actor.account_id, RampState.ENDED, actor.name, now, ramp.figures):
            raise Conflict("No ramp runs: everything that is due leaves already.")
        _write(ramp, "end_ramp", actor.name, now, via=actor.via)


def watch_ramps(now: datetime) -> None:
    """A chore: each second, for every ramp that runs. Done by several at once, one of them does it."""
    for ramp in running_ramps():
        if is_stopped(ramp.account_id):
            with transaction.atomic():
                end_ramp(ramp.account_id, RampState.STOPPED, "", now, ramp.figures)
        elif reason := breach(ramp.figures, ramp.failures, ramp.opt_outs):
            _trip(ramp, reason, now)
        elif ramp.ends_at is not None and ramp.ends_at <= now:
            with transaction.atomic():
                if end_ramp(ramp.account_id, RampState.DONE, "", now, ramp.figures):
                    _write(ramp, "ramp_done", NAME, now)


def _trip(ramp: RampView, reason: str, now: datetime) -> None:
    itself = Actor(ramp.account_id, NAME, Role.MEMBER, via=NAME)
    with transaction.atomic(), queue.impatient():
        if not end_ramp(ramp.account_id, RampState.TRIPPED, NAME, now, ramp.figures):
            return
        receipt = stop_account(itself, f"The ramp stopped itself: {reason}.", now)
    wait_until_confirmed(receipt)


def _write(ramp: RampView, act: str, by: str, now: datetime, via: str = "") -> None:
    ledger.append(
        account_id=ramp.account_id,
        at=now,
        by=by,
        act=act,
        subject="account",
        before={
            "per_minute": ramp.per_minute,
            "minutes": ramp.minutes,
            "failures": ramp.failures,
            "opt_outs": ramp.opt_outs,
            "number": ramp.start_number,
        },
        after={**asdict(ramp.figures), **({"via": via} if via else {})},
    )


def _setups(account_id: int) -> list[ChannelSetup]:
    """Locked, and in the order in which lanes are locked: by the name of the channel."""
    return list(ChannelSetup.objects.select_for_update().filter(account_id=account_id).order_by("channel"))


def _set_paces(setups: list[ChannelSetup], now: datetime) -> None:
    for setup in setups:
        queue.setup_changed(setup.account_id, Channel(setup.channel), setup.pace_ms, now)
