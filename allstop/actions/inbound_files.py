"""Files that came with what somebody wrote: to be looked at, and whether a browser may open them in its own window."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, NotThere, require
from allstop.rules.attachments import opens_as
from allstop.rules.roles import Act
from allstop.store import ledger, lists
from allstop.store.models import InboundFile, ReplySetup


@dataclass(frozen=True, slots=True)
class FileToSee:
    name: str
    content: bytes
    opens_as: str | None  # None: it is only saved


def file_to_see(actor: Actor, file_id: int) -> FileToSee:
    require(actor, Act.VIEW)
    found = InboundFile.objects.filter(account_id=actor.account_id, pk=file_id).first()
    if found is None:
        raise NotThere("There is no such file.")
    content = bytes(found.content)
    kind = opens_as(found.name, content) if lists.reply_setup(actor.account_id).opens_files else None
    return FileToSee(found.name, content, kind)


@transaction.atomic
def set_opening(actor: Actor, opens: bool, now: datetime) -> None:
    """004-12: off unless somebody turns it on."""
    require(actor, Act.EDIT_SETUP)
    setup, _ = ReplySetup.objects.select_for_update().get_or_create(account_id=actor.account_id)
    if setup.opens_files == opens:
        return
    ReplySetup.objects.filter(pk=setup.pk).update(opens_files=opens)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="set_opening_of_files",
        subject="channel:email",
        before={"opens_files": not opens},
        after={"opens_files": opens, "via": actor.via},
    )
