"""The form of /start: what was chosen for each group, the ramp, and what the person saw when they pressed START.

do.KEY     send, pick, later or drop
at.KEY     the new day and time, on the account's clock, where `later` is chosen
pick.KEY   the messages of that group that shall leave, where `pick` is chosen; the others are dropped
ramp, per_minute, minutes, failures, opt_outs
seen.send, seen.later, seen.drop
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from allstop.actions.actor import NotThere
from allstop.actions.plan import Expected
from allstop.console.selection import chosen_ids
from allstop.rules.plan import DROP, SEND, Choice, Fate, Group, Plan, Rest, default_choice, read_key
from allstop.rules.ramp import FAILURES, OPT_OUTS, RampChoice
from allstop.rules.wallclock import typed_moment

PICK = "pick"
PATIENCE = timedelta(seconds=2)  # of a person at a screen; then the page shows how far it is
RAMP_PER_MINUTE, RAMP_MINUTES = "10", "15"


@dataclass
class StartForm:
    chosen: dict[str, str] = field(default_factory=dict)  # key of a group -> what was said
    times: dict[str, str] = field(default_factory=dict)
    picked: dict[str, list[int]] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    has_ramp: bool = False
    per_minute: str = RAMP_PER_MINUTE
    minutes: str = RAMP_MINUTES
    failures: str = str(FAILURES.percent)
    opt_outs: str = str(OPT_OUTS.percent)
    ramp: RampChoice | None = None
    expected: Expected | None = None
    errors: list[str] = field(default_factory=list)  # START is shut until they are mended
    changed: str = ""  # what came or went since the person looked: START again is all that is needed

    def said(self, group: Group | Rest) -> str:
        return self.chosen.get(group.key) or default_choice(group.staleness).fate.value


def read(posted: QueryDict, zone: str, now: datetime) -> StartForm:
    """What cannot be used is in `errors`, and the plan then has the group's default."""
    form = StartForm()
    choices: dict[Group | Rest, Choice] = {}
    messages: dict[int, Choice] = {}
    for name in posted:
        kind, _, key = name.partition(".")
        if kind != "do":
            continue
        group = read_key(key)
        if group is None:
            raise NotThere("One of these groups does not exist. Look at what waits again.")
        said = form.chosen[key] = posted.get(name, "")
        form.times[key] = posted.get(f"at.{key}", "")
        if said == PICK:
            form.picked[key] = chosen_ids(posted, f"pick.{key}")
            choices[group] = DROP
            messages |= dict.fromkeys(form.picked[key], SEND)
        elif (choice := _choice(form, said, form.times[key], zone, now)) is not None:
            choices[group] = choice
    form.plan = Plan(choices, messages)
    _read_ramp(form, posted)
    form.expected = _expected(posted)
    return form


def _choice(form: StartForm, said: str, at: str, zone: str, now: datetime) -> Choice | None:
    if said == Fate.LATER:
        moment = _moment(at, zone)
        if moment is None or moment <= now:
            problem = "Give the new day and time, in the future, for each group that leaves on another day."
            form.errors += [problem] if problem not in form.errors else []
            return None
        return Choice(Fate.LATER, moment)
    if said not in (Fate.SEND, Fate.DROP):
        raise NotThere("There are four choices for a group: send, choose, another day, drop.")
    return SEND if said == Fate.SEND else DROP


def _moment(words: str, zone: str) -> datetime | None:
    """A day and time of the account's clock; one that the clock skips is the hour after."""
    try:
        return typed_moment(words).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_ramp(form: StartForm, posted: QueryDict) -> None:
    form.has_ramp = posted.get("ramp") == "1"
    form.per_minute = posted.get("per_minute", RAMP_PER_MINUTE)
    form.minutes = posted.get("minutes", RAMP_MINUTES)
    form.failures = posted.get("failures", form.failures)
    form.opt_outs = posted.get("opt_outs", form.opt_outs)
    if not form.has_ramp:
        return
    try:
        form.ramp = RampChoice(int(form.per_minute), int(form.minutes), int(form.failures), int(form.opt_outs))
    except ValueError as problem:
        words = str(problem)
        form.errors.append(words if "ramp" in words else "Give the slow start in whole numbers.")


def _expected(posted: QueryDict) -> Expected | None:
    said = [posted.get(f"seen.{name}", "") for name in ("send", "later", "drop")]
    if not all(word.isascii() and word.isdecimal() and len(word) < 12 for word in said):
        return None
    send, later, drop = map(int, said)
    return Expected(send, later, drop)
