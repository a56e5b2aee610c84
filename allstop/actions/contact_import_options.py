"""What a person chooses for a file of contacts: what each column holds, and whether the file corrects what is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allstop.actions.actor import Invalid
from allstop.formats.delimited import DELIMITERS
from allstop.formats.encodings import ENCODINGS
from allstop.formats.people_file import PeopleOpening
from allstop.formats.person import PersonField
from allstop.formats.person_table import Fields

AS_GUESSED = PeopleOpening()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactImportOptions:
    fields: Fields = ()  # what each column holds; () of a vCard
    overwrite: bool = False  # where the file says something else than the Phonebook, the file is right
    opening: PeopleOpening = AS_GUESSED
    columns: tuple[str, ...] = ()  # what the file calls them: for the list of what is refused

    def as_json(self) -> dict[str, Any]:
        return {
            "fields": [field.value if field else None for field in self.fields],
            "overwrite": self.overwrite,
            "sheet": self.opening.sheet,
            "encoding": self.opening.encoding,
            "delimiter": self.opening.delimiter,
            "columns": list(self.columns),
        }


def options_from_json(said: Mapping[str, Any]) -> ContactImportOptions:
    return ContactImportOptions(
        fields=tuple(PersonField(field) if field else None for field in said["fields"]),
        overwrite=said["overwrite"],
        opening=PeopleOpening(said["sheet"], said["encoding"], said["delimiter"]),
        columns=tuple(said["columns"]),
    )


def check_opening(opening: PeopleOpening) -> None:
    if opening.encoding is not None and opening.encoding not in ENCODINGS:
        raise Invalid(encoding=f"{opening.encoding} is not an encoding that can be read.")
    if opening.delimiter is not None and opening.delimiter not in DELIMITERS:
        raise Invalid(delimiter="Columns can be divided by a tab, semicolon, vertical bar or comma.")
