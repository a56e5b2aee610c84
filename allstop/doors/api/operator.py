"""For operators: every account of the installation, its status, and the lists behind it.

The rule that it guards: each operation asks for an operator's token first, before it says what there is.
"""

from datetime import datetime
from typing import Literal

from ninja import Query, Router, Schema
from pydantic import Field

from allstop.actions.actor import NotThere
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.status_plans import Moment, Outcome, change_many, change_plan, plan_change, take_back
from allstop.actions.statuses import Wish
from allstop.doors.api.account import ReceiptOut, receipt_shape
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Day, Id, Line, Strict, Text, Timestamp
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.money import Money
from allstop.rules.proration import Charge, When
from allstop.store import lists
from allstop.store.bills import balance_of, balances_of
from allstop.store.models import StatusChange

router = Router(tags=["operator"])


class AccountsAsked(Asked):
    words: Text = Field("", description="Parts of the name.")
    type_id: Id | None = Field(None, description="Only those of this status type.")
    status: AccountStatus | None = Field(None, description="Only those of this back-end status.")
    location: Text = Field("", description="Part of a location's name or its code.")
    balance: lists.BalanceIs | None = Field(None, description="owes, past_due or credit.")
    after: Text = Field("", description="The `next` of the page before; leave out for the first page.")
    limit: int = Field(50, ge=1, le=200, description="Rows of one page, 1 to 200.")


class AccountRowOut(Schema):
    id: int
    name: str
    zone: str
    type_id: int
    type: str
    status: AccountStatus
    members: int
    created_at: datetime
    balance: str | None = Field(description="What it owes; below zero what it has left. null: it is not billed.")
    currency: str | None


class AccountPage(Schema):
    items: list[AccountRowOut]
    next: str | None = Field(description="For `after`; null on the last page.")


class StatusChangeOut(Schema):
    id: int
    type_id: int | None = Field(description="null: the type was deleted since.")
    type: str
    status: AccountStatus
    old_type: str = Field(description='What it was before; "" while it is coming.')
    at: datetime = Field(description="When it counts: for bills the day, in the account's zone.")
    charge: Charge
    reason: str
    by: str
    state: Literal["coming", "done", "cancelled", "refused"]
    words: str = Field(description="Why it was refused, or who took it back.")


class OneAccountOut(AccountRowOut):
    planned: list[StatusChangeOut] = Field(description="In the order in which they will be carried out.")
    past: list[StatusChangeOut] = Field(description="The newest 100 first; also what was taken back or refused.")


class HoldThen(Schema):
    name: str
    channel: str = Field(description='Of the hold of a channel; "" otherwise.')
    location_id: int | None
    by: str
    reason: str
    since: datetime


class SettingOut(Schema):
    setting: str
    subject: str
    at: datetime = Field(description="When it was last changed by then.")
    by: str


class AsOfAsked(Asked):
    at: Timestamp = Field(description="With a time zone, such as 2026-12-24T00:00:00Z.")


class AsOfOut(Schema):
    at: datetime
    type: str
    status: AccountStatus
    since: datetime
    reason: str
    by: str = Field(description='"" for the status that it was made with.')
    bills_usage: bool = Field(description="While suspended: the setting with which the suspension began.")
    holds: list[HoldThen]
    settings: list[SettingOut]


class StatusChangeIn(Strict):
    account_ids: list[Id] = Field(min_length=1, max_length=200)
    type_id: Id
    reason: Line = Field("", description="One of the list; cancelling and suspending need it.")
    charge: Charge = Charge.PRORATED
    when: When = Field(When.NOW, description="`period_end`: when the billing period of the account is over.")
    on: Day | None = Field(None, description="For `when` date: the beginning of this day in the account's zone.")


class StatusPlanIn(Strict):
    type_id: Id
    on: Day
    reason: Line = ""
    charge: Charge = Charge.PRORATED


class OutcomeOut(Schema):
    account_id: int
    account: str
    outcome: Literal["changed", "planned", "refused"]
    problem: str = Field(description='Why nothing was changed; "" when it was.')
    change: StatusChangeOut | None
    receipt: ReceiptOut | None = Field(description="Of the stop that the new status brought.")


def change_shape(change: StatusChange) -> StatusChangeOut:
    return StatusChangeOut.model_validate(
        {
            "id": change.pk,
            "type_id": change.type_id,
            "type": change.name,
            "status": change.status,
            "old_type": change.old_name,
            "at": change.at,
            "charge": change.charge,
            "reason": change.reason,
            "by": change.by,
            "state": change.state,
            "words": change.words,
        }
    )


def outcome_shape(told: Outcome) -> OutcomeOut:
    """Waits until every worker obeys, where sending is held."""
    change = told.change
    receipt = receipt_shape(wait_until_confirmed(told.receipt)) if told.receipt else None
    return OutcomeOut(
        account_id=told.account_id,
        account=told.account,
        outcome="refused" if change is None else "planned" if change.state == "coming" else "changed",
        problem=told.problem,
        change=change_shape(change) if change is not None else None,
        receipt=receipt,
    )


