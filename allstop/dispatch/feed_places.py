"""The place of a feed, opened with its settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings as site

from allstop.actions.feeds import CONFIGS
from allstop.channels.configuration import read_config
from allstop.channels.feeds.config import FolderConfig
from allstop.channels.feeds.folder import allowed_below, open_folder
from allstop.channels.feeds.place import Place, PlaceFault
from allstop.store.models import Feed, FeedKind
from allstop.store.sealing import opened


@contextmanager
def open_place(feed: Feed) -> Iterator[Place]:
    """Raises PlaceFault, ConfigError or CannotOpen, with words for people."""
    config = read_config(CONFIGS[FeedKind(feed.kind)], opened(feed.settings))
    if not isinstance(config, FolderConfig):
        raise PlaceFault("Nobody looks for files of this kind.")
    yield open_folder(config.path, allowed_below(site.FEED_FOLDERS, feed.account_id))
