"""`allstop contacts ...`: the Phonebook from the command line, for one contact or a million.

Whoever names contacts names them by their numbers, or all that match the filters with --all: then it says how many
these are and asks, unless --yes was given.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import MOST, JsonOption, count

if TYPE_CHECKING:
    from allstop.actions.bulk import Selection
    from allstop.doors.api.bulk import ContactChangeOut
    from allstop.doors.api.contacts import ContactPage
    from allstop.store.lists import ContactFilter
    from allstop.store.models import BulkChange, ChangeKind

commands = typer.Typer()
contacts = typer.Typer(no_args_is_help=True, help="List contacts, and mark, assign, group or delete them.")
commands.add_typer(contacts, name="contacts")


@contacts.callback()
def _family() -> None:
    """List contacts, and mark, assign, group or delete them."""


class Show(StrEnum):
    FLAG = "flag"
    STOP_ALL = "stop_all"
    STOP_PROMOTIONS = "stop_promotions"
    OPTED_OUT = "opted_out"
    DELETED = "deleted"


class Mark(StrEnum):
    FLAG = "flag"
    UNFLAG = "unflag"
    STOP_ALL = "stop_all"
    OK_TO_SEND = "ok_to_send"
    STOP_PROMOTIONS = "stop_promotions"
    OK_FOR_SALES = "ok_for_sales"


Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers of contacts.")]
AllOption = Annotated[bool, typer.Option("--all", help="All that match the filters, instead of numbers.")]
Search = Annotated[str, typer.Option("--search", help="Words in a name, number, email or own id.")]
With = Annotated[list[Show] | None, typer.Option("--with", help="Only those; more than once to combine.")]
Assigned = Annotated[str, typer.Option("--assigned-to", metavar="EMAIL", help="A member's email, or nobody.")]
InGroup = Annotated[str, typer.Option("--group", metavar="NAME", help="Only those in this group.")]
At = Annotated[str, typer.Option("--location", metavar="CODE", help="Only those of this location.")]
Reason = Annotated[str, typer.Option(help="Kept with the marker and in the ledger.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class Which:
    """What was typed about which contacts."""

    ids: list[int] | None = None
    everyone: bool = False
    search: str = ""
    shown: list[Show] | None = None
    assigned_to: str = ""
    group: str = ""
    location: str = ""

    def filter(self, at: Desk) -> "ContactFilter":
        from allstop.actions.actor import NotThere
        from allstop.store.lists import ContactFilter, locations

        location = next((one.pk for one in locations(at.account.pk) if one.code == self.location), None)
        if self.location and location is None:
            raise NotThere(f"There is no location with the code {self.location}.")
        shown = self.shown or []
        return ContactFilter(
            q=self.search,
            flag=Show.FLAG in shown,
            stop_all=Show.STOP_ALL in shown,
            stop_promotions=Show.STOP_PROMOTIONS in shown,
            opted_out=Show.OPTED_OUT in shown,
            deleted=Show.DELETED in shown,
            assigned_to=_member(at, self.assigned_to) if self.assigned_to else None,
            group=_group(at, self.group) if self.group else None,
            location=location,
        )

    def selection(self, at: Desk) -> "Selection":
        from allstop.actions.actor import Invalid
        from allstop.actions.bulk import Selection

        if self.everyone == bool(self.ids):
            raise Invalid(ids="Give the numbers of contacts, or --all for all that match the filters.")
        return Selection(filter=self.filter(at)) if self.everyone else Selection(ids=self.ids or [])


def _member(at: Desk, email: str) -> int:
    from allstop.actions.actor import NotThere
    from allstop.store.lists import NOBODY, members

    if email == "nobody":
        return NOBODY
    for one in members(at.account.pk):
        if one.user.email.casefold() == email.casefold():
            return one.pk
    raise NotThere(f"There is no member with the email {email} in this account.")


def _group(at: Desk, name: str) -> int:
    from allstop.actions.actor import NotThere
    from allstop.store.lists import groups

    for one in groups(at.account.pk):
        if one.name.casefold() == name.casefold():
            return one.id
    raise NotThere(f"There is no group {name}.")


@contacts.command("list")
def list_(  # noqa: PLR0913 - each is an option of the command
    search: Search = "",
    shown: With = None,
    assigned_to: Assigned = "",
    group: InGroup = "",
    location: At = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    after: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="Show the contacts that come after this one.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List contacts by name. Filters combine."""
    with desk(account, as_json) as at:
        from allstop.doors.api.contacts import ContactsAsked, contact_page

        which = Which(search=search, shown=shown, assigned_to=assigned_to, group=group, location=location)
        page = contact_page(at.actor, ContactsAsked(**which.filter(at).as_json(), limit=limit, after=after))
        at.out.show(page, lambda: _print(at, page))


