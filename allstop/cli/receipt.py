"""`allstop receipt`: the receipt of a stop, and whether it is true."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, answering, desk
from allstop.cli.printing import MOST, Exit, JsonOption, count, exactly

if TYPE_CHECKING:
    from allstop.doors.api.stops import StopOut, VerificationOut

commands = typer.Typer()


@commands.command()
def receipt(
    number: Annotated[
        int | None,
        typer.Argument(min=1, max=MOST, metavar="[NUMBER]", help="Of the stop; the newest STOP of the account."),
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Ask the ledger and the attempts if it is true.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the receipt of a stop, and with --verify whether it is true."""
    with desk(_account_of(number, as_json) if account is None and number else account, as_json) as at:
        from allstop.actions import receipts
        from allstop.doors.api.stops import stop_shape, verification_shape

        found = receipts.newest_receipt(at.actor) if number is None else receipts.receipt(at.actor, number)
        if not verify:
            at.out.show(stop_shape(found), lambda: _print(at, stop_shape(found)))
            return
        checked = verification_shape(receipts.verify(at.actor, found.number))
        at.out.show(checked, lambda: _print_checked(at, checked))
        if not checked.is_sound:
            raise typer.Exit(Exit.ERROR)


def _account_of(number: int, as_json: bool) -> str | None:
    """The number names one stop of the installation, so nobody needs to name its account as well."""
    with answering(as_json):
        from allstop.actions.confirming import account_of_stop

        found = account_of_stop(number)
        return None if found is None else str(found)


def _print(at: Desk, shown: "StopOut") -> None:
    covers = {
        "installation": "every account",
        "account": "the account",
        "channel": f"{shown.channel}s",
        "location": f"location {shown.location_id}",
        "job": f"job {shown.job_id}",
        "contact": f"contact {shown.contact_id}",
    }
    at.out.facts(
        (
            ("Receipt", str(shown.number)),
            ("Covers", covers[shown.scope]),
            ("By", shown.by),
            ("Reason", shown.reason),
            ("Effective", exactly(shown.effective_at)),
            ("Confirmed", exactly(shown.confirmed_at) if shown.confirmed_at else "not yet"),
            ("Until", exactly(shown.until) if shown.until else "it stands"),
            ("Workers", f"{shown.workers} had to confirm"),
            ("In flight", f"{count(shown.in_flight or 0, 'message')} when it took effect"),
            ("Handed back", f"{shown.handed_back or 0:,} of them, never started"),
        )
    )


def _print_checked(at: Desk, checked: "VerificationOut") -> None:
    _print(at, checked.receipt)
    print()
    rows = [(one.title, "yes" if one.is_sound else "NO", one.words) for one in checked.answers]
    at.out.table(("Question", "Sound", "Answer"), rows)
    print("Verified: the receipt is true." if checked.is_sound else "NOT VERIFIED: look at the answers with NO.")
