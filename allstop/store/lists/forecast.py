"""When what waits in an account leaves, channel by channel, and what a changed window or pace would do to it.

It is reckoned as if the account were RUNNING: while it is STOPPED nothing leaves, and the START says what it drops. A
million messages are counted by minute, zones and use-by in one statement, and then walked by rules/forecast.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from allstop.rules import forecast as rules
from allstop.rules.facts import Channel, ContactFacts, Facts, LaneFacts, MessageFacts, Purpose
from allstop.rules.gate import account_stop, channel_closed, lifecycle
from allstop.rules.holds import REMOVED, STOPS, Effect, Scope, StandingHold, closes_lane
from allstop.rules.limits import Limited, Limits, Used
from allstop.rules.own_window import OwnWindow
from allstop.rules.pacing import Pace
from allstop.rules.places import PREFIX, places_of
from allstop.rules.quiet_law import LawRule, protecting
from allstop.rules.rehearsal import Rehearsal, compared
from allstop.rules.verdict import Hold as Answer
from allstop.rules.windows import Schedule, Session
from allstop.store.facts import lane_setups
from allstop.store.lists.ramp import running_ramp
from allstop.store.lists.reading import rows
from allstop.store.models import Account, ChannelSetup, Hold, Lane
from allstop.store.quiet_laws import law

# Each set of contacts is read once and looked up in memory. What a worker holds is leaving now, and in no count.
_WAITING = """
SELECT q.channel, q.by_hand,
       CASE WHEN q.held IS NOT NULL OR q.job_id = ANY (%(jobs)s::bigint[])
              OR q.location_id = ANY (%(locations)s::bigint[]) OR q.contact_id = ANY (%(contacts)s::bigint[])
            THEN 'held'
            WHEN q.contact_id IN (SELECT contact_id FROM marker WHERE account_id = %(account)s AND kind = 'stop_all')
              OR q.contact_id IN (SELECT contact_id FROM opt_out WHERE account_id = %(account)s AND lifted_at IS NULL
                                     AND channel IS NULL)
              OR (q.contact_id, q.channel) IN (SELECT contact_id, channel FROM opt_out
                                                WHERE account_id = %(account)s AND lifted_at IS NULL
                                                  AND channel IS NOT NULL) THEN 'refused'
            ELSE 'waits' END AS state,
       CASE WHEN q.due_at <= c.since THEN c.since ELSE GREATEST(c.since, date_trunc('minute', q.due_at + c.up)) END,
       q.use_by, contact.zones, q.purpose = 'promotion' AND q.channel <> 'email' AS is_lawful,
       CASE WHEN q.purpose = 'promotion' AND q.channel <> 'email' THEN contact.country END AS country,
       CASE WHEN q.purpose = 'promotion' AND q.channel <> 'email' THEN
            ARRAY (SELECT DISTINCT left(value, %(prefix)s) FROM address
                    WHERE address.contact_id = q.contact_id AND address.kind = 'phone' ORDER BY 1) END AS phones,
       count(*)
  FROM queue q
  JOIN unnest(%(channels)s::text[], %(since)s::timestamptz[], %(up)s::interval[]) AS c(channel, since, up)
       ON c.channel = q.channel
  LEFT JOIN contact ON contact.id = q.contact_id
                   AND (q.channel = ANY (%(quiet)s::text[]) OR q.purpose = 'promotion')
 WHERE q.account_id = %(account)s AND q.worker_id IS NULL
   AND (q.job_id IS NULL OR NOT q.job_id = ANY (%(removed)s::bigint[]))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""

# All that is due counts as due now, but where regular checks ask whether one has come since: the last one is no older
# than that. A check of this minute has not seen what came in it.
DAYS_OF_ROUNDS = timedelta(days=2)
ALMOST_A_MINUTE = timedelta(seconds=59, microseconds=999_999)

_NARROW = (Scope.JOB, Scope.LOCATION, Scope.CONTACT)


@dataclass(frozen=True, slots=True)
class Change:
    """Of one channel: its sessions, its pace, or both. `windows` None is always open, `pace` None is none."""

    windows: Schedule | None
    pace: Pace | None


