"""The rows of a file, read and planned: the slow half of an import, done before its one transaction opens."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from allstop.actions.address_reading import LONG_FILE, Readings, SecondReader, windows
from allstop.actions.import_file import OpenFile
from allstop.actions.import_options import ImportOptions
from allstop.actions.import_plan import Planner
from allstop.actions.import_planned import FeedRules, Planned
from allstop.actions.import_visits import steps_of_options
from allstop.actions.matching import Known, Phonebook
from allstop.actions.own_windows import own_windows
from allstop.formats.reminder import ReminderRow
from allstop.formats.table import RowProblem
from allstop.rules.facts import Channel
from allstop.rules.windows import Schedule
from allstop.store import facts
from allstop.store.models import Account, Location


@dataclass(frozen=True, slots=True)
class Rows:
    planned: list[Planned]
    problems: list[RowProblem]
    unusable: list[str]  # the keys of rows that name an appointment and could not be used
    is_whole: bool  # every row could be read, so that it is known which appointments the file names


def plan_rows(account: Account, file: OpenFile, rules: FeedRules, now: datetime, report: Callable[[int], None]) -> Rows:
    """Before the transaction opens: reading takes longer than writing, and a long transaction is in others' way."""
    locations = list(Location.objects.filter(account=account))
    counted_on = windows_of(account.pk, file.options)
    steps = steps_of_options(account.pk, file.options)
    planner = Planner(account, file.options, locations, file.table.columns, now, counted_on, rules, steps)
    planned: list[Planned] = []
    problems: list[RowProblem] = []
    unusable: list[str] = []
    is_whole = True
    read = 0
    for window, readings in _read_ahead(planner, file):
        for row in window:
            found = row if isinstance(row, RowProblem) else planner.plan(row, readings)
            if isinstance(found, RowProblem):
                problems.append(found)
                if isinstance(row, ReminderRow):
                    unusable.append(planner.key_of(row))
                elif row.about:
                    unusable.append(row.about)
                else:
                    is_whole = False
            else:
                planned.append(found)
        read += len(window)
        report(read // 2)  # the first half of the way
    return Rows(planned, problems, unusable, is_whole)


def without_repeats(
    planned: Iterable[Planned], phonebook: Phonebook, problems: list[RowProblem]
) -> list[tuple[Planned, Known]]:
    """Each row with its contact. A second one about the same thing to the same contact becomes a problem."""
    first: dict[tuple[object, ...], int] = {}
    kept = []
    for one in planned:
        known = phonebook.place(one.person)
        keys = [(one.about, id(known), message.channel) for message in one.messages]
        earlier = next((first[key] for key in keys if key in first), None)
        if earlier is not None:
            problems.append(RowProblem(one.row, None, "", f"This row is a duplicate of row {earlier}."))
            continue
        first.update(dict.fromkeys(keys, one.row))
        kept.append((one, known))
    return kept


def _read_ahead(planner: Planner, file: OpenFile) -> Iterator[tuple[list[ReminderRow | RowProblem], Readings]]:
    """Rows with their addresses, which a second process reads while this one plans the rows before them."""
    if file.rows_total < LONG_FILE:
        yield from ((window, Readings()) for window in windows(file.rows()))
        return
    with SecondReader() as second:
        ahead: list[ReminderRow | RowProblem] | None = None
        for window in windows(file.rows()):
            readings = None if ahead is None else second.answers()
            second.ask(*planner.asks(row for row in window if isinstance(row, ReminderRow)))
            if ahead is not None and readings is not None:
                yield ahead, readings
            ahead = window
        if ahead is not None:
            yield ahead, second.answers()


def windows_of(account_id: int, options: ImportOptions) -> dict[Channel, Schedule | None]:
    """On whose days reminders are counted back: the list's own, where it has some."""
    if options.window is None:
        return facts.windows_of_account(account_id)
    own = own_windows(account_id, Channel, options.window)
    return {channel: window.windows for channel, window in own.items()}
