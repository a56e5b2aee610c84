"""STOP by a text from a member's own phone.

Anybody can pretend to call from another's number, so the number alone stops nothing: the text must have the member's
code, and wrong codes are counted. The worst that somebody with both can do is a stop. START is never possible by text.
"""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import stop_account
from allstop.rules.addresses import parse_phone
from allstop.rules.facts import Channel
from allstop.rules.roles import Act, Role, allowed
from allstop.rules.stop_text import GENERATED_DIGITS, LONGEST_CODE, SHORTEST_CODE, TRIES_AN_HOUR, is_code, stop_code
from allstop.rules.words import Problem
from allstop.store import ledger
from allstop.store.models import Account, Inbound, Member, StopPhone

LOCKED_FOR = timedelta(hours=1)


@transaction.atomic
def set_phone(actor: Actor, member_id: int, number: str, code: str, now: datetime) -> tuple[StopPhone, str]:
    """List a member's phone, in place of an earlier one; returned with its code, which is kept as a hash only."""
    require(actor, Act.MANAGE_MEMBERS)
    member = Member.objects.select_related("user").filter(account_id=actor.account_id, pk=member_id).first()
    if member is None:
        raise NotThere("There is no such member in this account.")
    if not allowed(Role(member.role), Act.STOP):
        raise Invalid(member=f"{member.user.name} is a {member.role} here and may not stop.")
    phone = parse_phone(number, Account.objects.get(pk=actor.account_id).country)
    if isinstance(phone, Problem):
        raise Invalid(phone=phone.text)
    code = code.strip() or "".join(secrets.choice("0123456789") for _ in range(GENERATED_DIGITS))
    if not is_code(code):
        raise Invalid(code=f"Choose a code of {SHORTEST_CODE} to {LONGEST_CODE} letters and digits, without spaces.")
    if StopPhone.objects.filter(phone=phone.e164).exclude(member=member).exists():
        raise Invalid(phone=f"{phone.e164} is listed already. A phone stops one account, for one member.")
    made, _ = StopPhone.objects.update_or_create(
        member=member,
        defaults={
            "phone": phone.e164,
            "code_hash": make_password(code.lower()),
            "set_by": actor.name,
            "set_at": now,
            "wrong_codes": 0,
            "wrong_since": None,
        },
    )
    _write_down(actor, "set_stop_phone", made, now, phone=_hidden(made.phone), via=actor.via)
    return made, code


@transaction.atomic
def remove_phone(actor: Actor, phone_id: int, now: datetime) -> None:
    require(actor, Act.MANAGE_MEMBERS)
    phone = StopPhone.objects.filter(member__account_id=actor.account_id, pk=phone_id).first()
    if phone is None:
        raise NotThere("There is no such phone in this account.")
    _write_down(actor, "remove_stop_phone", phone, now, phone=_hidden(phone.phone), via=actor.via)
    phone.delete()


def take_stop_text(adapter: str, provider_id: str, sender: str, recipient: str, text: str, at: datetime) -> bool:
    """Whether this was an order to stop from a listed phone, obeyed or not: then it is nobody's reply.

    The same text twice is one. A stop is in force, for claimed messages too, when it returns.
    """
    code = stop_code(text)
    if code is None:
        return False
    with transaction.atomic():
        listed = StopPhone.objects.select_for_update(of=("self",)).select_related("member__user")
        phone = listed.filter(phone=_e164(sender), member__user__is_active=True).first()
        if phone is None:
            return False
        if not _is_new(phone, adapter, provider_id, sender, recipient, at):
            return True
        actor = _actor_of(phone)
        why_not = _why_not(phone, actor, code, at)
        if why_not:
            _write_down(actor, "stop_text_refused", phone, at, reason=why_not, wrong_codes=phone.wrong_codes)
            return True
        StopPhone.objects.filter(pk=phone.pk).update(wrong_codes=0, wrong_since=None)
        number = stop_account(actor, f"By text from {_hidden(phone.phone)}", at).number
    wait_until_confirmed(number)
    return True


def _why_not(phone: StopPhone, actor: Actor, code: str, at: datetime) -> str:
    """Words for the ledger; "" when it may stop. Wrong codes are counted, and none is looked at while it is locked."""
    if phone.wrong_since is None or at - phone.wrong_since >= LOCKED_FOR:
        phone.wrong_codes, phone.wrong_since = 0, None
    if phone.wrong_codes >= TRIES_AN_HOUR:
        return f"Locked for an hour after {TRIES_AN_HOUR} wrong codes."
    if not allowed(actor.role, Act.STOP):
        return f"A {actor.role.value} may not stop."
    if check_password(code, phone.code_hash):
        return ""
    phone.wrong_codes += 1
    phone.wrong_since = phone.wrong_since or at
    phone.save(update_fields=["wrong_codes", "wrong_since"])
    return "The code was wrong."


def _is_new(phone: StopPhone, adapter: str, provider_id: str, sender: str, recipient: str, at: datetime) -> bool:
    """Kept like a reply, without its code."""
    _, is_new = Inbound.objects.get_or_create(
        adapter=adapter,
        provider_id=provider_id,
        defaults={
            "account_id": phone.member.account_id,
            "channel": Channel.TEXT,
            "sender": sender,
            "recipient": recipient,
            "text": "ALLSTOP ******",
            "at": at,
        },
    )
    return is_new


def _actor_of(phone: StopPhone) -> Actor:
    member = phone.member
    return Actor(member.account_id, f"{member.user.name[:110]} (text)", Role(member.role), via="text")


def _e164(sender: str) -> str:
    """Some providers leave the + out."""
    read = parse_phone(sender if sender.startswith("+") else f"+{sender}", None)
    return "" if isinstance(read, Problem) else read.e164


def _hidden(phone: str) -> str:
    return f"…{phone[-4:]}"


def _write_down(actor: Actor, act: str, of: StopPhone, at: datetime, reason: str = "", **after: object) -> None:
    ledger.append(
        account_id=actor.account_id,
        at=at,
        by=actor.name,
        act=act,
        subject=f"member:{of.member_id}",
        reason=reason,
        after=after,
    )
