"""Files that came with what somebody wrote: to be looked at, and whether a browser may open them in its own window."""

from dataclasses import dataclass, replace
from datetime import datetime

from allstop.actions.actor import Actor, NotThere, require
from allstop.actions.sending_setup import apply, read
from allstop.rules.attachments import opens_as
from allstop.rules.roles import Act
from allstop.store.models import InboundFile


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
    kind = opens_as(found.name, content) if read(actor).settings.opens_attachments else None
    return FileToSee(found.name, content, kind)


def set_opening(actor: Actor, opens: bool, now: datetime) -> None:
    """004-12: off unless somebody turns it on."""
    setup = read(actor)
    apply(actor, replace(setup.settings, opens_attachments=opens), now, version=setup.version)
