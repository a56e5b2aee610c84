"""`allstop leads end-all`, `allstop leads playbook` and who answers: the conversations with leads."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.leads import ConfirmOption, leads
from allstop.cli.printing import JsonOption, count

if TYPE_CHECKING:
    from allstop.store.models import MassEnd

commands = typer.Typer()  # what is here belongs to the family of leads.py
MemberOption = Annotated[int | None, typer.Option(help="Number of a member: only the leads assigned to them.")]
EndNumber = Annotated[int, typer.Argument(help="The number that end-all has said.")]
FileArgument = Annotated[str, typer.Argument(help="A text file; - reads from the standard input.")]


@leads.command("end-all")
def end_all(
    confirm: ConfirmOption = "",
    member: MemberOption = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """End Conversations: every new lead becomes unqualified, and nothing more is said to any of them."""
    with desk(account, as_json) as at:
        from allstop.actions.mass_end import ask_to_end, what_would_end
        from allstop.actions.mass_end_run import RUNS, run_here

        ahead = what_would_end(at.actor, member)
        typed = confirm or _asked(ahead.leads, ahead.member)
        _show(at, RUNS.see_through(ask_to_end(at.actor, typed, at.now, member).pk, run_here))


@leads.command("end-status")
def end_status(number: EndNumber, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """How far an end-all is, and what it has ended."""
    with desk(account, as_json) as at:
        from allstop.actions.mass_end import mass_end_of

        _show(at, mass_end_of(at.actor, number))


@leads.command("replay-end")
def replay_end(number: EndNumber, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Have webhooks told after all of the leads that an end-all has ended. Once."""
    with desk(account, as_json) as at:
        from allstop.actions.mass_end_replay import replay_mass_end

        _show(at, replay_mass_end(at.actor, number, at.now))


@leads.command("playbook")
def show_playbook(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """The playbook's text; of an account that has none, an example."""
    with desk(account, as_json) as at:
        from allstop.actions.playbooks import playbook_of
        from allstop.doors.api.playbook import playbook_shape

        kept = playbook_of(at.actor)
        at.out.show(playbook_shape(kept), lambda: print(kept.text, end=""))


@leads.command("set-playbook")
def set_playbook(
    file: FileArgument,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether new leads begin with it.")] = True,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a playbook and keep it. Faults are named with their lines."""
    with desk(account, as_json) as at:
        from allstop.actions.playbooks import change_playbook
        from allstop.doors.api.playbook import playbook_shape

        kept = change_playbook(at.actor, _read(file), at.now, is_on=on)
        words = "New leads begin with it." if kept.is_on else "It is off: people answer your leads."
        at.out.show(playbook_shape(kept), lambda: print(f"Saved. {words}"))


@leads.command("try-playbook")
def try_playbook(
    file: FileArgument,
    answers: Annotated[list[str] | None, typer.Argument(help="What the lead answers, in turn.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play an example conversation. Nothing is kept and nothing leaves."""
    with desk(account, as_json) as at:
        from allstop.actions.playbooks import dry_run
        from allstop.doors.api.playbook import PlaybookLineOut, PlaybookRehearsalOut

        lines = dry_run(at.actor, _read(file), answers or [], at.now)
        shape = PlaybookRehearsalOut(
            lines=[PlaybookLineOut(who=one.who, channel=one.channel, words=one.words, after=one.after) for one in lines]
        )
        at.out.show(shape, lambda: print("\n".join(f"{one.after:>18}  {one.who:<5} {one.words}" for one in lines)))


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise typer.BadParameter(f"{file} cannot be read as UTF-8 text: {unreadable}.") from unreadable


def _asked(number: int, member: str) -> str:
    whose = f" of {member}" if member else " of every member"
    words = (
        f"{count(number, 'active lead')}{whose} will be unqualified, what waits for them is withdrawn, no webhook is"
        " called, and nothing answers them by itself afterwards. This is possibly destructive and cannot be taken back."
    )
    print(words, file=sys.stderr)
    print("Type CONFIRM: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().removesuffix("\n")


def _show(at: Desk, end: "MassEnd") -> None:
    from allstop.doors.api.mass_ends import mass_end_shape

    facts = (
        ("Number", str(end.pk)),
        ("State", end.state),
        ("Whose", end.member_name or "everybody's"),
        ("Ended", f"{end.ended:,} of {end.total:,}"),
        ("Withdrawn", f"{end.withdrawn:,} waiting messages"),
        ("By", end.by),
        ("Webhooks", f"told by {end.replayed_by}" if end.replayed_at else "not told"),
    )
    at.out.show(mass_end_shape(end), lambda: at.out.facts(facts))
