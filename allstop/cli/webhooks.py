"""`allstop webhooks`: programs that hear what happens."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count

commands = typer.Typer()
webhooks = typer.Typer(no_args_is_help=True)
commands.add_typer(webhooks, name="webhooks", help="Programs that hear what happens, as it happens.")

Number = Annotated[int, typer.Argument(metavar="ID", min=1)]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="A kind of event, such as message.sent; again for more. Else all.")
]


@webhooks.command("list")
def list_webhooks(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the webhooks and how they do."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import require
        from allstop.doors.api.webhooks import webhook_shape
        from allstop.rules.roles import Act
        from allstop.store import lists

        require(at.actor, Act.EDIT_SETUP)
        shapes = [webhook_shape(one) for one in lists.webhooks(at.actor.account_id)]
        rows = [
            (str(one.id), one.name, one.url, "on" if one.is_on else "off", at.out.time(one.failing_since))
            for one in shapes
        ]
        at.out.show(shapes, lambda: at.out.table(("ID", "Name", "Address", "State", "Failing since"), rows))


@webhooks.command()
def add(
    name: Annotated[str, typer.Argument(help="The program that listens there.")],
    url: Annotated[str, typer.Argument(help="Its address, beginning with https://")],
    kind: Kinds = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a webhook. Its secret is shown now and never again."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import WebhookDetails, create_webhook
        from allstop.doors.api.webhooks import NewWebhook, webhook_shape
        from allstop.rules.webhooks import EventKind

        details = WebhookDetails(name=name, url=url, kinds=kind or [one.value for one in EventKind])
        made, secret = create_webhook(at.actor, details, at.now)
        shape = NewWebhook(**webhook_shape(made).model_dump(), secret=secret)
        at.out.show(shape, lambda: print(f"Webhook {made.pk} is on. Its secret is shown only now:\n\n{secret}"))


@webhooks.command()
def change(
    number: Number,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Its new address.")] = None,
    kind: Kinds = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change the name, the address or the kinds; what is not given stays."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import WebhookDetails, update_webhook, webhook_of

        stands = webhook_of(at.actor, number)
        details = WebhookDetails(name=name or stands.name, url=url or stands.url, kinds=kind or stands.kinds)
        _show(at, update_webhook(at.actor, number, details, at.now).pk, "is changed")


@webhooks.command()
def secret(number: Number, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Make a new secret. For a day the old one signs as well."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import rotate_secret
        from allstop.doors.api.webhooks import NewWebhook, webhook_shape

        changed, new = rotate_secret(at.actor, number, at.now)
        shape = NewWebhook(**webhook_shape(changed).model_dump(), secret=new)
        at.out.show(shape, lambda: print(f"The secret of webhook {number}, shown only now:\n\n{new}"))


@webhooks.command()
def on(number: Number, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Turn it on: what waits is delivered at once."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import switch_webhook

        _show(at, switch_webhook(at.actor, number, at.now, on=True).pk, "is on")


@webhooks.command()
def off(number: Number, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Turn it off: nothing more is kept for it."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import switch_webhook

        _show(at, switch_webhook(at.actor, number, at.now, on=False).pk, "is off")


@webhooks.command()
def remove(number: Number, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Remove it with its log."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import remove_webhook, webhook_of
        from allstop.doors.api.webhooks import webhook_shape

        gone = webhook_shape(webhook_of(at.actor, number))
        remove_webhook(at.actor, number, at.now)
        at.out.show(gone, lambda: print(f"Webhook {number} ({gone.name}) is removed."))


@webhooks.command()
def test(number: Number, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Send a test event. `allstop webhooks log` shows what came of it."""
    with desk(account, as_json) as at:
        from allstop.actions.webhooks import ping_webhook
        from allstop.doors.api.webhooks import delivery_shape

        made = delivery_shape(ping_webhook(at.actor, number, at.now))
        at.out.show(made, lambda: print(f"A test is on its way. See: allstop webhooks log {number}"))


@webhooks.command("log")
def show_log(
    number: Number,
    failed: Annotated[bool, typer.Option("--failed", help="Only what was given up.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was delivered and what was not, the newest first."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import require
        from allstop.actions.webhooks import webhook_of
        from allstop.doors.api.webhooks import delivery_shape
        from allstop.rules.roles import Act
        from allstop.store import lists
        from allstop.store.models import DeliveryState

        require(at.actor, Act.EDIT_SETUP)
        found = webhook_of(at.actor, number)
        only = DeliveryState.FAILED if failed else None
        shapes = [delivery_shape(one) for one in lists.deliveries(found.pk, state=only, limit=limit)]
        rows = [
            (str(one.id), one.kind, at.out.time(one.at), one.state, str(one.tries), str(one.code or ""), one.answer)
            for one in shapes
        ]
        headings = ("ID", "Kind", "Happened", "State", "Tries", "Code", "Answer")
        at.out.show(shapes, lambda: at.out.table(headings, rows))


@webhooks.command()
def resend(
    number: Number,
    delivery: Annotated[
        int | None, typer.Option("--delivery", min=1, help="Only this one, whatever its state.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", help="Failed ones from this time on (UTC); else of the last day.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send again what failed, or one delivery. Each keeps its webhook-id."""
    with desk(account, as_json) as at:
        from datetime import UTC

        from allstop.actions.webhooks import resend_delivery, resend_failed
        from allstop.doors.api.webhooks import Resent

        if delivery is not None:
            resend_delivery(at.actor, number, delivery, at.now)
            many = 1
        else:
            start = since.replace(tzinfo=UTC) if since else at.now - timedelta(days=1)
            many = resend_failed(at.actor, number, start, at.now, at.now)
        words = f"{count(many, 'delivery', 'deliveries')} will be made once more."
        at.out.show(Resent(count=many), lambda: print(words))


def _show(at: Desk, number: int, how: str) -> None:
    from allstop.actions.webhooks import webhook_of
    from allstop.doors.api.webhooks import webhook_shape

    shape = webhook_shape(webhook_of(at.actor, number))
    at.out.show(shape, lambda: print(f"Webhook {number} ({shape.name}) {how}."))
