"""Milliseconds of many tries: the median, and what 99 of a hundred keep to (nearest rank)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    tries: int
    p50_ms: float
    p99_ms: float  # with fewer than a hundred tries: the slowest
    max_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        ordered = sorted(seconds)
        p50, p99 = (ordered[math.ceil(len(ordered) * percent / 100) - 1] for percent in (50, 99))
        return cls(len(ordered), _ms(p50), _ms(p99), _ms(ordered[-1]))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
