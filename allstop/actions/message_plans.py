"""Setting up message plans, and what one would do for a sample appointment or a sending now.

The rule that it guards: a plan that can be chosen can be carried out: its steps are in order and every wording of it
can be filled. Files that are read by a plan take it as it is when they are imported, feeds included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.messenger_people import PLACEHOLDERS as PLACEHOLDERS_OF_LISTS
from allstop.actions.named_rows import save_named, write_down
from allstop.actions.templates import PLACEHOLDERS, proposed_wording
from allstop.formats.mapping import Field
from allstop.rules import answer_link, follow_up, visit_thanks
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import Condition, CountsFrom, PlannedStep, Step, Visit, Words, faults_of, steps_for
from allstop.rules.message_plan_data import as_data, read_steps
from allstop.rules.roles import Act
from allstop.rules.visit_thanks import Thanks, read_thanks
from allstop.rules.wallclock import local_date
from allstop.store import facts
from allstop.store.models import Account, Feed, Import, ImportState, Location, MessagePlan

LONGEST_NAME = 100
SAMPLE_AHEAD = timedelta(days=21)


def usual_step(channel: Channel, days: int, condition: Condition = Condition.ALWAYS) -> Step:
    words = proposed_wording(Purpose.REMINDER, channel, {Field.GIVEN_NAME})
    says = Words(body=words.body, subject=words.subject, new_body=words.new_body, new_subject=words.new_subject)
    return Step(channel=channel, days=days, clock=time(10), condition=condition, words=(says,))


def usual_steps() -> tuple[Step, ...]:
    """What a new plan begins with."""
    return (
        usual_step(Channel.EMAIL, 14),
        usual_step(Channel.TEXT, 2),
        usual_step(Channel.CALL, 1, Condition.UNCONFIRMED),
    )


def usual_follow_up() -> tuple[Step, ...]:
    """What a new plan for lists begins with."""
    mail = Words(
        subject="Time for your next visit",
        body="Hello {names},\n\nit is time for your next visit at {location}. Please call us, or answer this email, and"
        " we find a time.\n\n{account}",
    )
    text = Words(
        body="Hello {names}, it is time for your next visit at {location}. Reply, and we find a time. Reply STOP to get"
        " no more texts."
    )
    call = Words(
        body="Hello. This is {account}, for {names}. It is time for your next visit. Please call us, or press 1, and we"
        " call you. To get no more calls, press 9. Goodbye."
    )
    later = Condition.UNCONFIRMED
    return (
        Step(channel=Channel.EMAIL, days=0, clock=time(10), words=(mail,)),
        Step(channel=Channel.TEXT, days=7, clock=time(10), condition=later, words=(text,)),
        Step(channel=Channel.CALL, days=14, clock=time(10), condition=later, words=(call,)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    name: str
    steps: Sequence[Step]
    thanks: Sequence[Thanks] = ()  # none: answers are not acknowledged
    counts_from: CountsFrom = CountsFrom.APPOINTMENT


def plan_of(actor: Actor, plan_id: int, *, lock: bool = False) -> MessagePlan:
    found = MessagePlan.objects.filter(account_id=actor.account_id, pk=plan_id)
    plan = (found.select_for_update(of=("self",)) if lock else found).first()
    if plan is None:
        raise NotThere("There is no such message plan.")
    return plan


def steps_of(plan: MessagePlan) -> tuple[Step, ...]:
    steps = read_steps(plan.steps)
    assert isinstance(steps, tuple), "it was checked when it was saved"
    return steps


def choice_of(plan: MessagePlan) -> PlanChoice:
    counts_from = CountsFrom(plan.counts_from)
    return PlanChoice(name=plan.name, steps=steps_of(plan), thanks=read_thanks(plan.thanks), counts_from=counts_from)


@transaction.atomic
def save_plan(actor: Actor, choice: PlanChoice, now: datetime, plan_id: int | None = None) -> MessagePlan:
    """A new one, or another choice for one that is there. What was imported by it before stays as it was made."""
    require(actor, Act.EDIT_SETUP)
    plan = plan_of(actor, plan_id, lock=True) if plan_id is not None else None
    before = _shown(plan)
    problems = problems_of(actor.account_id, choice)
    if plan is not None and plan.counts_from != choice.counts_from:
        problems["counts_from"] = "What a plan counts from stays as it was made. Make a new plan."
    if problems:
        raise Invalid(**problems)
    if plan is None:
        plan = MessagePlan(account_id=actor.account_id, created_by=actor.name, created_at=now)
    plan.name, plan.purpose, plan.counts_from = choice.name.strip(), Purpose.REMINDER.value, choice.counts_from.value
    plan.steps, plan.thanks = as_data(choice.steps), visit_thanks.as_data(choice.thanks)
    save_named(plan, "message plan")
    write_down(actor, "save_message_plan", f"message_plan:{plan.pk}", before, _shown(plan), now)
    return plan


@transaction.atomic
def delete_plan(actor: Actor, plan_id: int, now: datetime) -> MessagePlan:
    """What it has made stays. Refused while a feed or a file on its way uses it. Returned as it was."""
    require(actor, Act.EDIT_SETUP)
    plan = plan_of(actor, plan_id, lock=True)
    feed = Feed.objects.filter(account_id=actor.account_id, options__plan_id=plan_id).first()
    if feed is not None:
        raise Conflict(f"The feed {feed.name} reads its files by this plan. Let it read like another file first.")
    under_way = (ImportState.QUEUED, ImportState.RUNNING)
    if Import.objects.filter(account_id=actor.account_id, state__in=under_way, options__plan_id=plan_id).exists():
        raise Conflict("A file is being imported by this plan. Wait until it is done.")
    write_down(actor, "delete_message_plan", f"message_plan:{plan.pk}", _shown(plan), {}, now)
    MessagePlan.objects.filter(pk=plan.pk).delete()
    return plan


def problems_of(account_id: int, choice: PlanChoice) -> dict[str, str]:
    """Field -> what is wrong with it."""
    problems: dict[str, str] = {}
    name = choice.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems["name"] = f"Give the plan a name of at most {LONGEST_NAME} characters."
    if choice.counts_from is CountsFrom.SENDING:
        problems |= follow_up.faults_of(choice.steps, (*PLACEHOLDERS_OF_LISTS, answer_link.NAME))
        if choice.thanks:
            problems["thanks"] = "Only answers to appointments are acknowledged."
    else:
        problems |= faults_of(choice.steps, tuple(PLACEHOLDERS)) | visit_thanks.faults_of(choice.thanks)
    known = set(Location.objects.filter(account_id=account_id).values_list("pk", flat=True))
    for number, step in enumerate(choice.steps, start=1):
        if any(words.location is not None and words.location not in known for words in step.words):
            problems.setdefault(f"step{number}_body", "A wording is for a location that is not in this account.")
    return problems


def sample_moment(account: Account, now: datetime) -> datetime:
    """For a preview nobody has chosen a time for: in three weeks, in the morning, on the account's clock."""
    day = local_date(now + SAMPLE_AHEAD, account.zone)
    return datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZoneInfo(account.zone))


