"""`allstop start`: START, by itself or as a plan, or of one channel, one location or everything: as in the console."""

import re
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.lever import ChannelOption, EverywhereOption, Lever, LocationOption, check_reason, lever
from allstop.cli.printing import Exit, JsonOption, count
from allstop.rules.wallclock import typed_moment

if TYPE_CHECKING:
    from allstop.actions.carrying_on import Started
    from allstop.doors.api.start import BacklogOut, StartPreviewOut
    from allstop.rules.plan import Group, Plan, Rest
    from allstop.rules.ramp import RampChoice
    from allstop.store.lists import PlanCounts

commands = typer.Typer()

_RAMP = re.compile(r"(\d{1,6})/(\d{1,5})m?(?:/(\d{1,3})%/(\d{1,3})%)?")
_KEYS = "Key of a group, as --plan shows it; * stands for anything."


@commands.command()
def start(  # noqa: PLR0913 - the options of one command
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what waits and what START would do. Starts nothing.")
    ] = False,
    send: Annotated[list[str] | None, typer.Option("--send", metavar="KEY", help=f"Send this group. {_KEYS}")] = None,
    drop: Annotated[list[str] | None, typer.Option("--drop", metavar="KEY", help=f"Drop this group. {_KEYS}")] = None,
    later: Annotated[
        list[str] | None,
        typer.Option("--later", metavar="KEY=TIME", help="Give this group another time, like 2026-11-24T09:00."),
    ] = None,
    ramp: Annotated[
        str,
        typer.Option(
            "--ramp",
            metavar="N/MINUTES",
            help="Begin with N a minute on each channel: 10/15m. With limits on failures and opt-outs: 10/15m/20%/5%.",
        ),
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="Kept in the ledger.")] = "",
    channel: ChannelOption = None,
    location: LocationOption = None,
    everywhere: EverywhereOption = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """START. What is fresh leaves when it is due. What is stale is dropped, unless you say otherwise.

    With --channel, --location or --everywhere that stop alone is lifted, and nothing stale that waited for it leaves.
    """
    if channel is not None or location is not None or everywhere:
        with lever(channel, location, everywhere, account, as_json) as narrow:
            _start_a_part(narrow, reason, planned=bool(plan or send or drop or later or ramp))
        return
    with desk(account, as_json) as at:
        from allstop.actions.plan import start_as_planned
        from allstop.doors.api.start import preview_shape, started_shape
        from allstop.store.models import PlanState

        chosen = _plan(at, send or [], drop or [], later or [])
        slow = _ramp(ramp)
        if plan:
            _show(at, preview_shape(at.actor.account_id, chosen, slow, at.now))
            return
        made = start_as_planned(at.actor, chosen, now=at.now, reason=reason, ramp=slow)
        at.out.show(started_shape(made), lambda: print(_words(made)))
        if made.state is not PlanState.STARTED:
            raise typer.Exit(Exit.PARTLY)


def _start_a_part(at: Lever, reason: str, planned: bool) -> None:
    from allstop.actions.actor import Invalid
    from allstop.actions.plan import ONLY_WHOLE
    from allstop.actions.starting import start_reach
    from allstop.doors.api.start import started_shape
    from allstop.store.models import PlanState

    if planned:
        raise Invalid(plan=ONLY_WHOLE)
    check_reason(reason)
    made = start_reach(at.by, at.reach, reason, at.now)
    at.out.show(started_shape(made), lambda: print(_running(at, made)))
    if made.state is not PlanState.STARTED:
        raise typer.Exit(Exit.PARTLY)


def _running(at: Lever, made: "Started") -> str:
    from allstop.store.lists import standing_stops, totals_of
    from allstop.store.models import PlanState

    if made.state is not PlanState.STARTED:
        return _words(made)
    waits = totals_of(at.reach)
    words = f"RUNNING. {count(waits.messages, 'message')} of {count(waits.jobs, 'job')} may leave when they are due."
    words += _dropped(made.counts)
    if at.reach.account_id is None:
        return words
    others = standing_stops([at.reach.account_id])[at.reach.account_id]
    still = [f"{one.words} (stop {one.number}, by {one.by})" for one in others]
    return f"{words}\nOther stops stand: {', '.join(still)}." if still else words


def _plan(at: Desk, send: list[str], drop: list[str], later: list[str]) -> "Plan":
    from allstop.rules.plan import DROP, SEND, Choice, Fate, Plan
    from allstop.store.lists import backlog

    if not send and not drop and not later:
        return Plan()
    known = {one.key: one.group for one in backlog(at.actor.account_id, at.now).groups}
    choices: dict[Group | Rest, Choice] = {}
    for pattern in send:
        choices |= dict.fromkeys(_matching(pattern, known), SEND)
    for pattern in drop:
        choices |= dict.fromkeys(_matching(pattern, known), DROP)
    for said in later:
        pattern, _, words = said.partition("=")
        choices |= dict.fromkeys(_matching(pattern, known), Choice(Fate.LATER, _moment(words, at.account.zone)))
    return Plan(choices)


