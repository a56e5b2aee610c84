"""`allstop leads ...`: leads from the command line, and Pause and Unpause Account."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import MOST, JsonOption, count
from allstop.rules.leads import LONGEST_NOTE, LeadSource, LeadStatus

if TYPE_CHECKING:
    from allstop.doors.api.intake import IntakeOut
    from allstop.doors.api.leads import LeadDetailOut, LeadPage

commands = typer.Typer()
leads = typer.Typer(no_args_is_help=True, help="Leads: the list, new ones, what becomes of them, and the pause.")
commands.add_typer(leads, name="leads")

ConfirmOption = Annotated[str, typer.Option("--confirm", help="The word CONFIRM; without it the command asks.")]
ReasonOption = Annotated[str, typer.Option(help="Kept with the pause and in the ledger.")]


@leads.callback()
def _family() -> None:
    """Leads: the list, new ones, what becomes of them, and the pause."""


LeadId = Annotated[UUID, typer.Argument(metavar="ID", help="As `allstop leads list` shows it.")]
NoteOption = Annotated[str, typer.Option(help=f"What colleagues should know, at most {LONGEST_NOTE:,} characters.")]


class Why(StrEnum):
    """Reasons that may be chosen: CHOSEN_REASONS of rules/leads.py."""

    NOT_INTERESTED = "not_interested"
    UNRESPONSIVE = "unresponsive"
    WRONG_PERSON = "wrong_person"
    OUT_OF_AREA = "out_of_area"
    SAME_PERSON = "same_person"
    ENDED = "ended"
    OTHER = "other"


@leads.command("list")
def list_(  # noqa: PLR0913 - each is an option of the command
    status: Annotated[LeadStatus | None, typer.Option(help="Only those.")] = None,
    source: Annotated[LeadSource | None, typer.Option(help="Only those that came by this path.")] = None,
    assigned_to: Annotated[str, typer.Option(metavar="EMAIL", help="A member's email, or nobody.")] = "",
    search: Annotated[str, typer.Option("--search", help="Part of a name, number or email.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    after: Annotated[int | None, typer.Option(min=1, max=MOST, help="Go on after a page.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List leads, newest first. Filters combine."""
    with desk(account, as_json) as at:
        from allstop.doors.api.leads import LeadsAsked, lead_page

        owner = _owner(at, assigned_to)
        asked = LeadsAsked(status=status, source=source, assigned_to=owner, q=search, limit=limit, after=after)
        page = lead_page(at.account.pk, asked)
        at.out.show(page, lambda: _print_page(at, page))


def _owner(at: Desk, email: str) -> int | None:
    from allstop.actions.actor import NotThere
    from allstop.store.lists import NOBODY, members

    if email in ("", "nobody"):
        return NOBODY if email else None
    found = [one.pk for one in members(at.account.pk) if one.user.email.casefold() == email.casefold()]
    if not found:
        raise NotThere(f"There is no member with the email {email} in this account.")
    return found[0]


def _print_page(at: Desk, page: "LeadPage") -> None:
    if not page.items:
        print("There are no leads like that.")
        return
    at.out.table(
        ("ID", "Name", "Phone", "Status", "Source", "Kind", "Assigned to", "Came"),
        [
            (
                str(row.id),
                row.name,
                row.phone or row.email,
                row.reason or row.status,
                row.source,
                row.kind,
                row.assigned_to or "nobody",
                at.out.time(row.created_at, with_zone=False),
            )
            for row in page.items
        ],
    )
    if page.next is not None:
        print(f"There are more: add --after {page.next}")


