"""Accounts, their locations and members."""

from datetime import datetime, time
from zoneinfo import available_timezones

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, Operator, require
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.status_types import type_of_new_accounts
from allstop.rules.facts import Channel
from allstop.rules.holds import whole_account
from allstop.rules.lifecycle import HOLD_OF, AccountStatus
from allstop.rules.roles import Act, Role
from allstop.store import ledger, queue
from allstop.store.models import Account, ChannelSetup, Location, Member, User

CONTACTS_MAY_BE_DISTURBED = (time(9), time(20))  # in every zone that a contact may be in

# Quiet hours protect from a ringing phone; an email waits in silence.
_KEEPS_QUIET_HOURS = {Channel.TEXT: True, Channel.CALL: True, Channel.EMAIL: False}


@transaction.atomic
def create_account(  # noqa: PLR0913 - what an account begins with
    name: str,
    zone: str,
    country: str,
    now: datetime,
    hours: tuple[time, time] = CONTACTS_MAY_BE_DISTURBED,
    by: str = "operator",
    status: AccountStatus = AccountStatus.ACTIVE,
) -> Account:
    """A RUNNING account whose three channels deliver into the sandbox until they are set up; or a prospect."""
    if zone not in available_timezones():
        raise Invalid(zone=f"{zone!r} is not a time zone. Write it like Europe/London.")
    if len(country) != 2 or not country.isalpha():
        raise Invalid(country=f"{country!r} is not a country. Write its two letters, like GB.")
    account = Account.objects.create(
        name=name,
        zone=zone,
        country=country.upper(),
        quiet_from=hours[1],
        quiet_until=hours[0],
        created_at=now,
        status_type=type_of_new_accounts(status),
    )
    ChannelSetup.objects.bulk_create(
        ChannelSetup(
            account=account,
            channel=channel.value,
            provider="sandbox",
            sender="",
            sender_name=name,
            broken="",
            keeps_quiet_hours=_KEEPS_QUIET_HOURS[channel],
        )
        for channel in Channel
    )
    queue.create_lanes(account.pk)
    if (name_of_hold := HOLD_OF[status]) is not None:
        hold = add_hold(new_hold(Operator(by, "command"), name_of_hold, whole_account(account.pk), now))
        queue.stop(hold.pk, now)
    ledger.append(account_id=account.pk, at=now, by=by, act="create_account", subject="account", after={"name": name})
    return account


@transaction.atomic
def add_location(actor: Actor, name: str, code: str, now: datetime) -> Location:
    require(actor, Act.EDIT_SETUP)
    if Location.objects.filter(account_id=actor.account_id, code__iexact=code).exists():
        raise Invalid(code=f"There is a location with the code {code} already.")
    return Location.objects.create(account_id=actor.account_id, name=name, code=code)


@transaction.atomic
def add_member(actor: Actor, email: str, name: str, role: Role, password: str | None, now: datetime) -> Member:
    """Give a person a place in the account. One who can log in already keeps name and password."""
    require(actor, Act.MANAGE_MEMBERS)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    if Member.objects.filter(account_id=actor.account_id, user=user).exists():
        raise Invalid(email=f"{email} is a member of this account already.")
    member = Member.objects.create(account_id=actor.account_id, user=user, role=role.value)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="add_member",
        subject=f"member:{member.pk}",
        after={"name": user.name, "role": role.value},
    )
    return member
