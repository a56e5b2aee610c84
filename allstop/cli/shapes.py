"""JSON of what only the command line shows; everything else has the shape of the API."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from allstop.actions.identity import Comparison
from allstop.actions.sealed_setups import Standing
from allstop.doors.api.account import ReceiptOut
from allstop.store.models import Account, Member, StatusChange, StatusType, Token


class TokenShape(BaseModel):
    id: int
    name: str
    acts_as: str
    role: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(TokenShape):
    key: str


class AccountShape(BaseModel):
    id: int
    name: str
    zone: str
    country: str
    state: str
    members: int


class StatusTypeShape(BaseModel):
    id: int
    name: str
    status: str  # active, cancelled, suspended or prospect
    image_url: str
    is_counted: bool
    accounts: int
    planned: int


class ReasonShape(BaseModel):
    id: int
    text: str


class Deleted(BaseModel):
    deleted: int


class StatusChangeShape(BaseModel):
    """Done, planned, taken back or refused."""

    id: int
    name: str
    status: str
    old_name: str
    at: datetime
    charge: str
    reason: str
    by: str
    state: str
    words: str
    is_lifting: bool


class ChangedShape(StatusChangeShape):
    receipt: ReceiptOut | None  # of the stop that the new status brought


class AccountStatusShape(BaseModel):
    account: int
    type: str
    status: str
    planned: list[StatusChangeShape]
    past: list[StatusChangeShape]


class MemberShape(BaseModel):
    id: int
    email: str
    name: str
    role: str


class DatabaseFact(BaseModel):
    what: str
    before: str
    found: str


class DatabaseShape(BaseModel):
    """What was confirmed, and what it was before."""

    words: str
    facts: list[DatabaseFact]


class SealingShape(BaseModel):
    """Which keys seal and open passwords, by their fingerprints."""

    where: str
    keys: list[str]  # the first one seals
    prepared: list[str]
    sealed: int  # channels
    unreadable: int
    plain: int


class Finding(BaseModel):
    """One line of `allstop doctor`."""

    check: str
    result: str  # ok, warning or wrong
    words: str


def token_shape(token: Token) -> TokenShape:
    return TokenShape(
        id=token.pk,
        name=token.name,
        acts_as=token.member.user.name,
        role=token.member.role,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )


def account_shape(account: Account, state: str, members: int) -> AccountShape:
    return AccountShape(
        id=account.pk, name=account.name, zone=account.zone, country=account.country, state=state, members=members
    )


def status_type_shape(of: StatusType, accounts: int, planned: int) -> StatusTypeShape:
    return StatusTypeShape(
        id=of.pk,
        name=of.name,
        status=of.status,
        image_url=of.image_url,
        is_counted=of.is_counted,
        accounts=accounts,
        planned=planned,
    )


def status_change_shape(change: StatusChange) -> StatusChangeShape:
    return StatusChangeShape(
        id=change.pk,
        name=change.name,
        status=change.status,
        old_name=change.old_name,
        at=change.at,
        charge=change.charge,
        reason=change.reason,
        by=change.by,
        state=change.state,
        words=change.words,
        is_lifting=change.is_lifting,
    )


def changed_shape(change: StatusChange, receipt: ReceiptOut | None) -> ChangedShape:
    return ChangedShape(**status_change_shape(change).model_dump(), receipt=receipt)


def account_status_shape(
    account: Account, planned: Sequence[StatusChange], past: Sequence[StatusChange]
) -> AccountStatusShape:
    return AccountStatusShape(
        account=account.pk,
        type=account.status_type.name,
        status=account.status_type.status,
        planned=[status_change_shape(one) for one in planned],
        past=[status_change_shape(one) for one in past],
    )


def member_shape(member: Member) -> MemberShape:
    return MemberShape(id=member.pk, email=member.user.email, name=member.user.name, role=member.role)


def database_shape(seen: Comparison) -> DatabaseShape:
    facts = [DatabaseFact(what=what, before=before, found=found) for what, before, found in seen.facts()]
    return DatabaseShape(words=seen.words, facts=facts)


def sealing_shape(found: Standing) -> SealingShape:
    return SealingShape(
        where=found.where,
        keys=list(found.keys),
        prepared=list(found.prepared),
        sealed=found.sealed,
        unreadable=found.unreadable,
        plain=found.plain,
    )


class WrittenFile(BaseModel):
    file: str
    bytes: int
