"""What a mail that came in means: bounces settle messages, replies reach conversations, machines are not talked to."""

from datetime import datetime
from email import message_from_bytes, policy

import pytest
from django.test import override_settings

from allstop.actions.mail_in import Meaning, take_mail
from allstop.actions.mail_tags import link_of, mail_tag, read_mail_tag
from allstop.actions.unsubscribing import look_up, unsubscribe
from allstop.rules.facts import Channel, Purpose
from allstop.rules.retry import Outcome
from allstop.store import queue
from allstop.store.models import (
    Attempt,
    ChannelSetup,
    Contact,
    Conversation,
    Inbound,
    InboundFile,
    LedgerEntry,
    Marker,
    Message,
    OptOut,
    Receipt,
    Status,
    UnclearReply,
)
from tests.channels.test_email_incoming import FAILED, a_bounce, a_reply
from tests.world import World, contact


@pytest.fixture
def pat(world: World) -> Contact:
    ChannelSetup.objects.filter(account=world.account, channel=Channel.EMAIL).update(
        provider="smtp", sender="desk@northgate.example"
    )
    return contact(world)


def an_email_to(world: World, person: Contact | None, *, address: str = "pat@example.org") -> tuple[int, str]:
    """The message and its Message-ID, as a worker leaves them."""
    [message] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.REMINDER,
                address=address,
                subject="Tomorrow",
                body="See you tomorrow.",
                due_at=world.now,
                contact_id=person.pk if person else None,
            )
        ],
        world.now,
    )
    ref = f"<{mail_tag(world.account.pk, message)}@northgate.example>"
    Message.objects.filter(account=world.account, id=message).update(status=Status.SENT, finished_at=world.now)
    Attempt.objects.create(
        account=world.account,
        message_id=message,
        number=1,
        worker_id=1,
        adapter="smtp",
        started_at=world.now,
        ended_at=world.now,
        outcome=Outcome.ACCEPTED,
        ref=ref,
        code="smtp:250",
        detail="",
    )
    return message, ref


def take(world: World, raw: bytes, now: datetime | None = None) -> Meaning:
    return take_mail(world.account.pk, raw, now or world.now).meaning


def test_a_bounce_settles_its_message_with_the_reason_and_flags_the_address_once(world: World, pat: Contact) -> None:
    message, ref = an_email_to(world, pat)
    bounce = a_bounce(FAILED.format(status="5.1.1", said="550 5.1.1 User unknown"), returned=ref)
    assert take(world, bounce) is Meaning.BOUNCE
    assert take(world, bounce) is Meaning.BOUNCE
    assert Message.objects.get(account=world.account, id=message).receipt == "undeliverable"
    [receipt] = Receipt.objects.filter(account=world.account, message_id=message)
    assert (receipt.state, receipt.code) == ("undeliverable", "smtp:550 5.1.1")
    [flag] = Marker.objects.filter(contact=pat)
    assert (flag.kind, flag.set_by) == ("flag", "Allstop")
    assert flag.reason.startswith("Emails to pat@example.org come back: 550 5.1.1")
    assert not Inbound.objects.filter(account=world.account).exists()


def test_a_full_mailbox_fails_the_message_and_flags_nobody(world: World, pat: Contact) -> None:
    message, ref = an_email_to(world, pat)
    take(world, a_bounce(FAILED.format(status="5.2.2", said="552 5.2.2 mailbox full"), returned=ref))
    assert Message.objects.get(account=world.account, id=message).receipt == "failed"
    assert not Marker.objects.filter(contact=pat).exists()


def test_nobody_can_report_a_message_whose_name_they_were_not_given(world: World, pat: Contact) -> None:
    message, ref = an_email_to(world, pat)
    forged = ref.replace(ref.split(".")[3][:4], "aaaa")
    assert take(world, a_bounce(FAILED.format(status="5.1.1", said="550"), returned=forged)) is Meaning.NOTHING
    theirs = take_mail(world.rival.pk, a_bounce(FAILED.format(status="5.1.1", said="550"), returned=ref), world.now)
    assert theirs.meaning is Meaning.NOTHING
    assert Message.objects.get(account=world.account, id=message).receipt == ""


def test_a_reply_reaches_the_conversation_once_with_its_files(world: World, pat: Contact) -> None:
    message, ref = an_email_to(world, pat)

    mail = message_from_bytes(a_reply("I will be late.", In_Reply_To=ref), policy=policy.default)
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="note.pdf")
    assert take(world, mail.as_bytes()) is Meaning.REPLY
    assert take(world, mail.as_bytes()) is Meaning.REPLY
    [inbound] = Inbound.objects.filter(account=world.account)
    assert (inbound.contact, inbound.text, inbound.subject, inbound.in_reply_to) == (
        pat,
        "I will be late.",
        "Re: Your appointment",
        message,
    )
    [file] = InboundFile.objects.filter(inbound=inbound)
    assert (file.name, file.size, bytes(file.content)) == ("note.pdf", 8, b"%PDF-1.7")
    talk = Conversation.objects.get(contact=pat)
    assert (talk.state, talk.unread) == ("open", 1)


