"""Removing jobs: a removed job leaves the list, is kept in history, and never sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, NotThere, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.holds import add_hold, new_hold
from allstop.rules.holds import REMOVED, Reach, Scope
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Job, Message, Status


@dataclass(frozen=True, slots=True)
class Removed:
    jobs: int
    messages: int  # that were waiting and now never leave


def remove_jobs(actor: Actor, job_ids: Sequence[int], now: datetime) -> Removed:
    """Remove jobs of the account. Those removed already are left as they are; an unknown id changes nothing at all.

    In force when the first transaction has committed, since the gate refuses messages of a removed job; then the
    messages are taken out of the queue a few at a time, so that neither a claim nor a stop waits for it.
    """
    require(actor, Act.REMOVE_JOBS)
    wanted = set(job_ids)
    with transaction.atomic(), queue.impatient():
        jobs = list(
            Job.objects.select_for_update(no_key=True).filter(account_id=actor.account_id, pk__in=wanted).order_by("pk")
        )
        if len(jobs) != len(wanted):
            raise NotThere("One of these jobs does not exist. Reload the page and select again.")
        jobs = [job for job in jobs if job.removed_at is None]
        numbers = [_remove(actor, job, now) for job in jobs]
    ids = [job.pk for job in jobs]
    if numbers:
        queue.withdraw(actor.account_id, ids, Status.REMOVED, now)
        wait_until_confirmed(numbers[-1])
        # What workers had claimed and not started has come back meanwhile: it goes the same way.
        queue.withdraw(actor.account_id, ids, Status.REMOVED, now)
    removed = Message.objects.filter(account_id=actor.account_id, job_id__in=ids, status=Status.REMOVED)
    return Removed(len(jobs), removed.count())


def _reach(job: Job) -> Reach:
    return Reach(scope=Scope.JOB, account_id=job.account_id, job_id=job.pk)


def _remove(actor: Actor, job: Job, now: datetime) -> int:
    Job.objects.filter(pk=job.pk, removed_at=None).update(removed_at=now, removed_by=actor.name)
    waiting = queue.waiting_of_job(actor.account_id, job.pk)
    number = queue.stop(add_hold(new_hold(actor, REMOVED, _reach(job), now)).pk, now).number
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="remove_job",
        subject=f"job:{job.pk}",
        after={"messages": waiting, "number": number, "via": actor.via},
        personal={"after": {"name": job.name}},
    )
    return number
