"""The pages under Setup, as the tabs that each of them shows."""

from typing import Any

from django.urls import reverse

PAGES = (
    ("Email, text and call", "sending-setup"),
    ("Connections", "connections"),
    ("Playbook", "playbook"),
    ("Tokens", "tokens"),
    ("Saved wording", "templates"),
    ("Message plans", "message-plans"),
    ("Feeds", "feeds"),
    ("Messenger", "messenger-setup"),
    ("Replies", "reply-setup"),
    ("Text provider", "text-provider"),
    ("Calls", "calls"),
    ("Email", "email"),
    ("Automatic brake", "brakes"),
    ("Emergency", "emergency"),
)


def setup_tabs(at: str) -> list[dict[str, Any]]:
    return [{"name": name, "url": reverse(address), "current": address == at, "count": None} for name, address in PAGES]
