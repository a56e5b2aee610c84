"""`allstop forecast`: when what waits leaves, and what other windows or another pace would move."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.forecast import AccountForecastOut, RehearsalOut

commands = typer.Typer()


@commands.command()
def forecast(  # noqa: PLR0913 - the options of one command
    rehearse: Annotated[
        str,
        typer.Option("--rehearse", metavar="CHANNEL", help="Try other windows or another pace on text, call or email."),
    ] = "",
    session: Annotated[
        list[str] | None,
        typer.Option("--session", metavar="WORDS", help='With --rehearse: only then, like "Monday 09:00-12:00".'),
    ] = None,
    always: Annotated[bool, typer.Option("--always", help="With --rehearse: without any window.")] = False,
    every: Annotated[
        float | None, typer.Option("--every", metavar="MINUTES", help="With --rehearse: one message every so often.")
    ] = None,
    per_minute: Annotated[
        float | None, typer.Option("--per-minute", metavar="N", help="With --rehearse: so many a minute; 0 no pace.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when everything that waits leaves, by channel. Changes nothing, also with --rehearse."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import Invalid
        from allstop.doors.api.forecast import forecast_shape

        if rehearse:
            sessions = [] if always else session or None
            seen = _rehearsed(at, rehearse, sessions, every, per_minute)
            at.out.show(seen, lambda: _print_rehearsal(at, seen))
            return
        if session or always or every is not None or per_minute is not None:
            raise Invalid(rehearse="Say what to try it on: --rehearse text, call or email.")
        shape = forecast_shape(at.actor, at.now)
        at.out.show(shape, lambda: _print(at, shape))


def _rehearsed(
    at: Desk, channel: str, sessions: list[str] | None, every: float | None, per_minute: float | None
) -> "RehearsalOut":
    from allstop.actions.actor import Invalid
    from allstop.actions.rehearsing import rehearse
    from allstop.doors.api.forecast import ProposalIn, RehearseIn, proposals, rehearsal_shape
    from allstop.rules.facts import Channel

    if channel not in set(Channel):
        raise Invalid(rehearse="Say which channel: text, call or email.")
    said = ProposalIn(channel=Channel(channel), sessions=sessions, every_minutes=every, per_minute=per_minute)
    return rehearsal_shape(rehearse(at.actor, proposals(RehearseIn(changes=[said])), at.now))


def _print(at: Desk, shape: "AccountForecastOut") -> None:
    if not shape.is_running:
        print("STOPPED: nothing leaves. This is as if it were STARTED now, with all that waits.")
    finish = at.out.time(shape.finish)
    print(f"{count(shape.messages, 'message')} leave. " + (f"The last slot ends {finish}." if finish else ""))
    at.out.table(
        ("Channel", "Leave", "First", "Last slot ends", "Cannot leave", "Too late", "Refused", "Why"),
        [
            (
                one.channel.value,
                f"{one.messages:,}",
                at.out.time(one.first_at),
                at.out.time(one.finish),
                f"{one.stuck:,}",
                f"{one.late:,}",
                f"{one.refused:,}",
                _words(one.closed),
            )
            for one in shape.channels
        ],
    )


def _words(code: str) -> str:
    from allstop.rules.reasons import in_words

    return in_words(code) if code else ""


def _print_rehearsal(at: Desk, seen: "RehearsalOut") -> None:
    print(f"{count(seen.moved, 'message')} would move to another day. Nothing is changed by this.")
    at.out.facts(
        (
            ("Last slot ends", f"{at.out.time(seen.finish_before) or 'never'}"),
            ("With the change", f"{at.out.time(seen.finish_after) or 'never'}"),
        )
    )
    rows = [(one.day.isoformat(), f"{one.before:,}", f"{one.after:,}") for one in seen.days]
    if seen.later_before or seen.later_after:
        rows.append(("later", f"{seen.later_before:,}", f"{seen.later_after:,}"))
    rows.append(("cannot leave", f"{seen.stuck_before:,}", f"{seen.stuck_after:,}"))
    rows.append(("too late", f"{seen.late_before:,}", f"{seen.late_after:,}"))
    at.out.table(("Day", "As it is", "With the change"), rows)
