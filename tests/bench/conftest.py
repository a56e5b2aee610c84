"""Databases of the benchmarks are copied here, but for those of the test that lets one make its tables."""

import pytest


@pytest.fixture(autouse=True)
def copied_tables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "server" in request.fixturenames:
        monkeypatch.setenv("ALLSTOP_BENCH_TABLES", request.getfixturevalue("tables"))
