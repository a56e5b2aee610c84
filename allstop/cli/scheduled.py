"""`allstop schedule-stop`, `allstop scheduled` and `allstop cancel-stop`: stops that are planned, for maintenance."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Invalid, NotThere
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.lever import ReasonOption
from allstop.cli.printing import JsonOption
from allstop.rules.facts import Channel
from allstop.rules.plans import Planned, read_time
from allstop.rules.words import Problem

if TYPE_CHECKING:
    from allstop.doors.api.scheduled import ScheduledOut
    from allstop.rules.holds import Reach

commands = typer.Typer()

TIME = "On the account's clock, like '2026-11-24 22:00', or with its offset."


@commands.command("schedule-stop")
def schedule_stop_(  # noqa: PLR0913 - each is an option of the command
    starts: Annotated[str, typer.Argument(help=TIME)],
    ends: Annotated[str, typer.Argument(help=TIME)],
    channel: Annotated[Channel | None, typer.Option("--channel", help="Of this channel alone.")] = None,
    location: Annotated[
        str | None, typer.Option("--location", help="Of this location alone: its code or name.")
    ] = None,
    installation: Annotated[bool, typer.Option("--installation", help="Of every account.")] = False,
    reason: ReasonOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a STOP with a beginning and an end. Both happen by themselves."""
    with desk(account, as_json) as at:
        from allstop.actions.scheduled import schedule_stop
        from allstop.doors.api.scheduled import scheduled_shape

        planned = Planned(_time(at, "starts", starts), _time(at, "ends", ends))
        made = schedule_stop(at.actor, _reach(at, channel, location, installation), planned, reason, at.now)
        shape = scheduled_shape(made)
        words = (
            f"{shape.what}: STOP from {at.out.time(shape.starts_at)} until {at.out.time(shape.ends_at)}. No. {shape.id}"
        )
        at.out.show(shape, lambda: print(words))


@commands.command("scheduled")
def scheduled(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the stops that are planned, and those of the last 30 days."""
    with desk(account, as_json) as at:
        from allstop.doors.api.scheduled import scheduled_shape
        from allstop.store.lists import scheduled_stops

        shapes = [scheduled_shape(one) for one in scheduled_stops(at.actor.account_id, at.now)]
        at.out.show(shapes, lambda: _print(at, shapes))


@commands.command("cancel-stop")
def cancel_stop(
    number: Annotated[int, typer.Argument(help="Of the scheduled stop, as `allstop scheduled` shows it.", min=1)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel a scheduled stop before it has begun."""
    with desk(account, as_json) as at:
        from allstop.actions.scheduled import cancel_scheduled
        from allstop.doors.api.scheduled import scheduled_shape

        gone = scheduled_shape(cancel_scheduled(at.actor, number, at.now))
        at.out.show(gone, lambda: print(f"The scheduled stop {gone.id} is cancelled."))


def _time(at: Desk, field: str, said: str) -> datetime:
    found = read_time(said, at.account.zone)
    if isinstance(found, Problem):
        raise Invalid(**{field: found.text})
    return found


def _reach(at: Desk, channel: Channel | None, location: str | None, installation: bool) -> "Reach":
    from django.db.models import Q

    from allstop.rules.holds import INSTALLATION, one_channel, one_location, whole_account
    from allstop.store.models import Location

    if sum((channel is not None, location is not None, installation)) > 1:
        raise Invalid(scope="Give one of --channel, --location and --installation.")
    if installation:
        return INSTALLATION
    if channel is not None:
        return one_channel(at.account.pk, channel)
    if location is None:
        return whole_account(at.account.pk)
    found = Location.objects.filter(Q(code__iexact=location) | Q(name__iexact=location), account=at.account).first()
    if found is None:
        known = ", ".join(f"{one.code} ({one.name})" for one in Location.objects.filter(account=at.account))
        raise NotThere(f"There is no location {location}. Known are: {known or 'none'}.")
    return one_location(at.account.pk, found.pk)


def _print(at: Desk, shapes: "list[ScheduledOut]") -> None:
    at.out.table(
        ("No.", "State", "What", "From", "Until", "By", "Why"),
        [
            (str(one.id), one.state, one.what, at.out.time(one.starts_at), at.out.time(one.ends_at), one.by, one.reason)
            for one in shapes
        ],
    )
