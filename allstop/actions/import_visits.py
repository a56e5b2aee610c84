"""The message plan of an import: whether it fits, its steps, and which message belongs to which appointment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from allstop.actions.import_options import ImportOptions
from allstop.actions.import_planned import Planned
from allstop.rules.facts import Purpose
from allstop.rules.message_plan import CountsFrom, Step
from allstop.rules.message_plan_data import read_steps
from allstop.store.copying import copy_rows
from allstop.store.models import MessagePlan, PlanStep


def plan_problems(account_id: int, options: ImportOptions) -> dict[str, str]:
    plan = MessagePlan.objects.filter(account_id=account_id, pk=options.plan_id or 0).first()
    if plan is None:
        return {"plan_id": "There is no such message plan any more. Choose another one, or none."}
    if options.purpose is not Purpose.REMINDER:
        return {"plan_id": "A message plan counts back from an appointment. Choose it for appointment reminders."}
    if plan.counts_from != CountsFrom.APPOINTMENT:
        return {
            "plan_id": "This plan counts from the sending of a list. Choose one that counts back from appointments."
        }
    if options.window is not None:
        return {"plan_id": "A message plan has its own times. Take the sending window of this list away."}
    return {}


def steps_of_options(account_id: int, options: ImportOptions) -> tuple[Step, ...]:
    """(): there is no plan. The options were checked."""
    if options.plan_id is None:
        return ()
    steps = read_steps(MessagePlan.objects.get(account_id=account_id, pk=options.plan_id).steps)
    assert isinstance(steps, tuple), "it was checked when it was saved"
    return steps


def keep_steps(
    account_id: int, plan_id: int, made: Iterable[tuple[Planned, Sequence[int]]], standing: Mapping[int, datetime]
) -> None:
    """Of rows that are not canceled: which message is which step of which appointment. `standing`: those that stand by,
    and when they are due."""
    copy_rows(
        PlanStep,
        ("account_id", "visit", "number", "message_id", "condition", "after", "look_at", "plan_id"),
        (
            (
                account_id,
                ids[0],
                message.step,
                number,
                message.condition.value,
                by_step.get(message.after) if message.after is not None else None,
                standing.get(number),
                plan_id,
            )
            for one, ids in made
            for by_step in [{message.step: number for message, number in zip(one.messages, ids, strict=True)}]
            for message, number in zip(one.messages, ids, strict=True)
        ),
    )
