"""What the messages of a lane share (read again when its setup number grows), and the adapters, one for each distinct
provider and configuration."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from allstop.channels.adapter import Adapter, EventSink
from allstop.channels.configuration import ConfigError
from allstop.channels.registry import ADAPTERS, Surroundings, make_adapter
from allstop.dispatch.threads import in_store
from allstop.rules.facts import Channel
from allstop.store import queue
from allstop.store.claims import DueLane, LaneKey
from allstop.store.facts import LaneSetup, lane_setup, lane_setups
from allstop.store.models import ChannelSetup
from allstop.store.sealing import CANNOT, CannotOpen, Keys, opened, read_keys

LISTEN_AGAIN = 10.0  # seconds between two looks at who wants to be listened for
_NOTHING = (-1, None)


class Setups:
    def __init__(self, sink: EventSink, house: Surroundings, given: Mapping[str, Adapter] | None = None) -> None:
        """`given`: adapters by provider name that are used whatever the configuration says (benchmarks)."""
        self._sink = sink
        self._house = house
        self._given = dict(given or {})
        self._lanes: dict[tuple[int, str], tuple[int, LaneSetup | None]] = {}
        self._adapters: dict[tuple[str, str], Adapter] = {}  # by provider and opened configuration
        self._opened: dict[tuple[str, str], tuple[str, str]] = {}  # by the configuration as it is written down
        self._making = asyncio.Lock()

    async def look_up(self, lanes: Iterable[DueLane]) -> None:
        """Before a round of visits: the setups that are not known yet or have changed, read together."""
        missing = {
            (lane.key.account_id, Channel(lane.key.channel)): lane.setup_number
            for lane in lanes
            if self._known(lane.key, lane.setup_number) is None
        }
        if missing:
            for lane, setup in (await in_store(lane_setups, missing)).items():
                self._lanes[lane] = (missing[lane], setup)

    async def of(self, key: LaneKey, setup_number: int) -> LaneSetup:
        known = self._known(key, setup_number)
        if known is not None:
            return known
        channel = Channel(key.channel)
        setup = await in_store(lane_setup, key.account_id, channel)
        self._lanes[key.account_id, channel] = (setup_number, setup)
        return setup

    def _known(self, key: LaneKey, setup_number: int) -> LaneSetup | None:
        number, setup = self._lanes.get((key.account_id, key.channel), _NOTHING)
        return setup if number >= setup_number else None

    async def adapter(self, key: LaneKey, setup: LaneSetup) -> Adapter | None:
        """None: it cannot be made, which is written into the channel's setup for people to see."""
        if setup.provider in self._given:
            return self._given[setup.provider]
        try:
            name = self._name(setup.provider, setup.config)
            return self._adapters.get(name) or await self._made(name)
        except ConfigError as error:
            why = " ".join(error.faults)
        except CannotOpen as problem:
            why = str(problem)
        await in_store(mark_broken, key.account_id, key.channel, why, datetime.now(UTC))
        return None

    def _name(self, provider: str, config: Mapping[str, Any]) -> tuple[str, str]:
        """Opened once for each setup that was saved, not for each message. The same password is sealed differently each
        time, and accounts that share a log-in share its connections. Raises CannotOpen."""
        written = (provider, json.dumps(config, sort_keys=True))
        if written not in self._opened:
            self._opened[written] = (provider, json.dumps(opened(config), sort_keys=True))
        return self._opened[written]

    async def _made(self, name: tuple[str, str]) -> Adapter:
        """Raises ConfigError."""
        async with self._making:
            if name not in self._adapters:
                provider, config = name
                if provider not in ADAPTERS:
                    raise ConfigError([f"There is no provider named {provider}."])
                adapter = make_adapter(provider, json.loads(config), self._house)
                await adapter.start(self._sink)
                self._adapters[name] = adapter
            return self._adapters[name]

    @asynccontextmanager
    async def for_a_test(self, provider: str, config: Mapping[str, Any]) -> AsyncIterator[Adapter]:
        """Raises ConfigError, or CannotOpen."""
        if provider not in ADAPTERS:
            raise ConfigError([f"There is no provider named {provider}."])
        adapter = make_adapter(provider, opened(config), self._house)
        await adapter.start(self._sink)
        try:
            yield adapter
        finally:
            await adapter.close()

    async def listen_for_ever(self, channels: Iterable[Channel] = tuple(Channel)) -> None:
        """Until cancelled, for what this process sends on. Replies come also while nothing is sent: the links that
        bring them are kept up, and those of settings that nobody has any more are closed."""
        keys: Keys | None = None
        while True:
            if keys != (keys := await in_store(_keys)):
                await in_store(mend, channels, datetime.now(UTC))
            wanted = set()
            for provider, config in await in_store(_used, channels):
                with suppress(CannotOpen):  # whoever sends by it is told
                    wanted.add(self._name(provider, config))
            for name in wanted - self._adapters.keys():
                with suppress(ConfigError):  # whoever sends by it is told
                    await self._made(name)
            for name in [name for name in self._adapters if _listens(*name) and name not in wanted]:
                await self._adapters.pop(name).close()
            await asyncio.sleep(LISTEN_AGAIN)

    def adapters(self) -> list[Adapter]:
        return [*self._adapters.values(), *self._given.values()]


def _used(channels: Iterable[Channel]) -> list[tuple[str, dict[str, Any]]]:
    """Those that want to be listened to."""
    setups = ChannelSetup.objects.filter(channel__in=channels).exclude(provider__in=["", "sandbox"])
    found = setups.values_list("provider", "config")
    return [(name, config) for name, config in found if name in ADAPTERS and ADAPTERS[name].listens(config)]


def _listens(provider: str, config: str) -> bool:
    return ADAPTERS[provider].listens(json.loads(config))


def _keys() -> Keys | None:
    try:
        return read_keys()
    except CannotOpen:
        return None  # whoever needs it says why


@transaction.atomic
def mend(channels: Iterable[Channel], now: datetime) -> None:
    """The key file is there (again): what could not be opened without it is tried again."""
    closed = ChannelSetup.objects.select_for_update().filter(channel__in=channels, broken__startswith=CANNOT)
    for setup in closed.order_by("pk"):
        with suppress(CannotOpen):
            opened(setup.config)
            ChannelSetup.objects.filter(pk=setup.pk).update(broken="")
            queue.setup_changed(setup.account_id, Channel(setup.channel), setup.pace_ms, now)


@transaction.atomic
def mark_broken(account_id: int, channel: str, why: str, now: datetime) -> None:
    setup: Any = ChannelSetup.objects.select_for_update().get(account_id=account_id, channel=channel)
    ChannelSetup.objects.filter(pk=setup.pk).update(broken=why[:300])
    queue.setup_changed(account_id, Channel(channel), setup.pace_ms, now)
