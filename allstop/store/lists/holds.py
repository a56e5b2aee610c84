"""What stands now: every stop, pause or other hold that reaches into an account, with its owner and what waits.

The hold of a removed job is left out: it stands for ever, and nobody could lift it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allstop.rules.holds import STOPS, Scope, may_be_started
from allstop.store.lists.reading import rows, scalar

NAMES = {  # of holds: what a person calls them. An account may have others of its own
    "stopped": "STOP",
    "scheduled": "Scheduled stop",
    "brake": "Automatic brake",
    "paused": "Pause",
    "suspended": "Suspended",
    "cancelled": "Cancelled",
    "prospect": "Prospect",
    "database_changed": "Another database",
    "unclear_reply": "Reply to read",
    "erasing": "Being erased",
    "ending": "Conversation being ended",
}
CHANNELS = {"text": "Texts", "call": "Calls", "email": "Emails"}


@dataclass(frozen=True, slots=True)
class StandingRow:
    id: int  # the hold's
    name: str
    scope: Scope
    channel: str  # "" = every channel
    location_id: int | None
    job_id: int | None
    contact_id: int | None
    label: str  # the name of the location, the job or the contact
    by: str
    reason: str
    since: datetime
    until: datetime | None  # when it ends by itself
    number: int | None  # of its stop
    confirmed_at: datetime | None
    waiting: int  # messages of the account that wait behind it

    @property
    def kind(self) -> str:
        return NAMES.get(self.name, f"Hold “{self.name}”")

    @property
    def what(self) -> str:
        """What it covers, in words."""
        match self.scope:
            case Scope.INSTALLATION:
                return "Every account of the installation"
            case Scope.ACCOUNT:
                return "The whole account"
            case Scope.CHANNEL:
                return CHANNELS[self.channel]
            case _:
                return f"The {self.scope.value} {self.label}"

    @property
    def may_be_started(self) -> bool:
        return may_be_started(self.name)

    @property
    def is_stop(self) -> bool:
        """START of its reach lifts it; another hold is lifted alone."""
        return self.name in STOPS

    def age(self, now: datetime) -> timedelta:
        return max(timedelta(0), now - self.since)


# hold_standing finds the holds; tally_waiting, tally_change_of_account and queue_in_hand count, as lists.totals does;
# message_by_contact counts what waits for one person.
_STANDING = """
WITH counted AS MATERIALIZED (
    SELECT job_id, location_id, channel, sum(count)::bigint AS count FROM (
        SELECT job_id, location_id, channel, count FROM tally
         WHERE account_id = %(account)s AND status = 'waiting' AND count <> 0
        UNION ALL
        SELECT job_id, location_id, channel, count FROM tally_change
         WHERE account_id = %(account)s AND status = 'waiting'
        UNION ALL
        SELECT job_id, location_id, channel, -1 FROM queue
         WHERE worker_id IS NOT NULL AND account_id = %(account)s) every
     GROUP BY 1, 2, 3)
SELECT h.id, h.name, h.scope, COALESCE(h.channel, ''), h.location_id, h.job_id, h.contact_id,
       COALESCE(location.name, job.name, concat_ws(' ', contact.given_name, contact.family_name)),
       h.by, h.reason, h.at, h.until, s.number, s.confirmed_at,
       CASE WHEN NOT 'sending' = ANY (h.blocks) THEN 0
            WHEN h.contact_id IS NOT NULL THEN
                (SELECT count(*) FROM message m
                  WHERE m.account_id = %(account)s AND m.contact_id = h.contact_id AND m.status = 'waiting')
            ELSE (SELECT COALESCE(sum(c.count), 0)::bigint FROM counted c
                   WHERE (h.channel IS NULL OR c.channel = h.channel)
                     AND (h.location_id IS NULL OR c.location_id = h.location_id)
                     AND (h.job_id IS NULL OR c.job_id = h.job_id)) END
  FROM hold h
  LEFT JOIN location ON location.id = h.location_id
  LEFT JOIN job ON job.id = h.job_id
  LEFT JOIN contact ON contact.id = h.contact_id
  LEFT JOIN LATERAL (
    SELECT number, confirmed_at FROM stop WHERE hold_id = h.id AND NOT is_lift ORDER BY number DESC LIMIT 1) s ON true
 WHERE h.lifted_at IS NULL AND h.name <> 'removed' AND (h.account_id = %(account)s OR h.account_id IS NULL)
 ORDER BY h.at, h.id
"""


def standing(account_id: int) -> list[StandingRow]:
    """The oldest first. What stands for the whole installation is among them, with this account's messages."""
    return rows(_row, _STANDING, {"account": account_id})


def _row(identity: int, name: str, scope: str, *rest: object) -> StandingRow:
    return StandingRow(identity, name, Scope(scope), *rest)  # type: ignore[arg-type]


def standing_version(account_id: int) -> str:
    """Differs whenever something is stopped, started, paused or unpaused in the account, or stopped or started in the
    installation (stop_of_account, hold_standing)."""
    sql = """
    SELECT concat_ws('.', (SELECT max(number) FROM stop WHERE account_id = %(account)s),
                     (SELECT max(number) FROM stop WHERE account_id IS NULL),
                     (SELECT max(id) FROM hold WHERE account_id = %(account)s AND lifted_at IS NULL
                         AND scope = 'account' AND name = 'paused'))
    """
    return str(scalar(sql, {"account": account_id}))
