"""Mails to members: to whom, when, what they do not say, and that the gate holds them."""

from datetime import timedelta

import pytest

from allstop.actions.conversations import assign_conversation, read_conversation
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.member_news import Wishes, send_due_news, set_wishes, wishes_of
from allstop.actions.replies import Written, take_reply
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.leads import LeadSource
from allstop.rules.member_news import GRACE, QUIET, Wish
from allstop.rules.verdict import Hold
from allstop.store import facts
from allstop.store.assigning import assign
from allstop.store.models import Contact, Conversation, MemberNews, Message
from tests.world import World, contact

SOON = GRACE + timedelta(seconds=1)


@pytest.fixture
def pat(world: World) -> Contact:
    return contact(world)


def write(world: World, words: str, after: timedelta = timedelta(), sender: str = "+12125550123") -> Conversation:
    said = Written(
        adapter="sandbox",
        provider_id=f"{words} {after} {sender}",
        channel=Channel.EMAIL if "@" in sender else Channel.TEXT,
        sender=sender,
        recipient="",
        text=words,
        in_reply_to="",
        at=world.now + after,
        account_id=world.account.pk,
    )
    assert take_reply(said)
    return Conversation.objects.filter(account=world.account).order_by("-last_at")[0]


def mails(world: World) -> list[Message]:
    return list(Message.objects.filter(account=world.account, purpose="service", channel="email").order_by("id"))


def test_the_assigned_member_is_told_else_the_admins_and_no_word_is_repeated(world: World, pat: Contact) -> None:
    """TV8's recipients, for every conversation: the assigned member, else the admins."""
    talk = write(world, "My gallstone hurts")
    assert send_due_news(world.now) == 0, "there is a moment to read it"
    assert send_due_news(world.now + SOON) == 1 and send_due_news(world.now + SOON) == 0
    (mail,) = mails(world)
    assert (mail.address, mail.contact_id) == ("ada@northgate.example", None)
    assert f"/inbox/{talk.pk}" in mail.body
    assert not [word for word in ("gallstone", "Pat", "Moreau", "555") if word in mail.subject + mail.body]
    assign({pat.pk: world.cem.pk})
    write(world, "Is it far?", timedelta(hours=1))
    send_due_news(world.now + timedelta(hours=1) + SOON)
    assert [one.address for one in mails(world)][1:] == ["cem@northgate.example"]
    facts_of_mail = facts.facts_of(world.account.pk, mails(world)[1].id)
    stop_account(world.leader, "", world.now)
    stopped = decide(facts.facts_of(world.account.pk, mails(world)[1].id), world.now + timedelta(hours=2))
    assert not isinstance(decide(facts_of_mail, world.now + timedelta(hours=2)), Hold)
    assert isinstance(stopped, Hold) and stopped.check == "account_stop"


def test_one_mail_in_a_quarter_of_an_hour_counts_what_came(world: World, pat: Contact) -> None:
    write(world, "One")
    write(world, "Two", timedelta(minutes=1))
    told_at = world.now + SOON
    send_due_news(told_at)
    assert "Somebody wrote 2 times" in mails(world)[0].body
    write(world, "Three", timedelta(minutes=4))
    assert send_due_news(told_at + QUIET - timedelta(seconds=1)) == 0
    assert send_due_news(told_at + QUIET) == 1


def test_what_was_read_and_what_nobody_wants_is_not_mailed(world: World, pat: Contact) -> None:
    talk = write(world, "One")
    read_conversation(world.member, talk.pk, world.now)
    assert send_due_news(world.now + SOON) == 0
    set_wishes(world.admin, Wishes(Wish.NEVER, Wish.NEVER, 8))
    write(world, "Two", timedelta(hours=1))
    write(world, "STOP", timedelta(hours=2))
    assert send_due_news(world.now + timedelta(days=2)) == 0 and not mails(world)
    assert not MemberNews.objects.filter(told_at=None).exists()


def test_a_member_s_own_mail_and_what_is_obeyed_are_no_news(world: World, pat: Contact) -> None:
    write(world, "Out of office", sender="CEM@northgate.example")
    write(world, "STOP")
    assert not MemberNews.objects.exists()


def test_a_digest_is_one_mail_at_its_hour(world: World, pat: Contact) -> None:
    set_wishes(world.admin, Wishes(Wish.DIGEST, Wish.DIGEST, 8))
    assert wishes_of(world.admin) == Wishes(Wish.DIGEST, Wish.DIGEST, 8)
    write(world, "One")
    write(world, "Hello", timedelta(minutes=1), sender="+12125559988")
    due = MemberNews.objects.filter(told_at=None)
    assert due.count() == 2 and len({one.due_at for one in due}) == 1
    assert send_due_news(due[0].due_at - timedelta(seconds=1)) == 0
    assert send_due_news(due[0].due_at) == 1
    assert mails(world)[0].subject == "2 conversations wait"


def test_whoever_is_given_something_is_told_and_whoever_takes_it_is_not(world: World, pat: Contact) -> None:
    assign({pat.pk: world.cem.pk})
    create_lead(world.leader, NewLead(source=LeadSource.MANUAL, contact_id=pat.pk), world.now)
    stranger = write(world, "Hello", sender="+12125559988")
    assign_conversation(world.leader, stranger.pk, world.ben.pk, world.now)
    assign_conversation(world.leader, stranger.pk, world.cem.pk, world.now)
    found = MemberNews.objects.filter(kind="assigned").order_by("pk")
    assert [(one.member_id, one.contact_id, one.conversation_id) for one in found] == [
        (world.cem.pk, pat.pk, None),
        (world.cem.pk, None, stranger.pk),
    ]
    set_wishes(world.admin, Wishes(Wish.NEVER, Wish.NEVER, 8))
    send_due_news(world.now + SOON)
    (mail,) = mails(world)
    assert "A new lead is yours" in mail.body and "A conversation is yours now" in mail.body
