"""The filters above a list of messages, as a form: its values are checked before they reach a query."""

from typing import Any

from django import forms

from allstop.rules.facts import Channel
from allstop.store.lists import Filters
from allstop.store.models import Status

STATUS_WORDS = {
    Status.WAITING: "Waiting",
    Status.SENT: "Sent",
    Status.FAILED: "Failed",
    Status.REFUSED: "Refused by the gate",
    Status.UNKNOWN: "Outcome unknown",
    Status.REMOVED: "Removed",
    Status.CANCELED: "Canceled by rules",
}


class FilterForm(forms.Form):
    q = forms.CharField(required=False, max_length=120)
    status = forms.ChoiceField(
        required=False,
        choices=[("", "Every status"), *((status.value, words) for status, words in STATUS_WORDS.items())],
    )
    channel = forms.ChoiceField(
        required=False,
        choices=[("", "Every channel"), ("text", "Texts"), ("call", "Calls"), ("email", "Emails")],
    )
    canceled = forms.BooleanField(required=False)

    def filters(self, job: int | None = None) -> Filters:
        """What a filter says that is not one of the choices counts as not said."""
        self.full_clean()
        said: dict[str, Any] = self.cleaned_data
        status, channel = said.get("status"), said.get("channel")
        return Filters(
            job=job,
            status=Status(status) if status else None,
            channel=Channel(channel) if channel else None,
            q=said.get("q", ""),
            show_canceled=bool(said.get("canceled")),
        )

    def kept(self) -> dict[str, str]:
        return {name: str(self.data.get(name, "")) for name in self.fields}
