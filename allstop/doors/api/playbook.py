"""The account's playbook, and who answers a lead's conversation."""

from datetime import datetime
from typing import Annotated

from ninja import Path, Router, Schema
from pydantic import Field

from allstop.actions.playbooks import Kept, change_playbook, dry_run, playbook_of
from allstop.actions.talk_hands import contact_of, hand_back, take_over
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Strict, Text
from allstop.rules.talk_words import in_words
from allstop.store.models import Talk

router = Router(tags=["leads"])


class PlaybookOut(Schema):
    text: str = Field(description="As people wrote it. Of an account that has none, an example that is off.")
    is_on: bool
    changed_by: str
    changed_at: datetime | None


class PlaybookIn(Strict):
    text: Annotated[Text, Field(max_length=40_000)]
    is_on: bool = Field(description="Off: no new lead begins with it, and whoever is due goes to a person.")


class RehearsalIn(Strict):
    text: Annotated[Text, Field(max_length=40_000)]
    answers: list[Annotated[Text, Field(max_length=1600)]] = Field(
        [], max_length=20, description='What the lead writes, one after the other; "" = nothing, until time passes.'
    )


class PlaybookLineOut(Schema):
    who: str = Field(description="us, them, or end")
    channel: str
    words: str
    after: str = Field(description="How long after the beginning, in words.")


class PlaybookRehearsalOut(Schema):
    lines: list[PlaybookLineOut]


class TalkOut(Schema):
    answers: str = Field(description="Who answers: automatic (the playbook), person or nobody.")
    why: str = Field(description="Of a person: why, in words.")
    step: str = Field(description='Of the playbook; "" = it has not begun.')
    due_at: datetime | None = Field(description="When the playbook goes on by itself; null: not before they write.")


def playbook_shape(kept: Kept) -> PlaybookOut:
    return PlaybookOut(text=kept.text, is_on=kept.is_on, changed_by=kept.changed_by, changed_at=kept.changed_at)


def talk_shape(talk: Talk) -> TalkOut:
    return TalkOut(answers=talk.answers, why=in_words(talk.why), step=talk.step, due_at=talk.due_at)


@router.get("/playbook", response={200: PlaybookOut, **refusals()}, operation_id="get_playbook")
def get_playbook(request: Call) -> PlaybookOut:
    """What Allstop says to new leads by itself."""
    return playbook_shape(playbook_of(request.auth))


@router.put("/playbook", response={200: PlaybookOut, **refusals(400, 403)}, operation_id="put_playbook")
def put_playbook(request: Call, wanted: PlaybookIn) -> PlaybookOut:
    """Change it, turn it on or off. 422 names every faulty line and says what to do. Roles: admin, leader."""
    return playbook_shape(change_playbook(request.auth, wanted.text, request.now, is_on=wanted.is_on))


@router.post(
    "/playbook/rehearse", response={200: PlaybookRehearsalOut, **refusals(400)}, operation_id="rehearse_playbook"
)
def rehearse(request: Call, wanted: RehearsalIn) -> PlaybookRehearsalOut:
    """A conversation as it would go. Nothing is kept and nothing leaves."""
    lines = dry_run(request.auth, wanted.text, wanted.answers, request.now)
    return PlaybookRehearsalOut(
        lines=[PlaybookLineOut(who=one.who, channel=one.channel, words=one.words, after=one.after) for one in lines]
    )


@router.post(
    "/conversations/{int:conversation_id}/take-over",
    response={200: TalkOut, **refusals(403, 404, 409)},
    operation_id="take_over_conversation",
)
def take(request: Call, conversation_id: Path[Id]) -> TalkOut:
    """A person answers this lead from now on; what the playbook had queued is withdrawn.

    Roles: admin, leader, member.
    """
    return talk_shape(take_over(request.auth, contact_of(request.auth, conversation_id), request.now))


@router.post(
    "/conversations/{int:conversation_id}/hand-back",
    response={200: TalkOut, **refusals(403, 404, 409)},
    operation_id="hand_back_conversation",
)
def give_back(request: Call, conversation_id: Path[Id]) -> TalkOut:
    """The playbook goes on where it was. 409 while no playbook is on. Roles: admin, leader, member."""
    return talk_shape(hand_back(request.auth, contact_of(request.auth, conversation_id), request.now))
