"""The Phonebook: contacts in the order of their names, by pages, at any size of the account.

A page has two ways to its rows, and together they bound what it costs, whatever is filtered (measured by
`allstop bench phonebook`):
  walk    along contact_by_name from where the last page ended, asking each contact the filter's questions. Quick when
          many match. It gives up after BUDGET contacts: then the page may have fewer rows than asked for, or none, and
          the next page goes on from there.
  gather  all ids that one of the filters names, from that filter's own index, if they are at most CAP; the others'
          questions are asked of these only, and they are sorted. Quick when few match.
With N contacts and a filter that n of them pass, one of the two sees at most about the root of 50 N.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from allstop.rules.markers import MarkerKind
from allstop.store.lists.contact_filter import DELETED, UNSUBSCRIBED, ContactFilter, conditions, word_values
from allstop.store.lists.reading import rows, scalar
from allstop.store.models import Contact

FIRST_STEP = 800  # contacts of the first walk
WORTH_WALKING = 2500  # contacts: where a full page is likely to be nearer than that, nothing is gathered
BUDGET = 6000  # contacts that a page may walk past after that
CAP = 6000  # ids that a page may gather
# The same where words are looked for in every name and address on the way, which takes longer
SEARCHED_FIRST = 400
SEARCHED = 1000
SEARCH_CAP = 2000


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: int
    given_name: str
    family_name: str
    phone: str  # the first of its kind; "" = none
    email: str
    location: str
    assigned_to: str  # the member's name; "" = nobody
    markers: list[MarkerKind]
    marked_by: dict[str, str]  # kind: who set it
    opted_out: bool  # by their own word, on some channel
    unsubscribed: bool  # on texts or on everything: not in the Phonebook
    deleted: bool

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def sort_name(self) -> str:
        """As a phonebook writes it: Moreau, Pat."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)


@dataclass(frozen=True, slots=True)
class ContactPage:
    rows: list[ContactRow]
    next: int | None  # for `after`; None: nothing comes after. There may be fewer rows than asked for before that


Key = tuple[str, str, int]  # small family name, small given name, id: a place in contact_by_name
_BEGINNING: Key = ("", "", 0)
_LAST_SIGN = "\U0010ffff"

_KEY = "lower(c.family_name), lower(c.given_name), c.id"
_WALK = """
SELECT c.id FROM (
  SELECT c.id, c.given_name, c.family_name, c.external_id, c.location_id
    FROM contact c WHERE c.account_id = %(account)s AND ({key}) > (%(family)s, %(given)s, %(id)s) {until}
   ORDER BY {key} LIMIT %(walk)s) c
 WHERE {conditions} LIMIT %(limit)s
"""
_STOPPED_AT = """
SELECT lower(c.family_name), lower(c.given_name), c.id FROM contact c
 WHERE c.account_id = %(account)s AND ({key}) > (%(family)s, %(given)s, %(id)s) {until}
 ORDER BY {key} OFFSET %(walk)s - 1 LIMIT 1
"""
_BUT = "NOT (lower(c.family_name) >= %(first)s AND lower(c.family_name) < %(end)s)"
_UNTIL = "AND lower(c.family_name) < %(until)s"
_GATHERED = """
SELECT c.id FROM contact c WHERE c.id = ANY (%(ids)s::bigint[]) AND c.account_id = %(account)s
   AND ({key}) > (%(family)s, %(given)s, %(id)s) {until}
   AND {conditions} ORDER BY {key} LIMIT %(limit)s
"""
_MARKER_IDS = "SELECT contact_id FROM marker WHERE account_id = %(account)s AND kind = '{}'"  # marker_by_kind
_SOURCES = {
    "flag": _MARKER_IDS.format("flag"),
    "stop_all": _MARKER_IDS.format("stop_all"),
    "stop_promotions": _MARKER_IDS.format("stop_promotions"),
    "group": "SELECT contact_id FROM contact_group_contact WHERE group_id = %(group)s",  # contact_in_group_once
    "location": "SELECT id FROM contact WHERE location_id = %(location)s",  # its foreign key's index
    # contact_assignment_list
    "assigned_to": "SELECT contact_id FROM contact_assignment WHERE account_id = %(account)s AND member_id {}",
    # opt_out_standing
    "opted_out": "SELECT contact_id FROM opt_out WHERE account_id = %(account)s AND lifted_at IS NULL",
    "deleted": "SELECT contact_id FROM contact_deletion WHERE account_id = %(account)s",  # contact_deletion_list
}
# contact_words and address_words (search.sql)
_WORD_SOURCE = """
SELECT id FROM (SELECT c.id FROM contact c WHERE c.account_id = %(account)s
                   AND search_words(c.given_name, c.family_name, c.external_id) LIKE %(word)s LIMIT %(cap)s + 1) named
UNION SELECT contact_id FROM (SELECT a.contact_id FROM address a WHERE a.account_id = %(account)s
                   AND lower(a.value) LIKE ANY (%(word_all)s::text[]) LIMIT %(cap)s + 1) addressed
"""


