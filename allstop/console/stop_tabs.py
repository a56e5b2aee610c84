"""The pages about stops, as the tabs that each of them shows."""

from typing import Any

from django.urls import reverse

PAGES = (("What stands", "standing"), ("Scheduled", "scheduled"), ("Stops and starts", "stops"))


def stop_tabs(at: str) -> list[dict[str, Any]]:
    return [{"name": name, "url": reverse(address), "current": address == at, "count": None} for name, address in PAGES]
