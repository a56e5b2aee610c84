"""Erasing a person: what goes and what stays, the typed name, and the receipt that can be handed over.

/contacts/ID/erase  GET asks, POST erases
/erasures/ID        the receipt; while something is under way it looks again by itself
"""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.erase import CONFIRM, erase_person, erasure_of
from allstop.actions.erase_show import STAYS, foresee, lines
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.rules.roles import Act
from allstop.store import ledger, lists
from allstop.store.models import LedgerEntry


class TypedForm(forms.Form):
    confirm = forms.CharField(label="Name", max_length=260, widget=forms.TextInput(attrs={"autocomplete": "off"}))


@screen("GET", "POST")
def erase(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    form = TypedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = erase_person(desk.actor, contact_id, form.cleaned_data["confirm"], datetime.now(UTC))
        except Invalid as invalid:
            form.add_error("confirm", str(invalid))
        else:
            words = "The person is erased." if made.state == "done" else "Nothing leaves to them any more."
            return leads_on(request, words, reverse("erasure", args=[made.pk]))
    foreseen = foresee(desk.actor, contact_id)
    found = lists.contact(desk.account_id, contact_id)
    if found is None:
        raise NotThere("There is no such contact.")
    context = {
        "contact": found.contact,
        "form": form,
        "foreseen": foreseen,
        "goes": lines(foreseen.counts),
        "stays": STAYS,
        "typed": foreseen.name or CONFIRM,
        "why_not": desk.why_not(Act.ERASE_PEOPLE),
    }
    return page(request, desk, "console/erase.html", context, at="contacts", status=422 if form.errors else 200)


@screen("GET")
def erasure(request: HttpRequest, desk: Desk, erasure_id: int) -> HttpResponse:
    of = erasure_of(desk.actor, erasure_id)
    entry = LedgerEntry.objects.filter(
        account_id=desk.account_id, subject=f"contact:{of.contact_id}", act=ledger.ERASE
    ).first()  # ledger_of_subject
    context = {
        "of": of,
        "went": lines(of.counts or {}),
        "digests": (of.counts or {}).get("digests", 0),
        "stays": STAYS,
        "entry": entry,
        "is_done": of.state == "done",
    }
    return page(request, desk, "console/erasure.html", context, at="contacts")
