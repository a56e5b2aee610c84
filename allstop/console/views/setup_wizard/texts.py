"""Text messages: at once or staggered, the delivery times, and what they let out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from allstop.console.views.setup_wizard.page import Look, SetupForm, SetupPage
from allstop.rules.facts import Channel
from allstop.rules.sending import MINUTE, Settings
from allstop.rules.sending_capacity import Estimate, Faster, OneMore, estimate
from allstop.rules.session_words import session_words
from allstop.store import lists

MOST_MINUTES = 1440


class TextsForm(SetupForm):
    places: ClassVar = {
        "text.every_minutes": "every_minutes",
        "text.warn_after_days": "warn_after_days",
        "text.sessions": "rhythm",
    }

    rhythm = forms.ChoiceField(
        label="When texts leave",
        choices=[("immediate", "Send all texts immediately"), ("staggered", "Enable staggered sending of texts")],
        widget=forms.RadioSelect,
    )
    every_minutes = forms.FloatField(
        label="A message should be sent every X minutes",
        min_value=0,
        max_value=MOST_MINUTES,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text="100 messages at one every 3 minutes take 300 minutes. 0 or empty: one right after the other.",
    )
    warn_after_days = forms.IntegerField(
        label="Warn when sending takes longer than X days", min_value=1, max_value=365, required=False
    )
    expected = forms.IntegerField(
        label="Try it with so many messages",
        min_value=0,
        max_value=10_000_000,
        required=False,
        help_text="Beside what waits now. Only to see how long they take; it is not kept.",
    )

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        minutes = settings.text.every / MINUTE
        return {
            "rhythm": "immediate" if settings.text.immediate else "staggered",
            "every_minutes": int(minutes) if minutes == int(minutes) else minutes,
            "warn_after_days": settings.warn_after_days,
        }

    def onto(self, settings: Settings) -> Settings:
        """What is grey is not sent by browsers, and stays as it was."""
        said, text = self.cleaned_data, settings.text
        every, days = text.every, settings.warn_after_days
        if self.add_prefix("every_minutes") in self.data:
            every = timedelta(milliseconds=round((said["every_minutes"] or 0) * 60_000))
        if self.add_prefix("warn_after_days") in self.data:
            days = said["warn_after_days"] or days
        text = replace(text, immediate=said["rhythm"] == "immediate", every=every)
        return replace(settings, text=text, warn_after_days=days)

    def passing(self) -> dict[str, Any]:
        return {"expected": self.cleaned_data["expected"]}


def more(look: Look) -> dict[str, Any]:
    text = look.settings.text
    if text.immediate:
        for name in ("every_minutes", "warn_after_days", "expected"):
            look.form.fields[name].disabled = True
        return {"is_immediate": True}
    waiting = lists.totals(look.desk.account_id).by_channel[Channel.TEXT]
    expected = look.form.initial.get("expected") or 0
    found = estimate(text, look.zone, look.settings.warn_after_days, max(0, waiting) + expected, look.now)
    return {"is_immediate": False, "waiting": waiting, "estimate": found, "changes": change_words(found)}


def change_words(found: Estimate) -> list[str]:
    """004-24: what would be enough."""
    words = []
    for change in found.changes:
        match change:
            case Faster(minutes):
                every = "minute" if minutes == 1 else f"{minutes} minutes"
                words.append(f"Send one every {every}.")
            case OneMore(session):
                words.append(f"Add the session {session_words(session)}.")
    return words


PAGE = SetupPage(
    slug="texts",
    name="Texts",
    title="Text (SMS) messages and delivery times",
    template="console/setup_wizard/texts.html",
    form=TextsForm,
    more=more,
    sessions=Channel.TEXT,
    rehearses=Channel.TEXT,
    warns=("text.immediate", "text.sessions"),
)