def rehearse(account: Account, steps: Sequence[Step], appointment: datetime, now: datetime) -> tuple[PlannedStep, ...]:
    """What somebody with this appointment would get who can be reached on every channel, from a file that is imported
    now. Nothing, once it has begun."""
    if appointment <= now:
        return ()
    calendars = facts.windows_of_account(account.pk)
    day = local_date(appointment, account.zone)
    return steps_for(steps, Visit(day, appointment, tuple(Channel)), calendars, account.zone, now)


def rehearse_sending(account: Account, steps: Sequence[Step], start: datetime) -> tuple[PlannedStep, ...]:
    """What somebody gets who is reached on every channel and never answers, by a plan that is sent to them then."""
    calendars = facts.windows_of_account(account.pk)
    found = []
    stand = follow_up.Stand(0, start)
    for way in follow_up.ways(steps, list(Channel)):
        at = follow_up.asked(way.step, stand, account.zone)
        calendar = calendars.get(way.step.channel)
        at = (calendar.next_open(at) if calendar else at) or at
        stand = follow_up.Stand(way.step.days, at)
        found.append(PlannedStep(way.number, way.step, at, way.condition, way.after))
    return tuple(found)


def _shown(plan: MessagePlan | None) -> dict[str, Any]:
    """Wording of plans names nobody: it is filled when a row is read."""
    if plan is None:
        return {}
    return {"name": plan.name, "counts_from": plan.counts_from, "steps": plan.steps, "thanks": plan.thanks}
