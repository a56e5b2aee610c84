"""When a send of the Messenger would leave, before it is sent: behind all that waits, without those left behind."""

from collections import Counter
from datetime import datetime

from allstop.actions.actor import Actor
from allstop.actions.messenger import Letter, To, count_to, override_of
from allstop.actions.messenger_people import Wording, parsed, people
from allstop.actions.own_windows import own_windows
from allstop.rules.facts import Channel
from allstop.rules.forecast import Load
from allstop.rules.messenger import why_left_behind
from allstop.store import lists
from allstop.store.models import Account

Counted = Counter[tuple[Channel, tuple[str, ...]]]


def forecast_send(actor: Actor, to: To, letter: Letter, now: datetime) -> lists.ListForecast:
    """Makes nothing; the letter may still be empty."""
    counted = count_to(actor, to, letter, now)
    found = _of_many(actor, to, letter, counted.people, now) + _of_ones(actor, to, letter, counted.why)
    asked = now if letter.due_at is None else max(letter.due_at, now)
    extra: dict[Channel, list[Load]] = {channel: [] for channel in Channel}
    for (channel, zones), number in found.items():
        extra[channel].append(Load(number, asked, zones, is_new=True))
    own = {} if letter.window is None else own_windows(actor.account_id, Channel, letter.window)
    return lists.account_queue(actor.account_id, now).with_list(extra, own)


def _of_many(actor: Actor, to: To, letter: Letter, number: int, now: datetime) -> Counted:
    wording = parsed(letter.subject, letter.body)
    names = wording.names if isinstance(wording, Wording) else set()
    named = [one.contact_id for one in to.ones if one.contact_id is not None]
    overridden = override_of(actor, letter, now) is not None
    found: Counted = Counter()
    for kind, zones, count in lists.zones_in_to(actor.account_id, to.many, letter.channel, names, named):
        if not why_left_behind(kind, letter.purpose, number, overridden=overridden):
            found[letter.channel, zones] += count
    return found


def _of_ones(actor: Actor, to: To, letter: Letter, left: dict[int, str]) -> Counted:
    """An address that nobody has is taken to be in the account's zone."""
    home = (Account.objects.values_list("zone", flat=True).get(pk=actor.account_id),)
    known = people(actor.account_id, [one.contact_id for one in to.ones if one.contact_id is not None])
    found: Counted = Counter()
    for one in to.ones:
        channel = one.channel or letter.channel
        if one.contact_id is None:
            found[channel, home] += 1
        elif one.contact_id not in left:
            found[channel, known[one.contact_id].facts.zones] += 1
    return found
