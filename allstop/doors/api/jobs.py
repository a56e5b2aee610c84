"""Jobs: the list, one job, and removing."""

from datetime import datetime

from ninja import Path, Query, Router, Schema
from pydantic import Field

from allstop.actions.actor import NotThere
from allstop.actions.jobs import remove_jobs
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Paged, Strict
from allstop.store import lists

router = Router(tags=["jobs"])


class JobsAsked(Paged):
    include_removed: bool = Field(False, description="Removed jobs as well.")


class JobOut(Schema):
    id: int
    name: str
    state: str = Field(description="scheduled, sending, held, done or removed")
    source: str = Field(description="upload, command, api or send")
    purpose: str
    channels: list[str]
    created_by: str
    created_at: datetime
    removed_by: str
    removed_at: datetime | None
    first_due_at: datetime | None
    last_due_at: datetime | None
    total: int = Field(description="Its messages, without those that the rules canceled.")
    waiting: int
    in_flight: int
    past_use_by: int = Field(description="Waiting, and too late already: they will be refused.")
    counts: dict[str, int] = Field(description="Status -> messages.")


class JobPage(Schema):
    items: list[JobOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class JobsToRemove(Strict):
    ids: list[Id] = Field(min_length=1, max_length=10_000)


class RemovedOut(Schema):
    jobs: int = Field(description="How many were removed now.")
    messages: int = Field(description="How many messages of theirs were waiting and now never leave.")


def job_shape(row: lists.JobRow) -> JobOut:
    return JobOut(
        id=row.id,
        name=row.name,
        state=row.state,
        source=row.source,
        purpose=row.purpose,
        channels=[channel.value for channel in row.channels],
        created_by=row.created_by,
        created_at=row.created_at,
        removed_by=row.removed_by,
        removed_at=row.removed_at,
        first_due_at=row.first_due_at,
        last_due_at=row.last_due_at,
        total=row.total,
        waiting=row.waiting,
        in_flight=row.in_flight,
        past_use_by=row.past_use_by,
        counts={status.value: count for status, count in row.counts.items()},
    )


def job_page(account_id: int, asked: JobsAsked, now: datetime) -> JobPage:
    rows = lists.jobs(account_id, now, include_removed=asked.include_removed, after=asked.after, limit=asked.limit + 1)
    shown = rows[: asked.limit]
    return JobPage(items=[job_shape(row) for row in shown], next=shown[-1].id if len(rows) > asked.limit else None)


@router.get("/jobs", response={200: JobPage, **refusals()}, operation_id="list_jobs")
def list_jobs(request: Call, asked: Query[JobsAsked]) -> JobPage:
    """Newest first."""
    return job_page(request.auth.account_id, asked, request.now)


@router.get("/jobs/{int:job_id}", response={200: JobOut, **refusals(404)}, operation_id="get_job")
def get_job(request: Call, job_id: Path[Id]) -> JobOut:
    """One job with its counts."""
    row = lists.job(request.auth.account_id, job_id, request.now)
    if row is None:
        raise NotThere("There is no such job.")
    return job_shape(row)


@router.post("/jobs/remove", response={200: RemovedOut, **refusals(400, 403, 404)}, operation_id="remove_jobs")
def remove(request: Call, chosen: JobsToRemove) -> RemovedOut:
    """REMOVE. A removed job leaves the list, is kept in history and never sends. All ids must exist, else none goes.

    Jobs that are removed already are left as they are. Roles: admin, leader, member.
    """
    removed = remove_jobs(request.auth, chosen.ids, request.now)
    return RemovedOut(jobs=removed.jobs, messages=removed.messages)
