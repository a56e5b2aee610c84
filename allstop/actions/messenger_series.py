"""A send by a plan, or with one message for a family, written down: messages, steps, who is followed up, families.

Everything is in one transaction with where the send has come to, as the messages of any send (messenger_run.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from allstop.actions import follow_ups
from allstop.actions.families import STANDS_BY, WITH_FAMILY
from allstop.actions.messenger_people import Person, Said
from allstop.actions.messenger_steps import Layout, Line, Series, as_steps, conditioned, series_of, told_together
from allstop.rules.facts import Channel, Purpose
from allstop.rules.own_window import Allowed
from allstop.store import own_windows, queue
from allstop.store.copying import copy_rows
from allstop.store.models import FamilyVisit, JobWindow, MessengerSend, PlanStep, Status


@dataclass(frozen=True, slots=True)
class Made:
    numbers: list[int]  # of the messages
    persons: list[Person]  # whose each of them is
    left: dict[int, str]  # contact -> why they get nothing
    accepted: int  # messages; not those of which another one tells


def write_series(send: MessengerSend, people: Mapping[int, Person], said: Said) -> Made:
    series = as_steps(series_of(send.recipients), Channel(send.channel), send.subject, send.body)
    layout = _layout(send, series, people, said)
    laid = layout.lay(people)
    together = told_together(laid.lines)
    is_own = JobWindow.objects.filter(account_id=send.account_id, job_id=send.job_id or 0).exists()
    messages = [_message(send, layout, line, together, is_own=is_own) for line in laid.lines]
    numbers = queue.enqueue(messages, send.created_at)
    if series.plan_id is not None:
        _keep_steps(send, series, laid.lines, numbers)
    if together:
        _keep_families(send, layout, laid.lines, numbers)
    accepted = sum(1 for line in laid.lines if not line.is_told_elsewhere)
    return Made(numbers, [line.person for line in laid.lines], laid.left, accepted)


def _layout(send: MessengerSend, series: Series, people: Mapping[int, Person], said: Said) -> Layout:
    def slots(channel: Channel, asked: Sequence[datetime], allowed: Allowed) -> tuple[datetime, ...] | None:
        assert send.job_id is not None, "a series has a job"
        return own_windows.slots_for(send.account_id, send.job_id, channel, asked, allowed)

    start = send.created_at if send.due_at is None else max(send.due_at, send.created_at)
    busy: set[int] = set()
    if series.plan_id is not None and series.list_id is not None:
        busy = follow_ups.followed_up(send.account_id, series.list_id, people, send.created_at)
    return Layout(
        account_id=send.account_id,
        zone=send.account.zone,
        said=said,
        series=series,
        start=start,
        slots=slots,
        chosen={pk: (channel, address) for pk, channel, address in send.recipients["contacts"]},
        busy=busy,
    )


def _message(
    send: MessengerSend,
    layout: Layout,
    line: Line,
    together: Mapping[tuple[int, int], Sequence[Line]],
    *,
    is_own: bool,
) -> queue.NewMessage:
    status, reason = Status.WAITING, ""
    if line.is_told_elsewhere:
        status, reason = Status.CANCELED, WITH_FAMILY
    elif conditioned(line):
        status, reason = Status.CANCELED, STANDS_BY
    subject, body = line.subject, line.body
    if line.told_by == line.person.of.id:
        subject, body = layout.words_of(together[line.told_by, line.way.number])
    return queue.NewMessage(
        account_id=send.account_id,
        channel=line.channel,
        purpose=layout.said.purpose,
        address=line.address,
        subject=subject,
        body=body,
        due_at=line.due,
        use_by=line.use_by,
        by_hand=is_own,
        contact_id=line.person.of.id,
        job_id=send.job_id,
        location_id=line.person.of.location_id,
        recipients=send.total,
        status=status,
        reason=reason,
        attachment_set=send.attachment_set_id if line.channel is Channel.EMAIL else None,
    )


def _keep_steps(send: MessengerSend, series: Series, lines: Sequence[Line], numbers: Sequence[int]) -> None:
    by_step = {(line.person.of.id, line.way.number): number for line, number in zip(lines, numbers, strict=True)}
    first: dict[int, int] = {}
    until: dict[int, datetime] = {}
    for line, number in zip(lines, numbers, strict=True):
        pk = line.person.of.id
        first.setdefault(pk, number)
        assert line.use_by is not None, "a step of a plan has its last moment"
        until[pk] = max(line.use_by, until.get(pk, line.use_by))
    copy_rows(
        PlanStep,
        ("account_id", "visit", "number", "message_id", "condition", "after", "look_at", "plan_id"),
        (
            (
                send.account_id,
                first[line.person.of.id],
                line.way.number,
                number,
                line.way.condition.value,
                by_step.get((line.person.of.id, line.way.after)) if line.way.after is not None else None,
                line.due if conditioned(line) and not line.is_told_elsewhere else None,
                series.plan_id,
            )
            for line, number in zip(lines, numbers, strict=True)
        ),
    )
    begun = ((pk, number, until[pk]) for pk, number in first.items())
    follow_ups.keep(send.account_id, Purpose(send.purpose), series.list_id, begun)


def _keep_families(send: MessengerSend, layout: Layout, lines: Sequence[Line], numbers: Sequence[int]) -> None:
    by_step = {(line.person.of.id, line.way.number): number for line, number in zip(lines, numbers, strict=True)}
    names = "account_id message_id carrier_id at says subject body alone_subject alone_body"
    copy_rows(
        FamilyVisit,
        names.split(),
        (
            (
                send.account_id,
                number,
                by_step[line.told_by, line.way.number],
                send.created_at,
                Jsonb(layout.of_family(line).as_data()),
                layout.subject_of(line),
                line.wording.body,
                line.subject,
                line.body,
            )
            for line, number in zip(lines, numbers, strict=True)
            if line.told_by is not None
        ),
    )