@leads.command()
def add(  # noqa: PLR0913 - each is an option of the command
    phone: Annotated[str, typer.Argument(help="Read in the account's country unless it begins with +.")],
    given_name: Annotated[str, typer.Option("--given-name")] = "",
    family_name: Annotated[str, typer.Option("--family-name")] = "",
    email: Annotated[str, typer.Option("--email")] = "",
    kind: Annotated[str, typer.Option(help="Your own word, such as buyer.")] = "",
    comment: Annotated[str, typer.Option(help="What they wrote.")] = "",
    assigned_to: Annotated[str, typer.Option(metavar="EMAIL", help="A member's email.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a lead by hand. Refused while the account is paused, or when the person has a new lead."""
    with desk(account, as_json) as at:
        from allstop.actions.intake import create_lead
        from allstop.actions.lead_details import NewLead
        from allstop.doors.api.leads import made_shape

        new = NewLead(
            source=LeadSource.MANUAL,
            phone=phone,
            email=email,
            given_name=given_name,
            family_name=family_name,
            kind=kind,
            comment=comment,
            assigned_to_id=_owner(at, assigned_to) if assigned_to else None,
        )
        shape = made_shape(at.account.pk, create_lead(at.actor, new, at.now))
        at.out.show(shape, lambda: _print_lead(at, shape))


@leads.command()
def qualify(lead: LeadId, note: NoteOption = "", account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Worth a person's time."""
    with desk(account, as_json) as at:
        from allstop.actions import leads as actions

        actions.qualify(at.actor, lead, note, at.now)
        _show_lead(at, lead)


@leads.command()
def unqualify(
    lead: LeadId,
    reason: Annotated[Why, typer.Option(help="Why.")] = Why.ENDED,
    note: NoteOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop working it, with a reason."""
    with desk(account, as_json) as at:
        from allstop.actions import leads as actions
        from allstop.rules.leads import Reason

        actions.unqualify(at.actor, lead, Reason(reason.value), note, at.now)
        _show_lead(at, lead)


@leads.command()
def dnc(lead: LeadId, note: NoteOption = "", account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Do Not Contact: unqualified, and opted out of every channel. Workers obey when this returns."""
    with desk(account, as_json) as at:
        from allstop.actions.lead_no import do_not_contact

        do_not_contact(at.actor, lead, note, at.now)
        _show_lead(at, lead)


@leads.command()
def show(lead: LeadId, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Show one lead with its history, newest first."""
    with desk(account, as_json) as at:
        _show_lead(at, lead)


def _show_lead(at: Desk, lead: UUID) -> None:
    from allstop.doors.api.leads import lead_shape

    shape = lead_shape(at.account.pk, lead)
    at.out.show(shape, lambda: _print_lead(at, shape))


def _print_lead(at: Desk, shape: "LeadDetailOut") -> None:
    at.out.facts(
        (
            ("Lead", str(shape.id)),
            ("Name", shape.name),
            ("Phone", shape.phone),
            ("Email", shape.email),
            ("Status", f"{shape.status} {shape.reason}".strip()),
            ("Source", shape.source),
            ("Kind", shape.kind),
            ("Comment", shape.comment),
            ("Assigned to", shape.assigned_to or "nobody"),
            ("Opted out", "yes: nothing leaves to them" if shape.opted_out else ""),
        )
    )
    print()
    rows = [(at.out.time(one.at, with_zone=False), one.title, one.by, one.detail or one.words) for one in shape.history]
    at.out.table(("At", "What", "By", "Says"), rows)


@leads.command()
def pause(
    confirm: ConfirmOption = "",
    reason: ReasonOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pause Account: no lead is created any more, for any member, until somebody unpauses."""
    with desk(account, as_json) as at:
        from allstop.actions.pausing import pause_intake
        from allstop.doors.api.intake import intake_shape

        now = intake_shape(at.account.pk)
        typed = confirm or _ask(
            f"No new lead will be created, from any source, until somebody unpauses. The"
            f" {count(now.active_leads, 'active lead')} and their conversations go on. This is possibly destructive:"
            " what is refused is not made up later."
        )
        pause_intake(at.actor, typed, reason, at.now)
        _say(at, "The account is paused.")


@leads.command()
def unpause(
    confirm: ConfirmOption = "",
    reason: ReasonOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Unpause Account: leads are created again. What was refused is not made up later."""
    with desk(account, as_json) as at:
        from allstop.actions.pausing import unpause_intake
        from allstop.doors.api.intake import intake_shape

        now = intake_shape(at.account.pk)
        typed = confirm or _ask(
            f"New leads will be created again, from every source. The {count(now.refused_total, 'lead')} refused since"
            " the pause are not made up later. This is possibly destructive."
        )
        unpause_intake(at.actor, typed, reason, at.now)
        _say(at, "The account is unpaused.")


def _ask(words: str) -> str:
    """What was typed, as it was typed; "" where nobody can be asked."""
    print(words, file=sys.stderr)
    print("Type CONFIRM: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().removesuffix("\n")


def _say(at: Desk, words: str) -> None:
    from allstop.doors.api.intake import intake_shape

    shape = intake_shape(at.account.pk)
    at.out.show(shape, lambda: _print(at, words, shape))


def _print(at: Desk, words: str, shape: "IntakeOut") -> None:
    print(words)
    at.out.facts(
        (
            ("Paused by", shape.by),
            ("Since", at.out.time(shape.since)),
            ("Reason", shape.reason),
            ("Active leads", f"{shape.active_leads:,}"),
            ("Refused", ", ".join(f"{number:,} {source}" for source, number in shape.refused.items())),
        )
    )
