"""How emails leave: signing, the mailbox for replies and bounces, and the provider's limits."""

from datetime import datetime
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import Actor, require
from allstop.actions.mail_server import MailSetup, mail_setup, make_signing_key, set_limits, sign_mails
from allstop.actions.mailbox import MailboxSetup, drop_mailbox, mailbox_setup, set_mailbox
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Line, Strict
from allstop.rules.facts import Channel
from allstop.rules.limits import MOST, Limits
from allstop.rules.roles import Act

router = Router(tags=["setup"])


class SigningOut(Schema):
    is_on: bool
    domain: str
    selector: str
    record_name: str = Field(description="The name of the TXT record to publish.")
    record: str = Field(description="What it says: the public key. The private one is never told.")


class MailboxOut(Schema):
    host: str
    port: int
    encryption: str
    user: str
    folder: str
    since: datetime = Field(description="Mails that arrived before are not read.")
    looked_at: datetime | None
    failure: str = Field(description="Why it cannot be read now; empty: it can.")


class LimitsShape(Strict):
    minute: int | None = Field(None, ge=1, le=MOST, description="null: no limit. So with all three.")
    hour: int | None = Field(None, ge=1, le=MOST)
    day: int | None = Field(None, ge=1, le=MOST, description="In any 24 hours.")


class EmailOut(Schema):
    provider: str = Field(description="smtp, sandbox, or empty: emails wait.")
    sender: str
    sender_name: str
    signing: SigningOut | None = Field(description="null: no key was made.")
    mailbox: MailboxOut | None = Field(description="null: replies and bounces are not read.")
    limits: LimitsShape


class SignIn(Strict):
    on: bool


class MailboxIn(Strict):
    host: Line
    user: Line
    password: Line = Field("", description="Never told again. Empty: the one that is there stays.")
    port: int = Field(993, ge=1, le=65535)
    encryption: Literal["tls", "starttls", "none"] = "tls"
    folder: Line = "INBOX"


def email_shape(actor: Actor) -> EmailOut:
    require(actor, Act.VIEW)
    setup, box = mail_setup(actor.account_id), mailbox_setup(actor.account_id)
    return EmailOut(
        provider=setup.provider,
        sender=setup.sender,
        sender_name=setup.sender_name,
        signing=_signing_shape(setup),
        mailbox=None if box is None else _mailbox_shape(box),
        limits=LimitsShape(minute=setup.limits.minute, hour=setup.limits.hour, day=setup.limits.day),
    )


def _signing_shape(setup: MailSetup) -> SigningOut | None:
    found = setup.signing
    if found is None:
        return None
    return SigningOut(
        is_on=found.is_on,
        domain=found.domain,
        selector=found.selector,
        record_name=found.record_name,
        record=found.record,
    )


def _mailbox_shape(box: MailboxSetup) -> MailboxOut:
    known: dict[str, Any] = {"port": 993, "encryption": "tls", "folder": "INBOX"} | box.settings
    return MailboxOut(
        host=known["host"],
        port=known["port"],
        encryption=known["encryption"],
        user=known["user"],
        folder=known["folder"],
        since=box.since,
        looked_at=box.looked_at,
        failure=box.failure,
    )


@router.get("/email", response={200: EmailOut, **refusals()}, operation_id="get_email")
def get_email(request: Call) -> EmailOut:
    return email_shape(request.auth)


@router.post("/email/signing-key", response={200: EmailOut, **refusals(403, 409)}, operation_id="make_signing_key")
def make_key(request: Call) -> EmailOut:
    """A new key for DKIM. Signing pauses until it is turned on, once the record is published. Roles: admin, leader."""
    make_signing_key(request.auth, request.now)
    return email_shape(request.auth)


@router.put("/email/signing", response={200: EmailOut, **refusals(400, 403, 409)}, operation_id="sign_emails")
def sign(request: Call, said: SignIn) -> EmailOut:
    """Turn signing on, once the record is published, or off. Roles: admin, leader."""
    sign_mails(request.auth, said.on, request.now)
    return email_shape(request.auth)


@router.put("/email/mailbox", response={200: EmailOut, **refusals(400, 403)}, operation_id="set_mailbox")
def put_mailbox(request: Call, said: MailboxIn) -> EmailOut:
    """Read replies and bounces from this mailbox from now on. Roles: admin, leader."""
    set_mailbox(request.auth, said.model_dump(), request.now)
    return email_shape(request.auth)


@router.delete("/email/mailbox", response={200: EmailOut, **refusals(403, 404)}, operation_id="drop_mailbox")
def delete_mailbox(request: Call) -> EmailOut:
    """Nobody looks into the mailbox any more. Roles: admin, leader."""
    drop_mailbox(request.auth, request.now)
    return email_shape(request.auth)


@router.put("/email/limits", response={200: EmailOut, **refusals(400, 403)}, operation_id="set_email_limits")
def put_limits(request: Call, said: LimitsShape) -> EmailOut:
    """What the provider takes in a minute, an hour and 24 hours; what finds no room waits. Roles: admin, leader."""
    set_limits(request.auth, Channel.EMAIL, Limits(said.minute, said.hour, said.day), request.now)
    return email_shape(request.auth)
