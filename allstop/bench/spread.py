"""Milliseconds of many tries, as a median and the slowest hundredth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    tries: int
    p50_ms: float
    p99_ms: float  # with less than a hundred tries: the slowest
    max_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        ordered = sorted(seconds)
        last = len(ordered) - 1
        p50, p99 = (ordered[min(last, int(len(ordered) * share))] for share in (0.5, 0.99))
        return cls(len(ordered), _ms(p50), _ms(p99), _ms(ordered[last]))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
