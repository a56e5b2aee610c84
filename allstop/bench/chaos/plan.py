"""What is asked for, and what comes out. Both cross a process boundary as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

WORKER = "allstop.bench.chaos.worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    rounds: int
    workers: int
    seed: int
    lease: float = 0.6  # seconds; shorter than in use, so that more can happen in a minute
    slots: int = 60  # more than the mail server takes at once: some are always claimed and not yet started
    worker: str = WORKER  # module of a worker process

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    plan: Mapping[str, Any]
    seconds: float
    happened: Mapping[str, int]  # in the rounds, by kind
    ended: Mapping[str, int]  # worker processes, by how
    stops: Mapping[str, int]  # acknowledged, by scope
    windows: int  # of those, after which there was a time in which nothing of it might begin
    watched: float  # seconds of these times
    arrivals: int
    statuses: Mapping[str, int]  # of messages
    unknown: int  # attempts of which nobody knows how they ended; some messages were sent again since
    # What must be zero:
    after_acknowledgement: int  # mails that began after a stop that reaches them was acknowledged, and before its lift
    lost: int  # messages that never came to an end, or are said to be sent and did not arrive
    silent_duplicates: int  # arrivals of the same message that nobody asked for
    untold: int  # arrivals of messages that are said not to have left
    examples: list[str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        return cls(**told)

    @property
    def holds(self) -> bool:
        return not (self.after_acknowledgement or self.lost or self.silent_duplicates or self.untold)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
