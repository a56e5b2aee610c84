"""The database goes away under the whole program and comes back, as a server does that is restarted for an update."""

from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from allstop.store.models import Message, Status, Worker
from tests.dispatch.processes import wait_until
from tests.e2e.program import Program, serving
from tests.peers.database_proxy import database_proxy
from tests.world import World, texts


def asking(program: Program) -> dict[str, str]:
    """Somebody who may be logged in, and a token that may be known: the database would have to say."""
    return {"Cookie": f"allstop_session_{program.port}={'a' * 32}", "Authorization": f"Bearer {'a' * 32}"}


def status_of(program: Program, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", program.port, timeout=60)
    try:
        connection.request("GET", path, headers=asking(program))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, HTTPException) as nothing:
        return 0, repr(nothing)
    finally:
        connection.close()


@pytest.mark.slow
def test_the_program_outlives_it_and_goes_on(committed_world: World, database_url: str, tmp_path: Path) -> None:
    """A server that is restarted at night must not end Allstop: nobody would know until the morning."""
    with database_proxy(database_url) as proxy, serving(proxy.url, tmp_path / "log", workers=1) as program:
        wait_until(lambda: Worker.objects.count() == 2, "the workers")
        proxy.cut()
        wait_until(lambda: program.log.read_text().count("starts again in") >= 2, "both workers to end")
        assert "Traceback" not in program.log.read_text()
        for path in ("/", "/api/v1/account"):
            status, words = status_of(program, path)
            assert (status, "The database cannot be reached" in words) == (503, True), words[:500]
        assert program.process.poll() is None, program.log.read_text()
        proxy.mend()
        ids = texts(committed_world, 20)
        sent = Message.objects.filter(id__in=ids, status=Status.SENT)
        wait_until(lambda: sent.count() == 20, "what was queued to leave")
        wait_until(lambda: status_of(program, "/accounts/login/")[0] == 200, "the console")
