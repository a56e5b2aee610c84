"""Credits of texts, and trying out a provider."""

from datetime import datetime

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import Actor
from allstop.actions.credits import MOST, history, setup_of, top_up
from allstop.actions.provider_tests import ask_test, test_of
from allstop.actions.request_keys import Once
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Key, Line, Strict
from allstop.rules.facts import Channel
from allstop.store.models import CreditEntry, ProviderTest

router = Router(tags=["setup"])


class CreditEntryOut(Schema):
    at: datetime = Field(description="Of what was spent: the beginning of its hour.")
    kind: str = Field(description="top_up, spent, or uncounted.")
    credits: int
    balance: int = Field(description="What was left after it.")
    by: str
    note: str


class CreditsOut(Schema):
    balance: int | None = Field(description="What is left, one for each part of a text; null: nobody counts.")
    top_up_below: int = Field(description="Below this, a top-up is asked for once.")
    top_up_asked_at: datetime | None
    history: list[CreditEntryOut] = Field(description="The newest 100.")


class ToppedUpOut(CreditsOut):
    is_repeat: bool = Field(description="The Idempotency-Key was used before: nothing was added this time.")


class TopUpIn(Strict):
    credits: int = Field(ge=1, le=MOST)
    note: Line = ""


class TextTestIn(Strict):
    channel: Channel


class TextTestOut(Schema):
    id: int
    channel: str
    asked_at: datetime
    done_at: datetime | None = Field(description="null: a worker is still at it; ask again in a second.")
    is_good: bool | None
    words: str = Field(description="For people.")
    balance: str = Field(description="What is left at the provider, as it says it; empty where it does not tell.")


def credits_shape(actor: Actor) -> CreditsOut:
    setup = setup_of(actor)
    entries = [
        CreditEntryOut(at=one.at, kind=one.kind, credits=one.credits, balance=one.balance, by=one.by, note=one.note)
        for one in history(actor)
    ]
    return CreditsOut(
        balance=setup.credits,
        top_up_below=setup.top_up_below,
        top_up_asked_at=setup.top_up_asked_at,
        history=entries,
    )


def topped_up_shape(actor: Actor, topped: Once[CreditEntry]) -> ToppedUpOut:
    return ToppedUpOut(**credits_shape(actor).model_dump(), is_repeat=topped.is_repeat)


def shape_of_test(test: ProviderTest) -> TextTestOut:
    return TextTestOut(
        id=test.pk,
        channel=test.channel,
        asked_at=test.asked_at,
        done_at=test.done_at,
        is_good=test.is_good,
        words=test.words,
        balance=test.balance,
    )


@router.get("/credits", response={200: CreditsOut, **refusals()}, operation_id="get_credits")
def get_credits(request: Call) -> CreditsOut:
    return credits_shape(request.auth)


@router.post("/credits/top-ups", response={200: ToppedUpOut, **refusals(400, 403, 409)}, operation_id="top_up_credits")
def top_up_credits(request: Call, said: TopUpIn, idempotency_key: Key) -> ToppedUpOut:
    """Operators only. Texts that wait for credits go on; credits that were not counted are counted from now on.

    409: the key was used for another request.
    """
    topped = top_up(request.auth, said.credits, said.note, request.now, idempotency_key)
    return topped_up_shape(request.auth, topped)


@router.post("/provider-tests", response={200: TextTestOut, **refusals(400, 403, 409)}, operation_id="test_provider")
def test_provider(request: Call, said: TextTestIn) -> TextTestOut:
    """A worker tries the channel's provider, without sending anything. Roles: admin, leader."""
    return shape_of_test(ask_test(request.auth, said.channel, request.now))


@router.get("/provider-tests/{test_id}", response={200: TextTestOut, **refusals(404)}, operation_id="get_provider_test")
def get_provider_test(request: Call, test_id: Id) -> TextTestOut:
    return shape_of_test(test_of(request.auth, test_id))
