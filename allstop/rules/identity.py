"""Is this the database that a person has confirmed, and as far on as this machine has seen it?

A restored backup knows neither what left since it was made nor which stops were pressed. Three things are compared:

    found       the database as it is now
    confirmed   the row in it that says which database it was: a dump takes the row along, not the identity
    witnessed   a file on this machine: a copy of the database's files takes the row and the identity along, but
                cannot know how far this machine has seen it go

The rule that it guards: whoever was confirmed later than a witness was written is believed, but only in place of a
database that the witness knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

LOST_IN_A_CRASH = (
    256 * 1024
)  # bytes of the log: half a record that was written out, and is cut off after a power failure


@dataclass(frozen=True, slots=True)
class Identity:
    system: str  # of the cluster; "" where the server does not tell
    timeline: int
    database: int
    tables: int


@dataclass(frozen=True, slots=True)
class Found:
    identity: Identity
    number: int  # of the newest stop
    written: int  # position in the write-ahead log, which never goes back; 0 where the server does not tell


@dataclass(frozen=True, slots=True)
class Confirmed:
    identity: Identity
    number: int
    by: str
    at: datetime
    replaced: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class Witnessed:
    identity: Identity | None  # None: the file cannot be read
    number: int
    written: int
    confirmed_at: datetime  # as the confirmation read when the witness was written


def differences(found: Found, confirmed: Confirmed | None, witnessed: Witnessed | None) -> tuple[str, ...]:
    """What is wrong, in sentences; nothing when the database is the one that is known."""
    wrong: list[str] = []
    if confirmed is not None:
        wrong += _other(found.identity, confirmed.identity)
        if found.number < confirmed.number:
            wrong.append(f"Stops are missing: the newest is no. {found.number}, no. {confirmed.number} was there.")
    if witnessed is not None and not _is_outdated(witnessed, confirmed):
        wrong += _against_the_witness(found, confirmed, witnessed)
    return tuple(wrong)


def _other(found: Identity, known: Identity) -> Iterator[str]:
    if found.system and known.system and found.system != known.system:
        yield f"It lies on another server: {found.system}, before {known.system}."
        return
    if found.timeline != known.timeline:
        yield (
            f"The server was promoted, or restored to a point in time: timeline {found.timeline}, "
            f"before {known.timeline}."
        )
    if found.database != known.database:
        yield f"It is another database of the server: {found.database}, before {known.database}."
    elif found.tables != known.tables:
        yield "Its tables were made anew: a dump was restored."


def _is_outdated(witnessed: Witnessed, confirmed: Confirmed | None) -> bool:
    if confirmed is None or confirmed.at <= witnessed.confirmed_at:
        return False
    known = (confirmed.identity, *confirmed.replaced)
    return witnessed.identity is None or witnessed.identity in known


def _against_the_witness(found: Found, confirmed: Confirmed | None, witnessed: Witnessed) -> Iterator[str]:
    if witnessed.identity is None:
        yield "What this machine knew of the database cannot be read: witness.json."
        return
    if witnessed.identity != found.identity:
        if confirmed is None or witnessed.identity != confirmed.identity:  # else it is said already
            yield "This machine has worked with another database."
        return
    if found.number < witnessed.number:
        yield f"It is an older copy: its newest stop is no. {found.number}; no. {witnessed.number} was seen here."
    elif 0 < found.written < witnessed.written - LOST_IN_A_CRASH:
        yield "It is an older copy: what was written last is missing."
