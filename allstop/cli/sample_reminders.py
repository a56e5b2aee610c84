"""`allstop sample-reminders`: a reminder file as practice systems export them, with appointments from tomorrow on.

Dates age, so a file that lies in a folder stops working; this one is written for the day on which it is asked for.
"""

import csv
import io
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from allstop.cli.sample_people import sample_person, us_phone

commands = typer.Typer()

COLUMNS = (
    "ApptGUID",
    "ApptDate",
    "ClinicID",
    "ApptType",
    "ProviderCode",
    "PatName",
    "PatID",
    "CellPhone",
    "Email",
    "ApptStatus",
)
_TYPES = ("CLEANING", "CHECKUP", "CROWN", "CHECKUP-NEW", "FILLING", "CONSULT")
_CLINICS = ("NG", "SG")
_SLOTS_A_DAY = 32  # from 08:00 on, a quarter of an hour each
_CHAIRS = 20  # appointments that begin at the same time


@commands.command("sample-reminders")
def sample_reminders(
    rows: Annotated[int, typer.Argument(min=1, max=1_000_000, help="How many appointments.")] = 40,
) -> None:
    """Write a reminder file for trying things out: allstop sample-reminders 200 > reminders.csv"""
    sys.stdout.write(reminder_file(rows, datetime.now(UTC)))


def reminder_file(rows: int, now: datetime) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number in range(rows):
        day, slot = divmod(number // _CHAIRS, _SLOTS_A_DAY)
        at = datetime(now.year, now.month, now.day) + timedelta(days=day + 1, hours=8, minutes=15 * slot)  # noqa: DTZ001 - a wall clock
        person = sample_person(number)
        writer.writerow(
            (
                f"A{now:%y%m%d}-{number:06}",
                f"{at.month}/{at.day}/{at.year} {at:%H:%M}",
                _CLINICS[number % len(_CLINICS)],
                _TYPES[number % len(_TYPES)],
                f"DR{number % 5 + 1}",
                f"{person.family_name}, {person.given_name}",
                f"P{number:06}",
                us_phone(number),
                person.email,
                "Cancelled" if number % 40 == 39 else "Scheduled",
            )
        )
    return text.getvalue()
