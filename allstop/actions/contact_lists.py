"""Recall and contact lists: a question about contacts that is kept, who is on it today, and who is done with.

The rule that it guards: a list never sends by itself. Whoever is on it is asked anew each time, by the Phonebook's own
filter, so that nobody is on it who has said no, is deleted, or has come meanwhile; what is sent to it is a send like
any other. What ends a plan that it has sent is in follow_ups.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions import follow_ups
from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.bulk import check_filter
from allstop.actions.contact_ticks import AT_ONCE, write_ticks
from allstop.actions.message_plans import plan_of, steps_of
from allstop.actions.messenger import Letter, Pressed, To, send
from allstop.actions.messenger_preview import SeriesForecast, forecast_series
from allstop.actions.messenger_steps import Series
from allstop.actions.named_rows import save_named, write_down
from allstop.actions.own_windows import Proposal
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import CountsFrom
from allstop.rules.months import months_back
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date
from allstop.store import lists
from allstop.store.lists.phonebook import ids_that_match, newest_contact
from allstop.store.models import Account, ContactList

LONGEST_NAME = 100
MOST_MONTHS = 120
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoice:
    name: str
    filter: lists.ContactFilter = field(default_factory=lists.ContactFilter)
    no_visit_months: int | None = None  # they have been here, but not for so long, and no appointment is ahead
    not_written_days: int | None = None
    back_after_months: int = 6  # whoever is ticked is on it again then
    for_family: bool = False  # those who share a number or an address get one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What a program or a command sends to a list: words on a channel, or a plan."""

    purpose: Purpose
    channel: Channel | None = None
    subject: str = ""
    body: str = ""
    plan_id: int | None = None
    window: Proposal | None = None

    def letter(self, actor: Actor) -> Letter:
        if self.plan_id is not None:
            if self.channel is not None or self.body or self.subject:
                raise Invalid(plan="A plan brings its own channels and words: leave channel, subject and body out.")
            return letter_by_plan(actor, self.plan_id, self.purpose, self.window)
        if self.channel is None:
            raise Invalid(channel="Choose a channel, or a message plan.")
        return Letter(
            channel=self.channel, purpose=self.purpose, subject=self.subject, body=self.body, window=self.window
        )


def list_of(actor: Actor, list_id: int, *, lock: bool = False) -> ContactList:
    found = ContactList.objects.filter(account_id=actor.account_id, pk=list_id)
    kept = (found.select_for_update(of=("self",)) if lock else found).first()
    if kept is None:
        raise NotThere("There is no such list.")
    return kept


def choice_of(kept: ContactList) -> ListChoice:
    return ListChoice(
        name=kept.name,
        filter=lists.filter_from_json(kept.filter),
        no_visit_months=kept.no_visit_months,
        not_written_days=kept.not_written_days,
        back_after_months=kept.back_after_months,
        for_family=kept.for_family,
    )


def filter_of(kept: ContactList, now: datetime) -> lists.ContactFilter:
    """Who is on it today, without those who are ticked."""
    zone = Account.objects.values_list("zone", flat=True).get(pk=kept.account_id)
    today = local_date(now, zone)
    months, days = kept.no_visit_months, kept.not_written_days
    return replace(
        lists.filter_from_json(kept.filter),
        no_visit_since=months_back(today, months).isoformat() if months else "",
        not_written_since=(today - timedelta(days=days)).isoformat() if days else "",
        not_ticked=kept.pk,
        ticked_at=today.isoformat(),
    )


def count_of(kept: ContactList, now: datetime) -> int:
    return lists.count_contacts(kept.account_id, filter_of(kept, now))


@transaction.atomic
def save_list(actor: Actor, choice: ListChoice, now: datetime, list_id: int | None = None) -> ContactList:
    require(actor, Act.EDIT_CONTACTS)
    kept = list_of(actor, list_id, lock=True) if list_id is not None else None
    before = _shown(kept)
    _check(actor, choice)
    if kept is None:
        kept = ContactList(account_id=actor.account_id, created_by=actor.name, created_at=now)
    kept.name, kept.filter = choice.name.strip(), choice.filter.as_json()
    kept.no_visit_months, kept.not_written_days = choice.no_visit_months, choice.not_written_days
    kept.back_after_months, kept.for_family = choice.back_after_months, choice.for_family
    save_named(kept, "list")
    write_down(actor, "save_contact_list", f"contact_list:{kept.pk}", before, _shown(kept), now)
    return kept


@transaction.atomic
def delete_list(actor: Actor, list_id: int, now: datetime) -> ContactList:
    """Its contacts stay. Returned as it was."""
    require(actor, Act.EDIT_CONTACTS)
    kept = list_of(actor, list_id, lock=True)
    write_down(actor, "delete_contact_list", f"contact_list:{kept.pk}", _shown(kept), {}, now)
    ContactList.objects.filter(pk=kept.pk).delete()
    return kept


