"""Message plans: several messages about one appointment, or to somebody on a list; and what contacts said of their
appointments."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions.actor import Invalid
from allstop.actions.message_plans import (
    PlanChoice,
    delete_plan,
    plan_of,
    rehearse,
    rehearse_sending,
    sample_moment,
    save_plan,
    steps_of,
)
from allstop.actions.visits import answer_appointment
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Clock, Id, Line, Strict, Text, Timestamp
from allstop.rules.facts import Channel
from allstop.rules.message_plan import MOST_DAYS, Condition, CountsFrom, PlannedStep
from allstop.rules.message_plan_data import read_steps
from allstop.rules.visit_thanks import LONGEST, Thanks
from allstop.rules.words import Problem
from allstop.store import lists
from allstop.store.models import Account, AnswerKind, AppointmentAnswer, MessagePlan

router = Router(tags=["message plans"])
Words = Annotated[Text, Field(max_length=100_000)]


class PlanWordsIn(Strict):
    body: Words = Field(description="With names in braces, such as {first_name}.")
    subject: Line = Field("", description="Emails only; they need one.")
    new_body: Words = Field("", description="For somebody to whom nothing was ever sent, and for new patients.")
    new_subject: Line = ""
    family_body: Words = Field("", description="For several of a family; it names {visits}. Needed with for_family.")
    family_subject: Line = ""
    language: Annotated[Text, Field(max_length=12)] = Field("", description='Such as es; "" is every other.')
    location: Id | None = Field(None, description="null is every other.")


class PlanStepIn(Strict):
    channel: Channel
    days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = Field(
        description="Before the appointment, over sending days; or after the day of the sending, by the calendar."
    )
    clock: Clock = Field(description="On the account's clock.")
    condition: Condition = Field(
        Condition.ALWAYS,
        description="unconfirmed: not once they have confirmed, or answered; failed: only if the step before was.",
    )
    for_family: bool = Field(False, description="One message for all who share the address and come on the same day.")
    words: list[PlanWordsIn] = Field(description="The first is for every language and location without its own.")


class PlanThanks(Strict):
    """Of one language; an empty text says nothing."""

    confirmed: Annotated[Text, Field(max_length=LONGEST)] = Field("", description="To a yes. It may name {account}.")
    cancelled: Annotated[Text, Field(max_length=LONGEST)] = Field("", description="To a no.")
    language: Annotated[Text, Field(max_length=12)] = Field("", description='Such as es; "" is every other.')


class MessagePlanIn(Strict):
    name: Annotated[Text, Field(max_length=100)]
    steps: list[PlanStepIn] = Field(description="In the order in which they leave.")

    thanks: list[PlanThanks] = Field([], description="Acknowledges a clear yes or no; empty: nothing is said.")
    counts_from: CountsFrom = Field(
        CountsFrom.APPOINTMENT, description="sending: forward from the day on which a contact list is sent."
    )

    def choice(self) -> PlanChoice:
        steps = read_steps([one.model_dump(mode="json") for one in self.steps])
        if isinstance(steps, Problem):
            raise Invalid(steps=steps.text)
        thanks = tuple(Thanks(one.confirmed, one.cancelled, one.language) for one in self.thanks)
        return PlanChoice(name=self.name, steps=steps, thanks=thanks, counts_from=self.counts_from)


class PlanOut(Schema):
    id: int
    name: str
    steps: list[dict[str, Any]]
    thanks: list[dict[str, str]]
    counts_from: CountsFrom


class PlanList(Schema):
    items: list[PlanOut]


class PlanDate(Schema):
    step: int = Field(description="Its number in the plan, from 1.")
    channel: Channel
    at: datetime = Field(description="Quiet hours and windows may let it leave later.")
    condition: Condition


class PlanDates(Schema):
    appointment: datetime | None = Field(description="null: it counts from a sending, here now.")
    items: list[PlanDate]


class DatesAsked(Asked):
    appointment: Timestamp | None = Field(None, description="Else one in three weeks.")


class VisitAnswerIn(Strict):
    answer: AnswerKind = Field(description="confirmed, cancelled, wrong (not their number or address) or other.")


class VisitAnswerOut(Schema):
    message_id: int
    answer: AnswerKind
    by: str
    at: datetime


def plan_shape(plan: MessagePlan) -> PlanOut:
    return PlanOut(
        id=plan.pk, name=plan.name, steps=plan.steps, thanks=plan.thanks, counts_from=CountsFrom(plan.counts_from)
    )


def date_shape(one: PlannedStep) -> PlanDate:
    return PlanDate(step=one.number, channel=one.step.channel, at=one.at, condition=one.condition)


def answer_shape(one: AppointmentAnswer) -> VisitAnswerOut:
    return VisitAnswerOut(message_id=one.message_id, answer=AnswerKind(one.kind), by=one.by, at=one.at)


@router.get("/message-plans", response={200: PlanList, **refusals()}, operation_id="list_message_plans")
def list_plans(request: Call) -> PlanList:
    """All of them on one page, by name."""
    return PlanList(items=[plan_shape(one) for one in lists.message_plans(request.auth.account_id)])


@router.post("/message-plans", response={201: PlanOut, **refusals(400, 403)}, operation_id="make_message_plan")
def make(request: Call, plan: MessagePlanIn) -> Status[PlanOut]:
    """Roles: admin, leader."""
    return Status(201, plan_shape(save_plan(request.auth, plan.choice(), request.now)))


@router.get("/message-plans/{int:plan_id}", response={200: PlanOut, **refusals(404)}, operation_id="get_message_plan")
def get(request: Call, plan_id: Path[Id]) -> PlanOut:
    """One message plan."""
    return plan_shape(plan_of(request.auth, plan_id))


@router.put(
    "/message-plans/{int:plan_id}",
    response={200: PlanOut, **refusals(400, 403, 404)},
    operation_id="change_message_plan",
)
def change(request: Call, plan_id: Path[Id], plan: MessagePlanIn) -> PlanOut:
    """All of it anew. Messages that it has made stay as they are. Roles: admin, leader."""
    return plan_shape(save_plan(request.auth, plan.choice(), request.now, plan_id))


@router.delete(
    "/message-plans/{int:plan_id}",
    response={200: PlanOut, **refusals(403, 404, 409)},
    operation_id="delete_message_plan",
)
def delete(request: Call, plan_id: Path[Id]) -> PlanOut:
    """Answers what was deleted. 409 while a feed reads its files by it. Roles: admin, leader."""
    return plan_shape(delete_plan(request.auth, plan_id, request.now))


@router.get(
    "/message-plans/{int:plan_id}/dates",
    response={200: PlanDates, **refusals(404)},
    operation_id="rehearse_message_plan",
)
def dates(request: Call, plan_id: Path[Id], asked: Query[DatesAsked]) -> PlanDates:
    """When the messages of a sample appointment would leave, imported now, or those to somebody on a list that is sent
    now. Changes nothing."""
    plan = plan_of(request.auth, plan_id)
    account = Account.objects.get(pk=request.auth.account_id)
    if plan.counts_from == CountsFrom.SENDING:
        steps = rehearse_sending(account, steps_of(plan), request.now)
        return PlanDates(appointment=None, items=[date_shape(one) for one in steps])
    appointment = asked.appointment or sample_moment(account, request.now)
    found = rehearse(account, steps_of(plan), appointment, request.now)
    return PlanDates(appointment=appointment, items=[date_shape(one) for one in found])


@router.post(
    "/messages/{int:message_id}/answer",
    response={200: VisitAnswerOut, **refusals(400, 403, 404, 409)},
    operation_id="answer_appointment",
)
def answer(request: Call, message_id: Path[Id], said: VisitAnswerIn) -> VisitAnswerOut:
    """What the contact said of the appointment that the message reminds of. A later word counts instead.

    Confirmed: steps that were only for those who have not are withdrawn. Cancelled: all that still waits about it.
    Roles: admin, leader, member.
    """
    return answer_shape(answer_appointment(request.auth, message_id, said.answer, request.now))
