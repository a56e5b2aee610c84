"""Removing jobs: a removed job leaves the list, is kept in history, and never sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, NotThere, require
from allstop.actions.holds import add_hold
from allstop.actions.switch import wait_until_confirmed
from allstop.rules.holds import REMOVED, Scope
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Job, Status


@dataclass(frozen=True, slots=True)
class Removed:
    jobs: int
    messages: int  # that were waiting and now never leave


def remove_jobs(actor: Actor, job_ids: Sequence[int], now: datetime) -> Removed:
    """Remove jobs of the account. Those removed already are left as they are; an unknown id changes nothing at all."""
    require(actor, Act.REMOVE_JOBS)
    wanted = set(job_ids)
    with transaction.atomic(), queue.impatient():
        jobs = list(
            Job.objects.select_for_update(no_key=True).filter(account_id=actor.account_id, pk__in=wanted).order_by("pk")
        )
        if len(jobs) != len(wanted):
            raise NotThere("One of these jobs does not exist. Reload the page and select again.")
        jobs = [job for job in jobs if job.removed_at is None]
        withdrawn = {job.pk: _withdraw(actor, job, now) for job in jobs}
        # The stop number is taken after the slow part: until the commit no other stop can take one.
        numbers = [_stop(actor, job, withdrawn[job.pk], now) for job in jobs]
    messages = sum(withdrawn.values())
    if numbers:
        # What workers had claimed and not started comes back to the queue: it goes the same way.
        wait_until_confirmed(numbers[-1])
        with transaction.atomic():
            messages += queue.withdraw(actor.account_id, [job.pk for job in jobs], Status.REMOVED, now)
    return Removed(len(jobs), messages)


def _withdraw(actor: Actor, job: Job, now: datetime) -> int:
    Job.objects.filter(pk=job.pk, removed_at=None).update(removed_at=now, removed_by=actor.name)
    return queue.withdraw(actor.account_id, [job.pk], Status.REMOVED, now)


def _stop(actor: Actor, job: Job, withdrawn: int, now: datetime) -> int:
    hold = add_hold(actor, REMOVED, Scope.JOB, now, job=job)
    number = queue.stop(hold.pk, now)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="remove_job",
        subject=f"job:{job.pk}",
        after={"name": job.name, "messages": withdrawn, "number": number, "via": actor.via},
    )
    return number
