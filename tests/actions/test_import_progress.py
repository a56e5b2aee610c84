"""Who runs an import holds its lock, and nobody longer than that."""

from allstop.actions.import_progress import Progress
from tests.world import World


def test_a_run_that_has_ended_keeps_nobody_from_the_next_one(world: World) -> None:
    for _ in range(50):  # the server needs a moment to see that a connection was closed
        with Progress(4711) as following:
            with Progress(4711) as running:
                assert running.lock()
                assert not following.lock()
            assert following.lock()
