"""The sealed passwords of all accounts: which key seals them, and its change.

The rule that it guards: at every moment each password can be opened with the keys that are written down. A new key is
written before anything is sealed by it, and an old one is dropped after everything was opened without it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.fernet import MultiFernet
from django.db import connection, transaction

from allstop.actions.actor import Conflict, Operator
from allstop.store import ledger, sealing
from allstop.store.models import ChannelSetup
from allstop.store.sealing import Keys

PIECE = 200  # rows whose locks are held together

_PLAIN = """
SELECT DISTINCT id FROM channel_setup, jsonb_each(config) AS setting
 WHERE setting.key = ANY(%s) AND jsonb_typeof(setting.value) = 'string' AND setting.value <> '""'
"""


@dataclass(frozen=True, slots=True)
class Standing:
    where: str
    keys: tuple[str, ...]  # fingerprints; the first one seals
    prepared: tuple[str, ...]
    sealed: int  # channels with a password
    unreadable: int  # of them: with none of these keys
    plain: int


def standing() -> Standing:
    keys = sealing.read_keys()
    written = _written()
    return Standing(
        where=keys.where if keys else "",
        keys=tuple(sealing.fingerprint(key) for key in keys.sealing) if keys else (),
        prepared=tuple(sealing.fingerprint(key) for key in keys.prepared) if keys else (),
        sealed=len(written),
        unreadable=sum(keys is None or not sealing.opens(keys.ring(), config) for config in written),
        plain=plain(),
    )


def _written() -> list[dict[str, Any]]:
    """Everything in which something is sealed."""
    return [
        config
        for table, column in sealing.columns()
        for config in sealing.rows_with_sealed(table, column).values_list(column, flat=True)
    ]


def plain() -> int:
    """Written by another hand than Allstop's, or by a version that did not seal."""
    return len(_plain())


def _plain() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, [list(sealing.SECRETS)])
        return [row[0] for row in cursor]


@transaction.atomic
def seal_plain() -> int:
    found = ChannelSetup.objects.select_for_update().filter(pk__in=_plain()).order_by("pk")
    for setup in found:
        ChannelSetup.objects.filter(pk=setup.pk).update(config=setup.config)  # its column seals
    return len(found)


def prepare(by: Operator, now: datetime) -> Keys:
    """A key that opens but does not seal yet: its file can be copied to every machine before it is used."""
    keys = _own_keys()
    if keys.prepared:
        raise Conflict(
            f"A next key is in {keys.where} already. Copy the file to every machine, then: allstop secrets rotate"
        )
    made = replace(keys, prepared=(sealing.new_key(),))
    sealing.write_keys(made)
    _tell(by, "prepare_key", {"key": sealing.fingerprint(made.prepared[0])}, now)
    return made


def rotate(by: Operator, now: datetime) -> int:
    """From now on the next key seals, and all that is sealed is sealed by it. The old key stays, for old backups."""
    keys = sealing.make_first_key()
    if keys.file is not None:
        next_ = keys.prepared or (sealing.new_key(),)
        keys = replace(keys, sealing=(*next_, *keys.sealing), prepared=())
        sealing.write_keys(keys)
    elif len(keys.sealing) == 1:
        raise Conflict(
            f"The key comes from {keys.where}. Put a new one before it there, with a comma between, on every machine; "
            f"restart Allstop, and say this again. A new one: {sealing.new_key()}"
        )
    done = _reseal(keys.ring())
    _tell(by, "rotate_key", {"key": sealing.fingerprint(keys.sealing[0]), "sealed": done}, now)
    return done


def begin_again(by: Operator, now: datetime) -> int:
    """The key file is gone for good: a new one. What the old one sealed waits until somebody enters it again; how many
    channels that are."""
    if sealing.read_keys() is not None:
        raise Conflict("The key file is there, so nothing is lost. Enter again what it cannot open, page by page.")
    keys = sealing.begin_file()
    _tell(by, "lost_key", {"key": sealing.fingerprint(keys.sealing[0])}, now)
    return len(_written())


def forget_old(by: Operator, now: datetime) -> int:
    """Old backups of the database cannot be opened after it."""
    keys = _own_keys()
    left = replace(keys, sealing=keys.sealing[:1])
    needed = [one for one in _written() if sealing.opens(keys.ring(), one) and not sealing.opens(left.ring(), one)]
    if needed:
        raise Conflict("Some passwords are sealed by an old key still. Rotate first.")
    sealing.write_keys(left)
    _tell(by, "forget_keys", {"forgotten": [sealing.fingerprint(key) for key in keys.sealing[1:]]}, now)
    return len(keys.sealing) - 1


def _own_keys() -> Keys:
    keys = sealing.make_first_key()
    if keys.file is None:
        raise Conflict(f"The keys come from {keys.where}, where Allstop cannot write. Change them there.")
    return keys


def _reseal(ring: MultiFernet) -> int:
    """How many. Whoever saves one of them meanwhile waits a moment. Nothing about sending changes, so no worker has to
    know. What does not open stays as it is."""
    done = 0
    for table, column in sealing.columns():
        ids = list(sealing.rows_with_sealed(table, column).values_list("pk", flat=True))
        for start in range(0, len(ids), PIECE):
            with transaction.atomic():
                piece = table._default_manager.select_for_update().filter(pk__in=ids[start : start + PIECE])
                for pk, config in piece.order_by("pk").values_list("pk", column):
                    if config and (again := sealing.resealed(ring, config)) is not None:
                        done += table._default_manager.filter(pk=pk).update(**{column: again})
    return done


def _tell(by: Operator, act: str, after: dict[str, object], now: datetime) -> None:
    ledger.append(account_id=None, at=now, by=by.name, act=act, subject="installation", after={**after, "via": by.via})
