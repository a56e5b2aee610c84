"""Reminder files of the notify shape for tests, and the way from a file to its messages."""

from dataclasses import replace

from allstop.actions.import_run import Imported, run_import
from allstop.actions.imports import configure, confirm, options_of, upload
from allstop.store.models import Import, JobSource
from tests.world import World

HEADER = "ApptGUID,ApptDate,ClinicID,ApptType,ProviderCode,PatName,PatID,CellPhone,Email,ApptStatus"
TUESDAY = "11/24/2026 16:00"  # the day after the tests' Monday
LATER = "11/24/2036 16:00"  # for tests on the real clock


def a_row(number: int = 1, **changes: str) -> str:
    cells = {
        "guid": f"A{number}",
        "at": TUESDAY,
        "clinic": "NG",
        "type": "CHECKUP",
        "provider": "DR1",
        "name": "Moreau, Pat",
        "patient": f"P{number}",
        "phone": f"(212) 555-01{number:02}",
        "email": f"p{number}@example.org",
        "status": "Scheduled",
        **changes,
    }
    return ",".join(f'"{cell}"' for cell in cells.values())


def taken_in(world: World, *rows: str) -> Import:
    content = "\r\n".join((HEADER, *rows)).encode()
    return upload(world.member, "tomorrow.csv", content, world.now, JobSource.UPLOAD)


def changed(world: World, taken: Import, **changes: object) -> Import:
    return configure(world.member, taken.pk, replace(options_of(taken), **changes), world.now)  # type: ignore[arg-type]


def run(world: World, taken: Import) -> Imported:
    confirm(world.member, taken.pk, world.now)
    result = run_import(taken.pk, world.now)
    assert result is not None
    return result
