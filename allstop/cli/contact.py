"""`allstop contact`: the record of one contact."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.erasing import ErasureOut

commands = typer.Typer()
contact = typer.Typer(no_args_is_help=True, help="One contact: what passed, notes, merging, export, erasing.")
commands.add_typer(contact, name="contact")

ContactId = Annotated[int, typer.Argument(min=1, metavar="ID", help="Of the contact.")]


@contact.command()
def history(
    contact_id: ContactId,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Events at most, the newest.")] = 50,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show messages, replies, notes and changes, newest first."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import NotThere
        from allstop.doors.api.record import EventOut
        from allstop.store import lists

        if lists.contact(at.actor.account_id, contact_id) is None:
            raise NotThere("There is no such contact.")
        events = lists.history(at.actor.account_id, contact_id, limit=limit)
        rows = [
            (at.out.time(one.at), one.kind.value, one.channel, one.by, one.state, one.subject or one.words)
            for one in events
        ]
        headings = ("At", "Kind", "Channel", "By", "State", "Message")
        at.out.show([EventOut.from_orm(one) for one in events], lambda: at.out.table(headings, rows))


@contact.command()
def note(
    contact_id: ContactId,
    text: Annotated[str, typer.Argument(help="For colleagues; it is never sent.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down a note."""
    with desk(account, as_json) as at:
        from allstop.actions.notes import add_note
        from allstop.doors.api.record import NoteOut

        made = NoteOut.from_orm(add_note(at.actor, contact_id, text, at.now))
        at.out.show(made, lambda: print("The note is kept with the contact."))


@contact.command()
def merge(
    contact_id: ContactId,
    other_id: Annotated[int, typer.Argument(min=1, metavar="OTHER", help="The contact that goes.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Merge OTHER into the contact ID. It cannot be undone."""
    with desk(account, as_json) as at:
        from allstop.actions.merging import merge_contacts
        from allstop.doors.api.contacts import contact_shape
        from allstop.doors.api.record import MergedOut

        merged = merge_contacts(at.actor, contact_id, other_id, at.now)
        shape = MergedOut(contact=contact_shape(at.actor.account_id, contact_id), messages=merged.messages)
        at.out.show(shape, lambda: print(f"Merged. {count(merged.messages, 'message')} came over."))


@contact.command()
def export(
    contact_id: ContactId,
    to: Annotated[Path | None, typer.Option("--to", help="File to write; standard output without it.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that is known of the person, as JSON with and without --json."""
    with desk(account, as_json) as at:
        from allstop.actions.export_person import export_person

        known = json.dumps(export_person(at.actor, contact_id, at.now), indent=2, ensure_ascii=False)
        if to is None:
            print(known)
        else:
            to.write_text(known + "\n", encoding="utf-8")
            at.out.say(f"Written to {to}.")


@contact.command()
def erase(
    contact_id: ContactId,
    confirm: Annotated[
        str, typer.Option("--confirm", help="The contact's name, or CONFIRM; without it you are asked.")
    ] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase the person for good; a no of theirs survives. It cannot be undone."""
    with desk(account, as_json) as at:
        from allstop.actions.erase import erase_person
        from allstop.actions.erase_show import foresee, lines
        from allstop.doors.api.erasing import erasure_shape

        typed = confirm
        if not typed and not as_json:
            foreseen = foresee(at.actor, contact_id)
            at.out.say(f"{foreseen.name or 'This contact'} is erased for good. With them go:")
            for number, words in lines(foreseen.counts):
                at.out.say(f"  {words}: {number:,}")
            typed = typer.prompt(f"Type {foreseen.name or 'CONFIRM'}", err=True)
        made = erasure_shape(erase_person(at.actor, contact_id, typed, at.now))
        at.out.show(made, lambda: _tell(made))


@contact.command()
def erasure(
    erasure_id: Annotated[int, typer.Argument(min=1, metavar="ID", help="Of the erasing.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """The receipt of an erasing: numbers only."""
    with desk(account, as_json) as at:
        from allstop.actions.erase import erasure_of
        from allstop.doors.api.erasing import erasure_shape

        found = erasure_shape(erasure_of(at.actor, erasure_id))
        at.out.show(found, lambda: _tell(found))


def _tell(made: "ErasureOut") -> None:
    from allstop.actions.erase_show import lines

    if made.state != "done":
        print(f"Erasing {made.id}: nothing leaves to them any more. Something is under way; a worker ends it.")
        return
    print(f"Erasing {made.id}: done. Stop {made.stop_number} came first. What went:")
    for number, words in lines(made.counts):
        print(f"  {words}: {number:,}")
    print(f"  Messages withdrawn before leaving: {made.withdrawn:,}")
    print(f"A keyed digest of {count(made.counts.get('digests', 0), 'address', 'addresses')} stays.")
