"""What the Messenger knows of each contact in TO:: addresses, what stands against them, and what wording may name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from allstop.rules import answer_link, gate
from allstop.rules.addresses import Phone, parse_phone, takes_texts
from allstop.rules.facts import ANY_LANE, Channel, ContactFacts, Facts, MessageFacts, Purpose, Standing
from allstop.rules.messenger import NAME_MISSING, NO_ADDRESS
from allstop.rules.verdict import Refuse
from allstop.rules.wording import Template, fill, parse_template
from allstop.rules.words import Problem
from allstop.store import facts, lists

PLACEHOLDERS = ("first_name", "last_name", "name", "names", "account", "location")
"""What the wording of a send may name: what is known of every contact without a file. {names} is the first name, or
those of a family that gets one message."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Parsed: what is filled in for each contact."""

    subject: Template
    body: Template

    @property
    def names(self) -> set[str]:
        return {*self.subject.placeholders(), *self.body.placeholders()}


@dataclass(frozen=True, slots=True)
class Said:
    """What all messages of a send have in common."""

    purpose: Purpose
    people: int  # in TO:, before anybody was left behind
    override: Standing | None  # of Stop Promotions
    wording: Wording
    account: str  # its name


@dataclass(frozen=True, slots=True)
class Person:
    of: lists.PersonInTo
    facts: ContactFacts

    def address(self, channel: Channel) -> str:
        """The first one that the channel reaches; "" = none."""
        if channel is Channel.EMAIL:
            return next(iter(self.of.emails), "")
        return next((one for one in self.of.phones if channel is Channel.CALL or _reads_texts(one)), "")

    def facts_of(self, channel: Channel, said: Said) -> Facts:
        overrides = {} if said.override is None else {"contact_marker": said.override}
        message = MessageFacts(channel, said.purpose, said.people, overrides=overrides)
        return Facts(message, self.facts, ANY_LANE)

    def why_not(self, channel: Channel, said: Said, now: datetime, address: str = "") -> str:
        """The code of what leaves them behind; "" = nothing. `address`: one that was chosen."""
        verdict = gate.decide(self.facts_of(channel, said), now)
        if isinstance(verdict, Refuse):
            return verdict.reason
        if not address and not self.address(channel):
            return NO_ADDRESS[channel]
        return NAME_MISSING if self.words(said) is None else ""

    def words(self, said: Said) -> tuple[str, str] | None:
        """Subject and body for them; None: they lack a name."""
        names = {
            "first_name": self.of.given_name,
            "last_name": self.of.family_name,
            "name": self.of.name,
            "names": self.of.given_name or self.of.name,
            "account": said.account,
            answer_link.NAME: answer_link.TOKEN,  # the worker fills it in; only wording of a plan may name it
            "location": self.of.location or said.account,
        }
        subject, body = fill(said.wording.subject, names), fill(said.wording.body, names)
        if isinstance(subject, Problem) or isinstance(body, Problem):
            return None
        return subject, body


def people(account_id: int, ids: Collection[int]) -> Mapping[int, Person]:
    """In the order of the ids' numbers."""
    found = lists.people_in_to(account_id, ids)
    known = facts.contact_facts(one.id for one in found)
    return {one.id: Person(one, known[one.id]) for one in found}


def parsed(subject: str, body: str, *more: str) -> Wording | dict[str, str]:
    """Or field -> what is wrong with it. `more`: what else it may name."""
    known = (*PLACEHOLDERS, *more)
    read = {"subject": parse_template(subject, known), "body": parse_template(body, known)}
    problems = {field: found.text for field, found in read.items() if isinstance(found, Problem)}
    subject_read, body_read = read["subject"], read["body"]
    if isinstance(subject_read, Problem) or isinstance(body_read, Problem):
        return problems
    return Wording(subject_read, body_read)


def _reads_texts(e164: str) -> bool:
    phone = parse_phone(e164, None)
    return isinstance(phone, Phone) and takes_texts(phone)
