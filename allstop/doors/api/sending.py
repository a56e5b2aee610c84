"""The whole setup of sending: read, tried and changed as one; and what waits, sent by hand."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import Actor, Invalid
from allstop.actions.send_now import SentNow, send_now
from allstop.actions.sending_setup import apply, check, read
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Line, Strict, Text
from allstop.rules.facts import Channel
from allstop.rules.files_out import USUAL_MB
from allstop.rules.sending import Settings
from allstop.rules.sending_capacity import Capacity, Terms, capacity_of
from allstop.rules.sending_check import LONGEST_THRESHOLD, Caution
from allstop.rules.sending_data import Misread, as_data, from_data
from allstop.rules.sending_words import Change

router = Router(tags=["setup"])

SESSIONS = "Days and times, such as `Monday 09:00-12:00`, on the account's clock. The end of a day is 24:00."
Config = Annotated[dict[Text, Text | bool | int | float], Field(max_length=50)]
Lines = Annotated[list[Line], Field(max_length=200)]


class ChecksShape(Strict):
    every_minutes: int = Field(
        description="From one regular check to the next; 0: the queue is looked at all the time."
    )
    at: Lines = Field(description="Times of the day, such as `09:00`: only then. Not recommended.")


class BackupShape(Strict):
    days: Lines = Field(description="On which the backup of the network begins.")
    starts: Line = Field(description="A time, such as `22:00`.")
    ends: Line = Field(description="Before `starts`: on the next day.")


class ChannelShape(Strict):
    enabled: bool = Field(description="false: nothing leaves and nothing is received.")
    provider: Line = Field(description='"": none, messages wait.')
    config: Config = Field(description="As the provider's own page names them, without its password.")
    sender: Line
    sender_name: Line


class EmailShape(ChannelShape):
    immediate: bool = Field(description="true: emails leave by themselves. false: in sessions, or when somebody sends.")
    sessions: Lines = Field(description=SESSIONS + " None: at any time, or never by themselves.")
    per_minute: float = Field(description="At most so many a minute; 0: no delay between emails.")
    opens_attachments: bool = Field(description="Attachments open directly. Not recommended.")
    attachment_mb: int = Field(USUAL_MB, description="What one email may take along in all, in MB.")


class TextShape(ChannelShape):
    immediate: bool = Field(description="true: texts leave at once; sessions and minutes are kept and ignored.")
    sessions: Lines = Field(description=SESSIONS + " None: at any time.")
    every_minutes: float = Field(description="From one text to the next; 0: no staggering.")
    warn_after_days: int = Field(description="Warn when staggered texts take longer.")


class CallShape(ChannelShape):
    sessions: Lines = Field(description=SESSIONS + " None: at any time.")
    per_minute: float = Field(description="At most so many a minute; 0: as many as there are lines.")
    rings: int = Field(description="How often a phone rings that nobody answers.")
    ring_minutes: int = Field(description="From one ring to the next.")


class SettingsShape(Strict):
    checks: ChecksShape
    backup: BackupShape | None = None
    email: EmailShape
    text: TextShape
    call: CallShape


class Passwords(Strict):
    email: Line = ""
    text: Line = ""
    call: Line = ""


class SendingIn(Strict):
    settings: SettingsShape
    passwords: Passwords = Field(
        default_factory=Passwords,
        description="Only new ones. A password that is there is kept for the same server and user name.",
    )


class SetupChangeIn(SendingIn):
    version: Line = Field(description="As it was read: 409 where somebody has changed the setup since.")


class WarningOut(Schema):
    place: str = Field(description="Which setting it is about, such as `text.sessions`.")
    words: str


class CapacityOut(Schema):
    by_day: list[int | None] = Field(description="Messages from Monday to Sunday; null: no limit.")
    a_week: int | None
    days: int
    within_days: int | None = Field(description="Within so many days from now.")


class SendingOut(Schema):
    version: str
    settings: SettingsShape
    has_password: dict[str, bool] = Field(description="By channel. No password is ever read back.")
    capacity: dict[str, CapacityOut] = Field(description="By channel: what the setup lets out.")
    warnings: list[WarningOut]


class SetupChangeOut(Schema):
    place: str
    before: Any
    after: Any


class SetupCheckOut(Schema):
    problems: dict[str, str] = Field(description="Setting -> what to do. With any, it cannot be saved.")
    warnings: list[WarningOut]
    capacity: dict[str, CapacityOut]


class ChangedOut(SendingOut):
    changes: list[SetupChangeOut]


class SentNowOut(Schema):
    messages: int = Field(description="So many leave by hand now.")
    fetches: bool = Field(description="Of emails: the mailbox is looked into within some seconds.")


@router.get("/sending-setup", response={200: SendingOut, **refusals()}, operation_id="get_sending_setup")
def get_setup(request: Call) -> SendingOut:
    """How the account sends, as a whole, with its warnings and how many messages it lets out."""
    return sending_out(request.auth, request.now)


@router.put("/sending-setup", response={200: ChangedOut, **refusals(400, 403, 409)}, operation_id="set_sending_setup")
def put_setup(request: Call, said: SetupChangeIn) -> ChangedOut:
    """The whole setup takes effect at once, or none of it. Roles: admin, leader."""
    applied = apply(request.auth, settings_in(said), request.now, passwords=passwords_in(said), version=said.version)
    return ChangedOut(**sending_shape(request.auth, request.now), changes=changes_out(applied.changes))


@router.post(
    "/sending-setup/check", response={200: SetupCheckOut, **refusals(400, 403)}, operation_id="check_sending_setup"
)
def check_setup(request: Call, said: SendingIn) -> SetupCheckOut:
    """What a change would be told. Nothing is changed."""
    settings = settings_in(said)
    found = check(request.auth, settings, passwords_in(said))
    return SetupCheckOut(
        problems=dict(found.problems),
        warnings=warnings_out(found.cautions),
        capacity=capacity_out(settings, read(request.auth).zone, request.now),
    )


@router.post("/channels/{channel}/send-now", response={200: SentNowOut, **refusals(403)}, operation_id="send_now")
def post_send_now(request: Call, channel: Channel) -> SentNowOut:
    """What waits for its window, pace or a regular check leaves now; nothing else is skipped. Emails: mail is fetched.

    Roles: admin, leader, member.
    """
    return sent_now_out(send_now(request.auth, channel, request.now))


def sent_now_out(sent: SentNow) -> SentNowOut:
    return SentNowOut(messages=sent.messages, fetches=sent.fetches)


def sending_out(actor: Actor, now: datetime) -> SendingOut:
    return SendingOut(**sending_shape(actor, now))


def sending_shape(actor: Actor, now: datetime) -> dict[str, Any]:
    setup = read(actor)
    return {
        "version": setup.version,
        "settings": as_data(setup.settings),
        "has_password": {channel.value: has for channel, has in setup.has_password.items()},
        "capacity": capacity_out(setup.settings, setup.zone, now),
        "warnings": warnings_out(check(actor, setup.settings).cautions),
    }


def warnings_out(cautions: tuple[Caution, ...]) -> list[WarningOut]:
    return [WarningOut(place=one.place, words=one.words) for one in cautions]


def capacity_out(settings: Settings, zone: str, now: datetime) -> dict[str, CapacityOut]:
    def of(channel: Channel) -> Capacity:
        terms = Terms.of(channel, settings.of(channel), zone, settings.checks)
        days = min(max(1, settings.warn_after_days), LONGEST_THRESHOLD)
        return capacity_of(terms, zone, days, now)

    return {channel.value: CapacityOut.from_orm(of(channel)) for channel in Channel}


def settings_in(said: SendingIn) -> Settings:
    try:
        return from_data(said.settings.model_dump())
    except Misread as wrong:
        raise Invalid(**wrong.problems) from wrong


def passwords_in(said: SendingIn) -> dict[Channel, str]:
    found: dict[Channel, str] = {channel: getattr(said.passwords, channel.value) for channel in Channel}
    return {channel: words for channel, words in found.items() if words}


def changes_out(changes: tuple[Change, ...]) -> list[SetupChangeOut]:
    return [SetupChangeOut(place=one.place, before=one.before, after=one.after) for one in changes]
