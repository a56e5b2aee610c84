"""Files that emails take along: kept once, checked, written down, and gone when the last message is."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from allstop.actions import attachments
from allstop.actions.actor import Forbidden, Invalid
from allstop.actions.messages import Draft, send_message
from allstop.actions.messenger import Letter, One, To, in_the_words_of, send
from allstop.actions.messenger_drafts import Draft as Kept
from allstop.actions.messenger_drafts import after_send, draft_of, keep_draft
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.actions.templates import attach_to_template, save_template
from allstop.rules.facts import Channel, Purpose
from allstop.store import erasing, lists
from allstop.store.models import (
    Attachment,
    AttachmentSet,
    LedgerEntry,
    Message,
    MessengerSend,
    QueueEntry,
    SendingSetup,
    Template,
)
from tests.world import World, actor, contact

PDF = b"%PDF-1.7 a form"
HELLO = Draft(
    channel=Channel.EMAIL, purpose=Purpose.SERVICE, subject="Your form", body="Here.", address="pat@example.org"
)
LETTER = Letter(channel=Channel.EMAIL, purpose=Purpose.PERSONAL, subject="Your form", body="Here.")


def upload(world: World, name: str = "form.pdf", content: bytes = PDF) -> int:
    return attachments.upload(world.member, name, content, world.now).id


def files() -> int:
    return Attachment.objects.count()


def test_a_message_takes_its_files_along_and_the_ledger_says_so(world: World) -> None:
    form, map_ = upload(world), upload(world, "../The way.png", b"\x89PNG")
    made = send_message(world.member, replace(HELLO, attachments=(form, map_)), world.now)
    found = lists.message(world.account.pk, made.id)
    assert found is not None
    assert [(one.name, one.type, one.size) for one in found.attachments] == [
        ("form.pdf", "application/pdf", 15),
        ("The way.png", "image/png", 4),
    ]
    entry = LedgerEntry.objects.get(subject=f"message:{made.id}", act="attach_files")
    assert entry.after is not None
    assert [(one["id"], one["bytes"]) for one in entry.after["attachments"]] == [(form, 15), (map_, 4)]
    assert entry.after["names"] == ["form.pdf", "The way.png"]
    plain = send_message(world.member, HELLO, world.now)
    assert Message.objects.get(id=plain.id).attachment_set_id is None
    assert not LedgerEntry.objects.filter(subject=f"message:{plain.id}").exists()


def test_the_same_words_with_other_files_are_no_duplicate(world: World) -> None:
    """What START would drop as one that is told twice."""
    form, other = upload(world), upload(world, "other.pdf")
    ids = [
        send_message(world.member, replace(HELLO, attachments=chosen), world.now).id
        for chosen in ((), (form,), (form,), (other,))
    ]
    words = [QueueEntry.objects.get(id=pk).words for pk in ids]
    assert words[1] == words[2]
    assert len(set(words)) == 3
    assert AttachmentSet.objects.count() == 2
    from allstop.store.lists.reading import scalar

    sql = "SELECT array_agg(plan_words(m) ORDER BY m.id) FROM message m WHERE m.id = ANY (%(ids)s)"
    assert scalar(sql, {"ids": ids}) == words


def test_a_send_to_many_has_one_stored_file(world: World) -> None:
    people = [contact(world, f"Pat {n}", phone=f"+1212555{n:04}", email=f"pat{n}@example.org") for n in range(100, 107)]
    form = upload(world)
    made = send(
        world.member,
        To(ones=tuple(One(contact_id=one.pk) for one in people)),
        replace(LETTER, attachments=(form,)),
        world.now,
    ).send
    assert (made.accepted, files(), AttachmentSet.objects.count()) == (7, 1, 1)
    sets = set(Message.objects.filter(job=made.job).values_list("attachment_set_id", flat=True))
    assert sets == {made.attachment_set_id}
    entry = LedgerEntry.objects.get(subject=f"messenger_send:{made.pk}")
    assert entry.after is not None
    assert entry.after["attachments"]


@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.CALL])
def test_texts_and_calls_refuse_files_loudly(world: World, channel: Channel) -> None:
    form = upload(world)
    person = contact(world)
    draft = replace(HELLO, channel=channel, subject="", address="", contact_id=person.pk, attachments=(form,))
    with pytest.raises(Invalid) as wrong:
        send_message(world.member, draft, world.now)
    assert wrong.value.problems == {"attachments": attachments.ONLY_EMAILS}
    mixed = To(ones=(One(contact_id=person.pk, channel=channel),))
    with pytest.raises(Invalid) as wrong:
        send(world.member, mixed, replace(LETTER, attachments=(form,)), world.now)
    assert wrong.value.problems == {"attachments": attachments.ONLY_EMAILS}


def test_what_cannot_go_is_refused_with_what_to_do(world: World) -> None:
    def problem(*ids: int) -> str:
        with pytest.raises(Invalid) as wrong:
            send_message(world.member, replace(HELLO, attachments=ids), world.now)
        return wrong.value.problems["attachments"]

    with pytest.raises(Invalid, match="Such files are not sent"):
        upload(world, "setup.exe")
    with pytest.raises(Forbidden):
        attachments.upload(actor(world.dot), "form.pdf", PDF, world.now)
    theirs = attachments.upload(world.stranger, "form.pdf", PDF, world.now).id
    assert problem(theirs) == attachments.GONE
    form = upload(world)
    assert "twice" in problem(form, form)
    SendingSetup.objects.update_or_create(account=world.account, defaults={"attachment_mb": 1})
    big = [upload(world, f"{n}.bin", b"x" * 600_000) for n in range(2)]
    assert problem(*big) == (
        "These files have 1.2 MB together. An email takes at most 1 MB: leave something out, or send a link."
    )
    with pytest.raises(Invalid, match=r"x\.bin is too large"):
        upload(world, "x.bin", b"x" * 1_100_000)
    other = ChannelChoice(
        provider="apprise", config={"url": "mailto://a:b@mail.test"}, sender="d@c.test", sender_name=""
    )
    set_channel(world.admin, Channel.EMAIL, other, world.now)
    assert "carries no files" in problem(form)


def test_saved_wording_and_the_draft_have_files(world: World) -> None:
    form, map_ = upload(world), upload(world, "map.png")
    words = Template(name="Form", channel="email", purpose="service", subject="Your form", body="Here.")
    saved = save_template(world.admin, words, world.now, attachments=[form])
    assert in_the_words_of(world.member, saved.pk, replace(LETTER, attachments=(map_, form))).attachments == (
        form,
        map_,
    )
    again = Template(name="form", channel="email", purpose="service", subject="Your form", body="Here it is.")
    kept = save_template(world.admin, again, world.now, replaces=saved.pk)
    assert attachments.ids_in(world.account.pk, kept.attachment_set_id) == (form,)
    assert attach_to_template(world.admin, saved.pk, [], world.now).attachment_set_id is None
    with pytest.raises(Invalid):
        text = Template(name="Short", channel="text", purpose="service", subject="", body="Here.")
        save_template(world.admin, text, world.now, attachments=[form])
    keep_draft(world.member, Kept(subject="Your form", attachments=(form, map_, form)), world.now)
    stands = draft_of(world.member, world.now)
    assert stands.attachments == (form, map_)
    made = send(world.member, To(ones=(One(address="pat@example.org"),)), LETTER, world.now).send
    assert after_send(world.member, stands, made, world.now).attachments == ()


def test_what_nobody_names_is_swept_after_a_day_and_what_is_sent_stays(world: World) -> None:
    now: datetime = world.now
    unused, dropped, used = upload(world), upload(world, "dropped.pdf"), upload(world, "used.pdf")
    keep_draft(world.member, Kept(attachments=(dropped,)), now)
    keep_draft(world.member, Kept(), now)
    send_message(world.member, replace(HELLO, attachments=(used,)), now)
    assert attachments.sweep(now + timedelta(hours=23)) == 0
    assert attachments.sweep(now + timedelta(hours=25)) == 2
    assert list(Attachment.objects.values_list("pk", flat=True)) == [used]
    assert not {unused, dropped} & set(Attachment.objects.values_list("pk", flat=True))


def test_a_file_goes_with_the_last_message_that_has_it(world: World) -> None:
    account = world.account.pk
    pat, sam = contact(world), contact(world, "Sam Ito", phone="+12125550124", email="sam@example.org")
    form, own = upload(world), upload(world, "Pat's form.pdf")
    to = To(ones=(One(contact_id=pat.pk), One(contact_id=sam.pk)))
    made = send(world.member, to, replace(LETTER, attachments=(form,)), world.now).send
    send_message(world.member, replace(HELLO, address="", contact_id=pat.pk, attachments=(own,)), world.now)

    def erase(person: int, address: str) -> int:
        ids = erasing.messages_of(account, person, [address])
        return erasing.of_messages(account, ids)["attachment"]

    assert erase(pat.pk, "pat@example.org") == 1
    assert list(Attachment.objects.values_list("pk", flat=True)) == [form]
    assert erase(sam.pk, "sam@example.org") == 1
    assert files() == AttachmentSet.objects.count() == 0
    assert MessengerSend.objects.get(pk=made.pk).attachment_set_id is None


def test_a_name_that_names_somebody_is_erased_from_a_file_that_stays(world: World) -> None:
    upload(world, "Form of Pat Moreau.pdf")
    erasing.of_typed_words(world.account.pk, "Pat Moreau")
    assert Attachment.objects.get().name == "Form of (erased).pdf"
