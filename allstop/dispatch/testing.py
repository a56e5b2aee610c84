"""Tries providers for the people who press Test, in the worker: with the adapter that a message would leave by.

NOTIFY says that somebody has pressed it; the look every now and then finds what was asked for while nobody listened.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from allstop.actions.provider_tests import Result, end_test, open_tests
from allstop.channels.adapter import Adapter, Checkable
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.email.config import ImapConfig
from allstop.channels.email.imap import check_mailbox
from allstop.dispatch.setups import Setups
from allstop.dispatch.threads import in_store
from allstop.rules.facts import Channel
from allstop.store.claims import LaneKey
from allstop.store.facts import lane_setup
from allstop.store.models import ChannelSetup, Mailbox, ProviderTest
from allstop.store.sealing import CannotOpen, opened

LOOK_AGAIN = 15.0  # seconds
PATIENCE = 20.0  # seconds for one provider

log = logging.getLogger(__name__)


async def test_for_ever(setups: Setups, pressed: asyncio.Event, channels: Iterable[Channel] = tuple(Channel)) -> None:
    """Until cancelled. Only channels that this process sends on: it has their adapters."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN):
                await pressed.wait()
        pressed.clear()
        wanted = await in_store(open_tests, datetime.now(UTC), channels)
        await asyncio.gather(*(_test(setups, one) for one in wanted))


async def _test(setups: Setups, wanted: ProviderTest) -> None:
    result = await (_of_the_one_in_force(setups, wanted) if wanted.config is None else _of_a_candidate(setups, wanted))
    await in_store(end_test, wanted.pk, result, datetime.now(UTC))


async def _of_the_one_in_force(setups: Setups, wanted: ProviderTest) -> Result:
    channel = Channel(wanted.channel)
    setup = await in_store(lane_setup, wanted.account_id, channel)
    adapter = await setups.adapter(LaneKey(wanted.account_id, channel, False), setup)
    result = Result(False, await in_store(_why_broken, wanted)) if adapter is None else await check(adapter)
    return await _with_mailbox(wanted.account_id, result) if channel is Channel.EMAIL else result


async def _of_a_candidate(setups: Setups, wanted: ProviderTest) -> Result:
    """An adapter for the test alone: it is in force for nothing, and its faults close no channel."""
    assert wanted.config is not None
    try:
        async with setups.for_a_test(wanted.provider, wanted.config) as adapter:
            return await check(adapter)
    except ConfigError as error:
        return Result(False, " ".join(error.faults))
    except CannotOpen as problem:
        return Result(False, str(problem))


async def check(adapter: Adapter) -> Result:
    if not isinstance(adapter, Checkable):
        return Result(False, "This provider cannot be tried out without sending a message.")
    try:
        async with asyncio.timeout(PATIENCE):
            found = await adapter.check()
    except TimeoutError:
        return Result(False, f"The provider did not answer within {PATIENCE:g} seconds.")
    except Exception as fault:  # the boundary around one test: whoever pressed the button hears of it
        log.exception("a test of %s", adapter.name)
        return Result(False, f"It could not be tried: {type(fault).__name__}: {fault}")
    return Result(found.is_good, found.words, found.balance)


async def _with_mailbox(account_id: int, result: Result) -> Result:
    """Emails come in by another way than they leave."""
    try:
        config = await in_store(_mailbox_config, account_id)
    except CannotOpen as problem:
        return Result(False, f"{result.words} {problem}", result.balance)
    if config is None:
        return result
    found = await asyncio.to_thread(check_mailbox, config)
    return Result(result.is_good and found.is_good, f"{result.words} {found.words}", result.balance)


def _mailbox_config(account_id: int) -> ImapConfig | None:
    mailbox = Mailbox.objects.filter(account_id=account_id).first()
    return None if mailbox is None else read_config(ImapConfig, opened(mailbox.config))


def _why_broken(wanted: ProviderTest) -> str:
    return ChannelSetup.objects.get(account_id=wanted.account_id, channel=wanted.channel).broken
