"""What nobody should have to think of: planned stops and statuses, reminders, the brake, Allstop's own mail.

Whether anything is due is asked with the chores, once a second; only then is anything else read. Each act is safe in
any number of workers: whoever comes second finds it done.
"""

import subprocess
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from allstop.actions import braking
from allstop.actions.credits import ask_for_top_ups
from allstop.actions.feed_looks import look_for_late
from allstop.actions.member_news import send_due_news
from allstop.actions.past_due import look_past_due
from allstop.actions.reminding import SHORTEST, remind
from allstop.actions.scheduled import run_schedule
from allstop.actions.statuses import LEFT_ALONE, run_status_changes
from allstop.dispatch import child
from allstop.dispatch.threads import aside
from allstop.rules.holds import STOPS
from allstop.store.webhook_queue import ANY_DUE

REMIND_EVERY = timedelta(seconds=30)

# The columns of Due. scheduled_stop_coming, hold_ending, notice_to_mail, brake_on, hold_watched,
# channel_setup_low, mailbox_due, feed_due, feed_to_tell, feed_alarm_due, status_change_coming, status_change_lifting,
# member_news_due, webhook_on and webhook_delivery_due; billing_setup is one row
_SHORT = """
       EXISTS (SELECT FROM scheduled_stop WHERE state = 'coming' AND starts_at <= %(now)s)
           OR EXISTS (SELECT FROM hold WHERE lifted_at IS NULL AND until <= %(now)s AND name = ANY (%(stops)s)),
       EXISTS (SELECT FROM notice_reader WHERE mail_due_at <= %(now)s),
       (SELECT looked_at IS NULL OR looked_at <= %(braked)s FROM brake WHERE is_on ORDER BY id LIMIT 1),
       EXISTS (SELECT FROM hold WHERE lifted_at IS NULL AND name <> 'removed' AND at <= %(old)s),
       EXISTS (SELECT FROM channel_setup WHERE credits < top_up_below AND top_up_asked_at IS NULL),
       EXISTS (SELECT FROM mailbox WHERE next_look_at <= %(now)s),
       EXISTS (SELECT FROM feed WHERE next_look_at <= %(now)s OR tell_at <= %(now)s),
       EXISTS (SELECT FROM feed WHERE alarm_at <= %(now)s),
       EXISTS (SELECT FROM status_change WHERE state = 'coming' AND at <= %(now)s)
           OR EXISTS (SELECT FROM status_change WHERE is_lifting AND ended_at < %(lifting)s),
       EXISTS (SELECT FROM member_news WHERE told_at IS NULL AND due_at <= %(now)s),
       EXISTS (SELECT FROM billing_setup WHERE (suspend_after_days IS NOT NULL OR remind_after_days IS NOT NULL)
                                           AND (looked_on IS NULL OR looked_on < %(today)s)),
       """
DUE = _SHORT + ANY_DUE


def asked(now: datetime) -> dict[str, Any]:
    """The values in DUE."""
    ages = {"braked": braking.EVERY, "old": SHORTEST, "lifting": LEFT_ALONE}
    return {"now": now, "today": now.date(), "stops": list(STOPS), **{name: now - age for name, age in ages.items()}}


class Due(NamedTuple):
    schedule: bool
    mail: bool
    brake: bool | None  # None: no channel has one on
    old_holds: bool  # some stand so long that a reminder may be due
    credits: bool
    mailboxes: bool  # somebody may have written
    feeds: bool  # a file may have come, or an answer is to be told
    late_files: bool
    statuses: bool  # of accounts: planned changes, and what is still to be let go after one
    news: bool  # members are to be told by email
    past_due: bool  # nobody has looked today
    webhooks: bool  # something happened, or is to be delivered again


class Upkeep:
    def __init__(self) -> None:
        self._mailing: subprocess.Popen[bytes] | None = None
        self._fetching: subprocess.Popen[bytes] | None = None
        self._feeding: subprocess.Popen[bytes] | None = None
        self._telling: subprocess.Popen[bytes] | None = None
        self._reminded_at: datetime | None = None

    async def do(self, due: Due, now: datetime) -> None:
        acts = (
            (due.schedule, run_schedule),
            (due.statuses, run_status_changes),
            (due.brake, braking.look),
            (due.late_files, look_for_late),
            (due.news, send_due_news),
            (due.credits, ask_for_top_ups),
            (due.past_due, look_past_due),
        )
        processes = (
            (due.mail, self._mail),
            (due.mailboxes, self._fetch),
            (due.feeds, self._feed),
            (due.webhooks, self._tell),
        )
        for is_due, act in acts:
            if is_due:
                await aside(act, now)
        for is_due, begin in processes:
            if is_due:
                await aside(begin)
        if due.old_holds and (self._reminded_at is None or now - self._reminded_at >= REMIND_EVERY):
            self._reminded_at = now
            await aside(remind, now)

    def _mail(self) -> None:
        if self._mailing is None or self._mailing.poll() is not None:
            self._mailing = child.start("allstop.dispatch.mail_process")

    def _fetch(self) -> None:
        if self._fetching is None or self._fetching.poll() is not None:
            self._fetching = child.start("allstop.dispatch.mailbox_process")

    def _feed(self) -> None:
        if self._feeding is None or self._feeding.poll() is not None:
            self._feeding = child.start("allstop.dispatch.feed_process")

    def _tell(self) -> None:
        if self._telling is None or self._telling.poll() is not None:
            self._telling = child.start("allstop.dispatch.webhook_process")

    def end(self) -> None:
        """A mail of ours that was taken and not handed over is not tried again: at most once. A mail that came in and
        was not understood yet is fetched again, a file that was not taken is looked at again. What a webhook has not
        taken is delivered again."""
        begun = (self._mailing, self._fetching, self._feeding, self._telling)
        child.end([process for process in begun if process is not None])
