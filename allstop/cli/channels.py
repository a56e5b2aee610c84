"""`allstop channels`: by which provider an account sends its texts, calls and emails."""

import json
import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption
from allstop.rules.brake import USUAL, Limits, Rate
from allstop.rules.facts import Channel
from allstop.rules.retry import MOST_RINGS, RING_MINUTES

if TYPE_CHECKING:
    from allstop.doors.api.brakes import BrakeOut

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
    provider: Annotated[
        str,
        typer.Option("--provider", help="sandbox, smtp, sip, smpp, text_api, apprise, or none: then messages wait."),
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--setting", help="NAME=VALUE, as often as needed: host=mail.example.com")
    ] = None,
    sender: Annotated[str, typer.Option("--sender", help="The address or number that messages come from.")] = "",
    sender_name: Annotated[str, typer.Option("--sender-name", help="The name beside it, in emails.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose the provider of a channel. Its password, or the address of an other service, is read from
    ALLSTOP_PROVIDER_PASSWORD."""
    with desk(account, as_json) as at:
        from allstop.actions.setup import ChannelChoice, set_channel, shown
        from allstop.channels.configuration import ConfigError
        from allstop.channels.registry import ADAPTERS, check_settings, secret_of

        chosen = "" if provider == "none" else provider
        config = dict(_setting(one) for one in settings or ())
        if chosen and chosen not in ADAPTERS:
            raise Invalid(provider=f"There is no provider {provider}. Known are: none, {', '.join(ADAPTERS)}.")
        if chosen and (password := os.environ.get(PASSWORD)):
            config[secret_of(chosen) or "password"] = password
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


@channels.command("rings")
def rings(
    times: Annotated[int, typer.Option("--times", help="How often a phone rings that nobody answers.")] = MOST_RINGS,
    minutes: Annotated[int, typer.Option("--minutes", help="From one ring to the next.")] = RING_MINUTES,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """How often a phone rings that nobody answers, and how long after. Without options: as usual."""
    with desk(account, as_json) as at:
        from allstop.actions.calls import set_rings

        made = set_rings(at.actor, times, minutes, at.now)
        if as_json:
            print(json.dumps({"rings": made.rings, "ring_minutes": made.ring_minutes}))
        else:
            print(f"A phone that nobody answers rings {made.rings} times, every {made.ring_minutes} minutes.")


@channels.command("test-call")
def test_call(
    number: Annotated[str, typer.Argument(help="The number to call.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Dial a number, by what is set up, and say what came of it. A worker for calls must run."""
    with desk(account, as_json) as at:
        from allstop.actions.calls import TEST_WITHIN, result_of_try, try_number

        made = try_number(at.actor, number, at.now)
        result = result_of_try(at.actor.account_id, made.id, datetime.now(UTC))
        while result is not None and not result.is_over and datetime.now(UTC) < at.now + TEST_WITHIN:
            time.sleep(0.5)
            result = result_of_try(at.actor.account_id, made.id, datetime.now(UTC))
        assert result is not None
        if as_json:
            print(
                json.dumps({"id": made.id, "is_over": result.is_over, "heard": result.is_good, "words": result.words})
            )
        else:
            print(result.words)
        if not result.is_good:
            raise typer.Exit(Exit.ERROR)


@channels.command("test")
def test(
    channel: Annotated[Channel, typer.Argument(help="text, call or email.")],
    wait: Annotated[int, typer.Option("--wait", min=1, help="Seconds to wait for the result.")] = 30,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try the provider of a channel as a message would, without sending one, and say in words what came of it."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import Conflict
        from allstop.actions.provider_tests import ask_test, test_of
        from allstop.doors.api.text_provider import shape_of_test

        number = ask_test(at.actor, channel, at.now).pk
        give_up_at = time.monotonic() + wait
        while (found := test_of(at.actor, number)).done_at is None:
            if time.monotonic() > give_up_at:
                raise Conflict(
                    f"No worker had a result within {wait} seconds. Does Allstop run? Look at: allstop doctor."
                )
            time.sleep(0.1)
        shape = shape_of_test(found)
        at.out.show(shape, lambda: print(" ".join(word for word in (shape.words, shape.balance) if word)))
        if not shape.is_good:
            raise typer.Exit(Exit.ERROR)


PERCENT = "Percent; leave it out for no limit."


@channels.command("brake")
def brake(  # noqa: PLR0913 - each is an option of the command
    channel: Annotated[Channel, typer.Argument(help="text, call or email.")],
    is_on: Annotated[bool | None, typer.Option("--on/--off", help="Without either it is only shown.")] = None,
    minutes: Annotated[int, typer.Option("--minutes", help="The span that is looked at.")] = USUAL.minutes,
    at_least: Annotated[int, typer.Option("--at-least", help="Fewer messages than this say nothing.")] = USUAL.at_least,
    bounce: Annotated[float | None, typer.Option("--bounce", help=f"Refused for good. {PERCENT}")] = None,
    failure: Annotated[float | None, typer.Option("--failure", help=f"Failed or unknown. {PERCENT}")] = None,
    opt_out: Annotated[float | None, typer.Option("--opt-out", help=f"Answered with a no. {PERCENT}")] = None,
    duplicate: Annotated[float | None, typer.Option("--duplicate", help=f"The same words again. {PERCENT}")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the automatic brake of a channel, or turn it on or off. Without any limit it gets the usual ones."""
    with desk(account, as_json) as at:
        from allstop.actions.braking import BrakeChoice, set_brake
        from allstop.doors.api.brakes import brake_shape
        from allstop.store.lists import brakes

        said = {Rate.BOUNCE: bounce, Rate.FAILURE: failure, Rate.OPT_OUT: opt_out, Rate.DUPLICATE: duplicate}
        percent = {rate: Decimal(str(limit)) for rate, limit in said.items() if limit is not None}
        limits = Limits(minutes=minutes, at_least=at_least, percent=percent or USUAL.percent)
        if is_on is None and (percent or (minutes, at_least) != (USUAL.minutes, USUAL.at_least)):
            raise Invalid(brake="Say --on or --off with it: nothing was changed.")
        made = brakes(at.actor.account_id)[channel]
        if is_on is not None:
            made = set_brake(at.actor, channel, BrakeChoice(is_on=is_on, limits=limits), at.now)
        shape = brake_shape(channel, made)
        at.out.show(shape, lambda: _print_brake(at, shape))


def _print_brake(at: Desk, shape: "BrakeOut") -> None:
    def limit(percent: float | None) -> str:
        return "no limit" if percent is None else f"over {percent:g} %"

    at.out.facts(
        (
            ("Brake", "on" if shape.is_on else "off"),
            ("Span", f"{shape.minutes} minutes, at least {shape.at_least:,} messages"),
            ("Bounces", limit(shape.bounce)),
            ("Failures", limit(shape.failure)),
            ("Opt-outs", limit(shape.opt_out)),
            ("Duplicates", limit(shape.duplicate)),
        )
    )


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