def as_of_shape(account_id: int, at: datetime) -> AsOfOut:
    then = lists.account_as_of(account_id, at)
    if then is None:
        raise NotThere("There is no such account, or it was not made yet.")
    return AsOfOut(
        at=then.at,
        type=then.type,
        status=then.status,
        since=then.since,
        reason=then.reason,
        by=then.by,
        bills_usage=then.bills_usage,
        holds=[
            HoldThen(
                name=one.name,
                channel=one.channel or "",
                location_id=one.location_id,
                by=one.by,
                reason=one.reason,
                since=one.at,
            )
            for one in then.holds
        ],
        settings=[SettingOut(setting=one.words, subject=one.subject, at=one.at, by=one.by) for one in then.settings],
    )


def account_row_shape(row: lists.AccountRow, balance: Money | None) -> AccountRowOut:
    return AccountRowOut(
        id=row.id,
        name=row.name,
        zone=row.zone,
        type_id=row.type.pk,
        type=row.type.name,
        status=AccountStatus(row.type.status),
        members=row.members,
        created_at=row.created_at,
        balance=str(balance.amount) if balance is not None else None,
        currency=balance.currency if balance is not None else None,
    )


@router.get("/operator/accounts", response={200: AccountPage, **refusals(403)}, operation_id="list_accounts")
def list_accounts(request: Call, asked: Query[AccountsAsked]) -> AccountPage:
    """By name. Operators only, as all that is under /operator."""
    request.auth.as_operator()
    today = request.now.date()
    wanted = lists.WantedAccounts(asked.words, asked.type_id, asked.status, asked.location, asked.balance, today)
    found = lists.find_accounts(wanted, asked.after, asked.limit + 1)
    shown = found[: asked.limit]
    more = f"{shown[-1].name}:{shown[-1].id}" if len(found) > asked.limit else None
    balances = balances_of([row.id for row in shown])
    return AccountPage(items=[account_row_shape(row, balances.get(row.id)) for row in shown], next=more)


@router.get(
    "/operator/accounts/{account_id}",
    response={200: OneAccountOut, **refusals(403, 404)},
    operation_id="get_one_account",
)
def get_one_account(request: Call, account_id: Id) -> OneAccountOut:
    request.auth.as_operator()
    row = lists.account_row(account_id)
    if row is None:
        raise NotThere("There is no such account.")
    return OneAccountOut(
        **account_row_shape(row, balance_of(row.id)).model_dump(),
        planned=[change_shape(one) for one in lists.planned_changes(row.id)],
        past=[change_shape(one) for one in lists.past_changes(row.id)],
    )


@router.get(
    "/operator/accounts/{account_id}/as-of",
    response={200: AsOfOut, **refusals(403, 404)},
    operation_id="account_as_of",
)
def account_as_of(request: Call, account_id: Id, asked: Query[AsOfAsked]) -> AsOfOut:
    """The account as it was: its status, what stood, and when settings were last changed by then.

    Of a time that has not come it tells what stands now and would stand then still.
    """
    request.auth.as_operator()
    return as_of_shape(account_id, asked.at)


@router.post(
    "/operator/status-changes",
    response={200: list[OutcomeOut], **refusals(400, 403, 404, 409)},
    operation_id="change_statuses",
)
def change_statuses(request: Call, said: StatusChangeIn) -> list[OutcomeOut]:
    """Of one or several accounts: now, at the end of the billing period, or on a date.

    One that is refused stays as it is, and its `problem` says why; the others are changed. 409 without a list of
    reasons. Nothing becomes a prospect again.
    """
    by = request.auth.as_operator()
    wish = Wish(said.type_id, said.reason, said.charge)
    told = change_many(by, said.account_ids, wish, Moment(said.when, said.on), request.now)
    return [outcome_shape(one) for one in told]


@router.post(
    "/operator/accounts/{account_id}/planned",
    response={200: StatusChangeOut, **refusals(400, 403, 404, 409)},
    operation_id="plan_status",
)
def plan_status(request: Call, account_id: Id, said: StatusPlanIn) -> StatusChangeOut:
    """One more planned change. Any number may stand; they run in the order of their days."""
    wish = Wish(said.type_id, said.reason, said.charge)
    return change_shape(plan_change(request.auth.as_operator(), account_id, wish, said.on, request.now))


@router.put(
    "/operator/accounts/{account_id}/planned/{change_id}",
    response={200: StatusChangeOut, **refusals(400, 403, 404, 409)},
    operation_id="change_planned_status",
)
def change_planned_status(request: Call, account_id: Id, change_id: Id, said: StatusPlanIn) -> StatusChangeOut:
    """Before its time. 409 once it is over."""
    by = request.auth.as_operator()
    wish = Wish(said.type_id, said.reason, said.charge)
    return change_shape(change_plan(by, account_id, change_id, wish, said.on, request.now))


@router.delete(
    "/operator/accounts/{account_id}/planned/{change_id}",
    response={200: StatusChangeOut, **refusals(403, 404, 409)},
    operation_id="take_back_status",
)
def take_back_status(request: Call, account_id: Id, change_id: Id) -> StatusChangeOut:
    """A second time it changes nothing. 409 once it is over."""
    return change_shape(take_back(request.auth.as_operator(), account_id, change_id, request.now))