def _print(at: Desk, page: "ContactPage") -> None:
    if not page.items:
        print("Nobody matches." if page.next is None else "Nobody matches so far.")
    else:
        at.out.table(
            ("ID", "Name", "Phone", "Email", "Markers", "Assigned to"),
            [
                (str(row.id), row.name, row.phone, row.email, _marks(row.markers, row), row.assigned_to)
                for row in page.items
            ],
        )
    if page.next is not None:
        print(f"There are more: add --after {page.next}")


def _marks(markers: list[str], row: object) -> str:
    more = [word for word in ("unsubscribed", "deleted") if getattr(row, word)]
    return ", ".join([*markers, *more])


@contacts.command()
def mark(  # noqa: PLR0913 - each is an option of the command
    kind: Annotated[Mark, typer.Argument(help="What to set or take away.")],
    ids: Ids = None,
    everyone: AllOption = False,
    search: Search = "",
    shown: With = None,
    assigned_to: Assigned = "",
    group: InGroup = "",
    location: At = "",
    reason: Reason = "",
    yes: Yes = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Flag, Stop All, Stop Promotions, and their opposites. What stops is in force when this returns."""
    with desk(account, as_json) as at:
        from allstop.store.models import ChangeKind

        which = Which(ids, everyone, search, shown, assigned_to, group, location)
        _change(at, which, ChangeKind(kind.value), yes, reason=reason)


@contacts.command()
def assign(  # noqa: PLR0913 - each is an option of the command
    member: Annotated[str, typer.Argument(metavar="EMAIL", help="A member's email, or nobody.")],
    ids: Ids = None,
    everyone: AllOption = False,
    search: Search = "",
    shown: With = None,
    group: InGroup = "",
    location: At = "",
    yes: Yes = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Assign contacts to a member, or to nobody."""
    with desk(account, as_json) as at:
        from allstop.store.lists import NOBODY
        from allstop.store.models import ChangeKind

        whom = _member(at, member)
        which = Which(ids, everyone, search, shown, "", group, location)
        _change(at, which, ChangeKind.ASSIGN, yes, member_id=None if whom == NOBODY else whom)


@contacts.command()
def group(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="The group.")],
    ids: Ids = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take them out instead of in.")] = False,
    everyone: AllOption = False,
    search: Search = "",
    shown: With = None,
    assigned_to: Assigned = "",
    location: At = "",
    yes: Yes = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add contacts to a group, or take them out. With --all --remove it means those in the group."""
    with desk(account, as_json) as at:
        from allstop.store.models import ChangeKind

        kind = ChangeKind.REMOVE_FROM_GROUP if remove else ChangeKind.ADD_TO_GROUP
        which = Which(ids, everyone, search, shown, assigned_to, name if remove and everyone else "", location)
        _change(at, which, kind, yes, group_id=_group(at, name))


@contacts.command()
def delete(  # noqa: PLR0913 - each is an option of the command
    ids: Ids = None,
    everyone: AllOption = False,
    search: Search = "",
    shown: With = None,
    assigned_to: Assigned = "",
    group: InGroup = "",
    location: At = "",
    restore: Annotated[bool, typer.Option("--restore", help="Bring deleted ones back instead.")] = False,
    yes: Yes = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete contacts from the Phonebook; a search still finds them."""
    with desk(account, as_json) as at:
        from allstop.store.models import ChangeKind

        which = Which(ids, everyone, search, shown, assigned_to, group, location)
        _change(at, which, ChangeKind.RESTORE if restore else ChangeKind.DELETE, yes)


@contacts.command()
def undo(
    change: Annotated[int, typer.Argument(min=1, help="The number of the change.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a change back within ten minutes, but for what somebody has changed since."""
    with desk(account, as_json) as at:
        from allstop.actions.bulk import ask_for_undo
        from allstop.actions.bulk_run import RUNS, run_here

        _tell(at, RUNS.see_through(ask_for_undo(at.actor, change, at.now).pk, run_here))


def _change(  # noqa: PLR0913 - what a change is about
    at: Desk,
    which: Which,
    kind: "ChangeKind",
    yes: bool,
    *,
    member_id: int | None = None,
    group_id: int | None = None,
    reason: str = "",
) -> None:
    from allstop.actions.bulk import Wish, ask_for_change, count_selected
    from allstop.actions.bulk_run import RUNS, run_here

    selection = which.selection(at)
    if which.everyone and not yes:
        typer.confirm(
            f"This is about {count(count_selected(at.actor, selection), 'contact')}. Go on?", abort=True, err=True
        )
    wish = Wish(kind=kind, member_id=member_id, group_id=group_id, reason=reason)
    _tell(at, RUNS.see_through(ask_for_change(at.actor, selection, wish, at.now).pk, run_here))


def _tell(at: Desk, change: "BulkChange") -> None:
    from allstop.doors.api.bulk import change_shape

    shape = change_shape(change)
    at.out.show(shape, lambda: _say(shape))


def _say(shape: "ContactChangeOut") -> None:
    print(f"Changed {count(shape.changed, 'contact')} of {shape.done:,}. {shape.refused:,} refused.")
    if shape.undo_until is not None:
        print(f"To take it back within ten minutes: allstop contacts undo {shape.id}")
