"""Each client of a test is a site that begins, and would look at all static files: ten times as long as for a page."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


def keep_static_files() -> None:
    """The first site of a test process looks at them, and the others know what it saw."""
    look = WhiteNoiseMiddleware.add_files_from_finders
    kept: dict[str, Any] = {}

    def look_once(site: WhiteNoiseMiddleware) -> None:
        if not kept:
            look(site)
            kept.update(site.files)
        site.files.update(kept)

    WhiteNoiseMiddleware.add_files_from_finders = look_once
