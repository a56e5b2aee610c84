"""Delay between emails: at most so many a minute, with what that makes an hour."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms

from allstop.console.views.setup_wizard.page import SetupForm, SetupPage
from allstop.rules.facts import Channel
from allstop.rules.sending import Settings, every_of, hourly, per_minute_of

PRESETS = (2, 3, 8)
MOST = 6000


def words_of(number: int) -> str:
    return f"{number} a minute = {hourly(number):,} an hour"


class DelayForm(SetupForm):
    places: ClassVar = {"email.per_minute": "per_minute"}

    choice = forms.ChoiceField(
        label="Add a delay between sending each email",
        choices=[
            ("0", "No delay"),
            *((str(number), words_of(number)) for number in PRESETS),
            ("other", "Another number"),
        ],
        widget=forms.RadioSelect,
    )
    per_minute = forms.FloatField(
        label="Emails a minute",
        min_value=0,
        max_value=MOST,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        number = per_minute_of(settings.email.every)
        is_preset = number in (0, *PRESETS)
        return {"choice": str(int(number)) if is_preset else "other", "per_minute": None if is_preset else number}

    def clean(self) -> dict[str, Any]:
        said = dict(super().clean() or {})
        if (
            self.is_final
            and said.get("choice") == "other"
            and not said.get("per_minute")
            and "per_minute" not in self.errors
        ):
            self.add_error("per_minute", "Give a number above 0, or choose No delay.")
        return said

    def onto(self, settings: Settings) -> Settings:
        said = self.cleaned_data
        number = (said["per_minute"] or 0) if said["choice"] == "other" else int(said["choice"])
        return replace(settings, email=replace(settings.email, every=every_of(number)))

    def passing(self) -> dict[str, Any]:
        return {"choice": self.cleaned_data["choice"]}

    @property
    def in_words(self) -> str:
        """What the number makes an hour."""
        number = self.initial.get("per_minute")
        return f"= {number * 60:,.0f} an hour" if number else ""


PAGE = SetupPage(
    slug="delay",
    name="Delay",
    title="Add a delay between sending each email",
    template="console/setup_wizard/delay.html",
    form=DelayForm,
    rehearses=Channel.EMAIL,
)
