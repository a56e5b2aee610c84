"""Setup, Connections, Webhooks: the list; everything else is on the page /setup/connections/webhooks."""

from collections.abc import Mapping
from typing import Any

from allstop.console.access import Desk
from allstop.console.views.connections.parts import Section
from allstop.console.views.webhooks import section_of


def _context(desk: Desk, form: Any) -> Mapping[str, Any]:
    return section_of(desk)


SECTION = Section("webhooks", "console/connections/webhooks.html", _context)
