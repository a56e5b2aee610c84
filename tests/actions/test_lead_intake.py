"""Leads out of mails to the lead address, and of strangers who write first."""

import pytest

from allstop.actions.actor import Forbidden, Invalid
from allstop.actions.lead_setup import IntakeSetup, intake_setup, set_intake_setup
from allstop.actions.mail_in import Meaning, take_mail
from allstop.actions.mailbox import set_mailbox
from allstop.actions.pausing import pause_intake
from allstop.actions.replies import Written, take_reply
from allstop.channels.sip.callers import CALLED
from allstop.rules.facts import Channel
from allstop.rules.leads import LeadSource
from allstop.store import lists
from allstop.store.models import (
    Account,
    ChannelSetup,
    Contact,
    Conversation,
    Inbound,
    Lead,
    LeadEvent,
    LedgerEntry,
    OptOut,
    StrangersBecome,
)
from tests.world import World, contact

LEADS = "leads@northgate.example"
PORTAL = "Name: Lee Ortiz\nPhone: (212) 555-0166\nEmail: lee@example.org\nMessage: What does it cost?"
OURS = "+12125550100"
STRANGER = "+12125550177"


@pytest.fixture
def account(world: World) -> Account:
    set_mailbox(world.admin, {"host": "imap.test", "user": "desk", "password": "s3cret"}, world.now)
    setup = IntakeSetup(address=LEADS, strangers=StrangersBecome.LEADS)
    set_intake_setup(world.leader, setup, world.now)
    ChannelSetup.objects.filter(account=world.account, channel="text").update(sender=OURS)
    return world.account


def mail(body: str, number: int = 1, to: str = LEADS) -> bytes:
    return (
        f"From: Homes <noreply@homes.example>\r\nTo: {to}\r\nSubject: New enquiry\r\n"
        f"Message-ID: <{number}@homes.example>\r\nAuto-Submitted: auto-generated\r\n\r\n{body}"
    ).encode()


def says(world: World, text: str, number: int = 1, sender: str = STRANGER) -> None:
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"{sender} {number}",
            channel=Channel.TEXT,
            sender=sender,
            recipient=OURS,
            text=text,
            in_reply_to="",
            at=world.now,
        )
    )


def test_a_mail_to_the_lead_address_is_a_lead_once(world: World, account: Account) -> None:
    assert take_mail(account.pk, mail(PORTAL), world.now).meaning is Meaning.LEAD
    assert take_mail(account.pk, mail(PORTAL), world.now).meaning is Meaning.LEAD  # the same mail again
    row = lists.leads(account.pk, lists.LeadFilter())[0]
    assert (row.name, row.phone, row.email, row.source) == (
        "Lee Ortiz",
        "+12125550166",
        "lee@example.org",
        LeadSource.EMAIL,
    )
    assert row.comment == "What does it cost?"
    assert (Lead.objects.filter(account=account).count(), Inbound.objects.filter(account=account).count()) == (1, 0)


@pytest.mark.parametrize("body", ["Somebody asked for you, call them", "Phone: 12\nName: Nobody"])
def test_a_mail_that_cannot_be_read_is_put_to_a_person(world: World, account: Account, body: str) -> None:
    take_mail(account.pk, mail(body), world.now)
    take_mail(account.pk, mail(body), world.now)
    assert not Lead.objects.filter(account=account).exists()
    found = Conversation.objects.get(account=account)
    assert (found.state, found.unread, found.address) == ("open", 1, "noreply@homes.example")


def test_while_paused_a_mail_makes_nothing_and_is_not_lost(world: World, account: Account) -> None:
    """TV3"""
    pause_intake(world.leader, "CONFIRM", "", world.now)
    take_mail(account.pk, mail(PORTAL), world.now)
    says(world, "Do you take new patients?")
    assert not Lead.objects.filter(account=account).exists()
    assert not Contact.objects.filter(account=account).exists()
    assert lists.intake(account.pk).refused_words == "2 leads refused since paused: 1 email, 1 text"
    assert Conversation.objects.filter(account=account, unread=1).count() == 2


def test_a_mail_to_another_address_is_what_it_was(world: World, account: Account) -> None:
    take_mail(account.pk, mail(PORTAL, to="desk@northgate.example"), world.now)
    assert not Lead.objects.filter(account=account).exists()


def test_a_stranger_who_writes_first_becomes_a_lead_where_the_account_wants_it(world: World, account: Account) -> None:
    says(world, "Do you take new patients?")
    lead = Lead.objects.get(account=account)
    assert (lead.source, lead.comment) == ("text", "Do you take new patients?")
    said = Inbound.objects.get(account=account)
    assert (said.contact_id, Conversation.objects.get(account=account).contact_id) == (lead.contact_id, lead.contact_id)
    assert LeadEvent.objects.get(lead=lead, title="Lead Created").inbound_id == said.pk
    says(world, "Hello?", 2)
    assert Lead.objects.filter(account=account).count() == 1
    says(world, "stop", 1, "+12125550178")
    says(world, "please stop", 1, "+12125550179")
    assert Lead.objects.filter(account=account).count() == 1  # a no is no lead


@pytest.mark.parametrize("called", [OURS, "desk"])
def test_a_stranger_who_calls_becomes_a_lead_and_an_acquaintance_is_called_back(
    world: World, account: Account, called: str
) -> None:
    """001-16: trunks name the number that was called, or the user who registered. Nothing else follows from a call."""
    trunk = {"host": "trunk.example", "user": "desk", "password": "s3cret", "registers": True}
    ChannelSetup.objects.filter(account=account, channel="call").update(sender=OURS, config=trunk)
    friend = contact(world, "Fran Friend", phone="+12125550178")

    def calls(sender: str, number: int) -> None:
        call = {"adapter": "sip", "provider_id": f"call:{number}", "channel": Channel.CALL, "recipient": called}
        assert take_reply(Written(**call, sender=sender, text=CALLED, in_reply_to="", at=world.now))  # type: ignore[arg-type]

    for number in (1, 1, 2):  # the first trunk told it twice
        calls(STRANGER, number)
    calls("+12125550178", 3)
    lead = Lead.objects.get(account=account)
    assert (lead.source, lead.contact.addresses.get().value) == ("call", STRANGER)
    waiting = Conversation.objects.filter(account=account, state="open").order_by("pk")
    assert [(one.contact_id, one.unread) for one in waiting] == [(lead.contact_id, 2), (friend.pk, 1)]
    assert set(Inbound.objects.filter(account=account).values_list("meaning", flat=True)) == {"nothing"}
    assert not OptOut.objects.filter(account=account).exists()


def test_without_the_wish_a_stranger_stays_one(world: World, account: Account) -> None:
    set_intake_setup(world.leader, IntakeSetup(), world.now)
    says(world, "Do you take new patients?")
    assert not Lead.objects.filter(account=account).exists()
    assert Conversation.objects.get(account=account).contact_id is None


def test_the_setup_is_checked_and_in_the_ledger(world: World, account: Account) -> None:
    before = intake_setup(account.pk)
    with pytest.raises(Forbidden):
        set_intake_setup(world.member, IntakeSetup(), world.now)
    for wrong in (IntakeSetup(address="leads"), IntakeSetup(repeat_days=366)):
        with pytest.raises(Invalid):
            set_intake_setup(world.leader, wrong, world.now)
    with pytest.raises(Invalid, match="mailbox first"):
        set_intake_setup(world.stranger, IntakeSetup(address="l@rival.example"), world.now)
    assert intake_setup(account.pk) == before
    assert LedgerEntry.objects.filter(account=account, act="set_lead_setup").count() == 1
