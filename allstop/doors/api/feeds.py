"""Feeds: where files come from by themselves, what came, and the way in for programs that hand theirs in."""

from datetime import datetime, time
from typing import Annotated, Any

from ninja import File, Path, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from allstop.actions.feed_files import push_file
from allstop.actions.feeds import FeedChoice, delete_feed, feed_of, look_now, save_feed
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Paged, Strict, Text
from allstop.store import lists
from allstop.store.models import AnswerKind, Feed, FeedAnswer, FeedFile, FeedKind
from allstop.store.sealing import without_secrets

router = Router(tags=["feeds"])


class FeedIn(Strict):
    name: Annotated[Text, Field(max_length=100)] = Field(description="Of its kind only one in the account.")
    kind: FeedKind = Field(description="folder, push, sftp, email, calendar or fhir")
    settings: dict[str, Any] = Field({}, description='Of its kind: {"path": "/srv/files/in"} of a folder.')
    like_import: Id | None = Field(None, description="The import by hand that it reads like; a new feed needs one.")
    only_location: Id | None = Field(None, description="Rows of other locations are canceled by rules.")
    rhythm: dict[str, list[str]] = Field({}, description='Which weekday sends which: {"sun": ["mon"], "mon": ["tue"]}.')
    expected_at: time | None = Field(None, description="On the account's clock; needs a rhythm.")
    alarm_minutes: int = Field(30, description="So many later the admins are told that no file has come.")
    is_on: bool = True
    holds_all: bool = Field(False, description="Each file names every appointment from today on.")
    tells_answers: bool = Field(False, description="Answers are told to the folder, SFTP server or FHIR server.")

    def choice(self) -> FeedChoice:
        return FeedChoice(**self.model_dump())


class FeedFileOut(Schema):
    id: int
    state: str = Field(description="taken, done, failed or repeat")
    file_name: str
    import_id: int | None
    job_id: int | None
    arrived_at: datetime
    rows: int | None = Field(description="waiting + canceled + refused + errors; null until it is done")
    waiting: int | None
    canceled: int | None = Field(description="By rules: off, unchanged, of another location ...")
    refused: int | None
    errors: int | None
    withdrawn: int = Field(description="Messages of earlier files that left the queue because of it.")
    failure: str
    repeats: int | None = Field(description="The file of the same content.")


class FeedOut(Schema):
    id: int
    name: str
    kind: str
    settings: dict[str, Any]
    only_location: int | None
    rhythm: dict[str, list[str]]
    expected_at: time | None
    alarm_minutes: int
    is_on: bool
    holds_all: bool
    tells_answers: bool
    tell_failure: str = Field(description="Why answers could not be told now.")
    is_late: bool
    failure: str = Field(description="Why its place cannot be read now.")
    looked_at: datetime | None
    alarm_at: datetime | None = Field(description="When the admins are told, unless a file has come.")


class FeedList(Schema):
    items: list[FeedOut]


class FeedFileList(Schema):
    items: list[FeedFileOut]
    next: int | None


class FeedAnswerOut(Schema):
    id: int
    appointment_id: str = Field(description="As the source calls it.")
    answer: AnswerKind
    at: datetime
    channel: str = Field(description='Of the answer; "" = a member wrote it down.')
    message_id: int
    told_at: datetime | None = Field(description="To where the files of the feed come from.")
    attempts: int = Field(description="That did not work.")


class FeedAnswerList(Schema):
    items: list[FeedAnswerOut]
    next: int | None


def told_shape(one: FeedAnswer) -> FeedAnswerOut:
    return FeedAnswerOut(
        id=one.pk,
        appointment_id=one.named,
        answer=AnswerKind(one.kind),
        at=one.at,
        channel=one.channel,
        message_id=one.message_id,
        told_at=one.told_at,
        attempts=one.attempts,
    )


def feed_shape(feed: Feed) -> FeedOut:
    return FeedOut(
        id=feed.pk,
        name=feed.name,
        kind=feed.kind,
        settings=without_secrets(feed.settings),
        only_location=feed.only_location_id,
        rhythm=feed.rhythm,
        expected_at=feed.expected_at,
        alarm_minutes=feed.alarm_minutes,
        is_on=feed.is_on,
        holds_all=feed.holds_all,
        tells_answers=feed.tells_answers,
        tell_failure=feed.tell_failure,
        is_late=feed.is_late,
        failure=feed.failure,
        looked_at=feed.looked_at,
        alarm_at=feed.alarm_at,
    )


