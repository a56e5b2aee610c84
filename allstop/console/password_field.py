"""The field for a password, the same on every page: never filled in, never stripped.

The rule that it guards: a password that is typed is for the server and the user that its typist saw, and for no other.
"""

from collections.abc import Collection

from django import forms

from allstop.rules.kept_passwords import KEPT, LONGEST, WHOM
from allstop.store.sealing import SECRETS


def password_field(label: str = "Password", help_text: str = KEPT, longest: int = LONGEST) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=help_text,
    )


def meant(form: forms.Form, *, is_used: bool = True) -> Collection[str]:
    """For `settle`, of a valid form with a server and a password. `is_used`: else nothing of the server stands any more
    that could be kept beside what the form says."""
    if not is_used:
        return tuple(form.initial)
    return WHOM if any(form.cleaned_data.get(name) for name in SECRETS) else ()
