"""Setup, Connections, Lead address: which mails are leads, and what counts as the same lead.

/setup/connections/leads  POST only
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.lead_setup import IntakeSetup, intake_setup, set_intake_setup
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on
from allstop.console.meanwhile import remember, settle
from allstop.console.views.connections.parts import Section
from allstop.rules.leads import LONGEST_REPEAT_DAYS
from allstop.rules.roles import Act
from allstop.store.models import StrangersBecome


class LeadSetupForm(forms.Form):
    address = forms.CharField(
        label="Lead email address",
        max_length=254,
        required=False,
        help_text="What portals and forms send here becomes a lead. It must deliver into the mailbox of Setup, Email.",
    )
    repeat_days = forms.IntegerField(
        label="The same person is the same lead for days",
        min_value=0,
        max_value=LONGEST_REPEAT_DAYS,
        help_text="0: only while their lead is new.",
    )
    strangers = forms.ChoiceField(
        label="Somebody unknown who writes first",
        choices=[
            (StrangersBecome.NOTHING.value, "is shown in the Inbox"),
            (StrangersBecome.LEADS.value, "is shown in the Inbox and becomes a lead"),
        ],
    )

    def setup(self) -> IntakeSetup:
        said = self.cleaned_data
        return IntakeSetup(
            address=said["address"], repeat_days=said["repeat_days"], strangers=StrangersBecome(said["strangers"])
        )


def _form(stands: Mapping[str, Any], typed: QueryDict | None = None) -> LeadSetupForm:
    form = LeadSetupForm(typed, initial=dict(stands))
    remember(form, stands)
    return form


def _context(desk: Desk, form: Any) -> Mapping[str, Any]:
    return {"form": form or _form(asdict(intake_setup(desk.account_id))), "why_not": desk.why_not(Act.EDIT_SETUP)}


SECTION = Section("lead_address", "console/connections/lead_address.html", _context)


@screen("POST")
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    from allstop.console.views.connections.page import show

    stands = asdict(intake_setup(desk.account_id))
    form = _form(stands, request.POST)
    if form.is_valid() and settle(form, stands):
        try:
            set_intake_setup(desk.actor, form.setup(), datetime.now(UTC))
        except Invalid as invalid:
            for field, words in invalid.problems.items():
                form.add_error(field, words)
        else:
            return leads_on(request, "Saved. It counts from the next lead on.", reverse("connections"))
    return show(request, desk, status=422, lead_address=form)
