"""`allstop channels`: by which provider an account sends its texts, calls and emails."""

import json
import os
from typing import Annotated, Any

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import JsonOption
from allstop.rules.facts import Channel

commands = typer.Typer()
channels = typer.Typer(no_args_is_help=True)
commands.add_typer(channels, name="channels", help="By which provider texts, calls and emails leave.")

PASSWORD = "ALLSTOP_PROVIDER_PASSWORD"  # noqa: S105 - the name of a variable: a command line is seen by everybody


@channels.command("list")
def list_(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Show the provider, the sender and the settings of each channel, without passwords."""
    with desk(account, as_json) as at:
        from allstop.actions.setup import shown
        from allstop.store.models import ChannelSetup

        setups = [shown(one) for one in ChannelSetup.objects.filter(account=at.account).order_by("channel")]
        if as_json:
            print(json.dumps(setups))
            return
        at.out.table(
            ("Channel", "Provider", "Sender", "Settings", "Problem"),
            [
                (one["channel"], one["provider"] or "none", one["sender"], _words(one["config"]), one["broken"])
                for one in setups
            ],
        )


@channels.command("set")
def set_(  # noqa: PLR0913 - each is an option of the command
    channel: Annotated[Channel, typer.Argument(help="text, call or email.")],
    provider: Annotated[str, typer.Option("--provider", help="sandbox, smtp, or none: then messages wait.")],
    settings: Annotated[
        list[str] | None, typer.Option("--setting", help="NAME=VALUE, as often as needed: host=mail.example.com")
    ] = None,
    sender: Annotated[str, typer.Option("--sender", help="The address or number that messages come from.")] = "",
    sender_name: Annotated[str, typer.Option("--sender-name", help="The name beside it, in emails.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose the provider of a channel. A password is read from ALLSTOP_PROVIDER_PASSWORD."""
    with desk(account, as_json) as at:
        from allstop.actions.setup import ChannelChoice, set_channel, shown
        from allstop.channels.configuration import ConfigError
        from allstop.channels.registry import ADAPTERS, check_settings

        chosen = "" if provider == "none" else provider
        config = dict(_setting(one) for one in settings or ())
        if password := os.environ.get(PASSWORD):
            config["password"] = password
        if chosen and chosen not in ADAPTERS:
            raise Invalid(provider=f"There is no provider {provider}. Known are: none, {', '.join(ADAPTERS)}.")
        try:
            if chosen:
                check_settings(chosen, config)
        except ConfigError as wrong:
            raise Invalid(setting=" ".join(wrong.faults)) from wrong
        name = sender_name or at.account.name
        made = set_channel(
            at.actor, channel, ChannelChoice(provider=chosen, config=config, sender=sender, sender_name=name), at.now
        )
        if as_json:
            print(json.dumps(shown(made)))
        else:
            print(f"From now on every {channel} leaves by {provider}.")


def _setting(said: str) -> tuple[str, Any]:
    """true, false and whole numbers are read as such."""
    name, equals, value = said.partition("=")
    if not name or not equals:
        raise Invalid(setting=f"A setting is written NAME=VALUE, not {said!r}.")
    if value in ("true", "false"):
        return name, value == "true"
    return name, int(value) if value.isdecimal() else value


def _words(config: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in config.items())
