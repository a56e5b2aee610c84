"""Processes that a worker starts for what must not delay its sending: imports, and Allstop's own mail."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import connection


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).parent.parent.parent)
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            "DATABASE_URL": _database_url(),
            "DJANGO_SETTINGS_MODULE": "allstop.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))),
        },
    )


def _database_url() -> str:
    """The database that this process uses, whatever it was told when it started."""
    said = connection.settings_dict
    who = quote(str(said["USER"]), safe="")
    if said["PASSWORD"]:
        who += f":{quote(str(said['PASSWORD']), safe='')}"
    options = {key: value for key, value in said["OPTIONS"].items() if isinstance(value, str)}
    where = {"host": said["HOST"], "port": said["PORT"], **options}
    query = urlencode({key: value for key, value in where.items() if value}, quote_via=quote)
    return f"postgresql://{who}@/{quote(str(said['NAME']), safe='')}?{query}"
