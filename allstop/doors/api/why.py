"""The shape of "why": what the gate says of a message, for programs."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from allstop.actions.actor import NotThere
from allstop.rules.verdict import VerdictWord
from allstop.store import lists


class CheckStandingOut(Schema):
    name: str
    by: str = Field(description="Who set it.")
    at: datetime
    reason: str


class CheckOut(Schema):
    check: str = Field(description="The name of the check, as docs/api.md lists them.")
    title: str
    verdict: VerdictWord
    reason: str = Field(description='A stable code; "" with the verdict send.')
    words: str
    standing: CheckStandingOut | None = Field(description="What somebody set that made the check answer so.")
    overridden: CheckStandingOut | None = Field(description="Who let this message pass the check.")
    earliest: datetime | None = Field(description="When this check alone lets it leave; null: no end is known.")


class WhyOut(Schema):
    id: int
    status: str
    verdict: VerdictWord | None = Field(description="The gate's answer now; null when the message is finished.")
    reason: str
    words: str
    due_at: datetime
    earliest: datetime | None = Field(description="When it can leave if nothing changes.")
    asked_at: datetime
    checks: list[CheckOut] = Field(description="In the gate's order: the first that is not send decides.")


def why_shape(account_id: int, message_id: int, now: datetime) -> WhyOut:
    found = lists.why(account_id, message_id, now)
    if found is None:
        raise NotThere("There is no such message.")
    return WhyOut.model_validate(found)
