"""`allstop django ...`: Django's own commands (makemigrations, shell, dbshell) with the database running."""

import typer

from allstop.cli.ready import ready

commands = typer.Typer()


@commands.command(
    "django",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def django(context: typer.Context) -> None:
    """Run one of Django's own commands, for developers: allstop django makemigrations."""
    with ready():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["allstop django", *context.args])
