"""Setup, Connections, API keys: where a program's key is made, and how many there are."""

from collections.abc import Mapping
from typing import Any

from allstop.console.access import Desk
from allstop.console.views.connections.parts import Section
from allstop.store import lists


def _context(desk: Desk, form: Any) -> Mapping[str, Any]:
    standing = [token for token in lists.tokens(desk.account_id) if token.revoked_at is None]
    return {"account": desk.account_id, "count": len(standing)}


SECTION = Section("api_keys", "console/connections/api_keys.html", _context)
