"""The library Apprise, kept on a short leash: no file of its own, no log of its own, which would name people."""

import logging
from functools import lru_cache
from typing import Any

QUIET = logging.CRITICAL + 1


@lru_cache(maxsize=1)
def _library() -> Any:
    import apprise

    from allstop.channels.apprise.handover import watch

    logging.getLogger("apprise").setLevel(QUIET)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # below that it names addresses
    watch()
    asset = apprise.AppriseAsset(app_id="Allstop", app_desc="Allstop", plugin_paths=[], storage_path=None)
    return apprise, asset


def service_of(address: str) -> Any:
    """The service that would carry one message. None: there is none for this address."""
    library, asset = _library()
    return library.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
