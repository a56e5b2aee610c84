"""Groups of contacts: make one, rename it, delete it."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.groups import create_group, delete_group, rename_group
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on
from allstop.console.meanwhile import remember, settle
from allstop.rules.roles import Act
from allstop.store import lists


class GroupForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    is_sales = forms.BooleanField(
        label="A sales group: for promotions", required=False, help_text="Nobody with Stop Promotions can be in it."
    )


@screen("GET", "POST")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_group(desk.actor, form.cleaned_data["name"], form.cleaned_data["is_sales"], datetime.now(UTC))
        except Invalid as invalid:
            form.add_error("name", invalid.problems["name"])
        else:
            return leads_on(request, f"Made the group {made.name}.", reverse("contacts"))
    context = {
        "heading": "New group",
        "kind": "",
        "form": form,
        "action_url": reverse("new-group"),
        "back": reverse("contacts"),
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
    }
    return ask(request, desk, "console/phonebook/group.html", context, status=422 if form.errors else 200)


@screen("GET", "POST")
def group(request: HttpRequest, desk: Desk, group_id: int) -> HttpResponse:
    """Rename it."""
    found = next((one for one in lists.groups(desk.account_id) if one.id == group_id), None)
    if found is None:
        raise NotThere("There is no such group.")
    form = GroupForm(request.POST or None, initial={"name": found.name})
    del form.fields["is_sales"]
    remember(form, form.initial)
    if request.method == "POST" and form.is_valid() and settle(form, form.initial):
        try:
            rename_group(desk.actor, group_id, form.cleaned_data["name"], datetime.now(UTC))
        except Invalid as invalid:
            form.add_error("name", invalid.problems["name"])
        else:
            return leads_on(request, f"The group is called {form.cleaned_data['name']} now.", reverse("contacts"))
    context = {
        "heading": found.name,
        "kind": "",
        "form": form,
        "group": found,
        "action_url": reverse("group", args=[group_id]),
        "delete_url": reverse("delete-group", args=[group_id]),
        "back": reverse("contacts"),
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
    }
    return ask(request, desk, "console/phonebook/group.html", context, status=422 if form.errors else 200)


@screen("POST")
def delete(request: HttpRequest, desk: Desk, group_id: int) -> HttpResponse:
    delete_group(desk.actor, group_id, datetime.now(UTC))
    return leads_on(request, "Deleted the group. Its contacts are still in the Phonebook.", reverse("contacts"))
