"""Files of contacts for tests: as phones, Outlook and address books export them (invented people, real shapes)."""

from pathlib import Path

from allstop.formats.people_file import OpenPeople, PeopleOpening, open_people
from allstop.formats.person import PersonRow
from allstop.formats.table import RowProblem

FILES = Path(__file__).parent.parent / "contact_files"


def opened(content: bytes, name: str = "people.vcf", size: int = 1 << 20) -> OpenPeople:
    """In pieces of that size, as a file comes from an upload."""
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    found = open_people(lambda: pieces, name, PeopleOpening())
    assert isinstance(found, OpenPeople), found
    return found


def read(content: bytes, name: str = "people.vcf", size: int = 1 << 20) -> list[PersonRow | RowProblem]:
    seen = opened(content, name, size)
    return list(seen.people(seen.guessed))


def people(content: bytes, name: str = "people.vcf", size: int = 1 << 20) -> list[PersonRow]:
    return [row for row in read(content, name, size) if isinstance(row, PersonRow)]


def of_file(name: str) -> list[PersonRow]:
    return people((FILES / name).read_bytes(), name)
