"""Open email attachments directly: off, unless somebody turns it on against the warning."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms

from allstop.console.views.setup_wizard.page import SetupForm, SetupPage
from allstop.rules.sending import Settings


class AttachmentsForm(SetupForm):
    places: ClassVar = {"email.opens_attachments": "opens_attachments"}

    opens_attachments = forms.BooleanField(
        label="Open email attachments directly", required=False, help_text="Off is recommended."
    )

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        return {"opens_attachments": settings.opens_attachments}

    def onto(self, settings: Settings) -> Settings:
        return replace(settings, opens_attachments=self.cleaned_data["opens_attachments"])


PAGE = SetupPage(
    slug="attachments",
    name="Attachments",
    title="Open email attachments directly",
    template="console/setup_wizard/attachments.html",
    form=AttachmentsForm,
    warns=("email.opens_attachments",),
)