def _matching(pattern: str, known: "dict[str, Group | Rest]") -> "list[Group | Rest]":
    from allstop.actions.actor import NotThere

    found = [group for key, group in known.items() if fnmatchcase(key, pattern)]
    if not found:
        raise NotThere(f"No group that waits is called {pattern}. allstop start --plan shows all.")
    return found


def _moment(words: str, zone: str) -> datetime:
    """On the account's clock, unless an offset is given."""
    from allstop.actions.actor import Invalid

    try:
        moment = typed_moment(words)
    except ValueError as wrong:
        raise Invalid(later=f"{words!r} is no time. Write it like KEY=2026-11-24T09:00.") from wrong
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _ramp(words: str) -> "RampChoice | None":
    from allstop.actions.actor import Invalid
    from allstop.rules.ramp import RampChoice

    if not words:
        return None
    read = _RAMP.fullmatch(words)
    if read is None:
        raise Invalid(
            ramp=f"{words!r} is no ramp. Write 10/15m for ten a minute in the first fifteen minutes, or 10/15m/20%/5%"
            " for one that stops when more than 20 % fail or 5 % say no."
        )
    try:
        limits = (int(read[3]), int(read[4])) if read[3] else ()
        return RampChoice(int(read[1]), int(read[2]), *limits)
    except ValueError as wrong:
        raise Invalid(ramp=str(wrong)) from wrong


def _show(at: Desk, seen: "StartPreviewOut") -> None:
    from pydantic import BaseModel

    from allstop.doors.api.start import BacklogOut, StartPreviewOut, backlog_shape

    class PlanShape(BaseModel):
        backlog: BacklogOut
        preview: StartPreviewOut

    waits = backlog_shape(at.actor.account_id, at.now)
    shape: BaseModel = PlanShape(backlog=waits, preview=seen)
    at.out.show(shape, lambda: _print(at, waits, seen))


def _print(at: Desk, waits: "BacklogOut", seen: "StartPreviewOut") -> None:
    from allstop.rules.holds import Scope
    from allstop.rules.plan import AGE_WORDS, STALE_WORDS, Age, Staleness
    from allstop.store.lists import standing_stops

    at.out.table(
        ("Key", "Job", "Location", "Due", "State", "Waiting"),
        [
            (
                one.key,
                one.job or ("no job" if one.groups == 1 else f"{one.groups} smaller groups"),
                one.location,
                AGE_WORDS[Age(one.age)],
                STALE_WORDS[Staleness(one.staleness)],
                f"{one.messages:,}",
            )
            for one in waits.groups
        ],
    )
    for one in standing_stops([at.actor.account_id])[at.actor.account_id]:
        if one.scope is Scope.ACCOUNT and one.may_be_started:
            why = f": {one.reason}" if one.reason else ""
            print(f"START lifts no. {one.number or '-'}, {one.kind} by {one.by}, {at.out.time(one.since)}{why}")
    counts = seen.counts
    afterwards = counts.send - counts.send_now + counts.later
    print(f"{counts.send_now:,} leave now, {afterwards:,} later, {counts.drop:,} dropped.")
    if seen.stuck:
        print(f"{count(seen.stuck, 'message')} cannot leave until somebody changes something.")
    if seen.finish is not None:
        print(f"The last one leaves {at.out.time(seen.finish)}.")
        rows = [
            (at.out.time(one.start, with_zone=False), f"{one.messages:,}") for one in seen.stretches if one.messages
        ]
        at.out.table(("From", f"Messages in {count(seen.minutes, 'minute')}"), rows)
    print("Nothing was started.")


def _words(made: "Started") -> str:
    from allstop.store.models import PlanState

    counts = made.counts
    if made.state is not PlanState.STARTED:
        return (
            f"STOPPED still: {made.done:,} of {count(made.total, 'message')} are dropped or re-dated; a worker goes on."
        )
    words = (
        f"RUNNING. {count(counts.send, 'message')} may leave when {'it is' if counts.send == 1 else 'they are'} due."
    )
    words += _dropped(counts)
    if counts.later:
        words += f" {counts.later:,} re-dated."
    if made.ramp:
        words += (
            f" {made.ramp.per_minute:,} a minute on each channel for {count(made.ramp.minutes, 'minute')}, then all."
        )
    return words


def _dropped(counts: "PlanCounts") -> str:
    if not counts.drop:
        return ""
    late = counts.past_use_by + counts.appointment_gone
    return f" {counts.drop:,} dropped ({late:,} too late, {counts.duplicates:,} repeated)."
