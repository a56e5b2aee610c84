"""`allstop token`: the keys of programs."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Invalid, NotThere
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption

if TYPE_CHECKING:
    from allstop.store.models import Member

commands = typer.Typer()
token = typer.Typer(no_args_is_help=True)
commands.add_typer(token, name="token", help="Keys for programs that use the API.")


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="The program that will use it.")],
    member: Annotated[
        str | None, typer.Option("--member", help="Email of the person whose role it gets; else the only admin.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token. Its key is shown now and never again."""
    with desk(account, as_json) as at:
        from allstop.actions.tokens import create_token
        from allstop.cli.shapes import NewToken, token_shape

        person = _member(at, member)
        made, key = create_token(at.actor, name, at.now, person.user_id)
        shape = NewToken(**token_shape(made).model_dump(), key=key)

        def words() -> None:
            print(f"Token {shape.id} acts for {shape.acts_as} ({shape.role}). Its key is shown only now:\n\n{key}")

        at.out.show(shape, words)


@token.command("list")
def list_tokens(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the tokens, the revoked ones too."""
    with desk(account, as_json) as at:
        from allstop.cli.shapes import token_shape
        from allstop.store.lists import tokens

        shapes = [token_shape(one) for one in tokens(at.actor.account_id)]
        rows = [
            (
                str(one.id),
                one.name,
                one.acts_as,
                one.role,
                at.out.time(one.created_at),
                at.out.time(one.last_used_at) or "never",
                at.out.time(one.revoked_at),
            )
            for one in shapes
        ]
        headings = ("ID", "Name", "Acts for", "Role", "Created", "Last used", "Revoked")
        at.out.show(shapes, lambda: at.out.table(headings, rows))


@token.command()
def revoke(
    number: Annotated[int, typer.Argument(metavar="ID", min=1)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a token: programs that use it are refused from now on."""
    with desk(account, as_json) as at:
        from allstop.actions.tokens import revoke_token
        from allstop.cli.shapes import token_shape
        from allstop.store.models import Token

        revoke_token(at.actor, number, at.now)
        shape = token_shape(Token.objects.select_related("member__user").get(pk=number))
        at.out.show(shape, lambda: print(f"Token {number} ({shape.name}) is revoked."))


def _member(at: Desk, email: str | None) -> "Member":
    from allstop.store.models import Member

    members = Member.objects.select_related("user").filter(account=at.account)
    if email is not None:
        found = members.filter(user__email__iexact=email).first()
        if found is None:
            raise NotThere(f"{email} is no member of {at.account.name}.")
        return found
    admins = list(members.filter(role="admin").order_by("pk"))
    if not admins:
        raise NotThere("The account has no admin yet. Add one with: allstop members add EMAIL --role admin")
    if len(admins) > 1:
        known = ", ".join(admin.user.email for admin in admins)
        raise Invalid(member=f"Say whose role the token gets, with --member. Admins are: {known}.")
    return admins[0]
