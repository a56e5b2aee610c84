"""`allstop lists ...`: recall and contact lists, who is on them, and who is done with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count
from allstop.rules.words import Channel, Purpose

if TYPE_CHECKING:
    from allstop.doors.api.contact_lists import PreviewOut
    from allstop.doors.api.forecast import ListForecastOut

commands = typer.Typer()
contact_lists = typer.Typer(no_args_is_help=True, help="Recall and contact lists.")
commands.add_typer(contact_lists, name="lists")

NumberArgument = Annotated[int, typer.Argument(help="Of the list, as `allstop lists show` without it says.", min=1)]


@contact_lists.command("show")
def show(
    number: Annotated[int | None, typer.Argument(help="Who is on this list; without it, all lists.", min=1)] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the lists with their counts, or the first 200 who are on one."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_lists import count_of, filter_of, list_of
        from allstop.doors.api.contact_lists import OnListOut, list_shape
        from allstop.store import lists

        if number is None:
            found = [list_shape(one, count_of(one, at.now)) for one in lists.contact_lists(at.actor.account_id)]
            rows = [(str(one.id), one.name, f"{one.count:,}") for one in found]
            at.out.show(found, lambda: at.out.table(("No.", "List", "On it now"), rows))
            return
        page = lists.phonebook(at.actor.account_id, filter_of(list_of(at.actor, number), at.now), limit=200)
        people = [OnListOut(id=row.id, name=row.name, phone=row.phone, email=row.email) for row in page.rows]
        lines = [(str(one.id), one.name, one.phone, one.email) for one in people]
        at.out.show(people, lambda: at.out.table(("ID", "Name", "Phone", "Email"), lines))


@contact_lists.command("followed")
def followed(number: NumberArgument, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List whom a plan that the list has sent follows up, the next 200 first. A tick ends it for somebody."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_lists import list_of
        from allstop.doors.api.contact_lists import followed_up_shape

        shape = followed_up_shape(list_of(at.actor, number), at.now)
        rows = [(str(one.id), one.name, one.channel.value, at.out.time(one.due_at)) for one in shape.items]
        at.out.show(shape, lambda: at.out.table(("ID", "Name", "Next", "Leaves"), rows))


@contact_lists.command("make")
def make(  # noqa: PLR0913 - each is an option that a person types
    name: Annotated[str, typer.Argument(help="Of the list.")],
    no_visit_months: Annotated[int | None, typer.Option("--no-visit-months", help="Not here for so long.")] = None,
    not_written_days: Annotated[int | None, typer.Option("--not-written-days", help="No message for so long.")] = None,
    back_after_months: Annotated[int, typer.Option("--back-after-months", help="Ticked ones come back then.")] = 6,
    for_family: Annotated[bool, typer.Option("--family", help="One message for those who share an address.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a list. Groups, locations and flags are chosen in the console or by the API."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_lists import ListChoice, count_of, save_list
        from allstop.doors.api.contact_lists import list_shape

        choice = ListChoice(
            name=name,
            no_visit_months=no_visit_months,
            not_written_days=not_written_days,
            back_after_months=back_after_months,
            for_family=for_family,
        )
        kept = save_list(at.actor, choice, at.now)
        shape = list_shape(kept, count_of(kept, at.now))
        at.out.show(shape, lambda: print(f"List {shape.id}, {shape.name}: {count(shape.count, 'contact')} now."))


@contact_lists.command("tick")
def tick(
    number: NumberArgument,
    contacts: Annotated[list[int] | None, typer.Argument(help="Numbers of contacts; without any, everybody.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tick contacts as complete: they are off the list until its months have passed."""
    with desk(account, as_json) as at:
        from allstop.actions import contact_lists as actions
        from allstop.doors.api.contact_lists import TickOut

        done = TickOut(count=actions.tick(at.actor, number, contacts or None, at.now))
        at.out.show(done, lambda: print(f"{count(done.count, 'contact')} ticked."))


PlanOption = Annotated[
    int | None, typer.Option("--plan", help="Send the steps of this message plan, as `allstop plans list` numbers it.")
]
ChannelOption = Annotated[Channel | None, typer.Option("--channel", help="Needed without a plan.")]
TextOption = Annotated[str, typer.Option("--text", help="What the message says; {names} is who it is for.")]
SubjectOption = Annotated[str, typer.Option("--subject", help="Emails only, and they need one.")]
PurposeOption = Annotated[Purpose, typer.Option("--purpose")]


@contact_lists.command("preview")
def preview(  # noqa: PLR0913 - each is an option that a person types
    number: NumberArgument,
    channel: ChannelOption = None,
    text: TextOption = "",
    subject: SubjectOption = "",
    purpose: PurposeOption = Purpose.REMINDER,
    plan: PlanOption = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what `lists send` would make now: on which day, by which step, to how many."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_lists import Saying, preview_list
        from allstop.doors.api.contact_lists import preview_shape

        said = Saying(channel=channel, purpose=purpose, subject=subject, body=text, plan_id=plan)
        shape = preview_shape(preview_list(at.actor, number, said.letter(at.actor), at.now), at.now)
        rows = [
            (
                f"{one.day}",
                str(one.step),
                one.channel.value,
                one.condition.value,
                f"{one.people:,}",
                f"{one.messages:,}",
            )
            for one in shape.days
        ]
        at.out.show(shape, lambda: _print_preview(at, shape, rows))


@contact_lists.command("send")
def send(  # noqa: PLR0913 - each is an option that a person types
    number: NumberArgument,
    channel: ChannelOption = None,
    text: TextOption = "",
    subject: SubjectOption = "",
    purpose: PurposeOption = Purpose.REMINDER,
    plan: PlanOption = None,
    ticks: Annotated[bool, typer.Option("--tick", help="Tick whoever gets one as complete.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send one message to each who is on the list, or the steps of a plan."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_lists import Saying, send_to_list
        from allstop.doors.api.sends import send_shape

        said = Saying(channel=channel, purpose=purpose, subject=subject, body=text, plan_id=plan)
        done = send_to_list(at.actor, number, said.letter(at.actor), at.now, ticks=ticks)
        shape = send_shape(done.send)
        at.out.show(shape, lambda: print(f"Send {shape.id}: to {count(shape.total, 'contact')}."))


def _print_preview(at: Desk, shape: "PreviewOut", rows: Sequence[tuple[str, ...]]) -> None:
    print(_reach(shape))
    at.out.table(("Day", "Step", "Channel", "Condition", "People", "Messages"), rows)
    print(_leaves(at, shape.leaves))


def _leaves(at: Desk, found: "ListForecastOut") -> str:
    never = found.messages - found.leave
    words = f"Behind what waits, {count(found.leave, 'message')} can leave"
    words += f", the last {at.out.time(found.finish)}." if found.finish else "."
    return f"{words} {never:,} cannot, or would be too late." if never else words


def _reach(shape: "PreviewOut") -> str:
    left = sum(shape.left_behind.values())
    words = f"{count(shape.people, 'contact')}: {shape.reached:,} get something, {left:,} nothing."
    return words if shape.counted >= shape.people else f"{words} Only the first {shape.counted:,} were looked at."


@contact_lists.command("delete")
def delete(number: NumberArgument, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Delete a list. Its contacts stay."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_lists import delete_list
        from allstop.doors.api.contact_lists import list_shape

        gone = list_shape(delete_list(at.actor, number, at.now), 0)
        at.out.show(gone, lambda: print(f"The list {gone.name} is deleted."))
