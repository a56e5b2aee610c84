"""The record of one contact: who they are, what the gate would say, all that passed, and notes for colleagues.

/contacts/ID ──► edit     every field, read by the one address parser
             ├─► notes    POST only; never sent
             ├─► merge    with somebody who seems to be the same person
             └─► export   everything that is known of them, as a file
"""

import json
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Conflict, Invalid, NotThere
from allstop.actions.contacts import ContactDetails, create_contact, details_of, update_contact
from allstop.actions.export_person import export_person
from allstop.actions.merging import merge_contacts
from allstop.actions.notes import LONGEST, add_note
from allstop.console.access import Desk, screen
from allstop.console.change_words import MARKER_WORDS
from allstop.console.frame import ask, changed, is_htmx, leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.record_lines import event_line, place_of, place_words, verdicts
from allstop.rules.addresses import in_letters
from allstop.rules.roles import Act
from allstop.store import lists

EVENTS = 40


class ContactForm(forms.Form):
    """Addresses stand one on a line; how they are written is the parser's matter."""

    given_name = forms.CharField(label="Given name", max_length=120, required=False)
    family_name = forms.CharField(label="Family name", max_length=120, required=False)
    phones = forms.CharField(
        label="Phone numbers",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on a line. The first is tried first.",
    )
    emails = forms.CharField(
        label="Email addresses",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on a line. The first is tried first.",
    )
    location_id = forms.TypedChoiceField(label="Location", required=False, coerce=int, empty_value=None)
    assigned_to_id = forms.TypedChoiceField(label="Assigned to", required=False, coerce=int, empty_value=None)
    country = forms.CharField(
        label="Country",
        max_length=2,
        required=False,
        help_text="Two letters. How their numbers are read; empty is the account's own.",
    )
    zone = forms.CharField(
        label="Time zone",
        max_length=60,
        required=False,
        help_text="Like Europe/London. Empty: worked out from the phone numbers.",
    )
    language = forms.CharField(label="Language", max_length=12, required=False)
    external_id = forms.CharField(label="Their id with you", max_length=120, required=False)

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(one.pk, one.name) for one in lists.locations(desk.account_id)]
        people = [(one.pk, one.user.name) for one in lists.members(desk.account_id)]
        for name, choices in (("location_id", places), ("assigned_to_id", people)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", "None" if name == "location_id" else "Nobody"), *choices]

    def details(self) -> ContactDetails:
        said = dict(self.cleaned_data)
        for kind in ("phones", "emails"):
            said[kind] = tuple(line.strip() for line in said[kind].splitlines() if line.strip())
        return ContactDetails(**said)

    def refuse(self, invalid: Invalid) -> None:
        for name, words in invalid.problems.items():
            self.add_error(name or None, words)


class NoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))


class OtherForm(forms.Form):
    other = forms.IntegerField(min_value=1, max_value=2**63 - 1)


