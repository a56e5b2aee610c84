"""A database that is not the one that was confirmed: every lane closes until an operator confirms it.

The rule that it guards: a restored copy sends nothing by itself. Workers look when they start, every few seconds and
whenever a stop number changes; START does not lift what they find.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from allstop import witness
from allstop.actions.actor import Conflict, Operator
from allstop.actions.holds import add_hold, columns_of, new_hold
from allstop.rules.holds import DATABASE_CHANGED, INSTALLATION
from allstop.rules.identity import Confirmed, Found, Identity, Witnessed, differences
from allstop.store import identity, ledger, queue
from allstop.store.models import Hold


@dataclass(frozen=True, slots=True)
class Comparison:
    found: Found
    confirmed: Confirmed | None
    witnessed: Witnessed | None
    wrong: tuple[str, ...]  # sentences; () when it is the database that is known
    closed_by: Hold | None  # the hold that stands until somebody confirms

    @property
    def is_to_be_confirmed(self) -> bool:
        return bool(self.wrong) or self.closed_by is not None

    @property
    def words(self) -> str:
        """What was found wrong, here or by the machine that closed it."""
        return " ".join(self.wrong) or (self.closed_by.reason if self.closed_by else "")

    def facts(self) -> list[tuple[str, str, str]]:
        """What, before, now: for people who have to decide."""
        known = self.confirmed.identity if self.confirmed else self.witnessed.identity if self.witnessed else None
        was, now = known, self.found.identity
        numbers = [one.number for one in (self.confirmed, self.witnessed) if one is not None]
        return [
            ("Server", was.system if was else "", now.system),
            ("Timeline", str(was.timeline) if was else "", str(now.timeline)),
            ("Database", str(was.database) if was else "", str(now.database)),
            ("Tables", str(was.tables) if was else "", str(now.tables)),
            ("Newest stop", str(max(numbers)) if numbers else "", str(self.found.number)),
        ]


def compare(home: Path) -> Comparison:
    """Changes nothing. What only grows is read first: another worker's news must not look like a copy that is older."""
    witnessed, confirmed = witness.read(home), identity.confirmed()
    found = identity.found()
    return Comparison(found, confirmed, witnessed, differences(found, confirmed, witnessed), standing_change())


def standing_change() -> Hold | None:
    return Hold.objects.filter(**columns_of(INSTALLATION), name=DATABASE_CHANGED, lifted_at=None).first()


def look(home: Path, host: str, now: datetime) -> tuple[str, ...]:
    """For workers: adopt, keep the witness up to date, or close everything. Returns what is wrong."""
    seen = compare(home)
    if seen.wrong:
        if seen.closed_by is None:
            close(Operator(f"identity check on {host}", "identity"), home, now)
        return seen.wrong
    if seen.closed_by is None:
        _keep(home, seen, host, now)
    return ()


def _keep(home: Path, seen: Comparison, host: str, now: datetime) -> None:
    found = seen.found
    confirmed = seen.confirmed
    if confirmed is None:
        identity.adopt(found, f"first start on {host}", now)
        confirmed = identity.confirmed()
        assert confirmed is not None
    if found.number > confirmed.number:
        identity.note_number(found.number)
    now_seen = Witnessed(found.identity, found.number, found.written, confirmed.at)
    if now_seen != seen.witnessed:
        witness.write(home, now_seen)


def close(by: Operator, home: Path, now: datetime) -> int | None:
    """A stop of the whole installation that only `confirm` lifts; its number, or None: somebody closed or confirmed."""
    with transaction.atomic(), queue.impatient():
        queue.lock_installation()
        seen = compare(home)
        if seen.closed_by is not None or not seen.wrong:
            return None
        hold = add_hold(new_hold(by, DATABASE_CHANGED, INSTALLATION, now, reason=seen.words[:300]))
        number = queue.stop(hold.pk, now).number
        ledger.append(
            account_id=None,
            at=now,
            by=by.name,
            act="database_changed",
            subject="database",
            reason=seen.words[:300],
            before=_shape(seen.confirmed.identity if seen.confirmed else None, seen.witnessed),
            after={**_shape(seen.found.identity, seen.found), "stop": number, "via": by.via},
        )
    return number


def confirm(by: Operator, home: Path, now: datetime) -> Comparison:
    """This is the database to go on with. What is due leaves, unless something else stops it."""
    with transaction.atomic(), queue.impatient():
        queue.lock_installation()
        seen = compare(home)
        if not seen.is_to_be_confirmed:
            raise Conflict("The database is the one that was confirmed: there is nothing to confirm.")
        highest = max(seen.found.number, *(one.number for one in (seen.confirmed, seen.witnessed) if one), 0)
        replaced = [*seen.confirmed.replaced, seen.confirmed.identity] if seen.confirmed else []
        if seen.witnessed is not None and seen.witnessed.identity is not None:
            replaced.append(seen.witnessed.identity)
        identity.raise_number(highest)
        if seen.closed_by is not None:
            Hold.objects.filter(pk=seen.closed_by.pk, lifted_at=None).update(lifted_at=now, lifted_by=by.name)
            highest = queue.lift(seen.closed_by.pk, None, INSTALLATION.scope, now)
        identity.confirm(seen.found, highest, by.name, now, replaced)
        ledger.append(
            account_id=None,
            at=now,
            by=by.name,
            act="confirm_database",
            subject="database",
            reason=seen.words[:300],
            before=_shape(seen.confirmed.identity if seen.confirmed else None, seen.witnessed),
            after={**_shape(seen.found.identity, seen.found), "number": highest, "via": by.via},
        )
    return seen


def _shape(one: Identity | None, seen: Found | Witnessed | None) -> dict[str, Any]:
    return {
        "identity": asdict(one) if one is not None else None,
        "newest_stop": seen.number if seen is not None else None,
    }
