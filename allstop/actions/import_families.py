"""Rows of a file that are told together: which message tells of which of them, and in which words.

The rule that it guards: every row keeps a message of its own. Where another one tells of it, it is recorded as canceled
with the reason with_family, and counts as that other one does.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from psycopg.types.json import Jsonb

from allstop.actions.families import filled
from allstop.actions.import_planned import Outgoing, Planned
from allstop.rules.family import Wish, together
from allstop.store.copying import copy_rows
from allstop.store.models import FamilyVisit


@dataclass(frozen=True)
class Families:
    told_by: Mapping[tuple[int, int], int] = field(default_factory=dict)  # (row, step) -> the row that tells
    rows: Mapping[int, Planned] = field(default_factory=dict)  # those that are told together

    def tells_elsewhere(self, row: int, step: int) -> bool:
        return self.told_by.get((row, step), row) != row

    def elsewhere(self, row: int, step: int) -> int | None:
        """The row whose message tells of it, if it is another one."""
        return self.told_by[row, step] if self.tells_elsewhere(row, step) else None

    def words(self, row: int, step: int) -> tuple[str, str] | None:
        """Of a message that tells of several."""
        if self.told_by.get((row, step)) != row:
            return None
        told = sorted((self.rows[one] for one in self._told[row, step]), key=lambda one: (_at(one), one.row))
        families = [_of_step(one, step).family for one in told]
        said = [one.said for one in families if one is not None]
        first = families[0]
        assert first is not None, "only those with such words are told together"
        return filled(first.subject, first.body, said)

    @cached_property
    def _told(self) -> Mapping[tuple[int, int], Sequence[int]]:
        found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for (row, step), by in self.told_by.items():
            found[by, step].append(row)
        return found

    def keep(self, account_id: int, made: Mapping[int, Sequence[int]]) -> None:
        """`made`: row -> its messages, in the order of its steps."""
        ids = {
            (row, message.step): number
            for row, one in self.rows.items()
            for message, number in zip(one.messages, made[row], strict=True)
        }
        names = "account_id message_id carrier_id at says subject body alone_subject alone_body"
        copy_rows(FamilyVisit, names.split(), (self._row(account_id, ids, *key) for key in self.told_by))

    def _row(self, account_id: int, ids: Mapping[tuple[int, int], int], row: int, step: int) -> tuple[object, ...]:
        message = _of_step(self.rows[row], step)
        words = message.family
        assert words is not None
        carrier = ids[self.told_by[row, step], step]
        said = Jsonb(words.said.as_data())
        alone = message.subject, message.body
        return account_id, ids[row, step], carrier, _at(self.rows[row]), said, words.subject, words.body, *alone


NOBODY = Families()


def families_of(rows: Iterable[Planned], may_leave: Callable[[Planned, Outgoing], bool]) -> Families:
    wishes = []
    by_row = {}
    for one in rows:
        for message in one.messages:
            if message.family is None or one.use_by is None or not may_leave(one, message):
                continue
            by_row[one.row] = one
            day = message.family.day
            wishes.append(Wish(one.row, message.step, message.channel, message.address, day, one.use_by, message.after))
    told_by = together(wishes)
    return Families(told_by, {row: by_row[row] for row, _ in told_by})


def _of_step(one: Planned, step: int) -> Outgoing:
    return next(message for message in one.messages if message.step == step)


def _at(one: Planned) -> datetime:
    assert one.use_by is not None, "whoever is told together has an appointment"
    return one.use_by
