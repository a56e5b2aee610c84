"""`allstop stop-link`: links that stop without a log-in."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption

if TYPE_CHECKING:
    from allstop.actions.actor import Actor, Operator

commands = typer.Typer()
stop_link = typer.Typer(no_args_is_help=True)
commands.add_typer(stop_link, name="stop-link", help="Emergency links: each stops once, without a log-in.")

InstallationOption = Annotated[bool, typer.Option("--installation", help="Of every account, not of one.")]

TRY_IT = "Open it once: that changes nothing, and shows that it is reached. ALLSTOP_URL says what it begins with."


@stop_link.command()
def create(
    name: Annotated[str, typer.Argument(help="Who gets it, or where it is kept.")],
    days: Annotated[int, typer.Option("--days", help="How long it is good; 0 is until it is used.")] = 30,
    installation: InstallationOption = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link. It is shown now and never again."""
    with desk(account, as_json) as at:
        from allstop.actions.stop_links import address_of, make_link
        from allstop.doors.api.emergency import NewLink, link_shape

        made, key = make_link(_by(at, installation), name, days or None, at.now)
        shape = NewLink(**link_shape(made, at.now).model_dump(), address=address_of(key))
        words = f"Link {shape.id} is shown only now. Its one button stops:\n\n{shape.address}\n\n{TRY_IT}"
        at.out.show(shape, lambda: print(words))


@stop_link.command("list")
def list_links(
    installation: InstallationOption = False, account: AccountOption = None, as_json: JsonOption = False
) -> None:
    """List the links, also those that are used or revoked."""
    with desk(account, as_json) as at:
        from allstop.doors.api.emergency import link_shape
        from allstop.store.lists import stop_links

        shapes = [link_shape(one, at.now) for one in stop_links(None if installation else at.actor.account_id)]
        rows = [(str(one.id), one.name, one.made_by, at.out.time(one.made_at), one.state) for one in shapes]
        at.out.show(shapes, lambda: at.out.table(("ID", "Name", "Made by", "Made", "State"), rows))


@stop_link.command()
def revoke(
    link_id: Annotated[int, typer.Argument(metavar="ID")],
    installation: InstallationOption = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """The link stops nothing from now on."""
    with desk(account, as_json) as at:
        from allstop.actions.stop_links import revoke_link
        from allstop.doors.api.emergency import link_shape
        from allstop.store.models import StopLink

        revoke_link(_by(at, installation), link_id, at.now)
        shape = link_shape(StopLink.objects.get(pk=link_id), at.now)
        at.out.show(shape, lambda: print(f"Link {link_id} is {shape.state}. It stops nothing any more."))


def _by(at: Desk, installation: bool) -> "Actor | Operator":
    return at.actor.as_operator() if installation else at.actor
