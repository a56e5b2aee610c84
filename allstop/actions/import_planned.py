"""What a row of a file becomes: messages to one person, not yet written down."""

from dataclasses import dataclass
from datetime import date, datetime

from allstop.actions.people import Person
from allstop.formats.table import RowProblem
from allstop.rules.facts import Channel
from allstop.rules.family import Said
from allstop.rules.making import made_often
from allstop.rules.message_plan import Condition
from allstop.rules.rhythm import Rhythm


@dataclass(frozen=True, slots=True)
class ForFamily:
    """What it says where it tells of several: of this appointment, and in which words."""

    said: Said
    day: date
    subject: str
    body: str


@made_often
class Outgoing:
    channel: Channel
    address: str
    subject: str
    body: str
    asked: datetime  # when it should leave, quiet hours not considered
    welcome: tuple[str, str] | None = None  # subject and body, if it is the first message ever to the contact
    step: int = 0  # of the message plan, from 1; 0 = there is none
    condition: Condition = Condition.ALWAYS
    after: int | None = None  # the step that must have failed
    family: ForFamily | None = None  # it may be told together with others


@made_often
class Planned:
    row: int
    about: tuple[object, ...]  # the appointment or bill: two rows about the same one to one person are one too many
    named: str  # the appointment, by its source; "" = it has no id there
    key: str  # names the appointment, and whose it is, in the files of one source; "" = nothing does
    core: str  # stands for its time, place and provider
    is_cancelled: bool  # the row itself says so
    canceled: str  # why its messages are recorded and never leave; "" = they may
    person: Person
    location_id: int | None
    use_by: datetime | None
    messages: tuple[Outgoing, ...]  # at least one
    reaches: frozenset[tuple[str, str]]  # where its plan reaches them, steps that are past included
    note: RowProblem | None  # something of the row that could not be used, though the row could


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What a feed adds to the choices of its file."""

    rhythm: Rhythm | None = None  # None: the days before that the choices say
    only_location: int | None = None


BY_HAND = FeedRules()