@screen("GET")
def contact(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    return show(request, desk, contact_id, NoteForm())


def show(request: HttpRequest, desk: Desk, contact_id: int, note_form: NoteForm, *, status: int = 200) -> HttpResponse:
    found = _found(desk, contact_id)
    after = place_of(request.GET.get("after", ""))
    events = lists.history(desk.account_id, contact_id, after=after, limit=EVENTS + 1)
    shown = events[:EVENTS]
    context = {
        "contact": found.contact,
        "addresses": found.addresses,
        "groups": lists.groups_of(desk.account_id, contact_id),
        "markers": [{"words": MARKER_WORDS[one.kind], "row": one} for one in found.markers],
        "opt_outs": found.opt_outs,
        "to_read": lists.unclear_of_contact(desk.account_id, contact_id),
        "verdicts": verdicts(desk.account_id, found.contact, datetime.now(UTC)),
        "events": [event_line(event) for event in shown],
        "older": place_words(shown[-1].place) if len(events) > EVENTS else "",
        "is_first": after is None,
        "note_form": note_form,
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
        "may_erase": desk.may(Act.ERASE_PEOPLE),
        "doubles": len(lists.doubles_of(desk.account_id, contact_id)),
        "conversation": lists.conversation_of_contact(desk.account_id, contact_id),
        "contacts_version": lists.contacts_version(desk.account_id),
        "leads": lists.leads(desk.account_id, lists.LeadFilter(contact=contact_id), limit=20),
    }
    return page(request, desk, "console/contact.html", context, at="contacts", status=status)


@screen("POST")
def note(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            add_note(desk.actor, contact_id, form.cleaned_data["text"], datetime.now(UTC))
        except Invalid as invalid:
            form.add_error("text", str(invalid))
        else:
            return changed(request, "Noted.", reverse("contact", args=[contact_id]))
    if is_htmx(request):
        raise Conflict("Write a note first.")
    return show(request, desk, contact_id, form, status=422)


@screen("GET")
def menu(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    """Behind the blue circle: 003-05. The same for the record and for the conversation."""
    found = _found(desk, contact_id)
    context = {
        "heading": found.contact.name or "No name",
        "kind": "",
        "row": lists.contact_rows(desk.account_id, [contact_id])[0],
        "standing": [{"words": MARKER_WORDS[one.kind], "row": one} for one in found.markers],
        "groups": [group for group in lists.groups(desk.account_id) if group.is_sales],
        "is_in": [group.pk for group in lists.groups_of(desk.account_id, contact_id)],
        "back": reverse("contact", args=[contact_id]),
        "why_not": desk.why_not(Act.MARK_CONTACTS),
    }
    return ask(request, desk, "console/contact_menu.html", context)


@screen("GET", "POST")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ContactForm(desk, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_contact(desk.actor, form.details(), datetime.now(UTC))
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return leads_on(request, f"{made.name or 'The contact'} is saved.", reverse("contact", args=[made.pk]))
    return show_form(request, desk, form, "New contact", reverse("contacts"))


@screen("GET", "POST")
def edit(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    found = _found(desk, contact_id)
    back = reverse("contact", args=[contact_id])
    stands = _written(desk, contact_id)
    form = ContactForm(desk, request.POST if request.method == "POST" else None, initial=stands)
    remember(form, stands)
    if request.method == "POST" and form.is_valid() and settle(form, stands):
        try:
            update_contact(desk.actor, contact_id, form.details(), datetime.now(UTC))
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return leads_on(request, "Saved.", back)
    return show_form(request, desk, form, found.contact.name, back)


def show_form(request: HttpRequest, desk: Desk, form: ContactForm, heading: str, back: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "back": back, "why_not": desk.why_not(Act.EDIT_CONTACTS)}
    status = 422 if form.errors else 200
    return page(request, desk, "console/contact_form.html", context, at="contacts", status=status)


def _written(desk: Desk, contact_id: int) -> dict[str, Any]:
    details = details_of(desk.actor, contact_id)
    fields = {name: getattr(details, name) for name in ContactDetails.__dataclass_fields__}
    return fields | {"phones": "\n".join(details.phones), "emails": "\n".join(map(in_letters, details.emails))}


@screen("GET", "POST")
def merge(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    """GET lists who seems to be the same person; with `other` it asks; POST merges."""
    found = _found(desk, contact_id)
    back = reverse("contact", args=[contact_id])
    form = OtherForm(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        if not form.is_valid() or form.cleaned_data["other"] == contact_id:
            raise NotThere("There is no such contact to merge with.")
        merged = merge_contacts(desk.actor, contact_id, form.cleaned_data["other"], datetime.now(UTC))
        words = f"Merged. {merged.messages:,} message{'' if merged.messages == 1 else 's'} came over."
        return leads_on(request, words, back)
    if form.is_valid():
        other = _found(desk, form.cleaned_data["other"])
        context = {
            "heading": f"Merge {other.contact.name or 'this contact'} into {found.contact.name or 'this one'}?",
            "kind": "wait",
            "contact": found,
            "other": other,
            "action_url": reverse("merge-contact", args=[contact_id]),
            "back": reverse("merge-contact", args=[contact_id]),
            "why_not": desk.why_not(Act.EDIT_CONTACTS),
        }
        return ask(request, desk, "console/merge_ask.html", context)
    context = {
        "contact": found.contact,
        "doubles": lists.doubles_of(desk.account_id, contact_id),
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
    }
    return page(request, desk, "console/merge.html", context, at="contacts")


@screen("GET")
def export(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    known = export_person(desk.actor, contact_id, datetime.now(UTC))
    answer = HttpResponse(json.dumps(known, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="contact-{contact_id}.json"'
    return answer


def _found(desk: Desk, contact_id: int) -> lists.ContactDetail:
    found = lists.contact(desk.account_id, contact_id)
    if found is None:
        raise NotThere("There is no such contact.")
    return found