@dataclass(frozen=True, slots=True)
class ChannelQueue:
    """What waits on one channel, and its setup without a ramp."""

    channel: Channel
    facts: LaneFacts
    waiting: tuple[rules.Load, ...]  # at the account's pace
    by_hand: tuple[rules.Load, ...]  # past window and pace
    held: int  # wait for a change
    refused: int  # Stop All or an opt-out stands against them
    slot_at: datetime | None
    closed: str  # why nothing can leave on this channel, as a code of rules/reasons.py; "" = it can
    opens_at: datetime | None  # a hold on it ends by itself then
    limited: Limited | None = None  # by its provider, in both of its lanes

    @property
    def messages(self) -> int:
        return sum(load.messages for load in (*self.waiting, *self.by_hand)) + self.held + self.refused

    def lanes(self, change: Change | None = None, extra: Sequence[rules.Load] = ()) -> tuple[rules.Lane, rules.Lane]:
        """The account's lane and the one by hand. `extra`: of a list that is not sent yet."""
        windows, pace = (self.facts.windows, self.facts.pace) if change is None else (change.windows, change.pace)
        is_at_once = change is not None and windows is None and pace is None
        paced = rules.Lane(
            loads=(*self.waiting, *extra),
            windows=windows,
            quiet=self.facts.quiet,
            pace=pace,
            rounds=None if is_at_once else self.facts.rounds,
            slot_at=self.slot_at,
            is_closed=bool(self.closed),
            opens_at=self.opens_at,
            limited=self.limited,
        )
        by_hand = replace(
            paced, loads=self.by_hand, windows=None, pace=None, rounds=None, slot_at=None, is_by_hand=True
        )
        return paced, by_hand


@dataclass(frozen=True, slots=True)
class ChannelForecast:
    channel: Channel
    forecast: rules.Forecast
    held: int
    refused: int
    closed: str

    @property
    def stuck(self) -> int:
        """Cannot leave until somebody changes something."""
        return self.forecast.stuck + self.held


@dataclass(frozen=True, slots=True)
class AccountForecast:
    channels: tuple[ChannelForecast, ...]  # of every channel
    whole: rules.Forecast
    held: int
    refused: int
    now: datetime

    @property
    def stuck(self) -> int:
        return self.whole.stuck + self.held


@dataclass(frozen=True, slots=True)
class ListForecast:
    """Of a list that is not sent yet, behind what waits already."""

    messages: int
    forecast: rules.Forecast  # of the list alone
    by_channel: tuple[tuple[Channel, int, rules.Forecast], ...]  # those that it uses, with how many messages
    closed: tuple[tuple[Channel, str], ...]  # of these channels, why nothing can leave

    @property
    def never(self) -> int:
        """Cannot leave, or would be too late."""
        return self.messages - self.forecast.messages