@dataclass(slots=True)
class _Stretch:
    """A part of contact_by_name, and who is meant in it."""

    account_id: int
    wanted: ContactFilter
    at: Key
    until: str | None = None  # a small family name: the stretch ends before it
    family: str = ""  # everybody here is of a family that begins so
    but: str = ""  # nobody here is of a family that begins so

    def where(self, *known: str) -> tuple[str, dict[str, Any]]:
        """`known`: words that those who are asked are known to match."""
        sql, values = conditions(self.wanted, one_by_one=True, known=(self.family, *known))
        return (f"{_BUT} AND {sql}" if self.but else sql), values

    def asked(self, **more: Any) -> dict[str, Any]:
        family, given, contact_id = self.at
        mine = {"account": self.account_id, "family": family, "given": given, "id": contact_id, "until": self.until}
        return mine | {"first": self.but, "end": self.but + _LAST_SIGN} | more

    def walk(self, step: int, limit: int) -> list[int]:
        until = "" if self.until is None else _UNTIL
        where, values = self.where()
        return rows(
            int, _WALK.format(key=_KEY, conditions=where, until=until), self.asked(**values, walk=step, limit=limit)
        )

    def after(self, step: int) -> Key | None:
        """Where a walk of so many contacts ends; None: the stretch is shorter."""
        until = "" if self.until is None else _UNTIL
        found = rows(_key, _STOPPED_AT.format(key=_KEY, until=until), self.asked(walk=step))
        return found[0] if found else None


def phonebook(
    account_id: int, wanted: ContactFilter, *, after: int | None = None, letter: str = "", limit: int = 50
) -> ContactPage:
    """From after a contact, or from the first whose family name begins with `letter` or what comes after it.

    A search shows first whose family name begins with one of its words, then all others that match.
    """
    start = _place_of(account_id, after) if after is not None else (letter.lower(), "", 0) if letter else _BEGINNING
    if start is None:
        return ContactPage([], None)
    family = None if letter else _family_meant(account_id, wanted.words)
    if family is None:
        ids, last = _ids(_Stretch(account_id, wanted, start), limit)
        return ContactPage(contact_rows(account_id, ids), last)
    end = family + _LAST_SIGN
    ids, last = [], None
    if after is None or family <= start[0] < end:
        at = start if after is not None else (family, "", 0)
        ids, last = _ids(_Stretch(account_id, wanted, at, until=end, family=family), limit)
        if last is not None or len(ids) == limit:
            return ContactPage(contact_rows(account_id, ids), last or ids[-1])
        start = _BEGINNING
    more, last = _ids(_Stretch(account_id, wanted, start, but=family), limit - len(ids))
    return ContactPage(contact_rows(account_id, ids + more), last)


def _family_meant(account_id: int, words: list[str]) -> str | None:
    """The word of a search that is a family name, or else the last one that begins one."""
    exact = "SELECT EXISTS (SELECT FROM contact c WHERE c.account_id = %(account)s AND lower(c.family_name) = %(word)s)"
    begun = exact.replace("= %(word)s)", ">= %(word)s AND lower(c.family_name) < %(end)s)")
    letters = [word for word in words if not any(sign.isdigit() or sign in "@+" for sign in word)]
    for sql in (exact, begun):
        for word in reversed(letters):
            if scalar(sql, {"account": account_id, "word": word, "end": word + _LAST_SIGN}):
                return word
    return None


