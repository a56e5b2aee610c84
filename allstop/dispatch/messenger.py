"""Sends of the Messenger that are too large for their caller to wait for: each in a process of its own.

As with bulk changes: every worker may look, one of them starts the process, and one that died is followed by another.
"""

from datetime import datetime, timedelta

from allstop.actions.messenger import AT_ONCE
from allstop.actions.messenger_run import OPEN, after_death, has_died, take
from allstop.dispatch import child
from allstop.store.models import MessengerSend, SendState

SILENCE = timedelta(seconds=5)  # a send without a word for so long is asked whether anybody runs it


class Messenger(child.Running):
    program = "allstop.dispatch.messenger_process"

    def take(self, now: datetime) -> int | None:
        waiting = MessengerSend.objects.filter(state__in=OPEN).order_by("pk")
        for send_id, state, total, created_at, taken_at in waiting.values_list(
            "pk", "state", "total", "created_at", "taken_at"
        ):
            if state == SendState.QUEUED:
                # a small one is run by whoever asked for it, unless that has ended
                if (total > AT_ONCE or now - created_at > SILENCE) and take(send_id, now):
                    return int(send_id)
            elif taken_at is not None and now - taken_at > SILENCE and has_died(send_id) and after_death(send_id, now):
                return int(send_id)
        return None


here = Messenger()
