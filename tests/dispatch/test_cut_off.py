"""A worker that cannot reach the database stops by itself: nothing begins later than one lease after the cut."""

import time
from pathlib import Path

import pytest

from allstop.actions.confirming import LEASE
from allstop.store.models import Message, QueueEntry, Status
from tests.dispatch.mail_run import arrived, began_after, mails_under_way
from tests.dispatch.processes import PATIENCE, wait_until, workers
from tests.peers.database_proxy import Proxy, database_proxy
from tests.world import World


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_nothing_begins_later_than_one_lease_after_the_cut(
    committed_world: World, database_url: str, tmp_path: Path, how: str
) -> None:
    act = {"cut": Proxy.cut, "freeze": Proxy.freeze}[how]
    with (
        database_proxy(database_url) as proxy,
        mails_under_way(committed_world, tmp_path, 4000) as catcher,
        workers(proxy.url, 1, "--slots", "200") as (worker,),
    ):
        wait_until(lambda: arrived(catcher) > 300, "some to arrive")
        cut_at = time.time()
        act(proxy)
        time.sleep(LEASE.total_seconds() + 1.5)
        late = began_after(catcher, cut_at)
        print(f"{how}: {len(late)} began after it, the last {late[-1] if late else 0:.3f} s after it")
        assert not late or late[-1] < LEASE.total_seconds()
        proxy.mend()
        if how == "cut":
            assert worker.wait(PATIENCE) != 0, "it ends, and whoever runs it starts it again"
    if how == "freeze":
        # It had its answers late, and knows of each message whether it had started it.
        assert not QueueEntry.objects.filter(worker_id__isnull=False).exists()
        assert not Message.objects.filter(status=Status.UNKNOWN).exists()
