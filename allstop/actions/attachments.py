"""Files that emails take along: uploaded once, chosen by their ids, looked at, and swept when nobody wants them.

The rule that it guards: what runs when it is opened is refused here, before anything is kept; only emails have files;
and what a mail takes along in all stays below the account's limit.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.inbound_files import FileToSee
from allstop.channels.registry import carries_files
from allstop.rules.files_out import USUAL_MB, clean_name, refusal, refusal_of_all, type_of
from allstop.rules.roles import Act
from allstop.rules.words import Channel
from allstop.store import attachments as store
from allstop.store import lists
from allstop.store.models import Attachment, ChannelSetup, SendingSetup

UNUSED = timedelta(days=1)  # an upload that nothing names is kept so long: somebody may still be writing
ONLY_EMAILS = "Only emails take files along. Send it as an email, or leave the files out."
GONE = "One of these files is not there. Attach it again."


def upload(actor: Actor, name: str, content: bytes, now: datetime) -> lists.AttachedFile:
    require(actor, Act.SEND_MESSAGE)
    cleaned = clean_name(name)
    if why := refusal(cleaned, content, most_mb(actor.account_id)):
        raise Invalid(attachments=why)
    kept = Attachment.objects.create(
        account_id=actor.account_id,
        name=cleaned,
        type=type_of(cleaned),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        by=actor.name,
        at=now,
    )
    return lists.AttachedFile(kept.pk, kept.name, kept.type, kept.size)


def attachment_of(actor: Actor, attachment_id: int) -> lists.AttachedFile:
    require(actor, Act.VIEW)
    found = lists.attachments(actor.account_id, [attachment_id])
    if not found:
        raise NotThere("There is no such file.")
    return found[0]


def attachment_to_see(actor: Actor, attachment_id: int) -> FileToSee:
    """To be saved, never opened: as of what comes in, nobody says that it is harmless."""
    require(actor, Act.VIEW)
    found = Attachment.objects.filter(account_id=actor.account_id, pk=attachment_id).first()
    if found is None:
        raise NotThere("There is no such file.")
    return FileToSee(found.name, bytes(found.content), None)


def most_mb(account_id: int) -> int:
    limits = SendingSetup.objects.filter(account_id=account_id).values_list("attachment_mb", flat=True)
    return limits.first() or USUAL_MB


def problem_of(account_id: int, ids: Sequence[int], channels: Sequence[Channel]) -> str:
    """Why messages on these channels cannot take these files along; "" = they can."""
    if not ids:
        return ""
    if any(channel is not Channel.EMAIL for channel in channels):
        return ONLY_EMAILS
    if len(set(ids)) < len(ids):
        return "The same file is attached twice. Leave one out."
    found = lists.attachments(account_id, ids)
    if len(found) < len(ids):
        return GONE
    provider = ChannelSetup.objects.values_list("provider", flat=True).get(account_id=account_id, channel=Channel.EMAIL)
    if not carries_files(provider):
        return "The service by which your emails leave carries no files. Leave them out, or send a link."
    return refusal_of_all([one.size for one in found], most_mb(account_id))


def chosen(account_id: int, ids: Sequence[int], now: datetime) -> int | None:
    """Their set, for what is written in the same transaction; None: no files. Whoever calls has asked problem_of."""
    if not ids:
        return None
    found = store.choose(account_id, ids, now)
    if found is None:
        raise Invalid(attachments=GONE)
    return found


def ids_in(account_id: int, set_id: int | None) -> tuple[int, ...]:
    return tuple(one.id for one in lists.attachments_in(account_id, set_id))


def for_the_ledger(account_id: int, ids: Sequence[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in the chain, and what beside it: a file's name may name a person."""
    if not ids:
        return {}, {}
    found = Attachment.objects.filter(account_id=account_id, pk__in=ids).order_by("pk")
    files = [
        {"id": pk, "bytes": size, "sha256": digest} for pk, size, digest in found.values_list("pk", "size", "digest")
    ]
    return {"attachments": files}, {"names": list(found.values_list("name", flat=True))}


def sweep(now: datetime) -> int:
    """A chore: uploads that nothing names after a day, and sets that nothing names any more."""
    with transaction.atomic():
        return store.sweep(now - UNUSED)
