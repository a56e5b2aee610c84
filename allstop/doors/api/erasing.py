"""Erasing a person by the API, and the receipt of it."""

from datetime import datetime
from typing import Literal

from ninja import Path, Router, Schema
from ninja import Status as Answer
from pydantic import Field

from allstop.actions.erase import erase_person, erasure_of
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict
from allstop.store.models import Erasure

router = Router(tags=["contacts"])


class EraseIn(Strict):
    confirm: Line = Field(description="The contact's name, or CONFIRM.")


class ErasureOut(Schema):
    id: int
    contact_id: int = Field(description="Nothing has this number any more.")
    state: Literal["stopping", "done"] = Field(
        description="stopping: nothing leaves to them any more, and what is under way is being waited for."
    )
    by: str
    asked_at: datetime
    finished_at: datetime | None
    stop_number: int = Field(description="Of the stop that came first; it has a receipt of its own.")
    withdrawn: int = Field(description="Messages that were waiting.")
    left_unknown: int = Field(description="Messages of which nobody knew whether they had left.")
    counts: dict[str, int] = Field(
        description="What went: addresses, messages, replies, notes, groups, markers, opt_outs, entries (of the"
        " ledger), files, mentions; and digests, the addresses of which a keyed digest stays. Empty until it is done."
    )


def erasure_shape(erasure: Erasure) -> ErasureOut:
    return ErasureOut(
        id=erasure.pk,
        contact_id=erasure.contact_id,
        state="done" if erasure.state == "done" else "stopping",
        by=erasure.by,
        asked_at=erasure.asked_at,
        finished_at=erasure.finished_at,
        stop_number=erasure.stop_number,
        withdrawn=erasure.withdrawn,
        left_unknown=erasure.left_unknown,
        counts=erasure.counts or {},
    )


@router.post(
    "/contacts/{int:contact_id}/erase",
    response={200: ErasureOut, 202: ErasureOut, **refusals(400, 403, 404)},
    operation_id="erase_contact",
)
def erase(request: Call, contact_id: Path[Id], said: EraseIn) -> Answer[ErasureOut]:
    """Everything that names or quotes the person goes, and cannot be brought back. A no survives. 202: something of
    theirs is still under way, and a worker ends it; nothing leaves to them from now on. Roles: admin, leader.
    """
    made = erasure_shape(erase_person(request.auth, contact_id, said.confirm, request.now))
    return Answer(200 if made.state == "done" else 202, made)


@router.get("/erasures/{int:erasure_id}", response={200: ErasureOut, **refusals(404)}, operation_id="get_erasure")
def erasure(request: Call, erasure_id: Path[Id]) -> ErasureOut:
    """The receipt of an erasing: numbers only."""
    return erasure_shape(erasure_of(request.auth, erasure_id))
