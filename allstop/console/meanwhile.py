"""Forms that a colleague saves while somebody else has them open.

The rule that it guards: whoever saves changes what they have changed themselves. What a colleague has changed meanwhile
stays; where both changed the same field to different things, nothing is saved until the person has seen what stands.
Views read what stands without a lock: of two who press Save within the same milliseconds, the later one still wins.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

WAS = "was"  # the hidden field: what stood when the form was drawn
MOST_SHOWN = 300  # characters
ALL_OF_IT = "Somebody has saved this meanwhile. Look at it in another window. Saving again puts yours in its place."


def remember(form: forms.Form, stands: Mapping[str, Any]) -> None:
    """Before the form is read or drawn. `stands`: its fields as they are kept now."""
    widget = forms.HiddenInput(attrs={"id": False})  # a page may have several forms
    form.fields[WAS] = forms.CharField(required=False, widget=widget, initial=_as_text(stands))


def settle(form: forms.Form, stands: Mapping[str, Any], meant: Collection[str] = (), of: str = "") -> bool:
    """Of a form that is valid: whether it may be saved. A program that sends no `was` means all of its fields.

    `meant`: what the person relies on, also where they have left it as it was. `of`: of a form that may change one of
    several things, what the names of the chosen one's fields began with when they were remembered.
    """
    was = _read(form.cleaned_data.pop(WAS, ""))
    fresh: dict[str, Any] = {}
    for name, now in stands.items():
        before = was.get(of + name)
        if before is None or _plain(before) == _plain(now):
            continue
        mine = form.cleaned_data[name]
        if name not in meant and _plain(mine) == _plain(before):
            form.cleaned_data[name] = fresh[name] = now
        elif _plain(mine) != _plain(now):
            form.add_error(name, f"{_shown(form.fields[name], now)} Saving again puts yours in its place.")
    if form.errors:
        form.data = _said_again(form, {**fresh, WAS: _as_text(was | {of + name: now for name, now in stands.items()})})
    return not form.errors


def mark_of(whole: object) -> str:
    """Of what is saved as one piece: another mark, another piece. Of values whose repr tells all of them."""
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:32]


def _said_again(form: forms.Form, fresh: Mapping[str, Any]) -> QueryDict:
    said = QueryDict(mutable=True)
    said.update(form.data)
    for name, value in fresh.items():
        said.setlist(form.add_prefix(name), [str(one) for one in value] if isinstance(value, list) else [_plain(value)])
    return said


def _shown(field: forms.Field, now: Any) -> str:
    labels = {str(value): str(label) for value, label in getattr(field, "choices", ())}  # not grouped in our forms
    words = ", ".join(labels.get(line, line) for line in _plain(now).splitlines() or [""])
    if isinstance(field, forms.BooleanField):
        words = "yes" if now else "no"
    if not words:
        return "Somebody has emptied this meanwhile."
    if len(words) > MOST_SHOWN or isinstance(field, forms.FileField):
        return "Somebody has changed this meanwhile. Look at it in another window, and take over what you need."
    return f"Somebody has changed this meanwhile, to: {words}."


def _plain(value: Any) -> str:
    """As a form sends it: lines end as browsers end them, and nothing is the empty text. Of several, in any order."""
    match value:
        case bool():
            return "on" if value else ""
        case time():
            return value.isoformat("minutes")
        case float() | Decimal():
            return f"{Decimal(str(value)).normalize():f}"
        case list():
            return "\n".join(sorted(str(one) for one in value))
        case None:
            return ""
        case _:
            return "\n".join(line.rstrip() for line in str(value).strip().splitlines())


def _as_text(stands: Mapping[str, Any]) -> str:
    return json.dumps({name: _plain(value) for name, value in stands.items()}, sort_keys=True)


def _read(text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}
