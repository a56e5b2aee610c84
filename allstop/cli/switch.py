"""`allstop stop`: the switch of an account, the same action as in the console. start.py has `allstop start`."""

from typing import Annotated

import typer

from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import Exit, JsonOption, count, exactly

commands = typer.Typer()

LONGEST_REASON = 300
ReasonOption = Annotated[str, typer.Option("--reason", help="Shown to everybody who looks at the switch.")]


@commands.command()
def stop(reason: ReasonOption = "", account: AccountOption = None, as_json: JsonOption = False) -> None:
    """STOP: nothing new leaves. Waits until every worker obeys, and prints the receipt."""
    with desk(account, as_json) as at:
        from allstop.actions.switch import stop_account, wait_until_confirmed
        from allstop.doors.api.account import ReceiptOut, receipt_shape

        _check(reason)
        receipt = receipt_shape(wait_until_confirmed(stop_account(at.actor, reason, at.now).number))

        def words(shown: ReceiptOut = receipt) -> None:
            print(
                "STOPPED." if shown.confirmed_at else "STOPPING: nothing new is taken up; a worker has not confirmed."
            )
            at.out.facts(
                (
                    ("Receipt", str(shown.number)),
                    ("By", shown.by),
                    ("Reason", shown.reason),
                    ("Effective", exactly(shown.effective_at)),
                    ("Confirmed", exactly(shown.confirmed_at) if shown.confirmed_at else "not yet"),
                    ("Workers", f"{shown.workers} had to confirm"),
                    ("In flight", f"{count(shown.in_flight, 'message')} when it took effect"),
                    ("Handed back", f"{shown.handed_back:,} of them, never started"),
                )
            )

        at.out.show(receipt, words)
        if receipt.confirmed_at is None:
            raise typer.Exit(Exit.ERROR)


def _check(reason: str) -> None:
    from allstop.actions.actor import Invalid

    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
