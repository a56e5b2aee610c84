"""A command that is loaded alone is the one of the whole list."""

import sys

import pytest
import typer

from allstop.cli.app import app
from allstop.cli.program import ALONE, app_for


def group(of: typer.Typer) -> typer.core.TyperGroup:
    made = typer.main.get_command(of)
    assert isinstance(made, typer.core.TyperGroup)
    return made


@pytest.mark.parametrize("name", ALONE)
def test_it_takes_the_same_words(name: str) -> None:
    alone, whole = group(app_for([name, "--help"])), group(app)
    assert (alone.help, alone.no_args_is_help) == (whole.help, whole.no_args_is_help)
    one, other = alone.commands[name], whole.commands[name]
    assert one.callback is not None and other.callback is not None
    assert (one.help, one.callback.__module__) == (other.help, other.callback.__module__)
    assert [(param.name, param.opts, param.default) for param in one.params] == [
        (param.name, param.opts, param.default) for param in other.params
    ]


@pytest.mark.parametrize("words", [[], ["--help"], ["jobs"], ["stopp"], ["--version", "stop"]])
def test_everything_else_is_looked_up_in_the_list(words: list[str]) -> None:
    assert app_for(words) is sys.modules["allstop.cli.app"].app
