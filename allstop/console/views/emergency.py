"""Setup, emergency: what stops when nobody can log in, and whether a restored database is the right one."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop import stop_file
from allstop.actions import identity
from allstop.actions.actor import Actor, Invalid, Operator
from allstop.actions.stop_links import LONGEST_LIFE, LONGEST_NAME, USUAL_LIFE, address_of, make_link, revoke_link
from allstop.actions.stop_phones import remove_phone, set_phone
from allstop.console.access import Desk, screen
from allstop.console.form_problems import add_problems
from allstop.console.frame import ask, done, page
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.roles import Act, Role, allowed
from allstop.store import lists


class LinkForm(forms.Form):
    name = forms.CharField(
        label="Who gets it, or where it is kept",
        max_length=LONGEST_NAME,
        help_text="For example: the owner's phone, or the notice board in the back office.",
    )
    days = forms.IntegerField(
        label="Good for how many days",
        min_value=1,
        max_value=LONGEST_LIFE,
        required=False,
        initial=USUAL_LIFE,
        help_text="Empty: until it is used or revoked.",
    )
    everything = forms.BooleanField(label="Stops every account of the installation", required=False)


class PhoneForm(forms.Form):
    member = forms.TypedChoiceField(label="Member", coerce=int)
    phone = forms.CharField(label="Phone", max_length=40)
    code = forms.CharField(
        label="Code", max_length=20, required=False, help_text="6 to 20 letters and digits. Empty: one is made."
    )

    def __init__(self, data: Any, desk: Desk) -> None:
        super().__init__(data)
        people = [one for one in lists.members(desk.account_id) if allowed(Role(one.role), Act.STOP)]
        self.fields["member"].choices = [(one.pk, one.user.name) for one in people]  # type: ignore[attr-defined]


@screen("GET")
def emergency(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


@screen("POST")
def add_link(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = LinkForm(request.POST)
    if not form.is_valid():
        return show(request, desk, link_form=form, status=422)
    by = desk.actor.as_operator() if form.cleaned_data["everything"] else desk.actor
    try:
        _, key = make_link(by, form.cleaned_data["name"], form.cleaned_data["days"], datetime.now(UTC))
    except Invalid as invalid:
        add_problems(form, invalid)
        return show(request, desk, link_form=form, status=422)
    return show(request, desk, address=address_of(key))


@screen("POST")
def revoke(request: HttpRequest, desk: Desk, link_id: int) -> HttpResponse:
    by: Actor | Operator = desk.actor
    if desk.actor.is_operator and any(link.pk == link_id for link in lists.stop_links(None)):
        by = desk.actor.as_operator()
    revoke_link(by, link_id, datetime.now(UTC))
    return done(request, "The link is revoked. It stops nothing any more.", reverse("emergency"))


@screen("POST")
def add_phone(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = PhoneForm(request.POST, desk)
    if not form.is_valid():
        return show(request, desk, phone_form=form, status=422)
    said = form.cleaned_data
    try:
        listed, code = set_phone(desk.actor, said["member"], said["phone"], said["code"], datetime.now(UTC))
    except Invalid as invalid:
        add_problems(form, invalid)
        return show(request, desk, phone_form=form, status=422)
    return show(request, desk, order=f"ALLSTOP {code}", listed=listed)


@screen("POST")
def drop_phone(request: HttpRequest, desk: Desk, phone_id: int) -> HttpResponse:
    remove_phone(desk.actor, phone_id, datetime.now(UTC))
    return done(request, "Texts from that phone stop nothing any more.", reverse("emergency"))


@screen("GET", "POST")
def confirm_database(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET asks, POST confirms; operators only."""
    operator = desk.actor.as_operator()
    if request.method == "POST":
        identity.confirm(operator, settings.HOME, datetime.now(UTC))
        return done(request, "The database is confirmed. What is due leaves, unless a STOP stands.", reverse("home"))
    context = {
        "heading": "Is this the database to go on with?",
        "kind": "bad",
        "seen": identity.compare(settings.HOME),
        "action_url": reverse("confirm-database"),
        "back": reverse("emergency"),
    }
    return ask(request, desk, "console/confirm_database.html", context)


def show(
    request: HttpRequest,
    desk: Desk,
    *,
    link_form: LinkForm | None = None,
    phone_form: PhoneForm | None = None,
    status: int = 200,
    **news: Any,
) -> HttpResponse:
    """`news`: a new link's address or a phone's order, which are shown only now."""
    is_operator = desk.actor.is_operator
    context = {
        "tabs": setup_tabs("emergency"),
        "link_form": link_form or LinkForm(),
        "phone_form": phone_form or PhoneForm(None, desk),
        "links": [*(lists.stop_links(None) if is_operator else ()), *lists.stop_links(desk.account_id)],
        "phones": lists.stop_phones(desk.account_id),
        "why_no_links": desk.why_not(Act.MANAGE_TOKENS),
        "why_no_phones": desk.why_not(Act.MANAGE_MEMBERS),
        "is_operator": is_operator,
        "now": datetime.now(UTC),
        "change": identity.standing_change(),
        "file": stop_file.path(settings.HOME) if is_operator else "",
        "file_is_there": stop_file.is_there(settings.HOME),
        **news,
    }
    answer = page(request, desk, "console/emergency.html", context, at="tokens", status=status)
    if news:
        answer["Cache-Control"] = "no-store"
    return answer
