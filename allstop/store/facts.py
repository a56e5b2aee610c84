"""What the gate may know, read from the tables: the only place where rows become facts.

The worker asks lane_setup once per setup of a lane, and facts_of_messages for messages against which something stands.
Pages ask facts_of for the "why" of one message.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from allstop.rules.facts import (
    Channel,
    ContactFacts,
    Facts,
    LaneFacts,
    MessageFacts,
    Provider,
    Purpose,
    Standing,
)
from allstop.rules.gate import quiet_hours
from allstop.rules.holds import Effect, Scope, StandingHold
from allstop.rules.limits import Full
from allstop.rules.markers import MarkerKind
from allstop.rules.own_window import OwnWindow
from allstop.rules.pacing import Pace
from allstop.rules.places import places_of
from allstop.rules.retry import Rings
from allstop.rules.rounds import Rounds
from allstop.rules.sending import Checks, Rhythm, rounds_of, windows_of
from allstop.rules.session_words import parse_session
from allstop.rules.windows import QuietHours, Schedule, Session
from allstop.store.models import (
    Account,
    Address,
    AddressKind,
    ChannelSetup,
    Contact,
    DeliverySession,
    Hold,
    JobWindow,
    Lane,
    Marker,
    Message,
    OptOut,
    Override,
    QueueEntry,
    Ramp,
    SendingSetup,
)
from allstop.store.quiet_laws import law

WIDE = (Scope.INSTALLATION, Scope.ACCOUNT, Scope.CHANNEL)
NO_CONTACT = ContactFacts()


@dataclass(frozen=True, slots=True)
class LaneSetup:
    """What all messages of an account and channel share: facts for the gate, and where and as whom to send."""

    facts: LaneFacts
    provider: str
    config: Mapping[str, Any]
    sender: str
    sender_name: str
    rings: Rings
    is_limited: bool = False  # the provider takes only so many in a minute, an hour or a day


def lane_setup(account_id: int, channel: Channel) -> LaneSetup:
    return lane_setups([(account_id, channel)])[account_id, channel]


def windows_of_account(account_id: int) -> dict[Channel, Schedule | None]:
    """The account's own sessions by channel; None: always."""
    return {of: setup.facts.windows for (_, of), setup in lane_setups([(account_id, of) for of in Channel]).items()}


def lane_setups(lanes: Collection[tuple[int, Channel]]) -> dict[tuple[int, Channel], LaneSetup]:
    """Of many lanes in as many queries as of one."""
    account_ids = {account_id for account_id, _ in lanes}
    accounts = Account.objects.in_bulk(account_ids)
    setups = {(row.account_id, row.channel): row for row in ChannelSetup.objects.filter(account_id__in=account_ids)}
    holds: defaultdict[int | None, list[StandingHold]] = defaultdict(list)
    reaching = Q(account_id__in=account_ids) | Q(account=None)
    for hold in Hold.objects.filter(reaching, lifted_at=None, scope__in=WIDE):
        holds[hold.account_id].append(standing_hold(hold))
    sessions: defaultdict[tuple[int, str], list[Session]] = defaultdict(list)
    for row in DeliverySession.objects.filter(account_id__in=account_ids):
        sessions[row.account_id, row.channel].append(session_of(row))
    ramps = dict(Ramp.objects.filter(account_id__in=account_ids, ended_at=None).values_list("account_id", "pace_ms"))
    common = SendingSetup.objects.in_bulk(account_ids)
    for lane, setup in setups.items():
        setup.pace_ms = max(setup.pace_ms, ramps.get(lane[0], 0))  # as queue_setup_changed does
    return {
        lane: _lane_setup(
            accounts[lane[0]],
            setups[lane],
            _windows(accounts[lane[0]], setups[lane], tuple(sessions[lane]), common.get(lane[0])),
            tuple(holds[None] + holds[lane[0]]),
        )
        for lane in lanes
    }


def _windows(
    account: Account, setup: ChannelSetup, sessions: tuple[Session, ...], common: SendingSetup | None
) -> tuple[Schedule | None, Rounds | None]:
    rhythm = Rhythm(setup.rhythm)
    checks = Checks() if common is None else checks_of(common)
    return (
        windows_of(rhythm, sessions, account.zone),
        rounds_of(Channel(setup.channel), rhythm, checks, account.zone),
    )


