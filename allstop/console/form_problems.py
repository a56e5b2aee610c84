"""What an action refuses, said at the fields of the form that asked for it."""

from collections.abc import Mapping

from django import forms

from allstop.actions.actor import Invalid


def add_problems(form: forms.Form, invalid: Invalid, fields: Mapping[str, str] | None = None) -> None:
    """Each at its field, the others above all. `fields`: what the form calls them, where that differs."""
    for name, words in invalid.problems.items():
        field = (fields or {}).get(name, name)
        form.add_error(field if field in form.fields else None, words)
