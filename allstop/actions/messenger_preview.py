"""What a send by a plan, or with one message for a family, would make: on which day, by which step, for how many; and
when that leaves behind what waits already."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from allstop.actions import follow_ups
from allstop.actions.actor import Actor, require
from allstop.actions.messenger import Letter, To, check_letter, check_series, check_to, how_many, override_of
from allstop.actions.messenger_people import Said, Wording, parsed, people
from allstop.actions.messenger_steps import Laid, Layout, as_steps, conditioned
from allstop.actions.own_windows import own_windows
from allstop.rules.facts import Channel
from allstop.rules.forecast import Load
from allstop.rules.message_plan import Condition
from allstop.rules.own_window import Allowed, lay_out
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date
from allstop.store import lists
from allstop.store.lists.phonebook import newest_contact
from allstop.store.models import Account

COUNTED = 5000  # people: of more, the first are looked at


@dataclass(frozen=True, slots=True)
class StepDay:
    day: date  # on the account's clock
    step: int  # its number in the plan, from 1
    channel: Channel
    condition: Condition
    people: int
    messages: int  # fewer than people, where a family gets one


@dataclass(frozen=True, slots=True)
class Preview:
    people: int  # who is meant
    counted: int  # of whom so many were looked at
    reached: int
    messages: int
    days: tuple[StepDay, ...]  # at most: who answers before gets no later step
    left: dict[str, int]  # reason code -> how many get nothing


@dataclass(frozen=True, slots=True)
class SeriesForecast:
    preview: Preview
    leaves: lists.ListForecast  # of many people, reckoned from those who were looked at


def preview_series(actor: Actor, to: To, letter: Letter, now: datetime) -> Preview:
    """As if it were sent now. Makes nothing. Raises Invalid where it would be refused for its wording."""
    require(actor, Act.VIEW)
    check_to(actor, to)
    check_series(letter)
    return _lay(actor, to, letter, now)[1]


def forecast_series(actor: Actor, to: To, letter: Letter, now: datetime) -> SeriesForecast:
    """The same, and when its messages leave behind all that waits. A step that stands by until the one before failed
    is in no count of these. Raises Invalid where the sending would."""
    require(actor, Act.VIEW)
    check_to(actor, to)
    check_letter(actor, to, letter, now)
    laid, shown = _lay(actor, to, letter, now)
    counted: Counter[tuple[Channel, Load]] = Counter()
    for line in laid.lines:
        if not line.is_told_elsewhere and not conditioned(line):
            load = Load(1, line.due, line.person.facts.zones, line.use_by, is_new=True)
            counted[line.channel, load] += 1
    extra: defaultdict[Channel, list[Load]] = defaultdict(list)
    for (channel, load), number in counted.items():
        extra[channel].append(replace(load, messages=round(number * shown.people / shown.counted)))
    own = {} if letter.window is None else own_windows(actor.account_id, Channel, letter.window)
    return SeriesForecast(shown, lists.account_queue(actor.account_id, now).with_list(extra, own))


def _lay(actor: Actor, to: To, letter: Letter, now: datetime) -> tuple[Laid, Preview]:
    account = Account.objects.get(pk=actor.account_id)
    named = sorted({one.contact_id for one in to.ones if one.contact_id is not None})
    total = how_many(account.pk, to, letter, named)
    until = newest_contact(account.pk)
    ids = lists.next_in_to(account.pk, named, to.many, beyond=0, until=until, limit=COUNTED)
    laid = _layout(actor, account, letter, total, ids, now).lay(people(account.pk, ids))
    return laid, _counted(laid, total, len(ids), account.zone)


def _layout(actor: Actor, account: Account, letter: Letter, total: int, ids: Sequence[int], now: datetime) -> Layout:
    series = as_steps(letter.series, letter.channel, letter.subject, letter.body)
    nothing = parsed("", "")
    assert isinstance(nothing, Wording)
    own = {} if letter.window is None else own_windows(account.pk, Channel, letter.window)
    clocks = dict.fromkeys(own, now)

    def slots(channel: Channel, asked: Sequence[datetime], allowed: Allowed) -> tuple[datetime, ...] | None:
        if channel not in own:
            return None
        laid = lay_out(asked, own[channel], clocks[channel], allowed)
        clocks[channel] = laid.slot_at
        return laid.due

    busy: set[int] = set()
    if series.plan_id is not None and series.list_id is not None:
        busy = follow_ups.followed_up(account.pk, series.list_id, ids, now)
    return Layout(
        account_id=account.pk,
        zone=account.zone,
        said=Said(letter.purpose, total, override_of(actor, letter, now), nothing, account.name),
        series=series,
        start=now if letter.due_at is None else max(letter.due_at, now),
        slots=slots,
        busy=busy,
    )


def _counted(laid: Laid, total: int, counted: int, zone: str) -> Preview:
    told: Counter[tuple[date, int, Channel, Condition]] = Counter()
    made: Counter[tuple[date, int, Channel, Condition]] = Counter()
    for line in laid.lines:
        key = local_date(line.due, zone), line.way.number, line.channel, line.way.condition
        told[key] += 1
        made[key] += not line.is_told_elsewhere
    days = tuple(StepDay(*key, people=told[key], messages=made[key]) for key in sorted(told))
    reached = {line.person.of.id for line in laid.lines}
    return Preview(total, counted, len(reached), sum(made.values()), days, dict(Counter(laid.left.values())))
