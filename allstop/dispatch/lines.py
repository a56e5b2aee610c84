"""The lines of adapters on which a send lasts: a worker claims no more calls than can begin at once."""

from collections import Counter

from allstop.channels.adapter import Adapter


class Lines:
    def __init__(self) -> None:
        self._taken: Counter[int] = Counter()  # calls under way, by the adapter's identity

    def free(self, adapter: Adapter) -> int:
        return adapter.capabilities.max_connections - self._taken[id(adapter)]

    def take(self, adapter: Adapter) -> None:
        self._taken[id(adapter)] += 1

    def give_back(self, adapter: Adapter) -> None:
        self._taken[id(adapter)] -= 1
