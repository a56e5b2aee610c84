"""The form of a feed: what a person chooses, read into the choice that the action takes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from allstop.actions.feeds import LONGEST_ALARM, LONGEST_NAME, TELL_BACK, FeedChoice
from allstop.console.feed_settings import SETTINGS, setting_fields
from allstop.rules.rhythm import NAMES, WEEKDAYS
from allstop.store.models import FeedKind, Import, Location
from allstop.store.sealing import SECRETS


class FeedForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_NAME, help_text="Where its files come from, such as: practice system.")
    like_import = forms.TypedChoiceField(label="Read its files like", coerce=int, empty_value=None, required=False)
    only_location = forms.TypedChoiceField(label="Location", coerce=int, empty_value=None, required=False)
    expected_at = forms.TimeField(
        label="A file should be there at",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="On each day that sends something. Empty: nobody is told when none comes.",
    )
    alarm_minutes = forms.IntegerField(
        label="Tell the admins so many minutes later", min_value=1, max_value=LONGEST_ALARM, initial=30
    )
    holds_all = forms.BooleanField(
        label="Each file holds everything from today on",
        required=False,
        help_text="An appointment that two files after one another do not name any more then counts as cancelled.",
    )
    tells_answers = forms.BooleanField(
        label="Tell what contacts say of its appointments",
        required=False,
        help_text="By their Appointment ID, to where its files come from.",
    )
    is_on = forms.BooleanField(label="On", required=False, initial=True)

    def __init__(
        self,
        kind: FeedKind,
        imports: list[Import],
        locations: list[Location],
        data: QueryDict | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        is_new: bool = True,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.kind = kind
        like = self.fields["like_import"]
        assert isinstance(like, forms.TypedChoiceField)
        first = ("", "Choose a file that was imported by hand" if is_new else "As now")
        like.choices = [first, *((one.pk, f"{one.file_name}, {one.created_at:%d %b}") for one in imports)]
        like.required = is_new
        like.help_text = "The same columns, channels, wording and time of day."
        only = self.fields["only_location"]
        assert isinstance(only, forms.TypedChoiceField)
        only.choices = [("", "All: each row goes to its own"), *((one.pk, f"Only {one.name}") for one in locations)]
        if kind not in TELL_BACK:
            del self.fields["tells_answers"]
        self.fields |= setting_fields(kind, is_new=is_new) | _days()

    def stands(self) -> dict[str, Any]:
        """Its fields as they are kept. What is secret is in no page."""
        kept = {name: one for name, one in self.fields.items() if name not in SECRETS}
        return {name: self.get_initial_for_field(one, name) for name, one in kept.items()}

    @property
    def setting_fields(self) -> list[Any]:
        return [self[setting] for setting in SETTINGS[self.kind]]

    def choice(self) -> FeedChoice:
        said = self.cleaned_data
        return FeedChoice(
            name=said["name"],
            kind=self.kind,
            settings={setting: said[setting] for setting in SETTINGS[self.kind]},
            like_import=said["like_import"],
            only_location=said["only_location"],
            rhythm={day: said[day] for day in WEEKDAYS if said[day]},
            expected_at=said["expected_at"],
            alarm_minutes=said["alarm_minutes"],
            is_on=said["is_on"],
            holds_all=said["holds_all"],
            tells_answers=said.get("tells_answers", False),
        )


def initial_of(choice: FeedChoice) -> dict[str, Any]:
    shown = {name: value for name, value in choice.settings.items() if name not in SECRETS}
    return {
        **shown,
        **{day: list(choice.rhythm.get(day, ())) for day in WEEKDAYS},
        "name": choice.name,
        "only_location": choice.only_location,
        "expected_at": choice.expected_at,
        "alarm_minutes": choice.alarm_minutes,
        "is_on": choice.is_on,
        "holds_all": choice.holds_all,
        "tells_answers": choice.tells_answers,
    }


def grid(form: FeedForm) -> list[dict[str, Any]]:
    """A line for each weekday on which something may be sent, from Sunday on as the week of a practice begins."""
    return [{"day": form[day], "ticked": form[day].value() or []} for day in ("sun", *WEEKDAYS[:-1])]


def _days() -> dict[str, forms.Field]:
    choices = list(zip(WEEKDAYS, NAMES, strict=True))
    return {day: forms.MultipleChoiceField(label=name, choices=choices, required=False) for day, name in choices}
