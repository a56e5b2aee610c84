"""Which contacts: what a search and the filters of the Phonebook mean, as SQL conditions on one contact.

The rule that it guards: a list, its count and a change of "all that match" ask the very same conditions, each of one
contact alone. So a change may go through the contacts slice by slice and still mean those that the list showed.

Whoever has said no to texts, or to everything, is unsubscribed; they and those that were deleted are no more in the
Phonebook, but a search finds them.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from allstop.rules.addresses import kept_forms, ungrouped

NOBODY = -1  # as assigned_to
MOST_WORDS = 8  # of a search; more say nothing that these do not


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """Everything combines. Without a search, `opted_out` and `deleted` those are left out who are unsubscribed."""

    q: str = ""  # each word somewhere in a name, a number (written in any way), an email or the source's id
    flag: bool = False
    stop_all: bool = False
    stop_promotions: bool = False
    assigned_to: int | None = None  # a member's id; NOBODY
    group: int | None = None
    location: int | None = None
    opted_out: bool = False
    deleted: bool = False
    no_visit_since: str = ""  # a day: they were here before it, not since, and no appointment is ahead
    not_written_since: str = ""  # a day: no message has left to them since
    not_ticked: int | None = None  # a recall list's id: without those who are ticked on it
    ticked_at: str = ""  # on which day they are ticked

    @property
    def words(self) -> list[str]:
        return [word for word in map(folded, self._typed()) if word][:MOST_WORDS]

    def typed(self, word: str) -> str:
        """One of `words` before it was folded: the domain of an email is kept in a spelling of its own."""
        return next((one for one in self._typed() if folded(one) == word), word)

    def _typed(self) -> list[str]:
        return ungrouped(self.q).replace(",", " ").split()

    @property
    def whose(self) -> str:
        """Of `assigned_to`, what an assignment's member_id must be."""
        return "IS NULL" if self.assigned_to == NOBODY else "= %(assigned_to)s"

    @property
    def only_in_the_phonebook(self) -> bool:
        return not (self.words or self.opted_out or self.deleted)

    def as_json(self) -> dict[str, Any]:
        """What is said, without what is not."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", False)}


def filter_from_json(said: Mapping[str, Any]) -> ContactFilter:
    return ContactFilter(**{field.name: said[field.name] for field in fields(ContactFilter) if field.name in said})


# Letters that do not decompose; and names are found with and without their apostrophe.
_SPELLED = str.maketrans(
    {**dict(zip("łøđıðħ", "lodidh", strict=True)), "ß": "ss", "æ": "ae", "œ": "oe"}
    | dict.fromkeys("'\u2019\u2018\u02bc", "")
)


def folded(word: str) -> str:
    """As search.sql folds names: small letters, without accents and apostrophes where plain letters remain."""
    spelled = unicodedata.normalize("NFKD", word.lower()).translate(_SPELLED if "@" not in word else {})
    plain = "".join(sign for sign in spelled if not unicodedata.combining(sign))
    return plain if plain.isascii() else word


# EXISTS as it stands lets the planner join whole tables, which is right for counting. With OFFSET 0 it is asked of one
# contact after the other, so that a page which is full asks no more.
_END = "~)"  # of an EXISTS, in the texts below
_UNSUBSCRIBED = (
    "EXISTS (SELECT FROM opt_out o WHERE o.contact_id = c.id AND o.lifted_at IS NULL"
    " AND (o.channel IS NULL OR o.channel = 'text')~)"
)
_DELETED = "EXISTS (SELECT FROM contact_deletion d WHERE d.contact_id = c.id~)"
UNSUBSCRIBED, DELETED = _UNSUBSCRIBED.replace(_END, ")"), _DELETED.replace(_END, ")")
_MARKED = "EXISTS (SELECT FROM marker m WHERE m.contact_id = c.id AND m.kind = '{}'~)"

# name: the condition on contact c (served by: marker_once, contact_in_group_once, opt_out_stands_once, the keys)
_CONDITIONS = {
    "flag": _MARKED.format("flag"),
    "stop_all": _MARKED.format("stop_all"),
    "stop_promotions": _MARKED.format("stop_promotions"),
    "assigned_to": "EXISTS (SELECT FROM contact_assignment s WHERE s.contact_id = c.id AND s.member_id {}~)",
    "group": "EXISTS (SELECT FROM contact_group_contact g WHERE g.group_id = %(group)s AND g.contact_id = c.id~)",
    "location": "c.location_id = %(location)s",
    "opted_out": _UNSUBSCRIBED,
    "deleted": _DELETED,
    # message_by_contact, for all three
    "no_visit_since": (
        "EXISTS (SELECT FROM message v WHERE v.account_id = %(account)s AND v.contact_id = c.id"
        " AND (v.status <> 'canceled' OR v.reason = 'with_family') AND v.appointment_at < %(no_visit_since)s::date~)"
        " AND NOT EXISTS (SELECT FROM message v WHERE v.account_id = %(account)s AND v.contact_id = c.id"
        " AND (v.status <> 'canceled' OR v.reason = 'with_family') AND v.appointment_at >= %(no_visit_since)s::date~)"
    ),
    "not_written_since": (
        "NOT EXISTS (SELECT FROM message v WHERE v.account_id = %(account)s AND v.contact_id = c.id"
        " AND v.status = 'sent' AND v.finished_at >= %(not_written_since)s::date~)"
    ),
    "not_ticked": (
        "NOT EXISTS (SELECT FROM contact_list_tick t WHERE t.list_id = %(not_ticked)s AND t.contact_id = c.id"
        " AND t.until > %(ticked_at)s::date~)"
    ),
    "ticked_at": "true",
}
# The same for all contacts at once: contact_words and address_words (search.sql) name them.
_WORD_OF_ALL = (
    "c.id IN (SELECT n.id FROM contact n WHERE n.account_id = %(account)s"
    " AND search_words(n.given_name, n.family_name, n.external_id) LIKE %({0})s UNION ALL"
    " SELECT a.contact_id FROM address a WHERE a.account_id = %(account)s"
    " AND lower(a.value) LIKE ANY (%({0}_all)s::text[]))"
)
_WORD = (
    "(search_words(c.given_name, c.family_name, c.external_id) LIKE %({0})s"
    " OR EXISTS (SELECT FROM address a WHERE a.contact_id = c.id AND lower(a.value) LIKE ANY (%({0}_all)s::text[])~))"
)


def conditions(
    wanted: ContactFilter, *, one_by_one: bool = False, known: Collection[str] = ()
) -> tuple[str, dict[str, Any]]:
    """Joined by AND, with their values; "true" where everybody is meant.

    `one_by_one`: for the first few that match. Otherwise the value `account` is asked for as well.
    `known`: words that these contacts are known to match.
    """
    parts: list[str] = []
    values: dict[str, Any] = {}
    for name in wanted.as_json():
        if name == "q":
            for number, word in enumerate(word for word in wanted.words if word not in known):
                parts.append((_WORD if one_by_one else _WORD_OF_ALL).format(f"word{number}"))
                values |= word_values(f"word{number}", word, wanted.typed(word))
        else:
            condition = _CONDITIONS[name]
            parts.append(condition.format(wanted.whose) if name == "assigned_to" else condition)
            values[name] = getattr(wanted, name)
    if wanted.only_in_the_phonebook:
        parts += [f"NOT {_DELETED}", f"NOT {_UNSUBSCRIBED}"]
    if one_by_one:
        parts = [part.replace(_END, " OFFSET 0)") for part in parts]
    return " AND ".join(part.replace(_END, ")") for part in parts) or "true", values


def word_values(name: str, word: str, typed: str) -> dict[str, Any]:
    """A number is kept with its country's code, so a leading 0 of its national form is not in it; a domain in ASCII."""
    forms = [word, *(form.lower() for form in kept_forms(typed)[1:])]
    digits = word.lstrip("+")
    if digits.isdecimal() and digits.startswith("0") and len(digits.lstrip("0")) > 3:
        forms.append(digits.lstrip("0"))
    patterns = [f"%{escaped(form)}%" for form in forms]
    return {name: patterns[0], f"{name}_all": patterns}


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
