"""Spread: percentiles by nearest rank, of tries in any order."""

from allstop.bench.spread import Spread


def test_of_a_hundred_tries_the_slowest_is_beyond_the_99th_percentile() -> None:
    spread = Spread.of([n / 1000 for n in range(100, 0, -1)])
    assert spread == Spread(tries=100, p50_ms=50, p99_ms=99, max_ms=100)


def test_of_few_tries_the_slowest_is_the_99th_percentile() -> None:
    assert Spread.of([0.003, 0.001, 0.002]) == Spread(tries=3, p50_ms=2, p99_ms=3, max_ms=3)
