"""When a password that nobody typed again stays: for the same provider, the same server and the same user name.

The rule that it guards: who may change a setting, but does not know the password, cannot have it sent elsewhere or used
as somebody else. Another port of the same server is the same server. The one rule of every page, the API, the commands
and files.
"""

from collections.abc import Mapping
from typing import Any

SERVER = ("host", "base_url")
USER = ("user", "system_id", "account_sid")
WHOM = (*SERVER, *USER)  # whom a password is told, and as whom: by the names of all providers' settings
KEPT = "Never shown again. Empty: the one that is there stays, for the same server and user name."
LONGEST = 300  # of a password, wherever it is typed. Spaces belong to it


def stays(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Of two settings of the same provider."""
    return all((before.get(name) or "") == (after.get(name) or "") for name in WHOM)
