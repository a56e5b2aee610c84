"""Runs a command in this process, on the test's database."""

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from allstop.cli.app import app


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def allstop(*words: object, typed: str | None = None, **environ: str) -> Ran:
    ran = CliRunner().invoke(app, [str(word) for word in words], input=typed, env={"ALLSTOP_ACCOUNT": None, **environ})
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Ran(ran.exit_code, ran.stdout, ran.stderr)
