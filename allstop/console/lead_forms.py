"""Forms about leads: what a list shows, a new one, a decision, details."""

from typing import Any

from django import forms

from allstop.actions.actor import Invalid
from allstop.actions.lead_details import NewLead
from allstop.console.access import Desk
from allstop.rules.leads import (
    CHOSEN_REASONS,
    LONGEST_COMMENT,
    LONGEST_KIND,
    LONGEST_NOTE,
    REASON_WORDS,
    SOURCE_WORDS,
    STATUS_WORDS,
    LeadSource,
    LeadStatus,
    Reason,
)
from allstop.store import lists

SOURCES = [(source.value, words[0].upper() + words[1:]) for source, words in SOURCE_WORDS.items()]


class LeadFilterForm(forms.Form):
    q = forms.CharField(required=False, max_length=120)
    status = forms.ChoiceField(
        required=False, choices=[("", "Every status"), *((one.value, words) for one, words in STATUS_WORDS.items())]
    )
    source = forms.ChoiceField(required=False, choices=[("", "Every source"), *SOURCES])
    owner = forms.ChoiceField(required=False)

    def __init__(self, data: Any, desk: Desk) -> None:
        super().__init__(data)
        people = [(str(one.pk), one.user.name) for one in lists.members(desk.account_id)]
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "Everybody's"), (str(lists.NOBODY), "Nobody's"), *people]

    def wanted(self, status: LeadStatus | None = None) -> lists.LeadFilter:
        """What a filter says that is not one of the choices counts as not said."""
        self.full_clean()
        said: dict[str, Any] = self.cleaned_data
        return lists.LeadFilter(
            status=status or (LeadStatus(said["status"]) if said.get("status") else None),
            source=LeadSource(said["source"]) if said.get("source") else None,
            owner=int(said["owner"]) if said.get("owner") else None,
            q=said.get("q", ""),
        )

    def kept(self) -> dict[str, str]:
        return {name: str(self.data.get(name, "")) for name in self.fields}


def _choices_of_account(form: forms.Form, desk: Desk) -> None:
    places = [(str(one.pk), one.name) for one in lists.locations(desk.account_id)]
    people = [(str(one.pk), one.user.name) for one in lists.members(desk.account_id)]
    for name, none, choices in (("location_id", "None", places), ("assigned_to_id", "Nobody", people)):
        if name in form.fields:
            field = form.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", none), *choices]


class DetailsForm(forms.Form):
    kind = forms.CharField(
        label="Kind", max_length=LONGEST_KIND, required=False, help_text="Your own word, for example: buyer."
    )
    comment = forms.CharField(
        label="Comment",
        max_length=LONGEST_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What they asked for.",
    )
    location_id = forms.TypedChoiceField(label="Location", required=False, coerce=int, empty_value=None)

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices_of_account(self, desk)

    def refuse(self, invalid: Invalid) -> None:
        for name, words in invalid.problems.items():
            self.add_error(name if name in self.fields else None, words)


class NewLeadForm(DetailsForm):
    field_order = ("phone", "given_name", "family_name", "email", "kind", "comment")
    phone = forms.CharField(
        label="Phone number", max_length=40, help_text="Somebody who has this number in the Phonebook is that contact."
    )
    given_name = forms.CharField(label="Given name", max_length=120, required=False)
    family_name = forms.CharField(label="Family name", max_length=120, required=False)
    email = forms.CharField(label="Email", max_length=254, required=False)
    assigned_to_id = forms.TypedChoiceField(
        label="Assigned to", required=False, coerce=int, empty_value=None, help_text="If they are nobody's yet."
    )

    def lead(self) -> NewLead:
        return NewLead(source=LeadSource.MANUAL, **self.cleaned_data)


class DecisionForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why", choices=[(one.value, REASON_WORDS[one]) for one in CHOSEN_REASONS], widget=forms.Select
    )
    note = forms.CharField(
        label="Note", max_length=LONGEST_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, with_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_reason:
            del self.fields["reason"]

    @property
    def reason_said(self) -> Reason:
        return Reason(self.cleaned_data["reason"])


class LeadNoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))
