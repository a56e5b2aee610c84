"""A command that runs inside the test must not become the stop file because the machine is busy."""

import pytest


@pytest.fixture(autouse=True)
def patient_rope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allstop.cli.rope.PATIENCE", 30.0)