def test_a_no_by_email_counts_for_emails_and_a_doubtful_one_waits_for_a_person(world: World, pat: Contact) -> None:
    """As with texts: docs/opt-out.md."""
    _, ref = an_email_to(world, pat)
    take(world, a_reply("Unsubscribe", In_Reply_To=ref))
    [no] = OptOut.objects.filter(contact=pat, lifted_at=None)
    assert (no.channel, no.address) == ("email", "pat@example.org")
    assert not Message.objects.filter(account=world.account, status=Status.WAITING).exists(), "nothing is answered"
    take(world, a_reply("START", In_Reply_To="<elsewhere@example.org>", Message_ID="<2@example.org>"))
    assert OptOut.objects.filter(contact=pat, lifted_at=None).exists(), "anybody can write in her name"
    take(world, a_reply("START", In_Reply_To=ref, Message_ID="<3@example.org>"))
    assert not OptOut.objects.filter(contact=pat, lifted_at=None).exists()
    take(world, a_reply("how do I stop these?", In_Reply_To=ref, Message_ID="<4@example.org>"))
    assert UnclearReply.objects.filter(contact=pat, settled_at=None).count() == 1


def test_a_subject_alone_is_a_no_too(world: World, pat: Contact) -> None:
    take(world, a_reply("", Subject="unsubscribe", In_Reply_To="<x@example.org>"))
    assert OptOut.objects.filter(contact=pat, channel="email", lifted_at=None).exists()


def test_what_a_machine_wrote_is_kept_and_nothing_follows(world: World, pat: Contact) -> None:
    """RFC 3834: no answer, no loop; and an absence note is nobody's word."""
    _, ref = an_email_to(world, pat)
    away = a_reply("STOP. I am away until Monday.", In_Reply_To=ref, Auto_Submitted="auto-replied")
    assert take(world, away) is Meaning.AUTOMATIC
    [inbound] = Inbound.objects.filter(account=world.account)
    assert (inbound.is_automatic, inbound.meaning) == (True, "nothing")
    talk = Conversation.objects.get(contact=pat)
    assert (talk.state, talk.unread, talk.auto_reply_due_at) == ("closed", 0, None)
    assert not OptOut.objects.exists()
    assert Message.objects.filter(account=world.account).count() == 1
    copy = a_reply("STOP", From="desk@northgate.example", Message_ID="<copy@northgate.example>")
    assert take(world, copy) is Meaning.NOTHING
    assert take(world, b"not a mail at all") is Meaning.NOTHING


def test_a_mail_of_somebody_whom_nobody_knows_waits_in_the_inbox(world: World, pat: Contact) -> None:
    assert take(world, a_reply("Do you take new patients?", From="zoe@example.net")) is Meaning.REPLY
    talk = Conversation.objects.get(account=world.account, address="zoe@example.net")
    assert (talk.contact, talk.unread) == (None, 1)


def test_the_unsubscribe_link_says_no_to_emails_once_and_forged_ones_say_nothing(world: World, pat: Contact) -> None:
    """RFC 8058; looking changes nothing."""
    message, _ = an_email_to(world, pat)
    with override_settings(URL="https://desk.example"):
        link = link_of(world.account.pk, message)
    tag = link.removeprefix("https://desk.example/unsubscribe/")
    seen = look_up(tag)
    assert seen is not None
    assert (seen.account, seen.of_all) == ("Northgate Dental", False)
    assert not OptOut.objects.exists()
    assert unsubscribe(tag, world.now) == unsubscribe(tag, world.now) == seen
    [no] = OptOut.objects.filter(contact=pat, lifted_at=None)
    assert (no.channel, no.address, no.words) == ("email", "pat@example.org", "used the unsubscribe link of an email")
    assert LedgerEntry.objects.filter(account=world.account, act="opt_out").count() == 1
    for forged in (tag[:-1] + ("a" if tag[-1] != "a" else "b"), mail_tag(world.account.pk, message), f"x{tag}", ""):
        assert look_up(forged) is None
        assert unsubscribe(forged, world.now) is None
    assert read_mail_tag(tag) is None


def test_a_link_of_somebody_who_is_no_contact_keeps_their_address(world: World, pat: Contact) -> None:
    message, _ = an_email_to(world, None, address="zoe@example.net")
    tag = link_of(world.account.pk, message).rpartition("/")[2]
    unsubscribe(tag, world.now)
    assert OptOut.objects.get(account=world.account, lifted_at=None).contact.addresses.get().value == "zoe@example.net"
