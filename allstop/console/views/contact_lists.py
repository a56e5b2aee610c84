"""Phonebook, lists: recall and contact lists with how many are on them; one list, who is on it, and Tick."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions import contact_lists as actions
from allstop.actions.actor import Invalid, NotThere, require
from allstop.console.access import Desk, screen
from allstop.console.contact_choice import query_of
from allstop.console.frame import ask, done, leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.paging import position
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import ContactList, Group

AT = "contacts"
FILTERS = ("q", "group", "location", "assigned_to", "flag", "stop_promotions", "stop_all", "opted_out")
SHOWN = 50


class ListForm(forms.Form):
    name = forms.CharField(max_length=actions.LONGEST_NAME, help_text="Such as: six months without a visit.")
    no_visit_months = forms.IntegerField(
        label="No visit for so many months",
        required=False,
        min_value=1,
        max_value=actions.MOST_MONTHS,
        help_text="They have been here before, and no appointment is ahead.",
    )
    not_written_days = forms.IntegerField(
        label="No message for so many days", required=False, min_value=1, max_value=actions.MOST_DAYS
    )
    q = forms.CharField(
        label="Name, number, email or id",
        required=False,
        max_length=200,
        strip=True,
        help_text="Each word somewhere in one of them.",
    )
    group = forms.TypedChoiceField(label="Group", coerce=int, empty_value=None, required=False)
    location = forms.TypedChoiceField(label="Location", coerce=int, empty_value=None, required=False)
    assigned_to = forms.TypedChoiceField(label="Assigned to", coerce=int, empty_value=None, required=False)
    flag = forms.BooleanField(label="Only with a flag", required=False)
    stop_promotions = forms.BooleanField(label="Only with Stop Promotions", required=False)
    stop_all = forms.BooleanField(
        label="Only with Stop All", required=False, help_text="To look at them, or to call: nothing leaves to them."
    )
    opted_out = forms.BooleanField(
        label="Only those who have said no to texts", required=False, help_text="Else they are never on the list."
    )
    back_after_months = forms.IntegerField(
        label="Whoever is ticked comes back after so many months",
        min_value=1,
        max_value=actions.MOST_MONTHS,
        initial=6,
    )

    for_family = forms.BooleanField(
        label="One message for a family",
        required=False,
        help_text="Those who share a number or an address get one. Its wording says {names}.",
    )

    def __init__(self, account_id: int, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        groups = Group.objects.filter(account_id=account_id).order_by("name").values_list("pk", "name")
        places = [(place.pk, place.name) for place in lists.locations(account_id)]
        people = [(lists.NOBODY, "Nobody"), *((one.pk, one.user.name) for one in lists.members(account_id))]
        offered = (("group", "Any", list(groups)), ("location", "Any", places), ("assigned_to", "Anybody", people))
        for name, none, choices in offered:
            chosen = self.fields[name]
            assert isinstance(chosen, forms.TypedChoiceField)
            chosen.choices = [("", none), *choices]

    def choice(self, before: lists.ContactFilter) -> actions.ListChoice:
        """`before`: what a program has asked for beside the form's fields stays."""
        said = self.cleaned_data
        wanted = replace(before, **{name: said[name] for name in FILTERS})
        rest = ("name", "no_visit_months", "not_written_days", "back_after_months", "for_family")
        return actions.ListChoice(filter=wanted, **{name: said[name] for name in rest})


@screen("GET")
def contact_lists(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = datetime.now(UTC)
    rows = [(one, actions.count_of(one, now)) for one in lists.contact_lists(desk.account_id)]
    context = {"rows": rows, "why_not": desk.why_not(Act.EDIT_CONTACTS)}
    return page(request, desk, "console/contact_lists/list.html", context, at=AT)


@screen("GET", "POST")
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _form(request, desk, None, {})


@screen("GET", "POST")
def edit(request: HttpRequest, desk: Desk, list_id: int) -> HttpResponse:
    kept = actions.list_of(desk.actor, list_id)
    choice = actions.choice_of(kept)
    said = {name: getattr(choice, name) for name in ("name", "no_visit_months", "not_written_days", "for_family")}
    said |= {name: getattr(choice.filter, name) for name in FILTERS}
    return _form(request, desk, kept, said | {"back_after_months": choice.back_after_months})


def _form(request: HttpRequest, desk: Desk, kept: ContactList | None, stands: dict[str, Any]) -> HttpResponse:
    form = ListForm(desk.account_id, request.POST if request.method == "POST" else None, initial=stands)
    remember(form, stands)
    if request.method == "POST":
        require(desk.actor, Act.EDIT_CONTACTS)
        before = actions.choice_of(kept).filter if kept else lists.ContactFilter()
        if form.is_valid() and settle(form, stands):
            try:
                saved = actions.save_list(desk.actor, form.choice(before), datetime.now(UTC), kept.pk if kept else None)
                return leads_on(request, f"The list {saved.name} is saved.", reverse("contact-list", args=[saved.pk]))
            except Invalid as invalid:
                for field, words in invalid.problems.items():
                    form.add_error(field, words)
    context = {"form": form, "kept": kept, "why_not": desk.why_not(Act.EDIT_CONTACTS)}
    status = 422 if form.errors else 200
    return page(request, desk, "console/contact_lists/form.html", context, at=AT, status=status)


@screen("GET")
def one(request: HttpRequest, desk: Desk, list_id: int) -> HttpResponse:
    now = datetime.now(UTC)
    kept = actions.list_of(desk.actor, list_id)
    wanted = actions.filter_of(kept, now)
    rows = lists.phonebook(desk.account_id, wanted, after=position(request), limit=SHOWN).rows
    context = {
        "kept": kept,
        "count": actions.count_of(kept, now),
        "rows": rows,
        "followed_up": lists.followed_up(desk.account_id, kept.pk, now, SHOWN),
        "next": rows[-1].id if len(rows) == SHOWN else None,
        "query": query_of(wanted)[1:],
        "until": max((row.id for row in rows), default=0),
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
        "why_not_send": desk.why_not(Act.SEND_MESSAGE),
    }
    return page(request, desk, "console/contact_lists/one.html", context, at=AT)


@screen("POST")
def tick(request: HttpRequest, desk: Desk, list_id: int) -> HttpResponse:
    """One contact, or all who are on it now."""
    said = request.POST.get("contact", "")
    if said != "all" and not (said.isdecimal() and len(said) < 19):
        raise NotThere("There is no such contact.")
    number = actions.tick(desk.actor, list_id, None if said == "all" else [int(said)], datetime.now(UTC))
    words = "1 contact is ticked." if number == 1 else f"{number:,} contacts are ticked."
    return leads_on(request, words, reverse("contact-list", args=[list_id]))


@screen("GET", "POST")
def delete(request: HttpRequest, desk: Desk, list_id: int) -> HttpResponse:
    """GET asks, POST deletes."""
    if request.method == "POST":
        gone = actions.delete_list(desk.actor, list_id, datetime.now(UTC))
        return done(request, f"The list {gone.name} is deleted. Its contacts stay.", reverse("contact-lists"))
    kept = actions.list_of(desk.actor, list_id)
    context = {
        "heading": f"Delete the list {kept.name}?",
        "kind": "stop",
        "kept": kept,
        "action_url": reverse("delete-contact-list", args=[list_id]),
        "back": reverse("contact-list", args=[list_id]),
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
    }
    return ask(request, desk, "console/contact_lists/delete.html", context)
