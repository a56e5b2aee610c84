"""The recall and contact lists of an account, and whom the plans that one has sent follow up."""

from dataclasses import dataclass
from datetime import datetime

from allstop.rules.words import Channel
from allstop.store.lists.reading import rows
from allstop.store.models import ContactList


def contact_lists(account_id: int) -> list[ContactList]:
    """By name (contact_list_name_once)."""
    return list(ContactList.objects.filter(account_id=account_id).order_by("name"))


@dataclass(frozen=True, slots=True)
class FollowedUp:
    id: int  # of the contact
    name: str
    channel: Channel  # of the next message
    due_at: datetime
    total: int  # how many there are, of whom these are the first


# follow_up_once, plan_step_once, family_visit_once, the messages' key
_FOLLOWED_UP = """
SELECT id, name, channel, due_at, count(*) OVER () FROM (
  SELECT DISTINCT ON (c.id) c.id, trim(c.given_name || ' ' || c.family_name) AS name, m.channel, m.due_at
    FROM follow_up f
    JOIN plan_step s ON s.account_id = f.account_id AND s.visit = f.visit
    JOIN message own ON own.account_id = s.account_id AND own.id = s.message_id
    LEFT JOIN family_visit v ON own.reason = 'with_family' AND v.account_id = own.account_id
                            AND v.message_id = own.id AND NOT v.has_left
    JOIN message m ON m.account_id = own.account_id AND m.id = COALESCE(v.carrier_id, own.id) AND m.status = 'waiting'
    JOIN contact c ON c.id = f.contact_id
   WHERE f.account_id = %(account)s AND f.list_id = %(list)s AND f.ended = '' AND f.until > %(now)s
   ORDER BY c.id, m.due_at) one
 ORDER BY due_at, id LIMIT %(limit)s"""


def followed_up(account_id: int, list_id: int, now: datetime, limit: int) -> list[FollowedUp]:
    """To whom a message of a plan that this list has sent waits, whoever gets the next one first."""

    def one(contact: int, name: str, channel: str, due_at: datetime, total: int) -> FollowedUp:
        return FollowedUp(contact, name, Channel(channel), due_at, total)

    return rows(one, _FOLLOWED_UP, {"account": account_id, "list": list_id, "now": now, "limit": limit})
