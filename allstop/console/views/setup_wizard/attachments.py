"""Attachments: those that come in are not opened directly unless somebody says so, those that go out have a limit."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms

from allstop.console.views.setup_wizard.page import SetupForm, SetupPage
from allstop.rules.sending import Settings


class AttachmentsForm(SetupForm):
    places: ClassVar = {
        "email.opens_attachments": "opens_attachments",
        "email.attachment_mb": "attachment_mb",
    }

    opens_attachments = forms.BooleanField(
        label="Open email attachments directly", required=False, help_text="Off is recommended."
    )
    attachment_mb = forms.IntegerField(
        label="An email may take along at most, in MB",
        min_value=1,
        required=False,
        help_text="All its files together. Most mail servers take 10 to 25 MB.",
    )

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        return {"opens_attachments": settings.opens_attachments, "attachment_mb": settings.attachment_mb}

    def onto(self, settings: Settings) -> Settings:
        said = self.cleaned_data
        return replace(
            settings,
            opens_attachments=said["opens_attachments"],
            attachment_mb=said["attachment_mb"] or settings.attachment_mb,
        )


PAGE = SetupPage(
    slug="attachments",
    name="Attachments",
    title="Attachments",
    template="console/setup_wizard/attachments.html",
    form=AttachmentsForm,
    warns=("email.opens_attachments",),
)
