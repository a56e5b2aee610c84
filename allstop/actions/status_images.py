"""A picture that an operator uploads for a status type, in place of an address elsewhere.

The rule that it guards: what is kept is a small PNG, JPEG, GIF or WebP by its bytes, whatever its name says, and it is
served as that and as nothing else.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Invalid, Operator
from allstop.actions.status_types import type_of
from allstop.rules.pictures import Picture, read_picture
from allstop.rules.words import Problem
from allstop.store import ledger
from allstop.store.models import StatusImage


def picture_problem(content: bytes) -> str:
    """Why it is not taken; "" when it is."""
    found = read_picture(content)
    return found.text if isinstance(found, Problem) else ""


@transaction.atomic
def set_image(by: Operator, type_id: int, content: bytes, now: datetime) -> StatusImage:
    """In place of an earlier one."""
    found = read_picture(content)
    if not isinstance(found, Picture):
        raise Invalid(image=found.text)
    of = type_of(type_id)
    digest = hashlib.sha256(content).hexdigest()
    before = StatusImage.objects.filter(type=of).values_list("digest", flat=True).first()
    said = {"kind": found.kind.value, "content": content, "digest": digest}
    made, _ = StatusImage.objects.update_or_create(type=of, defaults=said)
    if before != digest:
        after = {"image": digest, "kind": found.kind.value, "width": found.width, "height": found.height}
        _tell(by, "set_status_image", of.pk, {"image": before} if before else None, after, now)
    return made


@transaction.atomic
def remove_image(by: Operator, type_id: int, now: datetime) -> bool:
    """Without one, nothing happens."""
    of = type_of(type_id)
    gone = StatusImage.objects.filter(type=of).first()
    if gone is None:
        return False
    gone.delete()
    _tell(by, "remove_status_image", of.pk, {"image": gone.digest}, {}, now)
    return True


def _tell(
    by: Operator, act: str, type_id: int, before: dict[str, str] | None, after: Mapping[str, object], now: datetime
) -> None:
    ledger.append(
        account_id=None,
        at=now,
        by=by.name,
        act=act,
        subject=f"status_type:{type_id}",
        before=dict(before) if before else None,
        after={**after, "via": by.via},
    )