def tick(actor: Actor, list_id: int, contact_ids: Sequence[int] | None, now: datetime) -> int:
    """As complete: they are off the list until its months have passed, and no plan that it has sent goes on.

    None: all who are on it. How many were on it, or were followed up by it.
    """
    require(actor, Act.EDIT_CONTACTS)
    with transaction.atomic():
        kept = list_of(actor, list_id, lock=True)
        wanted = filter_of(kept, now)
        if contact_ids is None:
            ids = _everybody(kept, wanted)
        else:
            asked = sorted(set(contact_ids))
            ids = lists.still_matching(kept.account_id, wanted, asked)
            ids = sorted({*ids, *follow_ups.followed_up(kept.account_id, kept.pk, asked, now)})
        number = _tick(actor, kept, ids, now)
        follow_ups.end(kept.account_id, ids, follow_ups.TICKED, now, list_id=kept.pk)
    follow_ups.withdraw_ended(now)
    return number


def send_to_list(
    actor: Actor,
    list_id: int,
    letter: Letter,
    now: datetime,
    *,
    ticks: bool = False,
    for_family: bool | None = None,
) -> Pressed:
    """One message to each who is on it. With `ticks`, whoever gets one is ticked as complete. `for_family`: None = as
    the list says."""
    require(actor, Act.SEND_MESSAGE)
    kept = list_of(actor, list_id)
    asked = letter_to(kept, replace(letter, ticks=kept.pk if ticks else None), for_family=for_family)
    return send(actor, to_list(kept, now), asked, now)


def preview_list(
    actor: Actor, list_id: int, letter: Letter, now: datetime, for_family: bool | None = None
) -> SeriesForecast:
    """What send_to_list would make now. Makes nothing."""
    kept = list_of(actor, list_id)
    return forecast_series(actor, to_list(kept, now), letter_to(kept, letter, for_family=for_family), now)


def to_list(kept: ContactList, now: datetime) -> To:
    return To(filters=(lists.Many(filter=filter_of(kept, now)),))


def letter_to(kept: ContactList, letter: Letter, *, for_family: bool | None = None) -> Letter:
    """None: as the list says."""
    together = kept.for_family if for_family is None else for_family
    return replace(letter, series=replace(letter.series, list_id=kept.pk, for_family=together))


def letter_by_plan(actor: Actor, plan_id: int, purpose: Purpose, window: Proposal | None = None) -> Letter:
    plan = plan_of(actor, plan_id)
    if plan.counts_from != CountsFrom.SENDING:
        raise Invalid(plan="This plan counts back from an appointment. Choose one that counts from the sending.")
    steps = steps_of(plan)
    channel, words = steps[0].channel, steps[0].words[0]
    return Letter(
        channel=channel,
        purpose=purpose,
        subject=words.subject if channel is Channel.EMAIL else "",
        body=words.body,
        window=window,
        series=Series(steps=steps, plan_id=plan.pk),
    )


def _everybody(kept: ContactList, wanted: lists.ContactFilter) -> list[int]:
    until = newest_contact(kept.account_id)
    ids: list[int] = []
    while True:
        beyond = ids[-1] if ids else 0
        some = ids_that_match(kept.account_id, wanted, beyond=beyond, until=until, without=[], limit=AT_ONCE)
        ids += some
        if len(some) < AT_ONCE:
            return ids


def _tick(actor: Actor, kept: ContactList, ids: Sequence[int], now: datetime) -> int:
    until = write_ticks(kept, ids, actor.name, now)
    write_down(
        actor,
        "tick_contact_list",
        f"contact_list:{kept.pk}",
        {},
        {"contacts": len(ids), "until": until.isoformat()},
        now,
    )
    return len(ids)


def _check(actor: Actor, choice: ListChoice) -> None:
    problems: dict[str, str] = {}
    name = choice.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems["name"] = f"Give the list a name of at most {LONGEST_NAME} characters."
    if choice.no_visit_months is not None and not 1 <= choice.no_visit_months <= MOST_MONTHS:
        problems["no_visit_months"] = f"Choose from 1 to {MOST_MONTHS} months, or nothing."
    if choice.not_written_days is not None and not 1 <= choice.not_written_days <= MOST_DAYS:
        problems["not_written_days"] = f"Choose from 1 to {MOST_DAYS} days, or nothing."
    if not 1 <= choice.back_after_months <= MOST_MONTHS:
        problems["back_after_months"] = f"Choose from 1 to {MOST_MONTHS} months."
    if problems:
        raise Invalid(**problems)
    check_filter(actor.account_id, choice.filter)


def _shown(kept: ContactList | None) -> dict[str, Any]:
    if kept is None:
        return {}
    return {
        "name": kept.name,
        "filter": {name: value for name, value in kept.filter.items() if name != "q"},
        "no_visit_months": kept.no_visit_months,
        "not_written_days": kept.not_written_days,
        "back_after_months": kept.back_after_months,
        "for_family": kept.for_family,
    }
