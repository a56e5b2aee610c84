"""What workers do by themselves: a real worker begins and ends a scheduled stop, and mails what is to be mailed."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from allstop.actions.notices import notify
from allstop.actions.scheduled import schedule_stop
from allstop.rules.holds import whole_account
from allstop.rules.plans import Planned
from allstop.store.models import Message, NoticeKind, NoticeReader, Plan, ScheduledStop, Status, Stop, Worker
from tests.dispatch.processes import wait_until, workers
from tests.world import World, texts

SOON = timedelta(seconds=12)  # about a second; more only where the machine is busy with other things


def test_workers_begin_and_end_a_scheduled_stop_by_themselves(committed_world: World, database_url: str) -> None:
    world = committed_world
    with workers(database_url, 2):
        wait_until(lambda: Worker.objects.count() == 2, "the workers to register")
        now = datetime.now(UTC)
        planned = Planned(now + timedelta(seconds=1), now + timedelta(seconds=15))
        one = schedule_stop(world.leader, whole_account(world.account.pk), planned, "", now)

        def state() -> str:
            return ScheduledStop.objects.get(pk=one.pk).state

        wait_until(lambda: state() == Plan.STANDING, "the stop to begin")
        ids = texts(world, 5)
        receipt = Stop.objects.get(is_lift=False)
        wait_until(lambda: Stop.objects.get(pk=receipt.pk).confirmed_at is not None, "the workers to confirm")
        assert Message.objects.filter(id__in=ids, status=Status.WAITING).count() == 5
        wait_until(lambda: state() == Plan.OVER, "the stop to end")
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 5, "what waited to leave")
    lift = Stop.objects.get(is_lift=True)
    assert planned.starts_at <= receipt.effective_at < planned.starts_at + SOON
    assert planned.ends_at <= lift.effective_at < planned.ends_at + SOON
    assert Stop.objects.count() == 2


def test_a_worker_mails_a_notice_once_from_a_process_of_its_own(committed_world: World, database_url: str) -> None:
    world = committed_world
    mails = Path(os.environ["ALLSTOP_HOME"]) / "mail"
    before = set(mails.glob("*")) if mails.exists() else set()
    now = datetime.now(UTC)
    notify(NoticeKind.BRAKE, "A subject of its own", "Words.", now, account_id=world.account.pk)
    with workers(database_url, 2):
        wait_until(lambda: NoticeReader.objects.get().mailed_at is not None, "the notice to be mailed")
    written = [one.read_text() for one in set(mails.glob("*")) - before]
    assert sum("A subject of its own" in words for words in written) == 1
