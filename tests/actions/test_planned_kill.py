"""A planned change whose worker is killed with kill -9: billed once, and held once, whatever was done by then."""

import os
import signal
import subprocess
import sys
from datetime import date, timedelta

from allstop.actions.actor import Operator
from allstop.actions.bill_runs import bill_run
from allstop.actions.components import add_component
from allstop.actions.packages import PackageSaid, save_package
from allstop.actions.status_plans import plan_change
from allstop.actions.status_types import add_reason
from allstop.actions.statuses import Wish, run_status_changes
from allstop.store import ledger
from allstop.store.models import Account, Hold, InvoiceLine, LedgerEntry, StatusChange, StatusType
from tests.world import World

OPS = Operator("Olu (operator)", "console")

# Kills itself where `name` would have been called: in the middle of the change, and right after its commit.
WORKER = """
import os, signal, sys
import django
django.setup()
from datetime import datetime
from allstop.actions import statuses

setattr(statuses, sys.argv[1], lambda *said: os.kill(os.getpid(), signal.SIGKILL))
statuses.run_status_changes(datetime.fromisoformat(sys.argv[2]))
"""


def test_it_is_carried_out_once_however_its_worker_dies(committed_world: World, database_url: str) -> None:
    now, account = committed_world.now, committed_world.account
    add_reason(OPS, "Past due", now)
    basic = save_package(OPS, None, PackageSaid(name="Basic", price="30"), now)
    add_component(OPS, account.pk, basic.pk, 1, now.date(), now)
    bill_run(OPS, now.date(), now)
    plan(committed_world, "suspended", now.date() + timedelta(days=2))
    due = now + timedelta(days=3)

    def killed_at(name: str) -> None:
        at = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "allstop.settings"}
        done = subprocess.run([sys.executable, "-c", WORKER, name, due.isoformat()], env=at, check=False)
        assert done.returncode == -signal.SIGKILL

    def is_(status: str) -> bool:
        return Account.objects.get(pk=account.pk).status_type.status == status

    had = InvoiceLine.objects.count()
    killed_at("_enter")  # its lines were written, nothing was committed
    assert (is_("active"), StatusChange.objects.get().state, InvoiceLine.objects.count()) == (True, "coming", had)
    assert run_status_changes(due) == 1 and run_status_changes(due) == 0
    assert is_("suspended") and InvoiceLine.objects.count() == had + 1
    assert Hold.objects.filter(account=account, name="suspended", lifted_at=None).count() == 1

    plan(committed_world, "active", due.date() + timedelta(days=2))
    due += timedelta(days=3)
    killed_at("lift_old_holds")  # it is enabled and billed, and what held it still holds
    assert is_("active") and InvoiceLine.objects.count() == had + 2
    assert Hold.objects.filter(account=account, lifted_at=None).exists()
    assert run_status_changes(due + timedelta(minutes=5)) == 0  # a worker that looks later lets it go
    assert not Hold.objects.filter(account=account, lifted_at=None).exists()
    assert InvoiceLine.objects.count() == had + 2
    told = LedgerEntry.objects.filter(account=account, act="change_status").values_list("after__status", flat=True)
    assert list(told.order_by("number")) == ["suspended", "active"]
    assert isinstance(ledger.verify(account.pk), int)


def plan(world: World, status: str, on: date) -> None:
    of = StatusType.objects.get(status=status)
    plan_change(OPS, world.account.pk, Wish(of.pk, "Past due"), on, world.now)
