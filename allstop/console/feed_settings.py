"""How each kind of feed is called, and the fields for what it needs to be told.

What a setting may be is said once, by its config class (channels/feeds/config.py); here stand the words for people.
"""

from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any, get_type_hints

from django import forms

from allstop.actions.feeds import CONFIGS
from allstop.rules.kept_passwords import KEPT
from allstop.store.models import FeedKind
from allstop.store.sealing import SECRETS

KINDS: dict[FeedKind, tuple[str, str, str]] = {  # what it is called, for whom it is, its icon
    FeedKind.FOLDER: ("Watched folder", "A program saves its file on this machine.", "folder"),
    FeedKind.PUSH: ("Handed in by a program", "A program sends its file over HTTPS, with a token.", "upload"),
    FeedKind.SFTP: ("SFTP server", "A program saves its file on another machine.", "download"),
    FeedKind.EMAIL: ("Attached to emails", "A program or a colleague mails the file to a mailbox.", "mail"),
    FeedKind.CALENDAR: (
        "Calendar address",
        "The appointments are in a calendar with an iCalendar address.",
        "calendar-event",
    ),
    FeedKind.FHIR: ("FHIR server", "The practice system answers searches for appointments.", "search"),
}
_HOST = ("Server", "Its name or address, such as files.example.com.")
_USER = ("User name", "")
_EVERY = ("Look every so many minutes", "From 5 minutes to a day.")
SETTINGS: dict[FeedKind, dict[str, tuple[str, str]]] = {  # setting -> label, help
    FeedKind.FOLDER: {"path": ("Folder", "The whole path, from / on. It is made when it is not there.")},
    FeedKind.PUSH: {},
    FeedKind.SFTP: {
        "host": _HOST,
        "port": ("Port", ""),
        "user": _USER,
        "password": ("Password", "Or a private key below."),
        "private_key": ("Private key", "The whole text of a key without a passphrase."),
        "host_key": ("Fingerprint of the server's key", "Empty at first: Test says which key the server shows."),
        "path": ("Folder", "A dot is the folder in which the user begins."),
    },
    FeedKind.EMAIL: {
        "host": ("IMAP server", "Such as imap.example.com."),
        "port": ("Port", ""),
        "encryption": ("Encryption", ""),
        "user": _USER,
        "password": ("Password", ""),
        "folder": ("Folder", "Use a mailbox or a folder to which nothing else is sent: every mail is moved out of it."),
        "senders": ("Who may send files", "Addresses, or domains such as @example.com, with commas between."),
        "subject_word": ("Word in the subject", "Senders can be forged. A word that only the sender knows helps."),
        "ca_file": ("File of the server's authority", "Only for a server of your own: the path of a PEM file."),
    },
    FeedKind.CALENDAR: {
        "calendar_url": ("iCalendar address", "Ends in .ics with most services. Who knows it can read the calendar."),
        "every_minutes": _EVERY,
    },
    FeedKind.FHIR: {
        "base_url": ("Base address of the FHIR server", "Such as https://fhir.example.com/r4."),
        "bearer_token": ("Token", "Sent as Authorization: Bearer. Empty where the server asks for none."),
        "days_ahead": ("So many days ahead", "Appointments from today to that day are asked for."),
        "every_minutes": _EVERY,
    },
}
_ENCRYPTION = {"tls": "TLS", "starttls": "STARTTLS", "none": "None (this machine only)"}


def setting_fields(kind: FeedKind, *, is_new: bool) -> dict[str, forms.Field]:
    """By the names of the settings, in the order in which they are asked for."""
    types, known = get_type_hints(CONFIGS[kind]), {one.name: one for one in fields(CONFIGS[kind])}
    made: dict[str, forms.Field] = {}
    for name, (label, words) in SETTINGS[kind].items():
        default = known[name].default
        is_secret = name in SECRETS
        told = f"{words} {KEPT}".strip() if is_secret and not is_new else words
        common: dict[str, Any] = {"label": label, "help_text": told, "required": default is MISSING}
        if default is not MISSING and not is_secret:
            common["initial"] = default
            common["required"] = default != ""
        made[name] = _field(types[name], name, common)
    return made


def _field(wanted: Any, name: str, common: dict[str, Any]) -> forms.Field:
    if wanted is int:
        return forms.IntegerField(**common)
    if issubclass(wanted, StrEnum):
        return forms.ChoiceField(choices=[(one.value, _ENCRYPTION[one.value]) for one in wanted], **common)
    if name == "private_key":
        return forms.CharField(
            widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}), max_length=20_000, **common
        )
    if name in SECRETS:
        return forms.CharField(
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}), max_length=4000, strip=False, **common
        )
    return forms.CharField(max_length=4000, **common)
