"""What the page of the Messenger sends: TO: as tokens, the letter, and when. What it means, the actions say."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import QueryDict

from allstop.actions.actor import Invalid
from allstop.actions.messenger import Letter
from allstop.actions.messenger_drafts import Draft
from allstop.actions.own_windows import Proposal
from allstop.actions.to_line import Token, TokenKind, read_token
from allstop.console import own_window_form
from allstop.console.attaching import NOTHING, Taken
from allstop.console.day_fields import MomentField
from allstop.rules.facts import Channel, Purpose

CHANNELS = [(Channel.TEXT.value, "Text"), (Channel.EMAIL.value, "Email"), (Channel.CALL.value, "Call")]
PURPOSES = [
    (Purpose.PERSONAL.value, "A personal message"),
    (Purpose.SERVICE.value, "A service message"),
    (Purpose.REMINDER.value, "A reminder"),
    (Purpose.BILLING.value, "About a bill"),
    (Purpose.PROMOTION.value, "A promotion"),
]
LONGEST_BODY = 100_000


class LetterForm(forms.Form):
    channel = forms.ChoiceField(choices=CHANNELS, widget=forms.RadioSelect)
    purpose = forms.ChoiceField(label="This is", choices=PURPOSES)
    subject = forms.CharField(label="Subject", max_length=300, required=False)
    body = forms.CharField(
        label="Message",
        max_length=LONGEST_BODY,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "aria-describedby": "messenger-parts"}),
    )
    despite = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=300, required=False)
    later_at = MomentField(
        label="When",
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Give a day and a time that the clock shows once."},
    )


@dataclass(frozen=True, slots=True)
class Posted:
    """The whole page as it was sent. `letter`: as far as it can be read."""

    form: LetterForm
    tokens: tuple[Token, ...]
    key: str
    letter: Letter
    later_at: datetime | None

    window: Proposal | None = None  # of this send alone
    refused_files: tuple[str, ...] = ()  # why some were not taken

    @property
    def draft(self) -> Draft:
        said = self.letter
        return Draft(
            tokens=self.tokens,
            channel=said.channel,
            purpose=said.purpose,
            subject=said.subject,
            body=said.body,
            key=self.key,
            attachments=said.attachments,
        )


def posted(said: QueryDict, files: Taken = NOTHING) -> Posted:
    """NotThere: a token that no page has made."""
    form = LetterForm(said)
    form.is_valid()
    read = form.cleaned_data
    despite = bool(read.get("despite"))
    letter = Letter(
        channel=Channel(read.get("channel") or Channel.TEXT),
        purpose=Purpose(read.get("purpose") or Purpose.PERSONAL),
        # A browser sends line ends as two signs; a carrier would count both.
        body=(read.get("body") or "").replace("\r\n", "\n"),
        subject=read.get("subject") or "",
        despite_stop_promotions=despite,
        reason=(read.get("reason") or "").strip() if despite else "",
        attachments=files.ids,
    )
    tokens = tuple(_chosen(read_token(words), said) for words in said.getlist("to"))
    try:
        window = own_window_form.read(said)
    except Invalid as wrong:
        form.add_error(None, wrong.problems["window"])
        window = None
    return Posted(form, tokens, said.get("key", "")[:40], letter, read.get("later_at"), window, files.problems)


def _chosen(token: Token, said: QueryDict) -> Token:
    """With the channel that is chosen for this one below TO:."""
    words = said.get(f"way-{token.value}")
    if token.kind is not TokenKind.CONTACT or words is None:
        return token
    return Token(token.kind, token.value, Channel(words) if words in set(Channel) else None)


def initial(draft: Draft) -> dict[str, str]:
    return {
        "channel": draft.channel.value,
        "purpose": draft.purpose.value,
        "subject": draft.subject,
        "body": draft.body,
    }


def letter_of(draft: Draft) -> Letter:
    return Letter(
        channel=draft.channel,
        purpose=draft.purpose,
        body=draft.body,
        subject=draft.subject,
        attachments=draft.attachments,
    )