@dataclass(frozen=True, slots=True)
class AccountQueue:
    """What waits, read once: to be walked as it is, with a change, or with a list in addition."""

    zone: str
    channels: tuple[ChannelQueue, ...]
    ramp: rules.SlowStart | None
    now: datetime

    def of(self, channel: Channel) -> ChannelQueue:
        return next(one for one in self.channels if one.channel is channel)

    def forecast(
        self,
        changes: Mapping[Channel, Change] | None = None,
        extra: Mapping[Channel, Sequence[rules.Load]] | None = None,
    ) -> AccountForecast:
        changed, more = changes or {}, extra or {}
        both = [one.lanes(changed.get(one.channel), more.get(one.channel, ())) for one in self.channels]
        ramp = self._ramp_of([lanes[0] for lanes in both])
        found = tuple(
            ChannelForecast(
                one.channel,
                rules.forecast(lanes, self.now, ramp),
                one.held,
                one.refused,
                one.closed,
            )
            for one, lanes in zip(self.channels, both, strict=True)
        )
        return AccountForecast(
            found,
            rules.together(one.forecast for one in found),
            sum(one.held for one in found),
            sum(one.refused for one in found),
            self.now,
        )

    def with_list(
        self, extra: Mapping[Channel, Sequence[rules.Load]], own: Mapping[Channel, OwnWindow] | None = None
    ) -> ListForecast:
        """`own`: where the list has a window of its own, it waits for nobody else's."""
        windows = own or {}
        found = self.forecast(extra={of: loads for of, loads in extra.items() if of not in windows})
        counts = {channel: sum(load.messages for load in loads) for channel, loads in extra.items()}
        used = [
            (one.channel, counts[one.channel], self._alone(one.channel, extra[one.channel], windows[one.channel]))
            if one.channel in windows
            else (one.channel, counts[one.channel], one.forecast.of_new)
            for one in found.channels
            if counts.get(one.channel)
        ]
        return ListForecast(
            sum(counts.values()),
            rules.together(one for _, _, one in used),
            tuple(used),
            tuple((one.channel, one.closed) for one in found.channels if counts.get(one.channel) and one.closed),
        )

    def _alone(self, channel: Channel, loads: Sequence[rules.Load], own: OwnWindow) -> rules.Forecast:
        """What waits already matters to it only where the provider's limits are shared."""
        lanes = self.of(channel).lanes()
        alone = replace(lanes[1], loads=tuple(loads), windows=own.windows, pace=own.pace)
        ramp = self._ramp_of([one.lanes()[0] for one in self.channels])
        both = lanes if alone.limited is not None else ()
        return rules.forecast([*both, alone], self.now, ramp).of_new

    def _ramp_of(self, lanes: Sequence[rules.Lane]) -> rules.SlowStart | None:
        """The ramp's time begins with the first message of all lanes, so it is reckoned once for all."""
        ramp = self.ramp
        if ramp is not None and ramp.ends_at is None:
            first = rules.forecast(lanes, self.now).first_at
            ramp = replace(ramp, ends_at=first + ramp.length) if first is not None else None
        return ramp

    def rehearse(self, changes: Mapping[Channel, Change]) -> Rehearsal:
        """Of the channels that would change; a change of one moves nothing on another."""
        before, after = self.forecast(), self.forecast(changes)
        return compared(_of(before, changes), _of(after, changes), self.now, self.zone)


def _of(found: AccountForecast, channels: Iterable[Channel]) -> rules.Forecast:
    wanted = set(channels)
    return rules.together(one.forecast for one in found.channels if one.channel in wanted)


def account_queue(account_id: int, now: datetime) -> AccountQueue:
    account = Account.objects.get(pk=account_id)
    setups = lane_setups([(account_id, channel) for channel in Channel])
    paces = dict(ChannelSetup.objects.filter(account_id=account_id).values_list("channel", "pace_ms"))
    slots = dict(Lane.objects.filter(account_id=account_id, by_hand=False).values_list("channel", "slot_at"))
    quiet = [channel for channel in Channel if setups[account_id, channel].facts.quiet is not None]
    found = _Found()
    checked = [setups[account_id, channel].facts.rounds is not None for channel in Channel]
    asked = {
        **_narrow(account_id, now),
        "quiet": [one.value for one in quiet],
        "prefix": PREFIX,
        "channels": [channel.value for channel in Channel],
        "since": [now - DAYS_OF_ROUNDS if one else now for one in checked],
        "up": [ALMOST_A_MINUTE if one else timedelta(0) for one in checked],
    }
    for row in rows(_row, _WAITING, asked):
        found.take(row)
    limits = limits_in_force(account_id, now)
    channels = []
    for channel in Channel:
        pace_ms = paces[channel.value]  # its own: a ramp ends
        pace = Pace.every(timedelta(milliseconds=pace_ms)) if pace_ms else None
        facts = replace(setups[account_id, channel].facts, pace=pace)
        closed, opens_at = shut(facts, channel, now)
        channels.append(
            ChannelQueue(
                channel,
                facts,
                tuple(found.loads[channel, False]),
                tuple(found.loads[channel, True]),
                found.held[channel],
                found.refused[channel],
                slots.get(channel.value),
                closed,
                opens_at,
                limits.get(channel),
            )
        )
    return AccountQueue(account.zone, tuple(channels), _ramp(account_id, now), now)


def account_forecast(account_id: int, now: datetime) -> AccountForecast:
    return account_queue(account_id, now).forecast()