def _ids(stretch: _Stretch, limit: int) -> tuple[list[int], int | None]:
    """Matching ids, and the contact after which the next page begins."""
    wanted = stretch.wanted
    first, budget = (SEARCHED_FIRST, SEARCHED) if wanted.words else (FIRST_STEP, BUDGET)
    names_few = [word for word in wanted.words if has_trigram(word) and not word.isalpha()]
    if (
        names_few and not stretch.family
    ):  # a part of a number or an address: few have it, and they are all over the book
        gathered = _gather(stretch)
        if gathered is not None:
            return _sorted(stretch, gathered, limit)
        names_many = True
    else:
        names_many = False
    found = stretch.walk(first, limit + 1)
    if len(found) > limit:
        return found[:limit], found[limit - 1]
    at = stretch.after(first)
    if at is None:
        return found, None
    if first * limit > WORTH_WALKING * len(found) and not names_many:
        gathered = _gather(stretch)
        if gathered is not None:
            return _sorted(stretch, gathered, limit)
    rest = replace(stretch, at=at)
    found += rest.walk(budget, limit + 1 - len(found))
    if len(found) > limit:
        return found[:limit], found[limit - 1]
    stopped = rest.after(budget)
    return found, None if stopped is None else stopped[2]


Gathered = tuple[list[int], str]  # ids, and the word of the search that they are known to match


def _gather(stretch: _Stretch) -> Gathered | None:
    """The fewest ids that one of the filters names. None: each names too many, or there is no filter."""
    best: Gathered | None = None
    for sql, more, word in _sources(stretch.wanted, in_family=bool(stretch.family)):
        cap = len(best[0]) if best is not None else SEARCH_CAP if stretch.wanted.words else CAP
        limited = f"SELECT * FROM ({sql}) ids LIMIT %(cap)s + 1"  # noqa: S608 - constants
        _, values = stretch.where()
        ids = rows(int, limited, stretch.asked(**values) | more | {"cap": cap})
        if len(ids) <= cap:
            best = ids, word
            if len(ids) < FIRST_STEP:
                break
    return best


def _sources(wanted: ContactFilter, in_family: bool) -> Iterator[tuple[str, dict[str, Any], str]]:
    for name, value in wanted.as_json().items():
        if name in _SOURCES and value:
            source = _SOURCES[name]
            yield source.format(wanted.whose) if name == "assigned_to" else source, {}, ""
    # One word: digits tell people apart better than letters, and long words better than short ones. Among those of one
    # family a given name is found sooner by walking.
    words = [word for word in wanted.words if has_trigram(word) and not (in_family and word.isalpha())]
    if words:
        best = max(words, key=lambda word: (any(map(str.isdigit, word)), len(word)))
        yield _WORD_SOURCE, word_values("word", best, wanted.typed(best)), best


def has_trigram(word: str) -> bool:
    """Whether the index can be asked: three letters or digits in a row (in locale C only those of ASCII count)."""
    run = 0
    for sign in word:
        run = run + 1 if sign.isascii() and sign.isalnum() else 0
        if run == 3:
            return True
    return False


def _sorted(stretch: _Stretch, gathered: Gathered, limit: int) -> tuple[list[int], int | None]:
    ids, word = gathered
    until = "" if stretch.until is None else _UNTIL
    where, values = stretch.where(word)
    sql = _GATHERED.format(key=_KEY, conditions=where, until=until)
    found = rows(int, sql, stretch.asked(**values, ids=ids, limit=limit + 1))
    return found[:limit], found[limit - 1] if len(found) > limit else None


def _key(family: str, given: str, contact_id: int) -> Key:
    return family, given, contact_id


def _place_of(account_id: int, contact_id: int) -> Key | None:
    found = rows(
        _key,
        "SELECT lower(family_name), lower(given_name), id FROM contact WHERE id = %(id)s AND account_id = %(account)s",
        {"id": contact_id, "account": account_id},
    )
    return found[0] if found else None


