"""The first rows of a file as they will be sent: to whom, when, in which words, and what the gate says of it now.

Nothing is written. What the run will do with the same rows is decided by the same planner and the same gate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice

from django.db.models import Q

from allstop.actions import suppression
from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.address_reading import Readings
from allstop.actions.import_families import families_of
from allstop.actions.import_file import OpenFile, open_file, table_of
from allstop.actions.import_options import ImportOptions
from allstop.actions.import_plan import Planner, placeholder_names
from allstop.actions.import_planned import Outgoing, Planned
from allstop.actions.import_rows import windows_of, without_repeats
from allstop.actions.import_visits import steps_of_options
from allstop.actions.imports import check_options, import_of, options_of
from allstop.actions.matching import Known, Phonebook
from allstop.actions.own_windows import own_windows
from allstop.actions.people import Person, zones_of
from allstop.actions.templates import PLACEHOLDERS
from allstop.formats.opening import sample
from allstop.formats.table import RowProblem, Unreadable
from allstop.rules import gate
from allstop.rules.facts import ANY_LANE, Channel, ContactFacts, Facts, MessageFacts, Standing
from allstop.rules.forecast import Load
from allstop.rules.markers import MarkerKind
from allstop.rules.places import places_of
from allstop.rules.roles import Act
from allstop.rules.segments import segments
from allstop.rules.verdict import Refuse, Verdict
from allstop.rules.wallclock import local_date
from allstop.store import facts, lists
from allstop.store.models import Account, Import, ImportState, Location, OptOut, SuppressionKind

ROWS_SHOWN = 20
ROWS_LOOKED_AT = 2000  # for problems: enough to see what is wrong with a file, in well under a second
SAMPLES = 3
_Placed = Sequence[tuple[Planned, Known]]


@dataclass(frozen=True, slots=True)
class PreviewMessage:
    channel: Channel
    to: str
    subject: str
    body: str
    parts: int  # of a text, as carriers count and bill them; 1 otherwise
    verdict: Verdict  # the gate's, for the moment at which it is due
    leaves_at: datetime | None  # None: never, or not before somebody changes something
    told_in_row: int | None = None  # the row of somebody of the family whose message tells of it


@dataclass(frozen=True, slots=True)
class PreviewRow:
    row: int
    name: str
    contact_id: int | None  # None: this file will make the contact
    location: str
    is_cancelled: bool  # its messages are recorded as canceled by rules and never leave
    messages: tuple[PreviewMessage, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    source: Import
    options: ImportOptions
    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]  # the first cells of each column, for the mapping
    placeholders: Mapping[str, str]  # what wording may name -> what it stands for
    rows: tuple[PreviewRow, ...]
    problems: tuple[RowProblem, ...]  # among the first rows_looked_at rows
    rows_looked_at: int
    rows_total: int
    assumptions: tuple[str, ...]
    blockers: Mapping[str, str]  # what must be put right before it can be confirmed: field -> words


def preview(actor: Actor, import_id: int, now: datetime) -> Preview:
    require(actor, Act.VIEW)
    source = import_of(actor, import_id)
    account = Account.objects.get(pk=actor.account_id)
    options = options_of(source)
    table = table_of(source, account, options, now)
    if isinstance(table, Unreadable):
        raise Invalid(file=table.reason)
    blockers = check_options(account, options, table)
    file = None if "columns" in blockers else open_file(source, account, options, now)
    assert not isinstance(file, Unreadable)  # the same bytes were read a moment ago
    rows: tuple[PreviewRow, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    looked_at = 0
    if file is not None and not blockers:
        placed, problems, looked_at = _planned(account, file, now)
        rows = _shown(account, options, placed[:ROWS_SHOWN], now)
    extras = placeholder_names(table.columns)
    first_cells = sample(table)[:SAMPLES]
    return Preview(
        source=source,
        options=options,
        columns=table.columns,
        samples=tuple(tuple(cells[index] for cells in first_cells) for index in range(len(table.columns))),
        placeholders={**PLACEHOLDERS, **{name: f"Column {column}" for name, column in extras.items()}},
        rows=rows,
        problems=problems,
        rows_looked_at=looked_at,
        rows_total=source.rows_total or 0,
        assumptions=(*(file.notes if file else table.notes), *_seen_before(source, account.zone)),
        blockers=blockers,
    )


def _planned(account: Account, file: OpenFile, now: datetime) -> tuple[_Placed, tuple[RowProblem, ...], int]:
    """Those that become messages of the rows looked at, and what is wrong with the others."""
    locations = list(Location.objects.filter(account=account))
    planner = Planner(
        account,
        file.options,
        locations,
        file.table.columns,
        now,
        windows_of(account.pk, file.options),
        steps=steps_of_options(account.pk, file.options),
    )
    readings = Readings()
    planned: list[Planned] = []
    problems: list[RowProblem] = []
    looked_at = 0
    for row in islice(file.rows(), ROWS_LOOKED_AT):
        looked_at += 1
        found = row if isinstance(row, RowProblem) else planner.plan(row, readings)
        if isinstance(found, RowProblem):
            problems.append(found)
        else:
            planned.append(found)
    placed = without_repeats(planned, Phonebook(account, [one.person for one in planned]), problems)
    problems += [one.note for one, _ in placed if one.note]
    return placed, tuple(sorted(problems, key=lambda one: one.row)), looked_at


@dataclass(frozen=True, slots=True)
class ImportForecast:
    forecast: lists.ListForecast
    rows_looked_at: int  # fewer than in the file: then it is an estimate from the first rows
    rows_total: int

    @property
    def is_estimate(self) -> bool:
        return self.rows_looked_at < self.rows_total


def import_forecast(actor: Actor, import_id: int, now: datetime) -> ImportForecast | None:
    """When its messages would leave if it were confirmed now, behind all that waits. None: it cannot be confirmed yet.

    Of a long file the first rows stand for the others: to read all of them takes as long as to import them.
    """
    require(actor, Act.VIEW)
    source = import_of(actor, import_id)
    account = Account.objects.get(pk=actor.account_id)
    options = options_of(source)
    table = table_of(source, account, options, now)
    if isinstance(table, Unreadable) or check_options(account, options, table):
        return None
    file = open_file(source, account, options, now)
    assert not isinstance(file, Unreadable)  # the same bytes were read a moment ago
    placed, _, looked_at = _planned(account, file, now)
    total = max(looked_at, source.rows_total or 0)
    counted = _counted(account, options, [(one, known) for one, known in placed if not one.canceled], now)
    extra: dict[Channel, list[Load]] = {channel: [] for channel in Channel}
    for (channel, load), number in counted.items():
        extra[channel].append(replace(load, messages=round(number * total / looked_at)))
    own = {} if options.window is None else own_windows(account.pk, options.channels, options.window)
    return ImportForecast(lists.account_queue(account.pk, now).with_list(extra, own), looked_at, total)


def _counted(account: Account, options: ImportOptions, placed: _Placed, now: datetime) -> Counter[tuple[Channel, Load]]:
    """What the gate would not refuse, by all that the forecast asks of a message. Of people who are new, what somebody
    else said from their address is not looked up here."""
    contacts = facts.contact_facts(known.id for _, known in placed if known.id is not None)
    counted: Counter[tuple[Channel, Load]] = Counter()
    families = families_of([one for one, _ in placed], _may_leave)
    for one, known in placed:
        about = contacts.get(known.id) if known.id is not None else None
        zones = (
            zones_of(account, one.person.zone, one.person.country, one.person.phones) if about is None else about.zones
        )
        for message in one.messages:
            if families.tells_elsewhere(one.row, message.step):
                continue
            said = MessageFacts(message.channel, options.purpose, use_by=one.use_by)
            asked = max(message.asked, now)
            verdict = gate.decide(Facts(said, about or ContactFacts(), ANY_LANE), asked)
            if not isinstance(verdict, Refuse):
                counted[message.channel, Load(1, asked, zones, one.use_by, is_new=True)] += 1
    return counted


def _shown(account: Account, options: ImportOptions, placed: _Placed, now: datetime) -> tuple[PreviewRow, ...]:
    contacts = facts.contact_facts((known.id for _, known in placed if known.id is not None), with_places=True)
    setups = {channel: facts.lane_setup(account.pk, channel) for channel in Channel}
    names = dict(Location.objects.filter(account=account).values_list("pk", "name"))
    shown = []
    families = families_of([one for one, _ in placed], _may_leave)
    for one, known in placed:
        about = contacts[known.id] if known.id is not None else _new_contact(account, one.person)
        messages = []
        for message in one.messages:
            asked = max(message.asked, now)
            said = MessageFacts(message.channel, options.purpose, use_by=one.use_by, due_at=asked)
            subject, body = families.words(one.row, message.step) or (message.subject, message.body)
            before = facts.facts_before(account.pk, said, about, setups[message.channel])
            messages.append(
                PreviewMessage(
                    channel=message.channel,
                    to=message.address,
                    subject=subject,
                    body=body,
                    parts=_parts(message.channel, body),
                    verdict=gate.decide(before, asked),
                    leaves_at=None if one.canceled else gate.earliest(before, now),
                    told_in_row=families.elsewhere(one.row, message.step),
                )
            )
        shown.append(
            PreviewRow(
                row=one.row,
                name=f"{one.person.given_name} {one.person.family_name}".strip(),
                contact_id=known.id,
                location=names[one.location_id] if one.location_id is not None else "",
                is_cancelled=bool(one.canceled),
                messages=tuple(messages),
            )
        )
    return tuple(shown)


def _may_leave(one: Planned, message: Outgoing) -> bool:
    return not one.canceled


def _parts(channel: Channel, body: str) -> int:
    return len(segments(body).parts) if channel is Channel.TEXT else 1


def _new_contact(account: Account, person: Person) -> ContactFacts:
    standing = OptOut.objects.filter(account=account, lifted_at=None, address__in=person.addresses)
    kept = suppression.standing(account.pk, person.addresses)  # of somebody who was erased
    noes = [(one.channel, one.said_at, "") for one in kept if one.kind == SuppressionKind.OPT_OUT]
    noes += [(one.channel, one.at, one.words) for one in standing.order_by("-pk")]
    return ContactFacts(
        markers={
            MarkerKind(one.kind): Standing(one.kind, suppression.BY_ITSELF, one.said_at, "")
            for one in kept
            if one.kind in suppression.MARKERS
        },
        opt_outs={
            Channel(channel) if channel else None: Standing("opt_out", "the contact", at, words)
            for channel, at, words in noes
        },
        zones=zones_of(account, person.zone, person.country, person.phones),
        places=places_of(tuple(phone.e164 for phone in person.phones), person.country),
    )


def _seen_before(source: Import, zone: str) -> tuple[str, ...]:
    same = Q(content=source.content) | Q(digest=sha256(source.content).hexdigest())
    earlier = (
        Import.objects.filter(same, account_id=source.account_id, state=ImportState.DONE)
        .exclude(pk=source.pk)
        .order_by("-created_at")
        .first()
    )
    if earlier is None:
        return ()
    return (
        f"The very same file was imported on {local_date(earlier.created_at, zone)} by {earlier.created_by}."
        " Everybody in it would be written to again.",
    )
