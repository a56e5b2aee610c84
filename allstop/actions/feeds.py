"""Setting up feeds: where files come from by themselves, how they are read, and when the next one should be there.

The rule that it guards: a feed reads its files as a person has read one before and confirmed it; it never guesses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings as site
from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.import_file import table_of
from allstop.actions.import_options import ImportOptions, Start, options_from_json, options_to_json
from allstop.actions.imports import import_of, options_of
from allstop.actions.named_rows import save_named, write_down
from allstop.channels.configuration import Config, ConfigError, read_config
from allstop.channels.feeds.config import (
    AttachmentConfig,
    CalendarConfig,
    FhirConfig,
    FolderConfig,
    PushConfig,
    SftpConfig,
)
from allstop.channels.feeds.folder import allowed_below, open_folder
from allstop.channels.feeds.place import PlaceFault
from allstop.formats.mapping import Field
from allstop.formats.table import Unreadable
from allstop.rules.kept_passwords import stays
from allstop.rules.rhythm import EVENING_BEFORE, Rhythm, as_words, next_expected, read_rhythm
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date, zone_clock
from allstop.rules.words import Problem
from allstop.store.models import Account, Feed, FeedAnswer, FeedFile, FeedFileState, FeedKind, ImportState, Location
from allstop.store.sealing import SECRETS, CannotOpen, opened, without_secrets

CONFIGS: dict[FeedKind, type[Config]] = {
    FeedKind.FOLDER: FolderConfig,
    FeedKind.PUSH: PushConfig,
    FeedKind.SFTP: SftpConfig,
    FeedKind.CALENDAR: CalendarConfig,
    FeedKind.FHIR: FhirConfig,
    FeedKind.EMAIL: AttachmentConfig,
}
FETCHED = frozenset(FeedKind) - {FeedKind.PUSH}  # somebody has to look; the others come of themselves
TELL_BACK = frozenset({FeedKind.FOLDER, FeedKind.SFTP, FeedKind.FHIR})
LONGEST_NAME = 100
LONGEST_ALARM = 12 * 60  # minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChoice:
    name: str
    kind: FeedKind
    settings: Mapping[str, Any]
    like_import: int | None = None  # whose choices are used; None: those that the feed has
    only_location: int | None = None
    rhythm: Mapping[str, Sequence[str]]
    expected_at: time | None = None
    alarm_minutes: int = 30
    is_on: bool = True
    holds_all: bool = False  # each file names every appointment from today on
    tells_answers: bool = False  # what contacts say of its appointments is told to where its files come from


USUAL = FeedChoice(
    name="", kind=FeedKind.FOLDER, settings={}, rhythm=as_words(EVENING_BEFORE), expected_at=time(14, 40)
)


def feed_of(actor: Actor, feed_id: int, *, lock: bool = False) -> Feed:
    found = Feed.objects.filter(account_id=actor.account_id, pk=feed_id)
    feed = (found.select_for_update(of=("self",)) if lock else found).select_related("only_location").first()
    if feed is None:
        raise NotThere("There is no such feed.")
    return feed


def choice_of(feed: Feed) -> FeedChoice:
    return FeedChoice(
        name=feed.name,
        kind=FeedKind(feed.kind),
        settings=feed.settings,
        only_location=feed.only_location_id,
        rhythm=feed.rhythm,
        expected_at=feed.expected_at,
        alarm_minutes=feed.alarm_minutes,
        is_on=feed.is_on,
        holds_all=feed.holds_all,
        tells_answers=feed.tells_answers,
    )


@transaction.atomic
def save_feed(actor: Actor, choice: FeedChoice, now: datetime, feed_id: int | None = None) -> Feed:
    """A new one, or another choice for one that is there. Invalid names what is wrong, field by field."""
    require(actor, Act.EDIT_SETUP)
    before = feed_of(actor, feed_id, lock=True) if feed_id is not None else None
    account = Account.objects.get(pk=actor.account_id)
    if before is not None and before.kind != choice.kind:
        raise Invalid(kind="A feed stays what it is. Make another one, and delete this one.")
    feed = before or Feed(account=account, kind=choice.kind, created_by=actor.name, created_at=now)
    shown = _shown(before)
    problems = _problems(account, choice)
    _read_like(actor, feed, choice, problems, now)
    _settle_settings(feed, choice, problems)
    if choice.tells_answers and "like_import" not in problems and (why := _cannot_tell(feed)):
        problems["tells_answers"] = why
    if problems:
        raise Invalid(**problems)
    feed.name, feed.only_location_id, feed.is_on = choice.name.strip(), choice.only_location, choice.is_on
    feed.rhythm, feed.expected_at, feed.alarm_minutes = dict(choice.rhythm), choice.expected_at, choice.alarm_minutes
    feed.next_look_at = now if choice.is_on and choice.kind in FETCHED else None
    feed.failure = feed.mark = ""  # what a source said is read anew, as it was chosen now
    feed.holds_all = choice.holds_all
    feed.tells_answers, feed.tell_failure = choice.tells_answers, ""
    feed.tell_at = now if choice.tells_answers and choice.is_on else None  # what was said before is told as well
    expect_next(feed, account.zone, now)
    save_named(feed, "feed")
    FeedAnswer.objects.filter(feed=feed, told_at=None).update(attempts=0)  # what was given up is tried again
    write_down(actor, "save_feed", f"feed:{feed.pk}", shown, _shown(feed), now)
    return feed


@transaction.atomic
def delete_feed(actor: Actor, feed_id: int, now: datetime) -> None:
    """Its jobs and messages stay. Refused while one of its files is being imported."""
    require(actor, Act.EDIT_SETUP)
    feed = feed_of(actor, feed_id, lock=True)
    if FeedFile.objects.filter(feed=feed, state=FeedFileState.TAKEN).exists():
        raise Conflict("A file of this feed is being imported. Wait until it is done.")
    write_down(actor, "delete_feed", f"feed:{feed.pk}", _shown(feed), {}, now)
    feed.delete()


@transaction.atomic
def look_now(actor: Actor, feed_id: int, now: datetime) -> None:
    """A worker looks at once, whatever its turn is."""
    require(actor, Act.IMPORT_REMINDERS)
    feed = feed_of(actor, feed_id, lock=True)
    if feed.next_look_at is None:
        raise Conflict("Nobody looks for files of this feed: it is turned off, or its files come of themselves.")
    Feed.objects.filter(pk=feed.pk).update(next_look_at=now)


def expect_next(feed: Feed, zone: str, after: datetime) -> None:
    """When its people are told unless a file has come on that day: set on the row, not saved."""
    rhythm = read_rhythm(feed.rhythm)
    feed.alarm_at = feed.expected_from = None
    if not isinstance(rhythm, Rhythm) or feed.expected_at is None or not feed.is_on:
        return
    expected = next_expected(rhythm, feed.expected_at, zone, after)
    if expected is not None:
        feed.alarm_at = expected + timedelta(minutes=feed.alarm_minutes)
        feed.expected_from = datetime.combine(local_date(expected, zone), time(), zone_clock(zone))


def _check(kind: FeedKind, settings: Mapping[str, Any], account_id: int) -> None:
    """What can be known without asking another machine. Raises ConfigError or PlaceFault."""
    config = read_config(CONFIGS[kind], settings)
    if isinstance(config, FolderConfig):
        open_folder(config.path, allowed_below(site.FEED_FOLDERS, account_id))


def _problems(account: Account, choice: FeedChoice) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not choice.name.strip() or len(choice.name.strip()) > LONGEST_NAME:
        problems["name"] = f"Give the feed a name of at most {LONGEST_NAME} characters."
    rhythm = read_rhythm(choice.rhythm)
    if isinstance(rhythm, Problem):
        problems["rhythm"] = rhythm.text
    elif choice.expected_at is not None and not rhythm.sends:
        problems["expected_at"] = "Files are expected on the days that send something. Choose such a day, or no time."
    if not 1 <= choice.alarm_minutes <= LONGEST_ALARM:
        problems["alarm_minutes"] = f"Choose from 1 to {LONGEST_ALARM} minutes."
    only = choice.only_location
    if only is not None and not Location.objects.filter(account=account, pk=only).exists():
        problems["only_location"] = "There is no such location in this account."
    return problems


def _read_like(actor: Actor, feed: Feed, choice: FeedChoice, problems: dict[str, str], now: datetime) -> None:
    if choice.like_import is None:
        if feed._state.adding:
            problems["like_import"] = "Import one such file by hand first, then choose it here: the feed reads like it."
        return
    try:
        source = import_of(actor, choice.like_import)
    except NotThere:
        problems["like_import"] = "There is no such import."
        return
    if source.state != ImportState.DONE or not source.content:
        problems["like_import"] = "Choose a file that was imported and is still kept."
        return
    options = options_of(source)
    table = table_of(source, source.account, options, now)
    if isinstance(table, Unreadable):
        problems["like_import"] = table.reason
    elif trouble := _unfit(options):
        problems["like_import"] = trouble
    else:
        feed.options, feed.columns = options_to_json(_for_every_day(options)), list(table.columns)


def _unfit(options: ImportOptions) -> str:
    if options.timing.start is Start.AT:
        return "That file was sent at one day and time. Choose one that was sent at once, or days before."
    if options.window is not None:
        return "That file had a sending window of its own. Choose one that was sent in the account's."
    return ""


def _cannot_tell(feed: Feed) -> str:
    if feed.kind not in TELL_BACK:
        return "Answers can be told to a folder, to an SFTP server and to a FHIR server. Of others they are downloaded."
    if feed.options and Field.EXTERNAL_ID not in options_from_json(feed.options).mapping.columns:
        return "Answers name the Appointment ID. Choose a file that was imported with a column for it."
    return ""


def _for_every_day(options: ImportOptions) -> ImportOptions:
    """The name is made anew for each file, and so is the order of day and month, unless a person chose it."""
    return replace(options, name="Feed")


def _settle_settings(feed: Feed, choice: FeedChoice, problems: dict[str, str]) -> None:
    settings = _with_kept_secrets(feed, choice)
    try:
        _check(choice.kind, opened(settings), feed.account_id)
    except (ConfigError, PlaceFault, CannotOpen) as wrong:
        problems["settings"] = str(wrong)
    feed.settings = settings


def _with_kept_secrets(feed: Feed, choice: FeedChoice) -> dict[str, Any]:
    """What is never shown stays when it is left empty, for the same server and user name."""
    settings = dict(choice.settings)
    before: Mapping[str, Any] = feed.settings or {}
    if not feed._state.adding and stays(before, settings):
        kept = {name: value for name, value in before.items() if name in SECRETS and not settings.get(name)}
        return settings | kept
    return settings


def options_of_feed(feed: Feed) -> ImportOptions:
    return options_from_json(feed.options)


def _shown(feed: Feed | None) -> dict[str, Any]:
    if feed is None:
        return {}
    return {
        "name": feed.name,
        "kind": str(feed.kind),
        "settings": without_secrets(feed.settings),
        "rhythm": feed.rhythm,
        "expected_at": feed.expected_at.strftime("%H:%M") if feed.expected_at else None,
        "alarm_minutes": feed.alarm_minutes,
        "only_location": feed.only_location_id,
        "is_on": feed.is_on,
        "holds_all": feed.holds_all,
        "tells_answers": feed.tells_answers,
    }
