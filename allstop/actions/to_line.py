"""TO: as a person fills it: what was typed or pasted becomes tokens, each shown with what stands against it.

The rule that it guards: the server alone says what a token means. A page sends tokens back as it got them, and they are
read again: one that names another account's contact is one that does not exist.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from allstop.actions.actor import Actor, NotThere, require
from allstop.actions.bulk import check_filter
from allstop.actions.messenger import AT_ONCE, MOST_ONES, Counted, Letter, One, To, count_to
from allstop.actions.messenger_people import Person, Said, parsed, people
from allstop.rules.addresses import Phone, bare_email, grouped, parse_email, parse_phone
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind, Underline, underline
from allstop.rules.messenger import NAME_MISSING, count_line, may_override
from allstop.rules.reasons import in_words
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import lists
from allstop.store.models import Account, Address, Group

LONGEST_PIECE = 254  # characters of one name, number or email
SUGGESTED = 8
SUGGESTED_GROUPS = 3
_LOOKED_THROUGH = 24  # contacts that a search finds, of whom some may have opted out
_PIECE = re.compile(r'(?:"[^"\n\r]*"|[^\n\r;\t])+')
_PART = re.compile(r'(?:"[^"]*"|[^,])+')


class TokenKind(StrEnum):
    CONTACT = "contact"
    ADDRESS = "address"  # of nobody yet
    GROUP = "group"
    FILTER = "filter"  # all that matched in the Phonebook
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    value: str  # an id, an address, a filter as JSON, or what was typed
    channel: Channel | None = None  # chosen for this one; None: as everybody

    def __str__(self) -> str:
        return f"{self.kind}|{self.channel or ''}|{self.value}"


def read_token(words: str) -> Token:
    kind, _, rest = words.partition("|")
    channel, _, value = rest.partition("|")
    try:
        token = Token(TokenKind(kind), value, Channel(channel) if channel else None)
        if token.kind in (TokenKind.CONTACT, TokenKind.GROUP) and not 0 < int(value) < 2**63:
            raise ValueError
        if token.kind is TokenKind.FILTER:
            _many(token)
    except (ValueError, TypeError, KeyError) as wrong:
        raise NotThere("There is no such entry for TO:. Reload the page.") from wrong
    return token


def token_of_filter(wanted: lists.ContactFilter, without: Sequence[int]) -> Token:
    said = {"filter": wanted.as_json(), "except": sorted(set(without))}
    return Token(TokenKind.FILTER, json.dumps(said, separators=(",", ":"), sort_keys=True))


def recipients(tokens: Sequence[Token]) -> To:
    """What is not known is nobody, and stays."""
    ones = []
    for token in tokens:
        if token.kind is TokenKind.CONTACT:
            ones.append(One(contact_id=int(token.value), channel=token.channel))
        elif token.kind is TokenKind.ADDRESS:
            ones.append(One(address=token.value, channel=token.channel or _only_channel(token.value)))
    groups = tuple(int(token.value) for token in tokens if token.kind is TokenKind.GROUP)
    return To(ones=tuple(ones), groups=groups, filters=tuple(_many(t) for t in tokens if t.kind is TokenKind.FILTER))


def _only_channel(address: str) -> Channel | None:
    """An email address takes emails only; a number takes what is chosen for everybody, but never an email."""
    return Channel.EMAIL if "@" in address else None


def _many(token: Token) -> lists.Many:
    said = json.loads(token.value)
    return lists.Many(filter=lists.filter_from_json(said["filter"]), without=tuple(map(int, said["except"])))


# --- what was typed


def look_up(actor: Actor, text: str) -> list[Token]:
    """One name, number, email or group, or many, separated by new lines, semicolons or commas.

    Email programs put a name with a comma in quotation marks: what stands in them is not taken apart.
    """
    require(actor, Act.SEND_MESSAGE)
    account = Account.objects.get(pk=actor.account_id)
    pieces = _apart(_PIECE, text.replace("\0", ""))  # some programs end what they copy with one
    tokens: list[Token] = []
    for piece in pieces[: MOST_ONES + 1]:
        whole = _known(account, piece[:LONGEST_PIECE])
        if whole is None and "," in piece:
            parts = [part[:LONGEST_PIECE] for part in _apart(_PART, piece)]
            tokens += [_known(account, part) or Token(TokenKind.UNKNOWN, part) for part in parts]
        else:
            tokens.append(whole or Token(TokenKind.UNKNOWN, piece[:LONGEST_PIECE]))
    return tokens


def _apart(of: re.Pattern[str], text: str) -> list[str]:
    return [piece for piece in map(str.strip, of.findall(text)) if piece]


def added(tokens: Sequence[Token], more: Sequence[Token]) -> list[Token]:
    """Each once, in the order in which they came."""
    found: dict[tuple[TokenKind, str], Token] = {}
    for token in (*tokens, *more):
        found.setdefault((token.kind, token.value), token)
    return list(found.values())


def _known(account: Account, piece: str) -> Token | None:
    """None: nobody, or not clear who."""
    address = _address(account, piece)
    if address is not None:
        owners = Address.objects.filter(account=account, value=address).order_by("contact__deletion", "contact_id")
        owner = owners.values_list("contact_id", flat=True).first()
        return Token(TokenKind.ADDRESS, address) if owner is None else Token(TokenKind.CONTACT, str(owner))
    group = Group.objects.filter(account=account, name__iexact=piece).first()
    if group is not None:
        return Token(TokenKind.GROUP, str(group.pk))
    named = lists.contacts_named(account.pk, piece)
    return Token(TokenKind.CONTACT, str(named[0])) if len(named) == 1 else None


def _address(account: Account, piece: str) -> str | None:
    if "@" in piece:
        email = parse_email(bare_email(piece))
        return None if isinstance(email, Problem) else email.address
    if not _looks_like_a_number(piece):
        return None
    phone = parse_phone(piece, account.country)
    return phone.e164 if isinstance(phone, Phone) else None


def _looks_like_a_number(piece: str) -> bool:
    return sum(sign.isdigit() for sign in piece) >= 4 and not any(sign.isalpha() for sign in piece)


def _why_unknown(account: Account, piece: str) -> str:
    if "@" in piece and isinstance(found := parse_email(bare_email(piece)), Problem):
        return found.text
    if _looks_like_a_number(piece) and isinstance(number := parse_phone(piece, account.country), Problem):
        return number.text
    if len(lists.contacts_named(account.pk, piece)) > 1:
        return f"Several people are called {piece}. Type the name and choose one, or give the number."
    return f"Nobody in the Phonebook is called {piece}. Give the full name, a number, an email or a group."


# --- what is proposed while somebody types


@dataclass(frozen=True, slots=True)
class Suggestion:
    token: Token
    label: str
    detail: str
    underline: str  # red, brown or ""
    words: str  # what stands against them


def suggest(actor: Actor, words: str) -> list[Suggestion]:
    """Groups and contacts. Whoever is unsubscribed or deleted is never among them: TM10."""
    require(actor, Act.VIEW)
    words = words.replace("\x00", "").strip()[:120]  # PostgreSQL cannot look for NUL
    if not words:
        return []
    named = Group.objects.filter(account_id=actor.account_id, name__icontains=words).order_by("name", "pk")
    groups = [_of_group(group) for group in named[:SUGGESTED_GROUPS]]
    begun = [one for one in groups if one.label.lower().startswith(words.lower())]
    page = lists.phonebook(actor.account_id, lists.ContactFilter(q=words), limit=_LOOKED_THROUGH)
    contacts = [_of_contact(row) for row in page.rows if not (row.unsubscribed or row.deleted)]
    others = [one for one in groups if one not in begun]
    return [*begun, *contacts[: SUGGESTED - len(groups)], *others]


def _of_group(group: Group) -> Suggestion:
    return Suggestion(
        Token(TokenKind.GROUP, str(group.pk)), group.name, "sales group" if group.is_sales else "group", "", ""
    )


def _of_contact(row: lists.ContactRow) -> Suggestion:
    colour, against = _marked(row.markers)
    where = grouped(row.phone or row.email)
    return Suggestion(Token(TokenKind.CONTACT, str(row.id)), row.sort_name or where, where, colour, against)


_AGAINST = {Underline.RED: "Stop All", Underline.BROWN: "Stop Promotions"}


def _marked(markers: Sequence[MarkerKind]) -> tuple[str, str]:
    colour = underline(markers)
    return ("", "") if colour is None else (colour.value, _AGAINST[colour])


# --- TO: as it is drawn


@dataclass(frozen=True, slots=True)
class Way:
    """A channel for one recipient. `why_not`: words; "" = it may be used."""

    channel: Channel
    address: str
    why_not: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    token: Token
    label: str
    number: int | None = None  # of a group or a filter: how many
    colour: str = ""  # red, brown, none (left behind for another reason), unknown, or ""
    words: str = ""  # what a screen reader says after the name
    ways: tuple[Way, ...] = ()  # of a contact

    @property
    def hover(self) -> str:
        """The number or the email as well: two may be called the same."""
        address = next((way.address for way in self.ways if way.is_chosen and way.address), "")
        return " ".join(part for part in (address and f"{address}.", self.words) if part) or self.label


@dataclass(frozen=True, slots=True)
class Line:
    """The whole of TO:, with the line below it."""

    shown: tuple[Shown, ...]
    counted: Counted
    words: str
    unknown: int
    can_override: bool  # Stop Promotions leaves somebody behind, or would

    @property
    def is_large(self) -> bool:
        """It is run in a process of its own: nobody is told at once who is left behind."""
        return self.counted.people > AT_ONCE


def line(actor: Actor, tokens: Sequence[Token], letter: Letter, now: datetime) -> Line:
    """NotThere: a token names what the account does not have. `tokens_there` takes such tokens out first."""
    to = recipients(tokens)
    counted = count_to(actor, to, letter, now)
    drawn = tuple(_Drawing(actor, letter, counted, now).draw(tokens))
    unknown = sum(token.kind is TokenKind.UNKNOWN for token in tokens)
    words = count_line(counted.people, counted.left, letter.purpose, unknown=unknown)
    can_override = letter.despite_stop_promotions or bool(counted.left.get("stop_promotions"))
    return Line(drawn, counted, words, unknown, can_override and may_override(counted.people, letter.purpose))


def tokens_there(actor: Actor, tokens: Sequence[Token]) -> list[Token]:
    """Without those whose contact, group or filter has gone meanwhile: of a draft, which may be old."""
    contacts = {int(token.value) for token in tokens if token.kind is TokenKind.CONTACT}
    known = {str(one.id) for one in lists.people_in_to(actor.account_id, contacts)}
    groups = {str(one.id) for one in lists.groups(actor.account_id)}
    there = []
    for token in tokens:
        is_there = {TokenKind.CONTACT: token.value in known, TokenKind.GROUP: token.value in groups}
        if is_there.get(token.kind, True) and (token.kind is not TokenKind.FILTER or _stands(actor, token)):
            there.append(token)
    return there


def _stands(actor: Actor, token: Token) -> bool:
    try:
        check_filter(actor.account_id, _many(token).filter)
    except NotThere:
        return False
    return True


@dataclass
class _Drawing:
    actor: Actor
    letter: Letter
    counted: Counted
    now: datetime

    def draw(self, tokens: Sequence[Token]) -> Iterator[Shown]:
        account = Account.objects.get(pk=self.actor.account_id)
        found = people(account.pk, [int(t.value) for t in tokens if t.kind is TokenKind.CONTACT])
        groups = {str(one.id): one.name for one in lists.groups(account.pk)}
        for token in tokens:
            match token.kind:
                case TokenKind.CONTACT:
                    yield self._person(token, found[int(token.value)])
                case TokenKind.ADDRESS:
                    yield Shown(token, grouped(token.value), words="New: becomes a contact when it is sent.")
                case TokenKind.GROUP:
                    yield self._of_many(token, groups[token.value])
                case TokenKind.FILTER:
                    yield self._of_many(token, "All that matched in the Phonebook")
                case TokenKind.UNKNOWN:
                    yield Shown(token, token.value, colour="unknown", words=_why_unknown(account, token.value))

    def _of_many(self, token: Token, name: str) -> Shown:
        (many,) = recipients([token]).many
        return Shown(token, name, number=lists.count_contacts(self.actor.account_id, many.filter) - len(many.without))

    def _person(self, token: Token, person: Person) -> Shown:
        colour, against = _marked(list(person.facts.markers))
        reason = self.counted.why.get(person.of.id, "")
        if reason and not colour:
            colour = "none"
        words = in_words(reason) if reason else against and f"{against}. Gets this message."
        label = ", ".join(part for part in (person.of.family_name, person.of.given_name) if part)
        first = next(iter((*person.of.phones, *person.of.emails)), "No name")
        return Shown(token, label or grouped(first), colour=colour, words=words, ways=tuple(self._ways(token, person)))

    def _ways(self, token: Token, person: Person) -> Iterator[Way]:
        override = self.letter.despite_stop_promotions
        for channel in Channel:
            why_not = person.why_not(channel, self._said(person, override), self.now)
            if why_not == NAME_MISSING:  # no matter of the channel
                why_not = ""
            is_chosen = channel is (token.channel or self.letter.channel)
            yield Way(channel, grouped(person.address(channel)), in_words(why_not) if why_not else "", is_chosen)

    def _said(self, person: Person, overridden: bool) -> Said:
        wording = parsed("", "")
        assert not isinstance(wording, dict)
        standing = next(iter(person.facts.markers.values()), None) if overridden else None  # of no matter who and when
        return Said(self.letter.purpose, self.counted.people, standing, wording, "")
