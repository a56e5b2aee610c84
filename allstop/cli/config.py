"""`allstop config`: the setup of sending as a file, out and in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption

if TYPE_CHECKING:
    from allstop.rules.sending import Settings

commands = typer.Typer()
config = typer.Typer(no_args_is_help=True)
commands.add_typer(config, name="config", help="The setup of email, texts and calls as a file.")


@config.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; without one it is printed.")] = None,
    account: AccountOption = None,
) -> None:
    """Write the setup of email, texts and calls as TOML. No password is in it."""
    with desk(account, as_json=False) as at:
        from allstop.actions.sending_setup import read
        from allstop.formats.sending_file import write

        words = write(read(at.actor).settings, at.account.name)
        if file is None:
            print(words, end="")
        else:
            file.write_text(words, encoding="utf-8")
            print(f"Written to {file}. Passwords are not in it.")


@config.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="A file that `allstop config export` has written; - for standard input.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a file changes, ask, and let all of it take effect at once. Passwords stay as they are."""
    with desk(account, as_json) as at:
        from allstop.actions.sending_setup import apply, check, read
        from allstop.rules.sending_data import as_data
        from allstop.rules.sending_words import changes

        now = read(at.actor)
        settings = _read(file)
        made = changes(as_data(now.settings), as_data(settings))
        found = check(at.actor, settings)
        if found.problems:
            raise Invalid(**found.problems)
        if not as_json:
            at.out.table(("Setting", "Now", "Then"), [(one.label, one.before_words, one.after_words) for one in made])
        for one in found.cautions:
            at.out.say(f"Warning: {one.words}")
        if made and not yes:
            _ask(as_json)
        applied = apply(at.actor, settings, at.now, version=now.version)
        _show(at, len(applied.changes))


def _read(file: Path) -> "Settings":
    from allstop.formats.sending_file import read
    from allstop.rules.sending_data import Misread

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as missing:
        raise Invalid(file=f"{file} cannot be read: {missing.strerror}.") from missing
    try:
        return read(content)
    except Misread as wrong:
        said = {place or "file": f"{place}: {words}" if place else words for place, words in wrong.problems.items()}
        raise Invalid(**said) from wrong


def _ask(as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise Invalid(yes="Nobody can be asked here. Add --yes to let it take effect. Nothing was changed.")
    if not typer.confirm("Shall all of this take effect?"):
        print("Nothing was changed.")
        raise typer.Exit(Exit.DONE)


def _show(at: Desk, changed: int) -> None:
    from allstop.doors.api.sending import sending_out

    shape = sending_out(at.actor, at.now)
    at.out.show(shape, lambda: print("In force from now on." if changed else "Nothing is different."))
