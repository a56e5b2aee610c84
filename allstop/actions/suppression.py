"""A no outlives the person: after an erasing, a keyed digest of each address keeps what stood against writing there.

The rule that it guards: whoever is written down with such an address, by hand, by a program or by a file, has the same
opt-outs and stops again, and only the contact's own word takes the digest away.
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import Q

from allstop.rules.facts import Channel
from allstop.rules.wallclock import local_date
from allstop.store.models import Account, Contact, GroupContact, Marker, OptOut, Suppression, SuppressionKind

BY_ITSELF = "Allstop"  # who set it, when a number came back
MARKERS = (SuppressionKind.STOP_ALL, SuppressionKind.STOP_PROMOTIONS)


def digest_of(account_id: int, address: str) -> str:
    """Of E.164 or an email; capitals do not matter. Another account's digest of the same address is another one."""
    return hmac.new(_key(), f"{account_id}\n{address.casefold()}".encode(), sha256).hexdigest()


def key_check() -> str:
    return hmac.new(_key(), b"allstop suppression key", sha256).hexdigest()[:16]


def _key() -> bytes:
    return str(settings.SUPPRESSION_KEY).encode()


def remember(contact: Contact, addresses: Iterable[str], now: datetime) -> int:
    """What stands against writing to them, for each of their addresses; how many addresses have something."""
    standing: list[tuple[SuppressionKind, str | None, datetime]] = [
        (SuppressionKind.OPT_OUT, one.channel, one.at) for one in contact.opt_outs.filter(lifted_at=None)
    ]
    for marker in contact.markers.filter(kind__in=[kind.value for kind in MARKERS]):
        standing.append((SuppressionKind(marker.kind), None, marker.set_at))
    wanted = sorted(set(addresses)) if standing else []
    Suppression.objects.bulk_create(
        (
            Suppression(
                account_id=contact.account_id,
                digest=digest_of(contact.account_id, address),
                key_check=key_check(),
                kind=kind.value,
                channel=channel,
                said_at=at,
                erased_at=now,
            )
            for address in wanted
            for kind, channel, at in standing
        ),
        ignore_conflicts=True,
    )
    return len(wanted)


def standing(account_id: int, addresses: Iterable[str]) -> list[Suppression]:
    """What whoever is written down with one of these addresses will have."""
    if not Suppression.objects.filter(account_id=account_id).exists():
        return []
    digests = [digest_of(account_id, address) for address in addresses]
    return list(Suppression.objects.filter(account_id=account_id, digest__in=digests).order_by("pk"))


def recall(account_id: int, addresses: Mapping[int, Iterable[str]]) -> None:
    """`addresses`: those that each contact has just been given."""
    known: dict[str, list[Suppression]] = {}
    for row in Suppression.objects.filter(account_id=account_id).order_by("pk"):
        known.setdefault(row.digest, []).append(row)
    if not known:
        return
    found = [
        (contact_id, address, row)
        for contact_id, values in addresses.items()
        for address in values
        for row in known.get(digest_of(account_id, address), ())
    ]
    zone = Account.objects.values_list("zone", flat=True).get(pk=account_id)
    _opt_out(account_id, [one for one in found if one[2].kind == SuppressionKind.OPT_OUT], zone)
    _mark(account_id, [(contact_id, row) for contact_id, _, row in found if row.kind in MARKERS], zone)


def _opt_out(account_id: int, found: list[tuple[int, str, Suppression]], zone: str) -> None:
    ids = [contact_id for contact_id, _, _ in found]
    have = set(OptOut.objects.filter(contact_id__in=ids, lifted_at=None).values_list("contact_id", "channel"))
    wanted: dict[tuple[int, str | None], OptOut] = {}
    for contact_id, address, row in found:
        if (contact_id, row.channel) not in have:
            day = local_date(row.erased_at, zone)
            words = f"They had said no when they were erased on {day}. This address came back."
            wanted.setdefault(
                (contact_id, row.channel),
                OptOut(
                    account_id=account_id,
                    contact_id=contact_id,
                    channel=row.channel,
                    address=address,
                    words=words,
                    at=row.said_at,
                ),
            )
    OptOut.objects.bulk_create(wanted.values())


def _mark(account_id: int, found: list[tuple[int, Suppression]], zone: str) -> None:
    """The contacts are new, or locked by whoever gives them the address."""
    Marker.objects.bulk_create(
        (
            Marker(
                account_id=account_id,
                contact_id=contact_id,
                kind=row.kind,
                set_by=BY_ITSELF,
                set_at=row.said_at,
                reason=f"It stood when they were erased on {local_date(row.erased_at, zone)}. Their address came back.",
            )
            for contact_id, row in found
        ),
        ignore_conflicts=True,
    )
    of_sales = [contact_id for contact_id, row in found if row.kind == SuppressionKind.STOP_PROMOTIONS]
    GroupContact.objects.filter(contact_id__in=of_sales, group__is_sales=True).delete()


def forget(account_id: int, addresses: Iterable[str], channel: Channel | None) -> None:
    """The contact has said yes again, from one of these addresses, on a channel or (None) on all."""
    digests = [digest_of(account_id, address) for address in addresses]
    rows = Suppression.objects.filter(account_id=account_id, kind=SuppressionKind.OPT_OUT, digest__in=digests)
    if channel is not None:
        rows = rows.filter(Q(channel=channel) | Q(channel=None))
    rows.delete()


def lost() -> int:
    """Digests that another key has made: with this one nobody recognises their addresses."""
    return Suppression.objects.exclude(key_check=key_check()).count()
