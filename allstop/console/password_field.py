"""The field for a password, the same on every page: never filled in, never stripped."""

from django import forms

from allstop.rules.kept_passwords import KEPT, LONGEST


def password_field(label: str = "Password", help_text: str = KEPT, longest: int = LONGEST) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=help_text,
    )
