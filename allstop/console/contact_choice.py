"""The Phonebook's filters and selection as pages send them: checked before they reach a query or an action."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from allstop.actions.actor import NotThere
from allstop.actions.bulk import Selection, Wish, check_filter
from allstop.console.day_fields import DayField
from allstop.console.selection import chosen_ids
from allstop.store.lists import ContactFilter
from allstop.store.models import ChangeKind

SWITCHES = (  # name, words, icon, colour
    ("flag", "With flags", "flag", "flagged"),
    ("stop_all", "Stop All", "hand-stop", "stopped"),
    ("stop_promotions", "Stop Promotions", "currency-dollar-off", "promo"),
    ("opted_out", "Opted out", "ban", ""),
    ("deleted", "Deleted", "trash", ""),
)
FLAG_ON_OFF = "flag_on_off"  # a press that flags or clears, as the selection needs it


class Day(DayField):
    """As a filter keeps it: 2026-11-24, or nothing."""

    def clean(self, value: Any) -> str:
        day = super().clean(value)
        return day.isoformat() if day else ""


class FilterForm(forms.Form):
    q = forms.CharField(required=False, max_length=120)
    flag = forms.BooleanField(required=False)
    stop_all = forms.BooleanField(required=False)
    stop_promotions = forms.BooleanField(required=False)
    opted_out = forms.BooleanField(required=False)
    deleted = forms.BooleanField(required=False)
    assigned_to = forms.IntegerField(required=False)
    group = forms.IntegerField(required=False)
    location = forms.IntegerField(required=False)
    no_visit_since = Day(required=False)
    not_written_since = Day(required=False)
    not_ticked = forms.IntegerField(required=False)
    ticked_at = Day(required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if (said.get("not_ticked") is None) != (not said.get("ticked_at")):
            raise forms.ValidationError("A list is asked about on a day.")
        return said


def filter_of(account_id: int, said: QueryDict) -> ContactFilter:
    """NotThere: it names what the account does not have."""
    form = FilterForm(said)
    if not form.is_valid():
        raise NotThere("There is no such filter. Begin again with all contacts.")
    wanted = ContactFilter(**form.cleaned_data)
    check_filter(account_id, wanted)
    return wanted


def query_of(wanted: ContactFilter, **changes: object) -> str:
    """As an address has it, with some parts changed; None or False takes a part away."""
    said = {**wanted.as_json(), **changes}
    words = {name: "on" if value is True else value for name, value in said.items() if value not in (None, False, "")}
    return f"?{urlencode(words)}" if words else "?"


@dataclass(frozen=True, slots=True)
class Press:
    """A button for a selection, as a form sends it."""

    selection: Selection
    kind: str  # a ChangeKind, or FLAG_ON_OFF
    member_id: int | None
    group_id: int | None
    reason: str
    is_confirmed: bool

    def wish(self, kind: ChangeKind) -> Wish:
        return Wish(kind=kind, member_id=self.member_id, group_id=self.group_id, reason=self.reason)


class PressForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind.value, "") for kind in ChangeKind] + [(FLAG_ON_OFF, "")])
    member = forms.IntegerField(required=False, min_value=0)
    group_to = forms.IntegerField(required=False, min_value=1)
    until = forms.IntegerField(required=False, min_value=0)
    reason = forms.CharField(required=False, max_length=300)
    confirmed = forms.BooleanField(required=False)


def press_of(account_id: int, posted: QueryDict) -> Press:
    form = PressForm(posted)
    if not form.is_valid():
        raise NotThere("There is no such button. Reload the page.")
    said = form.cleaned_data
    if posted.get("all") == "1":
        wanted = filter_of(account_id, QueryDict(posted.get("filter", "")))
        selection = Selection(filter=wanted, without=chosen_ids(posted, "except"), until=said["until"])
    else:
        selection = Selection(ids=chosen_ids(posted))
    return Press(selection, said["kind"], said["member"] or None, said["group_to"], said["reason"], said["confirmed"])


def fields_of(posted: QueryDict, until: int) -> list[tuple[str, str]]:
    """What the question carries on, so that the answer means the same contacts."""
    kept = [
        (name, value)
        for name in ("id", "all", "filter", "except", "member", "group_to")
        for value in posted.getlist(name)
    ]
    return [*kept, ("until", str(until)), ("confirmed", "1")]
