"""A password that nobody typed again goes to nobody else."""

import pytest

from allstop.channels.registry import ADAPTERS, secret_of
from allstop.rules.kept_passwords import WHOM, stays

BEFORE = {"host": "mail.test", "port": 587, "user": "desk", "lines": 3}


@pytest.mark.parametrize("name", WHOM)
def test_another_server_or_user_name_needs_it_again(name: str) -> None:
    assert not stays(BEFORE, BEFORE | {name: "other"})
    assert not stays(BEFORE | {name: "other"}, BEFORE)


def test_anything_else_may_change(name: str = "port") -> None:
    assert stays(BEFORE, BEFORE | {name: 465, "lines": 9, "base_url": ""})


def test_the_names_are_those_of_the_providers() -> None:
    known = {name for one in ADAPTERS.values() for name in one.config.__dataclass_fields__}
    assert set(WHOM) <= known
    assert secret_of("smtp") == "password"
