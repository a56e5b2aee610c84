"""Send now: what waits on a channel for its window, its pace or a regular check leaves by hand, all of it at once; of
emails, what has come in is fetched as well (Send/Receive).

It skips window and pace, as every manual send does, and nothing else; who did it is written beside each message. While
the account is STOPPED it changes only in which lane they wait.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, require
from allstop.actions.mailbox import look_now
from allstop.actions.messages import BY_HAND_PASSES
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import by_hand, ledger

AT_ONCE = 500  # a stop waits for the locks of one such step
MOST = 50_000  # of one press


@dataclass(frozen=True, slots=True)
class SentNow:
    messages: int  # with MOST of them more may wait
    fetches: bool  # the mailbox is looked into now


def send_now(actor: Actor, channel: Channel, now: datetime) -> SentNow:
    require(actor, Act.SEND_MESSAGE)
    fetches = channel is Channel.EMAIL and look_now(actor.account_id, now)
    done = 0
    while done < MOST:
        ids = by_hand.waiting_to_leave(actor.account_id, channel, now, AT_ONCE)
        moved = _some(actor, channel, ids, now) if ids else 0
        if not moved:
            break
        done += moved
    return SentNow(done, fetches)


@transaction.atomic
def _some(actor: Actor, channel: Channel, ids: list[int], now: datetime) -> int:
    moved = by_hand.let_leave(actor.account_id, channel, ids, actor.name, now)
    if moved:
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="send_now",
            subject=f"channel:{channel}",
            after={"messages": moved, "skips": list(BY_HAND_PASSES), "via": actor.via},
        )
    return moved