def file_shape(file: FeedFile) -> FeedFileOut:
    source = file.source
    return FeedFileOut(
        id=file.pk,
        state=file.state,
        file_name=source.file_name if source else "",
        import_id=file.source_id,
        job_id=source.job_id if source else None,
        arrived_at=file.arrived_at,
        rows=file.rows,
        waiting=file.waiting,
        canceled=file.canceled,
        refused=file.refused,
        errors=file.errors,
        withdrawn=file.withdrawn,
        failure=source.failure if source else "",
        repeats=file.repeats_id,
    )


@router.get("/feeds", response={200: FeedList, **refusals()}, operation_id="list_feeds")
def list_feeds(request: Call) -> FeedList:
    """All of them on one page, by name."""
    return FeedList(items=[feed_shape(row.feed) for row in lists.feeds(request.auth.account_id)])


@router.post("/feeds", response={201: FeedOut, **refusals(400, 403)}, operation_id="make_feed")
def make(request: Call, feed: FeedIn) -> Status[FeedOut]:
    """Roles: admin, leader."""
    return Status(201, feed_shape(save_feed(request.auth, feed.choice(), request.now)))


@router.get("/feeds/{int:feed_id}", response={200: FeedOut, **refusals(404)}, operation_id="get_feed")
def get(request: Call, feed_id: Path[Id]) -> FeedOut:
    """One feed; its secrets are not shown."""
    return feed_shape(feed_of(request.auth, feed_id))


@router.put("/feeds/{int:feed_id}", response={200: FeedOut, **refusals(400, 403, 404)}, operation_id="change_feed")
def change(request: Call, feed_id: Path[Id], feed: FeedIn) -> FeedOut:
    """All of it anew; without `like_import` it reads its files as before. Roles: admin, leader."""
    return feed_shape(save_feed(request.auth, feed.choice(), request.now, feed_id))


@router.delete("/feeds/{int:feed_id}", response={200: FeedOut, **refusals(403, 404, 409)}, operation_id="delete_feed")
def delete(request: Call, feed_id: Path[Id]) -> FeedOut:
    """Answers what was deleted. Its jobs stay. 409 while one of its files is being imported. Roles: admin, leader."""
    gone = feed_shape(feed_of(request.auth, feed_id))
    delete_feed(request.auth, feed_id, request.now)
    return gone


@router.post(
    "/feeds/{int:feed_id}/look", response={200: FeedOut, **refusals(403, 404, 409)}, operation_id="look_at_feed"
)
def look(request: Call, feed_id: Path[Id]) -> FeedOut:
    """A worker looks for files at once, whatever its turn is. Roles: admin, leader, member."""
    look_now(request.auth, feed_id, request.now)
    return feed_shape(feed_of(request.auth, feed_id))


@router.get("/feeds/{int:feed_id}/files", response={200: FeedFileList, **refusals(404)}, operation_id="list_feed_files")
def files(request: Call, feed_id: Path[Id], asked: Query[Paged]) -> FeedFileList:
    """What came, newest first, with what became of each row."""
    feed = feed_of(request.auth, feed_id)
    found = lists.feed_files(request.auth.account_id, feed.pk, asked.after, asked.limit)
    more = found[-1].pk if len(found) == asked.limit else None
    return FeedFileList(items=[file_shape(one) for one in found], next=more)


@router.get(
    "/feeds/{int:feed_id}/answers", response={200: FeedAnswerList, **refusals(404)}, operation_id="list_feed_answers"
)
def answers(request: Call, feed_id: Path[Id], asked: Query[Paged]) -> FeedAnswerList:
    """What contacts said of its appointments, newest first. The same word again about the same one is not in it."""
    feed = feed_of(request.auth, feed_id)
    found = lists.feed_answers(request.auth.account_id, feed.pk, asked.after, asked.limit)
    more = found[-1].pk if len(found) == asked.limit else None
    return FeedAnswerList(items=[told_shape(one) for one in found], next=more)


@router.post(
    "/feeds/{int:feed_id}/files",
    response={200: FeedFileOut, 201: FeedFileOut, **refusals(400, 403, 404, 409)},
    operation_id="push_feed_file",
)
def push(
    request: Call,
    feed_id: Path[Id],
    file: Annotated[UploadedFile, File(description="As it was when it was imported by hand; up to 64 MB.")],
) -> Status[FeedFileOut]:
    """Hand a file in (multipart/form-data). It is imported by itself. The same content again is a repeat: 200.

    Taken while STOPPED as well; its messages wait. Roles: admin, leader, member.
    """
    taken = push_file(request.auth, feed_id, file.name or "", file.read(), request.now)
    return Status(200 if taken.repeats_id else 201, file_shape(taken))
