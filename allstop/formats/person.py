"""People as a file describes them: what every format of contacts comes down to.

Phones and emails stay as they were written: the rules read them, in one place. What a file says against writing to
somebody is a Mark; a file can set marks and never take one away, so there is none that means the opposite.
"""

from enum import StrEnum
from typing import NamedTuple


class PersonField(StrEnum):
    """What a column of a file of contacts can hold."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    PHONE = "phone"
    EMAIL = "email"
    EXTERNAL_ID = "external_id"
    LANGUAGE = "language"
    COUNTRY = "country"
    ZONE = "zone"
    LOCATION = "location"
    ASSIGNED_TO = "assigned_to"
    GROUP = "group"
    NOTES = "notes"
    FLAG = "flag"
    STOP_ALL = "stop_all"
    STOP_PROMOTIONS = "stop_promotions"
    OPTED_OUT = "opted_out"


LABELS: dict[PersonField, str] = {
    PersonField.GIVEN_NAME: "First name",
    PersonField.FAMILY_NAME: "Last name",
    PersonField.FULL_NAME: "Full name",
    PersonField.PHONE: "Phone",
    PersonField.EMAIL: "Email",
    PersonField.EXTERNAL_ID: "Own ID",
    PersonField.LANGUAGE: "Language",
    PersonField.COUNTRY: "Country",
    PersonField.ZONE: "Time zone",
    PersonField.LOCATION: "Location",
    PersonField.ASSIGNED_TO: "Assigned to",
    PersonField.GROUP: "Group",
    PersonField.NOTES: "Notes",
    PersonField.FLAG: "Flag",
    PersonField.STOP_ALL: "Stop All",
    PersonField.STOP_PROMOTIONS: "Stop Promotions",
    PersonField.OPTED_OUT: "Opted out",
}


class Mark(StrEnum):
    """What a row sets on somebody."""

    FLAG = "flag"
    STOP_ALL = "stop_all"
    STOP_PROMOTIONS = "stop_promotions"
    OPT_OUT = "opt_out"  # on every channel
    OPT_OUT_TEXT = "opt_out_text"
    OPT_OUT_CALL = "opt_out_call"
    OPT_OUT_EMAIL = "opt_out_email"


class Written(NamedTuple):
    """A phone or an email as it stands in the file."""

    text: str
    label: str = ""  # "mobile", "home", ...; "" = not said


class PersonRow(NamedTuple):
    """One row, or one card."""

    row: int  # from 1, as a person counts
    given_name: str = ""
    family_name: str = ""
    phones: tuple[Written, ...] = ()
    emails: tuple[Written, ...] = ()
    external_id: str = ""
    language: str = ""
    country: str = ""  # two letters; "" = not said
    zone: str = ""  # IANA name; "" = not said
    location: str = ""  # its code or its name
    assigned_to: str = ""  # a member's email or name
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    unread: tuple[tuple[str, str, str], ...] = ()  # column, value, why: what was left out, although the row is good
    cells: tuple[str, ...] = ()  # the row as it stands in the file, for the list of what was refused


CHANNEL_MARKS = {
    "all": Mark.OPT_OUT,
    "text": Mark.OPT_OUT_TEXT,
    "texts": Mark.OPT_OUT_TEXT,
    "sms": Mark.OPT_OUT_TEXT,
    "call": Mark.OPT_OUT_CALL,
    "calls": Mark.OPT_OUT_CALL,
    "phone": Mark.OPT_OUT_CALL,
    "voice": Mark.OPT_OUT_CALL,
    "email": Mark.OPT_OUT_EMAIL,
    "emails": Mark.OPT_OUT_EMAIL,
    "mail": Mark.OPT_OUT_EMAIL,
}
_NO_WORDS = "no n false f 0 off none nein non never null na nan ok active subscribed optedin optin"
_NOT_SET = frozenset(_NO_WORDS.split())


def is_set(folded_word: str) -> bool:
    """Whether a cell of a column of marks says yes. In doubt it does: a block too many can be taken back."""
    return bool(folded_word) and folded_word not in _NOT_SET
