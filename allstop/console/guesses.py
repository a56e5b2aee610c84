"""Counts wrong keys of links that need no log-in, in this process, for the answer and the logs."""

import time
from collections import Counter

WRONG_A_MINUTE = 20  # of one address; a right key is always let through, whoever else is guessing


class WrongKeys:
    """Nobody guesses so many bits: it only keeps whoever tries from being answered for ever."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def are_too_many(self, address: str) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[address] += 1
        return self._counts[address] > WRONG_A_MINUTE


wrong_keys = WrongKeys()
