"""Who may look in: a person's accounts, and an account's locations and tokens."""

from dataclasses import dataclass

from allstop.rules.roles import Role
from allstop.store.models import Location, Member, Token


@dataclass(frozen=True, slots=True)
class Membership:
    account_id: int
    account: str
    zone: str
    role: Role
    name: str  # the person's
    is_operator: bool  # the person runs the installation
    member_id: int
    takes_unassigned: bool  # conversations that are nobody's count as theirs to read


def memberships(user_id: int) -> list[Membership]:
    """In the order in which they were given: the first is the one that a log-in opens."""
    found = Member.objects.filter(user_id=user_id).select_related("account", "user").order_by("pk")
    return [
        Membership(
            one.account_id,
            one.account.name,
            one.account.zone,
            Role(one.role),
            one.user.name,
            one.user.is_operator,
            one.pk,
            one.takes_unassigned,
        )
        for one in found
    ]


def locations(account_id: int) -> list[Location]:
    return list(Location.objects.filter(account_id=account_id).order_by("name", "pk"))


def members(account_id: int) -> list[Member]:
    return list(Member.objects.filter(account_id=account_id).select_related("user").order_by("user__name", "pk"))


def tokens(account_id: int) -> list[Token]:
    """Also the revoked ones, so that an old key can still be told apart; the newest first."""
    found = Token.objects.filter(account_id=account_id).select_related("member__user")
    return list(found.order_by("revoked_at", "-created_at", "-pk"))


def admin_emails(account_id: int) -> list[str]:
    """Whom a member asks for what their own role may not do."""
    found = Member.objects.filter(account_id=account_id, role=Role.ADMIN.value, user__is_active=True)
    return list(found.order_by("pk").values_list("user__email", flat=True))
