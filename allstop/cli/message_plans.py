"""`allstop plans ...`: message plans, and what a sample appointment would get; `allstop answer`: a contact's word."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count
from allstop.rules.message_plan import CountsFrom
from allstop.rules.wallclock import typed_moment

if TYPE_CHECKING:
    from allstop.doors.api.message_plans import MessagePlanIn, PlanOut

WHEN = {CountsFrom.APPOINTMENT: "before", CountsFrom.SENDING: "after"}
commands = typer.Typer()
plans = typer.Typer(no_args_is_help=True, help="Message plans: several messages about an appointment, or to a list.")
commands.add_typer(plans, name="plans")

NumberArgument = Annotated[int, typer.Argument(help="Of the plan, as `allstop plans list` shows it.", min=1)]
FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON, as docs/api.md says.")
]


@plans.command("list")
def list_plans(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the message plans."""
    with desk(account, as_json) as at:
        from allstop.doors.api.message_plans import plan_shape
        from allstop.store import lists

        shapes = [plan_shape(one) for one in lists.message_plans(at.actor.account_id)]
        at.out.show(shapes, lambda: _print_plans(at, shapes))


@plans.command("show")
def show(
    number: NumberArgument,
    appointment: Annotated[
        str | None, typer.Option("--appointment", help="On the account's clock, like 2026-12-15T10:30; else a sample.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show when the messages of a sample appointment would leave, or those of a list that is sent now."""
    with desk(account, as_json) as at:
        from allstop.actions.message_plans import plan_of, rehearse, rehearse_sending, sample_moment, steps_of
        from allstop.doors.api.message_plans import PlanDates, date_shape

        plan = plan_of(at.actor, number)
        moment: datetime | None = None
        if plan.counts_from == CountsFrom.SENDING:
            found = rehearse_sending(at.account, steps_of(plan), at.now)
        else:
            moment = _moment(at, appointment) if appointment else sample_moment(at.account, at.now)
            found = rehearse(at.account, steps_of(plan), moment, at.now)
        shape = PlanDates(appointment=moment, items=[date_shape(one) for one in found])
        rows = [(str(one.step), one.channel.value, at.out.time(one.at), one.condition.value) for one in shape.items]

        def print_dates() -> None:
            if not rows:
                print("Nothing: the appointment has begun.")
            else:
                at.out.table(("Step", "Channel", "Leaves", "Condition"), rows)

        at.out.show(shape, print_dates)


@plans.command("save")
def save(
    file: FileArgument,
    number: Annotated[int | None, typer.Option("--number", help="Of the plan that it replaces.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save a message plan from a file."""
    with desk(account, as_json) as at:
        from allstop.actions.message_plans import save_plan
        from allstop.doors.api.message_plans import plan_shape

        saved = plan_shape(save_plan(at.actor, _read(file).choice(), at.now, number))
        at.out.show(saved, lambda: print(f"Message plan {saved.id}, {saved.name}: {count(len(saved.steps), 'step')}."))


@plans.command("delete")
def delete(number: NumberArgument, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Delete a message plan. What it has made stays."""
    with desk(account, as_json) as at:
        from allstop.actions.message_plans import delete_plan
        from allstop.doors.api.message_plans import plan_shape

        gone = plan_shape(delete_plan(at.actor, number, at.now))
        at.out.show(gone, lambda: print(f"The message plan {gone.name} is deleted."))


@commands.command("answer")
def answer(
    message: Annotated[int, typer.Argument(help="The number of the reminder.", min=1)],
    said: Annotated[str, typer.Argument(help="confirmed, cancelled, wrong or other.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down what a contact said of their appointment. What need not leave any more is withdrawn."""
    with desk(account, as_json) as at:
        from allstop.actions.visits import answer_appointment
        from allstop.doors.api.message_plans import answer_shape
        from allstop.store.models import AnswerKind

        if said not in list(AnswerKind):
            raise Invalid(said=f"Say {', '.join(AnswerKind)}.")
        shape = answer_shape(answer_appointment(at.actor, message, AnswerKind(said), at.now))
        at.out.show(shape, lambda: print(f"Message {shape.message_id}: {shape.answer.value}."))


def _moment(at: Desk, written: str) -> datetime:
    from zoneinfo import ZoneInfo

    try:
        moment = typed_moment(written)
    except ValueError as wrong:
        raise Invalid(appointment="Write the appointment like 2026-12-15T10:30.") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(at.account.zone))


def _read(file: Path) -> "MessagePlanIn":
    from pydantic import ValidationError

    from allstop.doors.api.message_plans import MessagePlanIn
    from allstop.doors.api.shape_words import WrongShape, shape_problems

    try:
        return MessagePlanIn.model_validate_json(file.read_bytes())
    except ValidationError as wrong:
        raise WrongShape(**shape_problems(wrong.errors())) from wrong


def _print_plans(at: Desk, shapes: "list[PlanOut]") -> None:
    if not shapes:
        print("There are no message plans yet.")
        return
    lines = [
        (
            str(one.id),
            one.name,
            "; ".join(
                f"{step['channel']} {step['days']} days {WHEN[one.counts_from]}, {step['condition']}"
                for step in one.steps
            ),
        )
        for one in shapes
    ]
    at.out.table(("No.", "Plan", "Steps"), lines)
