"""The live stream: what it tells, to whom, how soon, and what it holds."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import start_account, stop_account
from allstop.console import live
from allstop.store.models import Job, Member
from tests.console.desk import logged_in
from tests.world import World, job, texts

Answer = TypeVar("Answer")
SOON = 20.0  # s: it comes by itself; how fast is measured, not tested, since the machine may be busy


@pytest.fixture(autouse=True)
def hub() -> Iterator[live.Hub]:
    """A stream's hub belongs to one event loop, and each test has its own loop."""
    live.hub = live.Hub()
    yield live.hub
    live.hub.reader.submit(connections.close_all).result()
    live.hub.reader.shutdown()


class Browser:
    """The far end of one stream: collects what is told, and can go away."""

    def __init__(self, client: Client, path: str = "/events", host: str = "localhost") -> None:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": [(b"host", host.encode()), (b"cookie", cookie.encode())],
        }
        self.status = 0
        self.known: dict[str, Any] = {}
        self.beats = 0
        self.is_over = False
        self.gone = asyncio.Event()
        self.heard = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        body = message["body"].decode()
        if body.startswith("data: "):
            self.known |= json.loads(body.removeprefix("data: "))
        elif body.startswith("event: beat"):
            self.beats += 1
        self.is_over = not message.get("more_body", False)
        self.heard.set()

    async def until(self, claim: Callable[[dict[str, Any]], bool], patience: float = SOON) -> None:
        """What is known fits the claim."""
        async with asyncio.timeout(patience):
            while not (self.known and claim(self.known)):
                self.heard.clear()
                await self.heard.wait()


@asynccontextmanager
async def looking(*browsers: Browser) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(live.application(one.scope, one.receive, one.send)) for one in browsers]
    try:
        yield
    finally:
        for one in browsers:
            one.gone.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 3)


async def elsewhere(act: Callable[..., Answer], *values: Any) -> Answer:
    """Somebody else does it: another thread, another connection."""

    def done() -> Answer:
        try:
            return act(*values)
        finally:
            connections.close_all()

    return await asyncio.to_thread(done)


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scenario())


def listeners() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_the_first_message_tells_everything_about_the_persons_own_account(committed_world: World) -> None:
    made = job(committed_world)
    texts(committed_world, 3, of=made)
    client = logged_in(committed_world.dot)

    async def scenario() -> None:
        browser = Browser(client)
        async with looking(browser):
            await browser.until(lambda known: True)
            assert browser.status == 200
            assert set(browser.known) == {
                "lamp",
                "figures",
                "jobs",
                "contacts",
                "notices",
                "inbox",
                "leads",
                "outbox",
                "rate",
                "standing",
            }
            assert browser.known["lamp"]["state"] == "running"
            assert browser.known["figures"]["waiting"] == 3

    run(scenario)


def test_a_stop_and_a_start_are_on_every_screen_of_the_account_by_themselves(committed_world: World) -> None:
    """000-04: the lamp, whoever pressed it."""
    world = committed_world
    clients = [logged_in(world.dot), logged_in(world.cem), logged_in(world.rae)]

    async def scenario() -> None:
        dot, cem, rae = (Browser(client) for client in clients)
        async with looking(dot, cem, rae):
            for browser in (dot, cem, rae):
                await browser.until(lambda known: known["lamp"]["state"] == "running")
            receipt = await elsewhere(stop_account, world.leader, "fire drill", world.now)
            await elsewhere(wait_until_confirmed, receipt.number)
            for browser in (dot, cem):
                await browser.until(lambda known: known["lamp"]["state"] == "stopped")
            await elsewhere(start_account, world.leader, "", world.now)
            for browser in (dot, cem):
                await browser.until(lambda known: known["lamp"]["state"] == "running")
            assert rae.known["lamp"]["version"] == "running.0.0.0"

    run(scenario)


def test_new_messages_and_removed_jobs_change_figures_and_the_version_of_the_jobs(committed_world: World) -> None:
    world = committed_world
    client = logged_in(world.dot)

    def arrive() -> Job:
        made = job(world)
        texts(world, 5, of=made)
        return made

    async def scenario() -> None:
        browser = Browser(client)
        async with looking(browser):
            await browser.until(lambda known: known["figures"]["waiting"] == 0)
            before = browser.known["jobs"]["version"]
            made = await elsewhere(arrive)
            await browser.until(lambda known: known["figures"]["waiting"] == 5)
            with_job = browser.known["jobs"]["version"]
            await elsewhere(remove_jobs, world.admin, [made.pk], world.now)
            await browser.until(lambda known: known["figures"]["waiting"] == 0)
            assert len({before, with_job, browser.known["jobs"]["version"]}) == 3

    run(scenario)


def test_the_rate_comes_once_a_second(committed_world: World) -> None:
    client = logged_in(committed_world.dot)

    async def scenario() -> None:
        browser = Browser(client)
        async with looking(browser):
            await browser.until(lambda known: "rate" in known)
            begun = browser.known["rate"]["t"]
            await browser.until(lambda known: known["rate"]["t"] >= begun + 2)

    run(scenario)


def test_nobody_who_is_not_logged_in_hears_anything(committed_world: World) -> None:
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = "made-up"

    async def scenario() -> None:
        for browser in (Browser(Client()), Browser(stolen)):
            async with looking(browser):
                pass
            assert browser.status == 401
            assert browser.known == {}

    run(scenario)


def test_other_paths_and_foreign_hosts_get_nothing(committed_world: World) -> None:
    client = logged_in(committed_world.dot)

    async def scenario() -> None:
        for browser in (Browser(client, path="/events/x"), Browser(client, host="evil.example")):
            async with looking(browser):
                pass
            assert browser.status == 404

    run(scenario)


def test_thirty_browsers_cost_two_connections_and_nothing_when_they_are_gone(
    committed_world: World, hub: live.Hub
) -> None:
    clients = [logged_in(committed_world.dot) for _ in range(30)]
    before = listeners()

    async def scenario() -> None:
        browsers = [Browser(client) for client in clients]
        async with looking(*browsers):
            for browser in browsers:
                await browser.until(lambda known: True)
            await asyncio.sleep(0.1)
            assert await elsewhere(listeners) <= before + 3  # the reader, the listener, and the one that counts
        assert hub.boards == {}
        assert hub.tasks == []
        await asyncio.sleep(0.2)

    run(scenario)
    assert listeners() == before


def test_streams_end_at_once_when_the_process_is_told_to_stop(committed_world: World) -> None:
    client = logged_in(committed_world.dot)

    async def scenario() -> None:
        browser = Browser(client)
        async with looking(browser):
            await browser.until(lambda known: True)
            live.end_streams()
            async with asyncio.timeout(SOON):
                while not browser.is_over:
                    browser.heard.clear()
                    await browser.heard.wait()

    run(scenario)


def test_a_stream_ends_for_somebody_who_is_no_longer_a_member(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(committed_world.dot)
    monkeypatch.setattr(live, "LOOKED_AGAIN", 0.1)

    async def scenario() -> None:
        browser = Browser(client)
        async with looking(browser):
            await browser.until(lambda known: True)
            await elsewhere(Member.objects.filter(pk=committed_world.dot.pk).delete)
            async with asyncio.timeout(SOON):
                while not browser.is_over:
                    browser.heard.clear()
                    await browser.heard.wait()

    run(scenario)