def checks_of(common: SendingSetup) -> Checks:
    return Checks(common.checks_every, tuple(time_of_day(at) for at in common.checks_at))


def _lane_setup(
    account: Account,
    setup: ChannelSetup,
    windows: tuple[Schedule | None, Rounds | None],
    wide: tuple[StandingHold, ...],
) -> LaneSetup:
    return LaneSetup(
        LaneFacts(
            provider=Provider(setup.provider or None, setup.is_enabled, setup.broken, setup.credits),
            quiet=QuietHours(account.quiet_from, account.quiet_until) if setup.keeps_quiet_hours else None,
            windows=windows[0],
            rounds=windows[1],
            pace=Pace.every(timedelta(milliseconds=setup.pace_ms)) if setup.pace_ms else None,
            next_slot_at=None,  # the claim has taken the slot
            holds=wide,
            law=None if setup.channel == Channel.EMAIL else law(),
        ),
        setup.provider,
        setup.config,
        setup.sender,
        setup.sender_name,
        Rings(timedelta(minutes=setup.ring_minutes), setup.rings),
        (setup.limit_minute, setup.limit_hour, setup.limit_day) != (None, None, None),
    )


def reached_limits(account_id: int, channel: Channel) -> tuple[Full, ...]:
    """Of the provider: those that were full at some time, whether or not they still are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT which, until FROM limit_full(%s, %s)", [account_id, channel.value])
        return tuple(Full(which, until) for which, until in cursor.fetchall())


def session_of(row: DeliverySession) -> Session:
    return Session(row.weekday, time_of_day(row.starts), time_of_day(row.ends))


def time_of_day(minutes: int) -> time:
    """Minutes after midnight; 1440 is the midnight at the end of the day."""
    return time(minutes // 60 % 24, minutes % 60)


def standing_hold(hold: Hold) -> StandingHold:
    return StandingHold(
        name=hold.name,
        scope=Scope(hold.scope),
        blocks=frozenset(Effect(word) for word in hold.blocks),
        by=hold.by,
        at=hold.at,
        reason=hold.reason,
        until=hold.until,
        channel=Channel(hold.channel) if hold.channel else None,
        id=hold.pk,
    )


def contact_facts(contact_ids: Iterable[int], *, with_places: bool = False) -> dict[int, ContactFacts]:
    """`with_places`: for promotions by text or call, which laws hold at some hours."""
    ids = list(contact_ids)
    places = _places(ids) if with_places else {}
    markers: defaultdict[int, dict[MarkerKind, Standing]] = defaultdict(dict)
    for marker in Marker.objects.filter(contact_id__in=ids):
        markers[marker.contact_id][MarkerKind(marker.kind)] = Standing(
            marker.kind, marker.set_by, marker.set_at, marker.reason
        )
    opt_outs: defaultdict[int, dict[Channel | None, Standing]] = defaultdict(dict)
    for opt_out in OptOut.objects.filter(contact_id__in=ids, lifted_at=None):
        channel = Channel(opt_out.channel) if opt_out.channel else None
        opt_outs[opt_out.contact_id][channel] = Standing("opt_out", "the contact", opt_out.at, opt_out.words)
    zones = Contact.objects.filter(pk__in=ids).values_list("pk", "zones")
    return {pk: ContactFacts(markers[pk], opt_outs[pk], tuple(zones), places.get(pk, ())) for pk, zones in zones}


def _places(ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    phones: defaultdict[int, list[str]] = defaultdict(list)
    for pk, value in Address.objects.filter(contact_id__in=ids, kind=AddressKind.PHONE).values_list(
        "contact_id", "value"
    ):
        phones[pk].append(value)
    countries = Contact.objects.filter(pk__in=ids).values_list("pk", "country")
    return {pk: places_of(tuple(phones[pk]), country) for pk, country in countries}


def asks_for_places(channel: Channel, purpose: Purpose) -> bool:
    """Whether a law may ask where the contact lives."""
    return channel is not Channel.EMAIL and purpose in law().purposes


def facts_of_messages(account_id: int, ids: Sequence[int], lane: LaneFacts) -> dict[int, Facts]:
    """The whole truth about messages of one lane."""
    messages = list(Message.objects.filter(account_id=account_id, id__in=ids))
    asked = any(asks_for_places(Channel(m.channel), Purpose(m.purpose)) for m in messages)
    contacts = contact_facts((m.contact_id for m in messages if m.contact_id is not None), with_places=asked)
    overrides: defaultdict[int, dict[str, Standing]] = defaultdict(dict)
    for row in Override.objects.filter(account_id=account_id, message_id__in=ids):
        overrides[row.message_id][row.check_name] = Standing("override", row.by, row.at, row.reason)
    holds = _narrow_holds(account_id, messages)
    windows = _own_windows(account_id, messages)
    return {
        message.id: Facts(
            MessageFacts(
                channel=Channel(message.channel),
                purpose=Purpose(message.purpose),
                recipients=message.recipients,
                use_by=message.use_by,
                overrides=overrides[message.id],
                due_at=message.due_at,
                holds=tuple(standing_hold(hold) for hold in holds if _reaches(hold, message)),
                own=windows.get((message.job_id, message.channel)),
            ),
            contacts.get(message.contact_id, NO_CONTACT) if message.contact_id is not None else NO_CONTACT,
            lane,
        )
        for message in messages
    }


def _own_windows(account_id: int, messages: Sequence[Message]) -> dict[tuple[int | None, str], OwnWindow]:
    jobs = {message.job_id for message in messages if message.job_id is not None}
    rows = JobWindow.objects.filter(account_id=account_id, job_id__in=jobs) if jobs else ()
    return {(row.job_id, row.channel): own_window(row) for row in rows}


def own_window(row: JobWindow) -> OwnWindow:
    windows = None if row.sessions is None else Schedule(tuple(map(parse_session, row.sessions)), row.zone)
    return OwnWindow(windows, Pace.every(timedelta(milliseconds=row.pace_ms)) if row.pace_ms else None)


def _narrow_holds(account_id: int, messages: Sequence[Message]) -> list[Hold]:
    return list(
        Hold.objects.filter(
            Q(job_id__in={m.job_id for m in messages if m.job_id is not None})
            | Q(location_id__in={m.location_id for m in messages if m.location_id is not None})
            | Q(contact_id__in={m.contact_id for m in messages if m.contact_id is not None}),
            account_id=account_id,
            lifted_at=None,
        )
    )


def _reaches(hold: Hold, message: Message) -> bool:
    return (
        (hold.job_id is not None and hold.job_id == message.job_id)
        or (hold.location_id is not None and hold.location_id == message.location_id)
        or (hold.contact_id is not None and hold.contact_id == message.contact_id)
    )


def facts_of(account_id: int, message_id: int) -> Facts:
    """Everything about one waiting message, its place in the lane's pace included. Raises Message.DoesNotExist."""
    message = Message.objects.get(account_id=account_id, id=message_id)
    entry = QueueEntry.objects.filter(account_id=account_id, id=message_id).first()
    by_hand = entry is not None and entry.by_hand
    setup = lane_setup(account_id, Channel(message.channel))
    lane = Lane.objects.get(account_id=account_id, channel=message.channel, by_hand=by_hand)
    slot_at = lane.slot_at if lane.pace_ms else None
    full = reached_limits(account_id, Channel(message.channel)) if setup.is_limited else ()
    lane_facts = replace(setup.facts, next_slot_at=slot_at, full=full)
    return facts_of_messages(account_id, [message_id], lane_facts)[message_id]


def facts_before(
    account_id: int, message: MessageFacts, contact: ContactFacts, setup: LaneSetup | None = None
) -> Facts:
    """For the early answer: a message that is not there yet."""
    return Facts(message, contact, (setup or lane_setup(account_id, message.channel)).facts)


def due_time(facts: Facts, asked: datetime) -> datetime:
    """When a message that was asked for at a time is worth a look at the earliest, quiet hours considered."""
    at = asked
    while (held := quiet_hours(facts, at)) is not None:
        if held.until is None:
            return asked
        at = held.until
    return at
