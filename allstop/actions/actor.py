"""Who acts, and the four ways to be told no. Each has one HTTP status and one exit code, given where it is shown."""

from dataclasses import dataclass

from allstop.rules.roles import ALLOWED, FOR_SUPPORT, Act, Role, allowed, roles_that_may


@dataclass(frozen=True, slots=True)
class Actor:
    account_id: int
    name: str  # as screens and the ledger show it
    role: Role
    via: str  # console, api or command
    is_operator: bool = False  # also runs the installation
    is_support: bool = False  # an operator who is inside the account for an hour: support.py
    member_id: int | None = None  # who it is, or whose token; None: nobody of the account, such as a command

    def as_operator(self) -> "Operator":
        if not self.is_operator:
            raise Forbidden(f"{self.name} is no operator; this concerns every account of the installation.")
        return Operator(self.name, self.via)


@dataclass(frozen=True, slots=True)
class Operator:
    """Runs the installation: acts on every account at once."""

    name: str
    via: str


@dataclass(frozen=True, slots=True)
class Machine:
    """Allstop itself, doing what somebody has set it to do: the schedule, the brake. It is asked for no role."""

    name: str
    via: str  # schedule or brake


@dataclass(frozen=True, slots=True)
class TheContact:
    """Whoever wrote to us. Acts by the own word, and on nobody but themselves."""

    name: str = "the contact"
    via: str = "reply"


class Forbidden(Exception):
    """The role does not allow it."""


class NotThere(Exception):
    """No such thing in this account; whether another account has it is not said."""


class Conflict(Exception):
    """The present state does not allow it; the message says what to do. `code`: a word for programs."""

    def __init__(self, words: str, code: str = "conflict") -> None:
        super().__init__(words)
        self.code = code


class Invalid(Exception):
    """What was handed in cannot be used. `problems`: field -> words that say what to do; "" is the whole."""

    def __init__(self, **problems: str) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


def require(actor: Actor, act: Act) -> None:
    if actor.is_support and act not in FOR_SUPPORT:
        who = " or ".join(role.value for role in roles_that_may(act))
        raise Forbidden(f"You are here as support, which may not do this. A person of the account may: {who}.")
    if not allowed(actor.role, act):
        may = " or ".join(role.value for role in Role if role in ALLOWED[act])
        raise Forbidden(f"{actor.name} is a {actor.role.value} here; this needs the role {may}.")
