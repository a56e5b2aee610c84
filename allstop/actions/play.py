"""Play somebody who writes to the account, where the channel goes to the sandbox: nobody else can write there.

The rule that it guards: what is played counts like what is real, START among it. So it takes the role that may set the
channel up, only a channel of the sandbox hears it, and the ledger has who played.
"""

import secrets
from datetime import datetime

from allstop.actions.actor import Actor, Conflict, Invalid, require
from allstop.actions.replies import Written, take_reply
from allstop.rules.addresses import Phone, parse_email, parse_phone
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import ledger
from allstop.store.models import Account, ChannelSetup

SANDBOX = "sandbox"
LONGEST = 1600  # characters: ten parts


def play_inbound(actor: Actor, channel: Channel, sender: str, text: str, now: datetime) -> None:
    """As if `sender` had written. It is in the record and the inbox, and obeyed, when this returns."""
    require(actor, Act.EDIT_SETUP)
    account = Account.objects.get(pk=actor.account_id)
    written_by = _address(account, channel, sender)
    if not text.strip() or len(text) > LONGEST:
        raise Invalid(text=f"Write what they say, in at most {LONGEST:,} characters.")
    setup = ChannelSetup.objects.get(account=account, channel=channel.value)
    if setup.provider != SANDBOX:
        raise Conflict("This channel has a real provider: only real people can write to it.")
    ledger.append(
        account_id=account.pk,
        at=now,
        by=actor.name,
        act="play_inbound",
        subject="account",
        after={"channel": channel.value, "via": actor.via},
    )
    take_reply(
        Written(
            adapter=SANDBOX,
            provider_id=f"played-{secrets.token_hex(16)}",
            channel=channel,
            sender=written_by,
            recipient=setup.sender,
            text=text,
            in_reply_to="",
            at=now,
            account_id=account.pk,
        )
    )


def _address(account: Account, channel: Channel, sender: str) -> str:
    if channel is Channel.CALL:
        raise Invalid(channel="Only texts and emails can be played.")
    found = parse_email(sender) if channel is Channel.EMAIL else parse_phone(sender, account.country)
    if isinstance(found, Problem):
        raise Invalid(sender=found.text)
    return found.e164 if isinstance(found, Phone) else found.address
