"""Credits of an account's texts: topped up by an operator, asked for by Allstop once when they run low.

The rule that it guards: credits change only by a top-up and by what workers spend (store/credits.sql), and each top-up
is in the ledger with who did it. At zero texts wait; whoever tops up lets them go on.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from allstop.actions.actor import Actor, Conflict, Invalid, Operator, require
from allstop.actions.notices import notify
from allstop.actions.request_keys import Once, once
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import ChannelSetup, CreditEntry, CreditKind, NoticeKind

MOST = 1_000_000_000
LONGEST_NOTE = 300
AT_ONCE = 100
SUBJECT = "channel:text"


def setup_of(actor: Actor) -> ChannelSetup:
    require(actor, Act.VIEW)
    return ChannelSetup.objects.get(account_id=actor.account_id, channel=Channel.TEXT)


def history(actor: Actor, limit: int = 100) -> list[CreditEntry]:
    """The newest first; what was spent is one entry for each hour."""
    require(actor, Act.VIEW)
    return list(CreditEntry.objects.filter(account_id=actor.account_id, channel=Channel.TEXT).order_by("-id")[:limit])


def top_up(actor: Actor, count: int, note: str, now: datetime, key: str = "") -> Once[CreditEntry]:
    """Operators only; with a `key` once. Credits that nobody has counted are counted from now on."""
    require(actor, Act.EDIT_SETUP)
    operator = actor.as_operator()
    if not 1 <= count <= MOST:
        raise Invalid(credits=f"Give a number of credits from 1 to {MOST:,}.")
    if len(note) > LONGEST_NOTE:
        raise Invalid(note=f"Give the note in at most {LONGEST_NOTE} characters.")
    return once(actor.account_id, key, ("top-up", count, note), now, lambda: _add(actor, operator, count, note, now))


@transaction.atomic
def _add(actor: Actor, operator: Operator, count: int, note: str, now: datetime) -> CreditEntry:
    setup = _locked(actor)
    balance = (setup.credits or 0) + count
    if balance > MOST:
        raise Invalid(credits=f"That would make {balance:,} credits; the most is {MOST:,}.")
    ChannelSetup.objects.filter(pk=setup.pk).update(credits=balance, top_up_asked_at=None)
    entry = _enter(actor, now, CreditKind.TOP_UP, count, balance, note)
    queue.setup_changed(actor.account_id, Channel.TEXT, setup.pace_ms, now)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=operator.name,
        act="top_up_credits",
        subject=SUBJECT,
        reason=note,
        before={"credits": setup.credits},
        after={"credits": balance, "added": count, "via": operator.via},
    )
    return entry


@transaction.atomic
def count_no_more(actor: Actor, now: datetime) -> ChannelSetup:
    """Operators only. From now on no text costs a credit."""
    require(actor, Act.EDIT_SETUP)
    operator = actor.as_operator()
    setup = _locked(actor)
    if setup.credits is None:
        raise Conflict("The credits of this account are not counted.")
    ChannelSetup.objects.filter(pk=setup.pk).update(credits=None, top_up_asked_at=None)
    _enter(actor, now, CreditKind.UNCOUNTED, setup.credits, 0, "")
    queue.setup_changed(actor.account_id, Channel.TEXT, setup.pace_ms, now)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=operator.name,
        act="count_credits_no_more",
        subject=SUBJECT,
        before={"credits": setup.credits},
        after={"credits": None, "via": operator.via},
    )
    return _locked(actor)


def ask_for_top_ups(now: datetime) -> int:
    """For every account that has run low: its admins hear of it, and the operators are asked, once."""
    low = ChannelSetup.objects.filter(credits__lt=F("top_up_below"), top_up_asked_at=None)  # channel_setup_low
    return sum(_ask(pk, now) for pk in low.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _ask(pk: int, now: datetime) -> bool:
    """False: another worker has asked, or somebody has topped up meanwhile."""
    still = ChannelSetup.objects.select_for_update(of=("self",)).select_related("account")
    setup = still.filter(pk=pk, credits__lt=F("top_up_below"), top_up_asked_at=None).first()
    if setup is None:
        return False
    ChannelSetup.objects.filter(pk=pk).update(top_up_asked_at=now)
    left = "no credits" if not setup.credits else f"{setup.credits:,} credits"
    waits = "Texts wait until somebody tops up; nothing is lost." if not setup.credits else "At 0 texts will wait."
    notify(
        NoticeKind.CREDITS,
        f"Texts: {left} left",
        f"One text costs a credit for each of its parts. A top-up was asked for. {waits}",
        now,
        account_id=setup.account_id,
        about=SUBJECT,
        url="/setup/text-provider",
    )
    notify(
        NoticeKind.CREDITS,
        f"{setup.account.name} asks for text credits: {left} left",
        f"Top up on the machine: allstop credits add NUMBER --account {setup.account_id}",
        now,
        account_id=None,
        about=SUBJECT,
    )
    ledger.append(
        account_id=setup.account_id,
        at=now,
        by="Allstop",
        act="top_up_asked",
        subject=SUBJECT,
        after={"credits": setup.credits, "below": setup.top_up_below},
    )
    return True


def _locked(actor: Actor) -> ChannelSetup:
    return ChannelSetup.objects.select_for_update().get(account_id=actor.account_id, channel=Channel.TEXT)


def _enter(actor: Actor, now: datetime, kind: CreditKind, count: int, balance: int, note: str) -> CreditEntry:
    return CreditEntry.objects.create(
        account_id=actor.account_id,
        channel=Channel.TEXT,
        at=now,
        kind=kind,
        credits=count,
        balance=balance,
        by=actor.name[:120],
        note=note,
    )
