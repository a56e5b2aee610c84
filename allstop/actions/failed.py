"""Messages that have failed: they stay so until a person resets or deletes them.

The rule that it guards: nothing else sends such a message again. Reset, it waits as the same message and passes the
gate like any other; whoever has said no since, or whose appointment is over, gets nothing. It has as many attempts
as a new one; those before stay in its history, under their numbers. Deleted, it never leaves; the record of it stays.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.unknown import LONGEST_REASON, messages_of_account, refuse_removed, write_each
from allstop.rules.roles import Act
from allstop.store import settling
from allstop.store.models import Message, Status

DELETED = "deleted"


class FailedChoice(StrEnum):
    RESET = "reset"
    DELETE = "delete"


_ACTS = {FailedChoice.RESET: "reset_failed", FailedChoice.DELETE: "delete_failed"}  # as the ledger names them


@transaction.atomic
def decide_failed(actor: Actor, message_ids: Sequence[int], choice: FailedChoice, reason: str, now: datetime) -> int:
    """How many had failed until now. Others stay as they are; an id that is not there changes nothing at all."""
    require(actor, Act.SEND_MESSAGE)
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
    wanted = sorted(set(message_ids))
    found = messages_of_account(actor.account_id, wanted)
    if choice is FailedChoice.RESET:
        refuse_removed([one for one in found if one.status == Status.FAILED])
        reachable = [one.id for one in found if one.address]  # of somebody who was erased nothing is left
        failed = _held(actor.account_id, reachable)
        tried = settling.forget_attempts(actor.account_id, failed)
        done = settling.wait_again(actor.account_id, failed, Status.FAILED, now)
    else:
        tried = None
        done = settling.take_out(actor.account_id, wanted, DELETED, now)
    write_each(actor, _ACTS[choice], Status.FAILED, found, done, reason, now, tried)
    return len(done)


def _held(account_id: int, ids: Sequence[int]) -> list[int]:
    """Those that have failed, their rows held: of two resets at once the second finds nothing to forget."""
    rows = Message.objects.select_for_update(no_key=True).filter(account_id=account_id, id__in=ids)
    return list(rows.filter(status=Status.FAILED).order_by("id").values_list("id", flat=True))
