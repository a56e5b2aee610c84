"""What the gate is told. Everything that decides is in here; nothing else is asked.

| facts | about | shared by |
|---|---|---|
| ContactFacts | the contact: markers, opt-outs, zones | all messages to the contact |
| LaneFacts | account and channel: holds, provider, quiet hours, windows, pace | all messages of a lane |
| MessageFacts | the message itself | nobody |

An override is a recorded fact as well: check name -> who overrode it, when and why. The gate heeds it for
`window`, `pace`, as far as Stop Promotions goes `contact_marker`, and `opt_out` for the one text that confirms
that very opt-out within five minutes; recorded for anything else it changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from allstop.rules.holds import StandingHold
from allstop.rules.limits import Full
from allstop.rules.markers import MarkerKind
from allstop.rules.own_window import OwnWindow
from allstop.rules.pacing import Pace
from allstop.rules.quiet_law import Law
from allstop.rules.rounds import Rounds
from allstop.rules.windows import QuietHours, Schedule
from allstop.rules.words import Channel, Purpose, Standing

__all__ = [
    "ANY_LANE",
    "Channel",
    "ContactFacts",
    "Facts",
    "LaneFacts",
    "MessageFacts",
    "Provider",
    "Purpose",
    "Standing",
]

_NO_MARKERS: Mapping[MarkerKind, Standing] = MappingProxyType({})
_NO_OPT_OUTS: Mapping[Channel | None, Standing] = MappingProxyType({})
_NO_OVERRIDES: Mapping[str, Standing] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Provider:
    """What the channel is connected to. Credits are None where the provider does not count them."""

    name: str | None
    enabled: bool = True
    broken: str = ""  # why nothing can be handed over; "" means that it works
    credits: int | None = None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    markers: Mapping[MarkerKind, Standing] = field(default_factory=lambda: _NO_MARKERS)
    # Keyed by channel; None is all channels.
    opt_outs: Mapping[Channel | None, Standing] = field(default_factory=lambda: _NO_OPT_OUTS)
    zones: tuple[str, ...] = ()  # every IANA zone that the contact may be in; () is unknown
    places: tuple[str, ...] = ()  # every country, or state of it, likewise; () also where no rule asks for them


@dataclass(frozen=True, slots=True)
class MessageFacts:
    channel: Channel
    purpose: Purpose
    recipients: int = 1  # contacts in TO: of a group send, before any is skipped; 1 for a job's notification
    use_by: datetime | None = None
    overrides: Mapping[str, Standing] = field(default_factory=lambda: _NO_OVERRIDES)
    due_at: datetime | None = None
    holds: tuple[StandingHold, ...] = ()  # on its job, its location or its contact
    own: OwnWindow | None = None  # of its list, in place of the account's window and pace
    own_slot_at: datetime | None = None  # its slot in the list's pace, where it has lost the one that it had


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFacts:
    """No defaults for what protects people: who builds this must have looked."""

    provider: Provider
    quiet: QuietHours | None  # the recipient's protected hours on this channel; None: not protected
    windows: Schedule | None  # the account's own sessions; None: always
    pace: Pace | None  # None: as fast as the provider takes them
    next_slot_at: datetime | None  # the lane's pacing clock; None: free now
    full: tuple[Full, ...] = ()  # the provider's limits that were reached; the worker asks for them itself
    holds: tuple[StandingHold, ...] = ()  # on the installation, the account or the channel
    rounds: Rounds | None = None  # regular checks; None: what is due leaves as soon as everything else allows
    law: Law | None = None  # hours that laws forbid on this channel; None: no law knows it


# What refuses a message for good does not depend on its lane.
ANY_LANE = LaneFacts(provider=Provider("any"), quiet=None, windows=None, pace=None, next_slot_at=None)


@dataclass(frozen=True, slots=True)
class Facts:
    message: MessageFacts
    contact: ContactFacts
    lane: LaneFacts
