"""A run is seen to its end by whoever asked for it, also when another process was quicker."""

import threading
from datetime import UTC, datetime

import psycopg
from django.db import connection

from allstop.actions.bulk import Selection, Wish, ask_for_change
from allstop.actions.bulk_run import RUNS, run_here
from allstop.store import queue
from allstop.store.lists import ContactFilter
from allstop.store.models import ChangeKind, Marker
from tests.world import World, contact


def test_one_that_another_process_runs_is_waited_for(committed_world: World) -> None:
    """Else `allstop contacts flag` would print that nobody was changed, while a worker changes everybody."""
    ids = {contact(committed_world, f"Pat {number}", phone="", email="").pk for number in range(3)}
    wish = Wish(kind=ChangeKind.FLAG)
    asked = ask_for_change(committed_world.member, Selection(filter=ContactFilter()), wish, datetime.now(UTC))
    done: list[tuple[str, int]] = []

    def see() -> None:
        found = RUNS.see_through(asked.pk, run_here)
        done.append((found.state, found.changed))
        connection.close()

    with RUNS.held(asked.pk) as is_mine:
        assert is_mine
        seeing = threading.Thread(target=see)
        seeing.start()
        seeing.join(0.3)
        assert seeing.is_alive() and not done
    seeing.join(60)  # whoever held it has died: it is run here
    assert done == [("done", 3)]
    assert set(Marker.objects.values_list("contact_id", flat=True)) == ids


def test_one_that_has_ended_is_free_at_once(world: World) -> None:
    """The server needs a moment to see that a connection was closed."""
    with psycopg.connect(**queue.connection_params(), autocommit=True) as other:
        for number in range(50):
            with RUNS.held(number) as is_mine:
                assert is_mine
            lock = "SELECT pg_try_advisory_lock(hashtextextended(%s, %s))"
            assert other.execute(lock, (RUNS.table._meta.db_table, number)).fetchone() == (True,)
