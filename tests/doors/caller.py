"""A program with a token, as the API's tests play it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from allstop.actions.tokens import create_token
from allstop.store.models import Member
from tests.world import World

ROOT = "/api/v1"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.body["error"]["fields"])


@dataclass(frozen=True)
class Caller:
    key: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        said: dict[str, Any] = {}
        if isinstance(body, str):
            said = {"data": body, "content_type": "application/json"}
        elif body is not None:
            said = {"data": json.dumps(body), "content_type": "application/json"}
        return self._answer(
            Client(enforce_csrf_checks=True).generic(method, ROOT + path, **said, headers=self._headers(headers))
        )

    def upload(
        self,
        content: bytes,
        options: dict[str, Any] | str | None = None,
        name: str = "file.csv",
        path: str = "/imports",
    ) -> Answer:
        said: dict[str, Any] = {"file": SimpleUploadedFile(name, content)}
        if options is not None:
            said["options"] = options if isinstance(options, str) else json.dumps(options)
        return self._answer(Client(enforce_csrf_checks=True).post(ROOT + path, said, headers=self._headers({})))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.key}", **named} if self.key else named

    def _answer(self, response: Any) -> Answer:
        is_json = response.headers["Content-Type"].startswith("application/json")
        if response.streaming:
            return Answer(response.status_code, b"".join(response.streaming_content))
        return Answer(response.status_code, response.json() if is_json else response.content)


def caller(world: World, member: Member) -> Caller:
    admin = world.admin if member.account_id == world.account.pk else world.stranger
    _, key = create_token(admin, f"{member.user.name}'s program", datetime.now(UTC), member.user_id)
    return Caller(key)
