"""Groups of contacts. Who is in one: list the contacts with the filter `group`, and change them in bulk."""

from typing import Annotated

from ninja import Path, Router, Schema
from ninja import Status as Answer
from pydantic import Field

from allstop.actions.groups import create_group, delete_group, rename_group
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Strict, Text
from allstop.store import lists

router = Router(tags=["groups"])

Name = Annotated[Text, Field(min_length=1, max_length=120)]


class GroupOut(Schema):
    id: int
    name: str
    is_sales: bool = Field(description="For promotions: nobody with Stop Promotions can be in it.")


class GroupIn(Strict):
    name: Name
    is_sales: bool = False


class GroupChange(Strict):
    name: Name


@router.get("/groups", response={200: list[GroupOut], **refusals()}, operation_id="list_groups")
def list_groups(request: Call) -> list[GroupOut]:
    """By name."""
    return [GroupOut.from_orm(one) for one in lists.groups(request.auth.account_id)]


@router.post("/groups", response={201: GroupOut, **refusals(400, 403)}, operation_id="create_group")
def create(request: Call, group: GroupIn) -> Answer[GroupOut]:
    """A new group; whether it is a sales group is said once. Roles: admin, leader, member."""
    made = create_group(request.auth, group.name, group.is_sales, request.now)
    return Answer(201, GroupOut.from_orm(made))


@router.patch(
    "/groups/{int:group_id}", response={200: GroupOut, **refusals(400, 403, 404)}, operation_id="rename_group"
)
def rename(request: Call, group_id: Path[Id], group: GroupChange) -> GroupOut:
    """Another name. Roles: admin, leader, member."""
    return GroupOut.from_orm(rename_group(request.auth, group_id, group.name, request.now))


@router.delete("/groups/{int:group_id}", response={200: GroupOut, **refusals(403, 404)}, operation_id="delete_group")
def delete(request: Call, group_id: Path[Id]) -> GroupOut:
    """Answers what was deleted. Its contacts stay; this is not undone. Roles: admin, leader, member."""
    return GroupOut.from_orm(delete_group(request.auth, group_id, request.now))
