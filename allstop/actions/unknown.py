"""Messages whose outcome nobody knows: a person sends them again, or leaves them.

The rule that it guards: nothing else sends such a message again. It goes out as the same message, under the same key
and the same Message-ID, so that whoever already has it can tell; and the gate judges it like any other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.rules.roles import Act
from allstop.store import ledger, settling
from allstop.store.models import Job, Message, Status

LONGEST_REASON = 300
LEFT = "left_unknown"


class Choice(StrEnum):
    SEND_AGAIN = "send_again"
    LEAVE = "leave"


_ACTS = {Choice.SEND_AGAIN: "send_again", Choice.LEAVE: "leave_unknown"}  # as the ledger names them


@dataclass(frozen=True, slots=True)
class Settled:
    count: int  # of those that were unknown until now


def settle(actor: Actor, message_ids: Sequence[int], choice: Choice, reason: str, now: datetime) -> Settled:
    """Messages that are not unknown, or no longer, stay as they are. An id that is not there changes nothing at all."""
    require(actor, Act.SEND_MESSAGE)
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
    wanted = sorted(set(message_ids))
    with transaction.atomic():
        found = messages_of_account(actor.account_id, wanted)
        match choice:
            case Choice.SEND_AGAIN:
                refuse_removed([one for one in found if one.status == Status.UNKNOWN])
                settled = settling.send_again(actor.account_id, wanted, now)
            case Choice.LEAVE:
                settled = settling.give_up(actor.account_id, wanted, LEFT, now)
            case _:
                assert_never(choice)
        write_each(actor, _ACTS[choice], Status.UNKNOWN, found, settled, reason, now)
    return Settled(len(settled))


def messages_of_account(account_id: int, wanted: Sequence[int]) -> list[Message]:
    found = Message.objects.filter(account_id=account_id, id__in=wanted)
    messages = list(found.only("account_id", "id", "status", "job_id", "contact_id", "address"))
    if len(messages) != len(wanted):
        raise NotThere("One of these messages does not exist. Reload the page and select again.")
    return messages


def refuse_removed(messages: Sequence[Message]) -> None:
    """Holds the jobs' rows: a removal that comes meanwhile waits, and then withdraws what was queued here."""
    jobs = {one.job_id for one in messages if one.job_id is not None}
    locked = Job.objects.select_for_update(no_key=True).filter(pk__in=jobs).order_by("pk")
    removed = [job.name for job in locked if job.removed_at is not None]
    if removed:
        raise Conflict(f"The job {removed[0]} was removed: its messages are never sent again. Leave them instead.")


def write_each(  # noqa: PLR0913 - an entry for each
    actor: Actor,
    act: str,
    before: Status,
    found: Sequence[Message],
    done: Iterable[int],
    reason: str,
    now: datetime,
    tried: Mapping[int, int] | None = None,
) -> None:
    """A person's word about messages, one entry of the ledger for each that it was about. `done`: ids of some found.
    `tried`: attempts that no longer count, where that is what was decided."""
    of = {message.id: message.contact_id for message in found}
    for message_id in done:
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act=act,
            subject=f"message:{message_id}",
            before={"status": before.value} | ({} if tried is None else {"attempts": tried.get(message_id, 0)}),
            after={"via": actor.via},
            personal={"reason": reason},
            contact=of[message_id],
        )
