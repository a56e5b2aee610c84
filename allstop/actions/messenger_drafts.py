"""What a member has in the Messenger: kept as it is typed, so that a reload loses nothing.

Its key is that of its next send. Tabs of the same member share both, so a send that is pressed in two of them is one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Forbidden, require
from allstop.actions.attachments import chosen, ids_in
from allstop.actions.to_line import Token, TokenKind, added, read_token, tokens_there
from allstop.rules.facts import Channel, Purpose
from allstop.rules.files_out import MOST_FILES
from allstop.rules.roles import Act, allowed
from allstop.store import lists
from allstop.store.models import MessengerDraft, MessengerSend

MOST_LEFT = 100  # of those who were left behind: as many stay in TO:, the page of the send has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    tokens: tuple[Token, ...] = ()
    channel: Channel = Channel.TEXT
    purpose: Purpose = Purpose.PERSONAL
    subject: str = ""
    body: str = ""
    key: str = ""
    attachments: tuple[int, ...] = ()  # ids of uploaded files


def draft_of(actor: Actor, now: datetime) -> Draft:
    """Without those in TO: who have gone meanwhile. For whoever may not send: an empty one."""
    require(actor, Act.VIEW)
    if actor.member_id is None or not allowed(actor.role, Act.SEND_MESSAGE):
        return Draft()
    nothing = Draft()
    found, _ = MessengerDraft.objects.get_or_create(
        member_id=actor.member_id,
        defaults={
            "account_id": actor.account_id,
            "key": _new_key(),
            "recipients": [],
            "channel": nothing.channel,
            "purpose": nothing.purpose,
            "at": now,
        },
    )
    tokens = tuple(tokens_there(actor, [read_token(words) for words in found.recipients]))
    return Draft(
        tokens=tokens,
        channel=Channel(found.channel),
        purpose=Purpose(found.purpose),
        subject=found.subject,
        body=found.body,
        key=found.key,
        attachments=ids_in(actor.account_id, found.attachment_set_id),
    )


@transaction.atomic
def keep_draft(actor: Actor, draft: Draft, now: datetime) -> None:
    """Not what was sent meanwhile: a slow request of the page that was left must not put it back."""
    require(actor, Act.SEND_MESSAGE)
    if actor.member_id is None:
        raise Forbidden("Only a member of the account has a draft.")
    MessengerDraft.objects.select_for_update().filter(member_id=actor.member_id).first()
    if draft.key and MessengerSend.objects.filter(account_id=actor.account_id, key=draft.key).exists():
        return
    there = [
        one.id for one in lists.attachments(actor.account_id, tuple(dict.fromkeys(draft.attachments))[:MOST_FILES])
    ]
    said = {
        "account_id": actor.account_id,
        "key": draft.key[:40] or _new_key(),
        "recipients": [str(token) for token in draft.tokens],
        "channel": draft.channel,
        "purpose": draft.purpose,
        "subject": draft.subject[:300],
        "body": draft.body,
        "attachment_set_id": chosen(actor.account_id, there, now),
        "at": now,
    }
    MessengerDraft.objects.update_or_create(member_id=actor.member_id, defaults=said)


def add_to_draft(actor: Actor, tokens: Sequence[Token], now: datetime) -> Draft:
    """From the Phonebook: beside those who are in TO: already."""
    stands = draft_of(actor, now)
    both = replace(stands, tokens=tuple(added(stands.tokens, tokens)))
    keep_draft(actor, both, now)
    return both


def with_new_key(actor: Actor, draft: Draft, now: datetime) -> Draft:
    """When its key has sent something else, from another window."""
    fresh = replace(draft, key=_new_key())
    keep_draft(actor, fresh, now)
    return fresh


def after_send(actor: Actor, draft: Draft, send: MessengerSend, now: datetime) -> Draft:
    """Those who were left behind stay in TO:, and so does what is not known; everything else is new."""
    left = send.left_behind.order_by("pk").values_list("contact_id", flat=True)[:MOST_LEFT]
    chosen = {token.value: token for token in draft.tokens if token.kind is TokenKind.CONTACT}
    stay = [chosen.get(str(pk)) or Token(TokenKind.CONTACT, str(pk)) for pk in left]
    unknown = [token for token in draft.tokens if token.kind is TokenKind.UNKNOWN]
    fresh = Draft(tokens=(*stay, *unknown), channel=draft.channel, key=_new_key())
    keep_draft(actor, fresh, now)
    return fresh


def _new_key() -> str:
    return secrets.token_urlsafe(18)
