"""Scheduled send and receive: whether emails leave by themselves, on which days and times, and how often is looked."""

from dataclasses import replace
from datetime import time
from typing import Any, ClassVar

from django import forms

from allstop.console.views.setup_wizard.page import SetupForm, SetupPage
from allstop.rules.facts import Channel
from allstop.rules.sending import Backup, Checks, Settings
from allstop.rules.sending_data import parse_time
from allstop.rules.windows import WEEKDAYS

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class TimesField(forms.CharField):
    """09:00, 17:30"""

    def clean(self, value: Any) -> tuple[time, ...]:
        words = str(super().clean(value)).replace(",", " ").split()
        try:
            return tuple(sorted({parse_time(one) for one in words}))
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class ScheduleForm(SetupForm):
    places: ClassVar = {
        "checks.every_minutes": "every_minutes",
        "checks.at": "at",
        "backup.days": "backup_days",
        "backup.ends": "backup_ends",
        "email.sessions": "immediate",
    }

    immediate = forms.BooleanField(
        label="Send all mail immediately",
        required=False,
        help_text=(
            "Recommended. Emails leave by themselves within the days and times below; without any, at once. "
            "Off: they wait for the days and times below, or until somebody presses Send now."
        ),
    )
    every_minutes = forms.IntegerField(
        label="Perform regular checks every X minutes",
        min_value=0,
        max_value=1440,
        required=False,
        help_text="For emails and staggered texts. 0 or empty: as soon as something is due.",
    )
    at = TimesField(
        label="Only at these times of the day",
        max_length=200,
        required=False,
        help_text="Not recommended: what is due in between waits. Such as 09:00, 17:30.",
    )
    backup_days = forms.TypedMultipleChoiceField(
        label="The backup begins on",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    backup_starts = forms.TimeField(label="From", required=False, widget=CLOCK)
    backup_ends = forms.TimeField(
        label="Until", required=False, widget=CLOCK, help_text="Past midnight if it is earlier."
    )

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        backup = settings.backup
        return {
            "immediate": settings.email.immediate,
            "every_minutes": settings.checks.every_minutes or None,
            "at": ", ".join(f"{at:%H:%M}" for at in settings.checks.at),
            "backup_days": [] if backup is None else list(backup.days),
            "backup_starts": None if backup is None else backup.starts,
            "backup_ends": None if backup is None else backup.ends,
        }

    def clean(self) -> dict[str, Any]:
        said = dict(super().clean() or {})
        if self.is_final and said.get("backup_days") and None in (said.get("backup_starts"), said.get("backup_ends")):
            self.add_error("backup_ends", "Say from when until when the backup runs.")
        return said

    def passing(self) -> dict[str, Any]:
        """A backup of which only a part is typed yet."""
        return {name: self.cleaned_data[name] for name in ("backup_days", "backup_starts", "backup_ends")}

    def onto(self, settings: Settings) -> Settings:
        said = self.cleaned_data
        backup = None
        if said["backup_days"] and None not in (said["backup_starts"], said["backup_ends"]):
            starts, ends = (said[name].replace(second=0) for name in ("backup_starts", "backup_ends"))
            backup = Backup(tuple(sorted(said["backup_days"])), starts, ends)
        return replace(
            settings,
            email=replace(settings.email, immediate=said["immediate"]),
            checks=Checks(said["every_minutes"] or 0, said["at"]),
            backup=backup,
        )


PAGE = SetupPage(
    slug="schedule",
    name="Schedule",
    title="Scheduled send and receive",
    template="console/setup_wizard/schedule.html",
    form=ScheduleForm,
    sessions=Channel.EMAIL,
    rehearses=Channel.EMAIL,
    warns=("checks", "email.immediate", "email.sessions"),
)