def schedule_of(account_zone: str, sessions: Iterable[Session]) -> Schedule | None:
    """No session on a channel: always open."""
    given = tuple(sessions)
    return Schedule(given, account_zone) if given else None


def law_of(channel: Channel, purpose: Purpose, places: tuple[str, ...]) -> tuple[LawRule, ...]:
    """The rules of law that such messages to somebody there meet."""
    return protecting(law(), places, channel, purpose)


def shut(facts: LaneFacts, channel: Channel, now: datetime) -> tuple[str, datetime | None]:
    """Why nothing can leave on a channel, and when that ends by itself. A STOP of the account is START's matter."""
    others = tuple(hold for hold in facts.holds if not _is_the_switch(hold))
    asked = Facts(MessageFacts(channel, Purpose.SERVICE), ContactFacts(), replace(facts, holds=others))
    closed = channel_closed(asked, now)
    if closed is not None:
        return closed.reason, None
    if not closes_lane(others, channel, now):
        return "", None
    found = [answer for check in (lifecycle, account_stop) if isinstance(answer := check(asked, now), Answer)]
    lasting = next((answer.reason for answer in found if answer.until is None), "")
    return lasting, None if lasting else max(answer.until for answer in found if answer.until is not None)


def _is_the_switch(hold: StandingHold) -> bool:
    return hold.name in STOPS and hold.scope is Scope.ACCOUNT


def _ramp(account_id: int, now: datetime) -> rules.SlowStart | None:
    ramp = running_ramp(account_id)
    if ramp is None or (ramp.ends_at is not None and ramp.ends_at <= now):
        return None
    return rules.SlowStart(Pace.per_minute(ramp.per_minute), timedelta(minutes=ramp.minutes), ramp.ends_at)


def _narrow(account_id: int, now: datetime) -> dict[str, Any]:
    """Jobs, locations and contacts that a hold keeps from sending. What a removed job had is on its way out."""
    holds = list(
        Hold.objects.filter(
            account_id=account_id, lifted_at=None, scope__in=_NARROW, blocks__contains=[Effect.SENDING.value]
        )
    )
    standing = [one for one in holds if one.until is None or one.until > now]
    return {
        "account": account_id,
        "removed": [one.job_id for one in standing if one.name == REMOVED and one.job_id],
        "jobs": [one.job_id for one in standing if one.job_id],
        "locations": [one.location_id for one in standing if one.location_id],
        "contacts": [one.contact_id for one in standing if one.contact_id],
    }


_USED = """
SELECT seconds, at, count FROM limit_count
 WHERE account_id = %(account)s AND channel = %(channel)s AND at > %(now)s - interval '25 hours' AND count > 0"""


def limits_in_force(account_id: int, now: datetime) -> dict[Channel, Limited]:
    """Of the channels whose providers have some, with what they took in the last day."""
    found = {}
    setups = ChannelSetup.objects.filter(account_id=account_id)
    for channel, *numbers in setups.values_list("channel", "limit_minute", "limit_hour", "limit_day"):
        if numbers != [None, None, None]:
            used = rows(Used, _USED, {"account": account_id, "channel": channel, "now": now})
            found[Channel(channel)] = Limited(Limits(*numbers), tuple(used))
    return found


def _row(*columns: Any) -> tuple[Any, ...]:
    return columns


class _Found:
    def __init__(self) -> None:
        self.loads: defaultdict[tuple[Channel, bool], list[rules.Load]] = defaultdict(list)
        self.held: defaultdict[Channel, int] = defaultdict(int)
        self.refused: defaultdict[Channel, int] = defaultdict(int)

    def take(self, row: tuple[Any, ...]) -> None:
        channel, by_hand, state, due_at, use_by, zones, is_lawful, country, phones, messages = row
        of = Channel(channel)
        if state == "waits":
            protection = law_of(of, Purpose.PROMOTION, places_of(tuple(phones), country or "")) if is_lawful else ()
            load = rules.Load(messages, due_at, tuple(zones or ()), use_by, law=protection)
            self.loads[of, by_hand].append(load)
        elif state == "held":
            self.held[of] += messages
        else:
            self.refused[of] += messages
