"""People at their browsers. The rule that it guards: whatever a browser or the program complains of fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    StorageState,
    WebError,
)

from allstop.store.models import Member
from tests.world import PASSWORD

Theme = Literal["light", "dark"]

DESK = 1280
PHONE = 390
TIMEOUT = 60_000  # ms; only a failure waits so long. Tests beside this one may have all the processors meanwhile


@dataclass
class Visits:
    browser: Browser
    address: str
    sessions: dict[str, StorageState]  # by email: each person logs in once, on the real page, and stays logged in
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def by(self, member: Member, *, theme: Theme = "light", width: int = DESK, at: str = "/") -> Page:
        """A browser of their own, on Home or at another address."""
        email = member.user.email
        if email not in self.sessions:
            page = self.by_nobody()
            log_in(page, email)
            self.sessions[email] = page.context.storage_state()
        page = self._context(self.sessions[email], theme, width).new_page()
        page.goto(at)
        return page

    def by_nobody(self, *, theme: Theme = "light", width: int = DESK) -> Page:
        """A browser in which nobody is logged in, and no page is open."""
        return self._context(None, theme, width).new_page()

    @contextmanager
    def expecting(self, words: str) -> Iterator[None]:
        """The browser complains of these words inside the block, and of nothing else."""
        before = self.complaints
        self.complaints = []
        yield
        assert any(words in line for line in self.complaints), f"nobody complained of {words!r}"
        self.complaints = before + [line for line in self.complaints if words not in line]

    def end(self) -> None:
        for context in self.contexts:
            context.close()

    def _context(self, session: StorageState | None, theme: Theme, width: int) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.address,
            storage_state=session,
            color_scheme=theme,
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",  # words that are half faded in have too little contrast
            locale="en-US",
            timezone_id="America/New_York",
        )
        context.set_default_timeout(TIMEOUT)
        context.on("console", self._spoke)
        context.on("weberror", self._threw)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        self.contexts.append(context)
        return context

    def _spoke(self, message: ConsoleMessage) -> None:
        """Violations of the content security policy are said here as well. axe complains too, from no address."""
        if message.type in ("error", "warning") and message.location["url"]:
            self.complaints.append(f"console: {message.text} ({message.location})")

    def _threw(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that is left lets go of what it had asked for
            self.complaints.append(f"no answer: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.request.method} {response.url}")


def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
