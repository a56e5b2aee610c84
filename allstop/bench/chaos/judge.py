"""Whether the stops held, by what the mail server saw and what the database says. Pure.

| what | must not be |
|---|---|
| after the acknowledgement | a mail that began between the acknowledgement of a stop that reaches it and the lift |
| lost | a message that never came to an end, or is said to be sent and did not arrive |
| silent duplicate | a message that arrived more often than once and once for each time a person sent it again |
| untold | a message that arrived and is said not to have left |
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAY_HAVE_LEFT = frozenset({"sent", "unknown"})


@dataclass(frozen=True, slots=True)
class Arrived:
    message: int
    began: float  # the monotonic clock of this machine, as everywhere here


@dataclass(frozen=True, slots=True)
class Message:
    job: int
    contact: int
    status: str
    location: int = 0
    again: int = 0  # how often a person sent it again


@dataclass(frozen=True, slots=True)
class Stop:
    scope: str  # of rules/holds.py
    of: int
    acknowledged: float
    until: float = math.inf  # when somebody began to lift it

    def reaches(self, message: Message) -> bool:
        narrow = {"job": message.job, "contact": message.contact, "location": message.location}
        return self.of == narrow.get(self.scope, self.of)  # all of them are of one account and one channel

    @property
    def watched(self) -> float:
        return max(0.0, self.until - self.acknowledged)


@dataclass(slots=True)
class Judgement:
    after_acknowledgement: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    silent_duplicates: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    @property
    def examples(self) -> list[str]:
        every = (self.after_acknowledgement, self.lost, self.silent_duplicates, self.untold)
        return [words for some in every for words in some[:5]]


def judge(stops: Sequence[Stop], messages: Mapping[int, Message], arrivals: Sequence[Arrived]) -> Judgement:
    judgement = Judgement()
    for arrived in arrivals:
        message = messages[arrived.message]
        for stop in stops:
            if stop.acknowledged < arrived.began < stop.until and stop.reaches(message):
                late = arrived.began - stop.acknowledged
                judgement.after_acknowledgement.append(
                    f"message {arrived.message} began {late:.3f} s after {stop.scope} {stop.of} was stopped"
                )
    times = Counter(arrived.message for arrived in arrivals)
    for id_, message in messages.items():
        if message.status == "waiting":
            judgement.lost.append(f"message {id_} still waits")
        elif message.status == "sent" and not times[id_]:
            judgement.lost.append(f"message {id_} is said to be sent and did not arrive")
        if times[id_] > 1 + message.again:
            judgement.silent_duplicates.append(f"message {id_} arrived {times[id_]} times")
        if times[id_] and message.status not in MAY_HAVE_LEFT and not message.again:
            judgement.untold.append(f"message {id_} arrived and is {message.status}")
    return judgement
