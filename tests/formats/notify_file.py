"""A reminder file of the 1-800 Notify shape, any number of rows, the same for the same seed.

Every phone is in the range 555-0100 to 555-0199, which belongs to nobody; every address is at example.org.
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

HEADER = (
    "ApptGUID",
    "ApptDate",
    "ClinicID",
    "ApptType",
    "ProviderCode",
    "PatName",
    "HomePhone",
    "CellPhone",
    "Email",
)
CLINICS = {"NG": "America/New_York", "SG": "America/Chicago"}
"""Clinic and its zone; people live near their clinic, so their area codes follow it."""

_AREA_CODES = {"NG": ("212", "718", "347", "646"), "SG": ("312", "773", "872", "630")}
_TYPES = ("EXAM", "CLEANING", "EXAM-NEW", "CROWN", "ROOT CANAL", "CLEANING-NEW", "RECALL")
_PROVIDERS = ("DR01", "DR02", "DR03", "HYG1", "HYG2")
_GIVEN_NAMES = "Ann Bea Carl Dee Ella Finn Grace Hugo Ines José Kim Leo Mae Noor Olga Paul Quinn Renée Sam Tess Vic"
_GIVEN = tuple(_GIVEN_NAMES.split())
_FAMILY_NAMES = "Smith Okafor García O'Neil Nguyen Brown Müller Rossi Chen Patel Haddad Dubois Larsen DeVries"
_FAMILY = tuple(_FAMILY_NAMES.split())


def notify_rows(n: int, start: date, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """`n` rows without the header, an appointment every ten minutes of wall clock from `start` on."""
    choice = random.Random(seed)
    for index in range(n):
        clinic = choice.choice(tuple(CLINICS))
        # 48 slots a day from 8:00 on; ten chairs work at the same time
        day, slot = divmod(index // 10, 48)
        at = datetime.combine(start, time(8)) + timedelta(days=day, minutes=10 * slot)
        given, family = choice.choice(_GIVEN), choice.choice(_FAMILY)
        home, cell = (_phone(choice, clinic), _phone(choice, clinic))
        reach = choice.random()
        yield (
            f"{choice.getrandbits(128):032X}",
            f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02}",
            clinic,
            choice.choice(_TYPES),
            choice.choice(_PROVIDERS),
            f"{family}, {given}",
            home if reach > 0.5 else "",
            cell if reach <= 0.5 or reach > 0.7 else "",
            f"patient{index}@example.org" if reach < 0.8 else "",
        )


def notify_csv(n: int, start: date, seed: int = 1) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(notify_rows(n, start, seed))
    return text.getvalue().encode()


def _phone(choice: random.Random, clinic: str) -> str:
    return f"{choice.choice(_AREA_CODES[clinic])}-555-01{choice.randrange(100):02}"