def count_contacts(account_id: int, wanted: ContactFilter, *, until: int | None = None) -> int:
    """Exact. It asks every contact of the account (contact_of_account): a third of a second for a million."""
    where, values = conditions(wanted)
    beyond = "" if until is None else " AND c.id <= %(until)s"
    sql = f"SELECT count(*) FROM contact c WHERE c.account_id = %(account)s AND {where}{beyond}"  # noqa: S608 - constants
    return int(scalar(sql, values | {"account": account_id, "until": until}))


_STILL = (
    "SELECT c.id FROM contact c WHERE c.account_id = %(account)s AND c.id = ANY (%(ids)s::bigint[]) AND {conditions}"
)


def still_matching(account_id: int, wanted: ContactFilter, ids: list[int]) -> list[int]:
    """Those of these contacts that the filter shows, in the order of `ids`."""
    where, values = conditions(wanted, one_by_one=True)
    found = set(rows(int, _STILL.format(conditions=where), values | {"account": account_id, "ids": ids}))
    return [one for one in ids if one in found]


_ROWS = f"""
SELECT c.id, c.given_name, c.family_name,
       COALESCE((SELECT value FROM address WHERE contact_id = c.id AND kind = 'phone'
                  ORDER BY position, id LIMIT 1), ''),
       COALESCE((SELECT value FROM address WHERE contact_id = c.id AND kind = 'email'
                  ORDER BY position, id LIMIT 1), ''),
       COALESCE(location.name, ''), COALESCE(login.name, ''),
       (SELECT json_object_agg(kind, set_by ORDER BY kind) FROM marker WHERE contact_id = c.id),
       EXISTS (SELECT FROM opt_out WHERE contact_id = c.id AND lifted_at IS NULL), {UNSUBSCRIBED}, {DELETED}
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(id, place) JOIN contact c ON c.id = wanted.id
  LEFT JOIN location ON location.id = c.location_id
  LEFT JOIN contact_assignment a ON a.contact_id = c.id
  LEFT JOIN member ON member.id = a.member_id LEFT JOIN login ON login.id = member.user_id
 WHERE c.account_id = %(account)s ORDER BY place
"""  # noqa: S608 - constants


def contact_rows(account_id: int, ids: list[int]) -> list[ContactRow]:
    """In the order of the ids; those of other accounts are not in it."""
    return rows(_row, _ROWS, {"ids": ids, "account": account_id}) if ids else []


def _row(contact_id: int, given: str, family: str, phone: str, email: str, *rest: Any) -> ContactRow:
    location, assigned_to, marked_by, opted_out, unsubscribed, deleted = rest
    marked_by = marked_by or {}
    kinds = [kind for kind in MarkerKind if kind in marked_by]
    return ContactRow(
        contact_id,
        given,
        family,
        phone,
        email,
        location,
        assigned_to,
        kinds,
        marked_by,
        opted_out,
        unsubscribed,
        deleted,
    )


def newest_contact(account_id: int) -> int:
    """The highest id of the account's contacts; 0 without any (contact_of_account)."""
    newest = Contact.objects.filter(account_id=account_id).order_by("-id").values_list("id", flat=True).first()
    return newest or 0


_SLICE = """
SELECT c.id FROM contact c WHERE c.account_id = %(account)s AND c.id > %(beyond)s AND c.id <= %(until)s
   AND NOT c.id = ANY (%(without)s::bigint[]) AND {conditions} ORDER BY c.id LIMIT %(limit)s
"""


def ids_that_match(
    account_id: int, wanted: ContactFilter, *, beyond: int, until: int, without: list[int], limit: int
) -> list[int]:
    """By id, `limit` at a time (contact_of_account): for a change of all that match."""
    where, values = conditions(wanted)
    asked = {"account": account_id, "beyond": beyond, "until": until, "without": without, "limit": limit}
    return rows(int, _SLICE.format(conditions=where), values | asked)


def some_ids(account_id: int, words: str, limit: int) -> list[int]:
    """Contacts whom a search finds, the first `limit` of them: for searches of other things by their contact."""
    wanted = ContactFilter(q=words)
    ids: list[int] = []
    after: int | None = None
    while len(ids) < limit:
        page = phonebook(account_id, wanted, after=after, limit=limit - len(ids))
        ids += [row.id for row in page.rows]
        after = page.next
        if after is None:
            break
    return ids
