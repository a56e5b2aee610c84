"""Setup, email: the mail server, signing, the mailbox for replies and bounces, and what the provider takes at most."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from allstop.actions import sending_setup
from allstop.actions.actor import Conflict, Invalid
from allstop.actions.inbound_files import set_opening
from allstop.actions.mail_server import (
    SMTP,
    MailSetup,
    Server,
    mail_setup,
    make_signing_key,
    set_limits,
    set_server,
    sign_mails,
)
from allstop.actions.mailbox import MailboxSetup, drop_mailbox, mailbox_setup, set_mailbox, usual_settings
from allstop.actions.provider_tests import ask_test, newest_test, test_of
from allstop.console.access import Desk, screen
from allstop.console.form_problems import add_problems
from allstop.console.frame import leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.password_field import meant, password_field
from allstop.console.setup_tabs import setup_tabs
from allstop.console.setup_words import leaves_by
from allstop.rules.attachments import WARNING
from allstop.rules.facts import Channel
from allstop.rules.limits import MOST, PRESETS, Limits
from allstop.rules.roles import Act

ENCRYPTION = [
    ("starttls", "STARTTLS, usually port 587"),
    ("tls", "TLS from the first byte, usually port 465"),
    ("none", "None: only to this machine"),
]
IMAP_ENCRYPTION = [
    ("tls", "TLS from the first byte, usually port 993"),
    ("starttls", "STARTTLS, usually port 143"),
    ("none", "None: only to this machine"),
]
BY_HAND = "own"


class ServerForm(forms.Form):
    host = forms.CharField(label="Mail server", max_length=200, help_text="Its name, such as smtp.example.com.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535)
    encryption = forms.ChoiceField(label="Encryption", choices=ENCRYPTION)
    user = forms.CharField(label="User name", max_length=200, required=False, help_text="Empty: it asks for none.")
    password = password_field()
    sender = forms.CharField(label="Sender's address", max_length=254, help_text="Such as desk@example.com.")
    sender_name = forms.CharField(label="Sender's name", max_length=120, required=False)
    return_path = forms.CharField(
        label="Address for bounces",
        max_length=254,
        required=False,
        help_text="Empty: the sender's own. With one, each mail's name stands in it after a +.",
    )
    max_connections = forms.IntegerField(label="Connections at once", min_value=1, max_value=200)

    def server(self, kept: dict[str, Any]) -> Server:
        said = dict(self.cleaned_data)
        sender, name = said.pop("sender"), said.pop("sender_name")
        return Server(settings=kept | said, sender=sender, sender_name=name)


class MailboxForm(forms.Form):
    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="mailbox_%s", **options)  # the mail server's form has fields of these names too

    host = forms.CharField(label="IMAP server", max_length=200, help_text="Such as imap.example.com.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535)
    encryption = forms.ChoiceField(label="Encryption", choices=IMAP_ENCRYPTION)
    user = forms.CharField(label="User name", max_length=200)
    password = password_field()
    folder = forms.CharField(label="Folder", max_length=200)


class LimitsForm(forms.Form):
    preset = forms.ChoiceField(
        label="Provider",
        choices=[
            (BY_HAND, "The numbers below; none is no limit"),
            *((name, words) for name, (words, known) in PRESETS.items() if known != Limits()),
        ],
        initial=BY_HAND,
    )
    minute = forms.IntegerField(label="In a minute", min_value=1, max_value=MOST, required=False)
    hour = forms.IntegerField(label="In an hour", min_value=1, max_value=MOST, required=False)
    day = forms.IntegerField(label="In 24 hours", min_value=1, max_value=MOST, required=False)

    def clean(self) -> None:
        """The numbers are what counts: a provider is another way to say them."""
        if self.is_preset:
            self.cleaned_data |= asdict(PRESETS[self.cleaned_data["preset"]][1])

    @property
    def is_preset(self) -> bool:
        """A provider was chosen, which means all of its numbers."""
        return str(self.cleaned_data.get("preset", BY_HAND)) != BY_HAND

    def limits(self) -> Limits:
        said = self.cleaned_data
        return Limits(said["minute"], said["hour"], said["day"])


@screen("GET")
def email(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


@screen("POST")
def save_server(request: HttpRequest, desk: Desk) -> HttpResponse:
    setup = mail_setup(desk.account_id)
    form = _server_form(setup, request.POST)
    if not (form.is_valid() and settle(form, form.initial, meant(form, is_used=setup.provider == SMTP))):
        return show(request, desk, server=form, status=422)
    try:
        set_server(desk.actor, form.server(setup.settings), datetime.now(UTC))
    except Invalid as invalid:
        add_problems(form, invalid)
        return show(request, desk, server=form, status=422)
    return leads_on(request, "Emails leave by this mail server from now on.", reverse("email"))


@screen("POST")
def test(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        ask_test(desk.actor, Channel.EMAIL, datetime.now(UTC))
    except Conflict as conflict:
        return show(request, desk, problem=str(conflict), status=409)
    return leads_on(request, "The mail server is being tried.", reverse("email"))


@screen("GET")
def tested(request: HttpRequest, desk: Desk, test_id: int) -> HttpResponse:
    """The part of the page that asks again each second until a worker has a result."""
    found = test_of(desk.actor, test_id)
    return render(request, "console/email/test.html", {"test": found, "desk": desk})


@screen("POST")
def make_key(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        make_signing_key(desk.actor, datetime.now(UTC))
    except Conflict as conflict:
        return show(request, desk, problem=str(conflict), status=409)
    words = "A key was made. Publish its record, then turn signing on."
    return leads_on(request, words, f"{reverse('email')}#signing")


@screen("POST")
def sign(request: HttpRequest, desk: Desk) -> HttpResponse:
    is_on = request.POST.get("on") == "yes"
    try:
        sign_mails(desk.actor, is_on, datetime.now(UTC))
    except Conflict as conflict:
        return show(request, desk, problem=str(conflict), status=409)
    words = "Emails are signed from now on." if is_on else "Emails are not signed any more."
    return leads_on(request, words, f"{reverse('email')}#signing")


@screen("POST")
def save_mailbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    known = mailbox_setup(desk.account_id)
    form = _mailbox_form(known, request.POST)
    if not (form.is_valid() and settle(form, form.initial, meant(form, is_used=known is not None))):
        return show(request, desk, mailbox=form, status=422)
    kept = known.settings if known is not None else {}
    try:
        set_mailbox(desk.actor, kept | form.cleaned_data, datetime.now(UTC))
    except Invalid as invalid:
        add_problems(form, invalid)
        return show(request, desk, mailbox=form, status=422)
    return leads_on(request, "Replies and bounces are read from this mailbox from now on.", reverse("email"))


@screen("POST")
def leave_mailbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    drop_mailbox(desk.actor, datetime.now(UTC))
    return leads_on(request, "Nobody looks into the mailbox any more.", reverse("email"))


@screen("POST")
def save_limits(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = mail_setup(desk.account_id).limits
    form, stands = _limits_form(now, request.POST), asdict(now)
    if not (form.is_valid() and settle(form, stands, stands if form.is_preset else ())):
        return show(request, desk, limits=form, status=422)
    set_limits(desk.actor, Channel.EMAIL, form.limits(), datetime.now(UTC))
    return leads_on(request, "Emails keep to these limits from now on.", reverse("email"))


@screen("POST")
def save_opening(request: HttpRequest, desk: Desk) -> HttpResponse:
    opens = request.POST.get("opens") == "yes"
    set_opening(desk.actor, opens, datetime.now(UTC))
    words = "Pictures, PDF and plain text open in the browser." if opens else "Attachments are saved, not opened."
    return leads_on(request, words, reverse("email"))


def show(  # noqa: PLR0913 - a form for each part of the page
    request: HttpRequest,
    desk: Desk,
    *,
    server: ServerForm | None = None,
    mailbox: MailboxForm | None = None,
    limits: LimitsForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    setup, box = mail_setup(desk.account_id), mailbox_setup(desk.account_id)
    where = f"{setup.settings['host']}, as {setup.sender}" if setup.provider == "smtp" else ""
    context: dict[str, Any] = {
        "setup": setup,
        "words": leaves_by("Emails", setup.provider, where, "the Outbox shows them, and nobody gets one."),
        "box": box,
        "server": server or _server_form(setup),
        "mailbox": mailbox or _mailbox_form(box),
        "limits": limits or _limits_form(setup.limits),
        "test": newest_test(desk.actor, Channel.EMAIL),
        "opens_attachments": sending_setup.read(desk.actor).settings.opens_attachments,
        "warning": WARNING,
        "problem": problem,
        "tabs": setup_tabs("email"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/email/page.html", context, at="tokens", status=status)


def _server_form(setup: MailSetup, typed: QueryDict | None = None) -> ServerForm:
    said = setup.settings | {"sender": setup.sender, "sender_name": setup.sender_name}
    form = ServerForm(typed, initial={name: said[name] for name in ServerForm.base_fields if name in said})
    remember(form, form.initial)
    return form


def _mailbox_form(box: MailboxSetup | None, typed: QueryDict | None = None) -> MailboxForm:
    said = usual_settings() | (box.settings if box is not None else {})
    form = MailboxForm(typed, initial={name: said[name] for name in MailboxForm.base_fields if name in said})
    remember(form, form.initial)
    return form


def _limits_form(limits: Limits, typed: QueryDict | None = None) -> LimitsForm:
    presets = {known: name for name, (_, known) in PRESETS.items() if known != Limits()}
    stands = asdict(limits)
    form = LimitsForm(typed, initial=stands | {"preset": presets.get(limits, BY_HAND)})
    remember(form, stands)
    return form
