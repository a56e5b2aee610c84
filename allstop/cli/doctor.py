"""`allstop doctor`: looks at the whole installation and says in words what is wrong with it.

The rule that it guards: it only looks. What it finds wrong has a sentence that says what it means or what to do.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from allstop.cli.desk import answering
from allstop.cli.printing import Exit, JsonOption, count

if TYPE_CHECKING:
    from allstop.cli.shapes import Finding

commands = typer.Typer()

MARKS = {"ok": "ok", "warning": "look", "wrong": "WRONG"}


@commands.command()
def doctor(as_json: JsonOption = False) -> None:
    """Check the database, the workers, the queue, the ledger, the disk, the clock and the providers' settings."""
    with answering(as_json) as out:
        from allstop.cli.examination import examine

        findings: list[Finding] = []
        for finding in examine():  # each is told when it is known: some take a while
            findings.append(finding)
            out.say(f"{MARKS[finding.result]:<6}{finding.check:<13}{finding.words}")
        out.show(findings, lambda: print(_summary(findings)))
        if any(finding.result == "wrong" for finding in findings):
            raise typer.Exit(Exit.ERROR)


def _summary(findings: "Sequence[Finding]") -> str:
    wrong = sum(finding.result == "wrong" for finding in findings)
    look = sum(finding.result == "warning" for finding in findings)
    if wrong:
        return f"\n{count(wrong, 'thing is', 'things are')} wrong."
    return f"\nNothing is wrong. {count(look, 'thing')} to look at." if look else "\nNothing is wrong."
