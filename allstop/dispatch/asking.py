"""Asks providers what became of messages whose outcome is unknown, where they can tell.

By the message's idempotency key, under which it was handed over, if it was. Asking sends nothing, so it goes on while
an account is STOPPED. What follows from an answer is rules/asking.py.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from allstop.actions.inquiries import Question, Said, take_due, write_down
from allstop.channels.adapter import Adapter, ReceiptState, Unsupported
from allstop.dispatch.sending import key_of
from allstop.dispatch.setups import Setups
from allstop.dispatch.threads import in_store
from allstop.rules.asking import Answer
from allstop.rules.words import Channel
from allstop.store.claims import LaneKey
from allstop.store.facts import lane_setup

EVERY = 5.0  # seconds
PATIENCE = 10.0  # seconds for one answer
AT_ONCE = 10

# Words after which nobody is left to wonder. What failed in the middle is for a person.
TAKEN = (ReceiptState.SENT, ReceiptState.DELIVERED, ReceiptState.READ, ReceiptState.ANSWERED)

log = logging.getLogger(__name__)


async def ask_for_ever(setups: Setups, channels: Iterable[Channel] = tuple(Channel)) -> None:
    """Until cancelled. Only about channels that this process sends on: it has their adapters."""
    while True:
        await asyncio.sleep(EVERY)
        questions = await in_store(take_due, datetime.now(UTC), channels)
        for first in range(0, len(questions), AT_ONCE):
            await asyncio.gather(*(_settle(setups, one) for one in questions[first : first + AT_ONCE]))


async def _settle(setups: Setups, question: Question) -> None:
    setup = await in_store(lane_setup, question.account_id, question.channel)
    adapter = await setups.adapter(LaneKey(question.account_id, question.channel, False), setup)
    said = Said(Answer.NONE, setup.provider) if adapter is None else await ask(adapter, question)
    await in_store(write_down, question, said, datetime.now(UTC))


async def ask(adapter: Adapter, question: Question) -> Said:
    if not adapter.capabilities.can_query:
        return Said(Answer.CANNOT_TELL, adapter.name)
    try:
        async with asyncio.timeout(PATIENCE):
            found = await adapter.query(key_of(question.account_id, question.message_id))
    except Unsupported:
        return Said(Answer.CANNOT_TELL, adapter.name)
    except Exception:  # the boundary around one question: it is asked again later, the others go on
        log.exception("%s was asked about message %s", adapter.name, question.message_id)
        return Said(Answer.NONE, adapter.name)
    if found is None:
        return Said(Answer.NOT_THERE, adapter.name, is_final=adapter.capabilities.none_is_final)
    if found.state not in TAKEN:
        return Said(Answer.CANNOT_TELL, adapter.name)
    return Said(Answer.THERE, adapter.name, found.ref)
