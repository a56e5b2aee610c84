"""The place of a feed, opened with its settings: a place of files, or a source that says what it knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings as site

from allstop.actions.actor import Actor, require
from allstop.actions.feeds import CONFIGS, feed_of
from allstop.actions.imports import LARGEST
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.feeds.attachments import open_attachments
from allstop.channels.feeds.calendar import Calendar
from allstop.channels.feeds.config import AttachmentConfig, CalendarConfig, FhirConfig, FolderConfig, SftpConfig
from allstop.channels.feeds.fhir import Fhir
from allstop.channels.feeds.folder import allowed_below, open_folder
from allstop.channels.feeds.place import Place, PlaceFault, Source
from allstop.channels.feeds.sftp import open_sftp
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date
from allstop.store.models import Feed, FeedKind
from allstop.store.sealing import CannotOpen, opened

SOURCES = frozenset({FeedKind.CALENDAR, FeedKind.FHIR})


@contextmanager
def open_place(feed: Feed) -> Iterator[Place]:
    """Raises PlaceFault, ConfigError or CannotOpen, with words for people."""
    match read_config(CONFIGS[FeedKind(feed.kind)], opened(feed.settings)):
        case FolderConfig(path=path):
            yield open_folder(path, allowed_below(site.FEED_FOLDERS, feed.account_id))
        case SftpConfig() as config:
            with open_sftp(config, private=site.FEEDS_PRIVATE) as place:
                yield place
        case AttachmentConfig() as config:
            with open_attachments(config) as mails:
                yield mails
        case _:
            raise PlaceFault("Nobody looks for files of this kind.")


def source_of(feed: Feed) -> Source:
    """Raises ConfigError or CannotOpen."""
    config = read_config(CONFIGS[FeedKind(feed.kind)], opened(feed.settings))
    if isinstance(config, CalendarConfig):
        return Calendar(config, private=site.FEEDS_PRIVATE)
    assert isinstance(config, FhirConfig), "no other kind is a source"
    return Fhir(config, private=site.FEEDS_PRIVATE)


def fhir_of(feed: Feed) -> Fhir:
    """Raises ConfigError or CannotOpen."""
    found = source_of(feed)
    assert isinstance(found, Fhir), "no other source can be told something"
    return found


def test_place(actor: Actor, feed_id: int, now: datetime) -> str:
    """Whether it can be reached and read now; "" = yes, else why not, in words. It takes nothing, and moves nothing."""
    require(actor, Act.EDIT_SETUP)
    feed = feed_of(actor, feed_id)
    try:
        if feed.kind in SOURCES:
            source_of(feed).fetch(local_date(now, feed.account.zone), LARGEST)
        else:
            with open_place(feed) as place:
                place.test()
    except (PlaceFault, ConfigError, CannotOpen) as wrong:
        return str(wrong) or "It did not answer."
    return ""
