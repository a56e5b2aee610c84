"""The demo account: Northgate Dental, with people, contacts, groups and jobs of several kinds, the same every time.

Everything that an action can do is done by the action. What has a past (messages that were sent days ago) is written
as a worker would have left it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.db import transaction

from allstop.actions.accounts import add_location, add_member, create_account
from allstop.actions.actor import Actor
from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.groups import add_to_group, create_group
from allstop.actions.message_plans import PlanChoice, save_plan, usual_steps
from allstop.actions.people import Person, add_people
from allstop.cli.demo_jobs import write_jobs
from allstop.cli.demo_leads import write_leads
from allstop.cli.demo_talks import write_talks
from allstop.cli.sample_people import sample_person
from allstop.rules.addresses import Email, Phone, parse_email, parse_phone
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Role
from allstop.store.models import Account, Contact, Location, Member, User

PASSWORD = "northgate demo"  # noqa: S105 - printed on the screen when the program starts
ZONE = "America/New_York"
CONTACTS = 2000
PEOPLE = (
    ("ada@northgate.example", "Ada Okafor", Role.ADMIN),
    ("ben@northgate.example", "Ben Weber", Role.LEADER),
    ("cem@northgate.example", "Cem Tanaka", Role.MEMBER),
    ("dot@northgate.example", "Dot Fontaine", Role.VIEWER),
)


@dataclass(frozen=True, slots=True)
class Cast:
    account: Account
    locations: Sequence[Location]
    members: Sequence[Member]

    def actor(self, number: int) -> Actor:
        member = self.members[number]
        return Actor(self.account.pk, member.user.name, Role(member.role), "console")


def load_demo() -> None:
    load_demo_at(datetime.now(UTC))


@transaction.atomic
def load_demo_at(now: datetime) -> None:
    opened = _days_ago(now, 60)
    cast = _cast(opened)
    contacts = _contacts(cast, opened + timedelta(hours=1))
    _groups(cast, contacts, opened + timedelta(hours=2))
    _nos(cast, contacts, now)
    save_plan(cast.actor(1), PlanChoice(name="Email, text and call", steps=usual_steps()), opened)
    write_jobs(cast.account, cast.locations, contacts, now)
    write_talks(cast.account, contacts[20:30], now)
    write_leads(cast.actor(1), contacts[30:50], now)


def _days_ago(now: datetime, days: int) -> datetime:
    """Nine in the morning there."""
    day = now.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=days)
    return datetime.combine(day, time(9), ZoneInfo(ZONE)).astimezone(UTC)


def _cast(now: datetime) -> Cast:
    account = create_account("Northgate Dental", ZONE, "US", now)
    founder = Actor(account.pk, "Allstop", Role.ADMIN, "command")
    locations = [add_location(founder, "Northgate", "NG", now), add_location(founder, "Southgate", "SG", now)]
    members = [add_member(founder, email, name, role, PASSWORD, now) for email, name, role in PEOPLE]
    for member in members:
        EmailAddress.objects.create(user=member.user, email=member.user.email, verified=True, primary=True)
    User.objects.filter(pk=members[0].user_id).update(is_operator=True)
    return Cast(account, locations, members)


def _contacts(cast: Cast, now: datetime) -> list[Contact]:
    people = []
    for number in range(CONTACTS):
        sample = sample_person(number)
        phone, email = parse_phone(sample.phone, sample.country), parse_email(sample.email)
        assert isinstance(phone, Phone)  # the demo's own
        assert isinstance(email, Email)
        people.append(
            Person(
                given_name=sample.given_name,
                family_name=sample.family_name,
                external_id=f"P{number:06}",
                language=sample.language,
                country=sample.country,
                # an Australian mobile may be anywhere in Australia; this one's owner has said where
                zone="Australia/Sydney" if sample.country == "AU" else "",
                phones=(phone,),
                emails=(email,) if number % 11 else (),
                location_id=cast.locations[number % 2].pk,
                assigned_to_id=cast.members[number % 3].pk if number % 4 else None,
            )
        )
    ids = add_people(cast.account, people, now)
    found = Contact.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def _groups(cast: Cast, contacts: Sequence[Contact], now: datetime) -> None:
    ada = cast.actor(0)
    for name, is_sales, chosen in (
        ("Recall 6 months", False, contacts[0:600:2]),
        ("Spring offers", True, contacts[0:900:3]),
        ("Newsletter", True, contacts[100:1500:2]),
        ("VIP", False, contacts[::80]),
    ):
        group = create_group(ada, name, is_sales, now)
        add_to_group(ada, group.pk, [contact.pk for contact in chosen], now)


def _nos(cast: Cast, contacts: Sequence[Contact], now: datetime) -> None:
    """Markers by the staff and opt-outs by the contacts, over the last weeks."""
    for number, (kind, reason, chosen) in enumerate(
        (
            (MarkerKind.STOP_PROMOTIONS, "does not want offers", contacts[30:330:30]),
            (MarkerKind.STOP_ALL, "asked at the desk to be left alone", contacts[45:345:100]),
            (MarkerKind.FLAG, "moves in spring", contacts[60:360:60]),
            (MarkerKind.STOP_PROMOTIONS, "complained about the newsletter", contacts[405:605:50]),
            (MarkerKind.STOP_ALL, "legal letter of the family", contacts[700:702]),
        )
    ):
        at = _days_ago(now, 40 - 6 * number) + timedelta(minutes=37 * number)
        mark(cast.actor(number % 3), [contact.pk for contact in chosen], kind, reason, at)
    for number, (words, channel) in enumerate(
        (
            ("STOP", Channel.TEXT),
            ("Stop!", Channel.TEXT),
            ("unsubscribe", Channel.EMAIL),
            ("stop all", None),
            ("STOP", Channel.TEXT),
            ("9", Channel.CALL),
        )
    ):
        contact = contacts[82 + 40 * number]
        record_opt_out(contact, channel, words, _days_ago(now, 9 - number) + timedelta(hours=4))
