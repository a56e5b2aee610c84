"""Conversations: what is heard opens them, reading stops the timers, an answer closes, and nobody's words are lost."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions.actor import Actor, Conflict, Forbidden, Invalid, NotThere
from allstop.actions.bulk import Selection, Wish, change_contacts, undo_change
from allstop.actions.contacts import ContactDetails, create_contact, mark
from allstop.actions.conversations import (
    Answer,
    add_sender,
    answer,
    assign_conversation,
    attach_sender,
    close_conversation,
    read_conversation,
    reopen_conversation,
    take_unassigned,
)
from allstop.actions.merging import merge_contacts
from allstop.actions.play import play_inbound
from allstop.actions.replies import Written, take_key, take_reply
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Role
from allstop.store import ledger, lists
from allstop.store.lists import NOBODY, InboxFilter, InboxPlace, Show
from allstop.store.models import (
    Account,
    Attempt,
    ChangeKind,
    ChannelSetup,
    Contact,
    Conversation,
    Hold,
    Inbound,
    LedgerEntry,
    Message,
    OptOut,
    Status,
    UnclearReply,
)
from tests.world import World, contact, texts

PAT = "+12125550123"
STRANGER = "+12125550177"
OURS = "+12125550100"


def says(world: World, text: str, *, minutes: int = 0, sender: str = PAT, to: str = OURS, ref: str = "") -> bool:
    at = world.now + timedelta(minutes=minutes)
    return take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"{sender} {minutes} {text}",
            channel=Channel.EMAIL if "@" in sender else Channel.TEXT,
            sender=sender,
            recipient=to,
            text=text,
            in_reply_to=ref,
            at=at,
        )
    )


def receives(account: Account, number: str = OURS) -> None:
    ChannelSetup.objects.filter(account=account, channel="text").update(sender=number)


def only() -> Conversation:
    return Conversation.objects.get()


def names(world: World, **wanted: object) -> list[str]:
    found = lists.conversations(world.account.pk, InboxFilter(**wanted))  # type: ignore[arg-type]
    return [row.title for row in found]


# --- hearing


def test_what_a_contact_writes_opens_their_conversation(world: World, now: datetime) -> None:
    person = contact(world)
    assert says(world, "Can I come at 3?")
    assert says(world, "Or at 4?", minutes=2)
    found = only()
    assert (found.contact_id, found.state, found.unread, found.unread_since) == (person.pk, "open", 2, now)
    assert (found.last_at, found.last_in_at, found.last_out_at) == (
        now + timedelta(minutes=2),
        now + timedelta(minutes=2),
        None,
    )
    (row,) = lists.conversations(world.account.pk, InboxFilter())
    assert (row.title, row.text, row.channel, row.is_ours) == ("Pat Moreau", "Or at 4?", "text", False)


def test_the_same_message_twice_counts_once(world: World) -> None:
    contact(world)
    says(world, "Hello")
    says(world, "Hello")
    assert only().unread == 1


@pytest.mark.parametrize("word", ["STOP", "START", "HELP"])
def test_words_that_allstop_answers_wait_for_nobody(world: World, word: str) -> None:
    """TM10: they are kept all the same."""
    contact(world)
    says(world, word)
    assert (only().state, only().unread) == ("closed", 0)
    assert Inbound.objects.get().text == word


def test_what_may_be_a_no_waits_for_a_person(world: World) -> None:
    contact(world)
    says(world, "please stop")
    assert (only().state, only().unread) == ("open", 1)


def test_it_opens_again_when_they_write_again(world: World) -> None:
    contact(world)
    says(world, "Hello")
    close_conversation(world.member, only().pk, world.now)
    assert (only().state, only().unread) == ("closed", 0)
    says(world, "Are you there?", minutes=1)
    assert (only().state, only().unread) == ("open", 1)


def test_a_key_that_is_pressed_opens_none(world: World, now: datetime) -> None:
    [message] = texts(world, 1)
    Attempt.objects.create(
        account=world.account,
        message_id=message,
        number=1,
        worker_id=1,
        adapter="sandbox",
        outcome="accepted",
        ref="call 1",
        code="",
        detail="",
    )
    assert take_key("sandbox", "call 1", "1", now)
    assert Inbound.objects.exists()
    assert not Conversation.objects.exists()


# --- unknown senders


def test_a_stranger_reaches_the_account_whose_number_it_is(world: World) -> None:
    receives(world.account)
    assert says(world, "Do you take new patients?", sender=STRANGER)
    found = only()
    assert (found.account_id, found.contact_id, found.address, found.unread) == (world.account.pk, None, STRANGER, 1)
    assert names(world) == [STRANGER]
    (event,) = lists.sender_history(world.account.pk, STRANGER)
    assert event.words == "Do you take new patients?"
    assert not Contact.objects.exists()


def test_a_number_of_nobody_is_asked_for_again(world: World) -> None:
    assert not says(world, "Hello?", sender=STRANGER)
    assert not Inbound.objects.exists()


def test_of_two_accounts_with_the_same_number_whoever_knows_the_sender_hears_them(world: World) -> None:
    """Who hears a stranger: tests of shared senders."""
    for account in (world.account, world.rival):
        receives(account)
    contact(world, phone=STRANGER, account=world.rival)
    assert says(world, "Hello?", sender=STRANGER)
    assert only().account_id == world.rival.pk


def test_another_accounts_contact_is_a_stranger_here(world: World) -> None:
    receives(world.account)
    contact(world, phone=STRANGER, account=world.rival)
    assert says(world, "Hello?", sender=STRANGER)
    assert (only().account_id, only().contact_id) == (world.account.pk, None)


def test_an_answer_whose_message_was_never_recorded_is_not_lost(world: World) -> None:
    receives(world.account)
    assert not says(world, "Yes", sender=STRANGER, ref="nobody knows")
    assert says(world, "Yes", sender=STRANGER)  # at last the worker asks without it


def test_a_stop_by_a_stranger_stands_for_whoever_has_the_number(world: World, now: datetime) -> None:
    receives(world.account)
    says(world, "STOP", sender=STRANGER)
    assert OptOut.objects.get().address == STRANGER
    assert Conversation.objects.get().contact == Contact.objects.get()
    made = create_contact(world.member, ContactDetails(given_name="Stan", phones=(STRANGER,)), now)
    assert OptOut.objects.filter(contact=made, lifted_at=None).exists()


def test_a_stranger_who_becomes_a_contact_keeps_what_was_written(world: World, now: datetime) -> None:
    receives(world.account)
    says(world, "Do you take new patients?", sender=STRANGER)
    says(world, "please stop", sender=STRANGER, minutes=1)
    assert not UnclearReply.objects.exists()
    made = add_sender(world.member, only().pk, ContactDetails(given_name="Stan"), now)
    person = Contact.objects.get()
    assert (made.contact_id, only().unread, only().state) == (person.pk, 2, "open")
    assert set(Inbound.objects.values_list("contact_id", flat=True)) == {person.pk}
    assert Hold.objects.filter(name="unclear_reply", contact=person, lifted_at=None).exists()
    assert UnclearReply.objects.get().inbound.text == "please stop"
    assert isinstance(ledger.verify(world.account.pk), int)
    with pytest.raises(Conflict):
        add_sender(world.member, made.pk, ContactDetails(given_name="Stan"), now)


def test_a_stranger_is_attached_to_a_contact_who_has_a_conversation(world: World, now: datetime) -> None:
    receives(world.account)
    person = contact(world)
    says(world, "Hello")
    says(world, "It is me, from my other phone", sender=STRANGER, minutes=5)
    stranger = Conversation.objects.get(contact=None)
    attach_sender(world.member, stranger.pk, person.pk, now)
    assert (only().contact_id, only().unread, only().unread_since) == (person.pk, 2, now)
    assert set(person.addresses.values_list("value", flat=True)) == {PAT, STRANGER, "pat@example.org"}
    assert LedgerEntry.objects.filter(act="attach_sender", subject=f"contact:{person.pk}").count() == 1


def test_a_stranger_who_got_into_the_phonebook_is_known_at_the_next_word(world: World, now: datetime) -> None:
    receives(world.account)
    says(world, "Hello", sender=STRANGER)
    person = contact(world, phone=STRANGER, email="")
    says(world, "Hello again", sender=STRANGER, minutes=1)
    assert (only().contact_id, only().unread) == (person.pk, 2)
    assert Inbound.objects.filter(contact=person).count() == 2


def test_what_cannot_be_written_to_cannot_become_a_contact(world: World, now: datetime) -> None:
    receives(world.account)
    says(world, "Your code is 1234", sender="72850")
    with pytest.raises(Conflict):
        add_sender(world.member, only().pk, ContactDetails(given_name="Bank"), now)
    with pytest.raises(Conflict):
        answer(world.member, only().pk, Answer(channel=Channel.TEXT, body="Who?"), now)


# --- reading, closing, assigning


def test_reading_is_for_all_and_only_for_what_was_shown(world: World, now: datetime) -> None:
    contact(world)
    says(world, "One")
    seen = Inbound.objects.get().pk
    says(world, "Two", minutes=1)
    assert read_conversation(world.member, only().pk, world.now, seen).unread == 1
    assert only().unread_since == now + timedelta(minutes=1)
    assert read_conversation(world.member, only().pk, world.now).unread == 0
    assert (only().unread_since, only().state) == (None, "open")


def test_a_viewer_may_look_and_nothing_else(world: World, now: datetime) -> None:
    contact(world)
    says(world, "One")
    for act in (
        lambda: read_conversation(world.viewer, only().pk, world.now),
        lambda: close_conversation(world.viewer, only().pk, world.now),
        lambda: reopen_conversation(world.viewer, only().pk),
        lambda: assign_conversation(world.viewer, only().pk, None, now),
        lambda: answer(world.viewer, only().pk, Answer(channel=Channel.TEXT, body="Hi"), now),
    ):
        with pytest.raises(Forbidden):
            act()
    assert only().unread == 1


def test_another_accounts_conversation_is_not_there(world: World, now: datetime) -> None:
    contact(world)
    says(world, "One")
    for act in (
        lambda: read_conversation(world.stranger, only().pk, world.now),
        lambda: close_conversation(world.stranger, only().pk, world.now),
        lambda: assign_conversation(world.stranger, only().pk, None, now),
        lambda: answer(world.stranger, only().pk, Answer(channel=Channel.TEXT, body="Hi"), now),
        lambda: attach_sender(world.stranger, only().pk, 1, now),
    ):
        with pytest.raises(NotThere):
            act()


def test_it_is_assigned_as_its_contact_is_whoever_does_it(world: World, now: datetime) -> None:
    """003-10."""
    person = contact(world)
    says(world, "Hello")
    row = assign_conversation(world.member, only().pk, world.ben.pk, now)
    assert row.assigned_to_id == world.ben.pk
    assert Contact.objects.get().assigned_to_id == world.ben.pk
    entry = LedgerEntry.objects.get(act="assign_contact")
    assert (entry.by, entry.subject, entry.before, entry.after) == (
        "Cem Tanaka",
        f"contact:{person.pk}",
        {"assigned_to": None},
        {"assigned_to": world.ben.pk, "via": "console"},
    )
    version = lists.inbox_version(world.account.pk)
    change = change_contacts(
        world.member, Selection(ids=[person.pk]), Wish(kind=ChangeKind.ASSIGN, member_id=world.ada.pk), now
    )
    assert only().assigned_to_id == world.ada.pk
    assert lists.inbox_version(world.account.pk) != version
    undo_change(world.member, change.pk, datetime.now(UTC))  # changes go by the clock
    assert only().assigned_to_id == world.ben.pk
    with pytest.raises(Invalid):
        assign_conversation(world.member, only().pk, world.rae.pk, now)


def test_a_strangers_conversation_is_assigned_by_itself(world: World, now: datetime) -> None:
    receives(world.account)
    says(world, "Hello", sender=STRANGER)
    assign_conversation(world.member, only().pk, world.cem.pk, now)
    assert only().assigned_to_id == world.cem.pk
    assert LedgerEntry.objects.filter(act="assign_conversation", subject=f"conversation:{only().pk}").exists()


def test_a_member_who_goes_leaves_it_to_nobody(world: World, now: datetime) -> None:
    contact(world)
    says(world, "Hello")
    assign_conversation(world.member, only().pk, world.ben.pk, now)
    world.ben.delete()
    assert only().assigned_to_id is None
    assert Contact.objects.get().assigned_to is None


# --- answering


def test_an_answer_closes_reads_and_takes_ownership(world: World, now: datetime) -> None:
    """TM13: a personal message to one."""
    person = contact(world)
    says(world, "Can I come at 3?")
    accepted = answer(world.member, only().pk, Answer(channel=Channel.TEXT, body="Yes, see you then."), now)
    sent = Message.objects.get(id=accepted.id)
    assert (sent.contact_id, sent.purpose, sent.address, sent.body) == (
        person.pk,
        "personal",
        PAT,
        "Yes, see you then.",
    )
    found = only()
    assert (found.state, found.unread, found.assigned_to_id, found.last_out_at) == ("closed", 0, world.cem.pk, now)
    (row,) = lists.conversations(world.account.pk, InboxFilter(show=Show.CLOSED))
    assert (row.text, row.is_ours, row.assigned_to) == ("Yes, see you then.", True, "Cem Tanaka")


def test_an_answer_leaves_a_colleagues_conversation_theirs(world: World, now: datetime) -> None:
    contact(world)
    says(world, "Hello")
    assign_conversation(world.member, only().pk, world.ben.pk, now)
    answer(world.member, only().pk, Answer(channel=Channel.TEXT, body="Hello"), now)
    assert only().assigned_to_id == world.ben.pk


def test_an_answer_by_a_program_takes_no_ownership(world: World, now: datetime) -> None:
    contact(world)
    says(world, "Hello")
    program = Actor(world.account.pk, "scheduler (token)", Role.MEMBER, "api")
    answer(program, only().pk, Answer(channel=Channel.TEXT, body="Hello"), now)
    assert (only().assigned_to_id, only().state) == (None, "closed")


def test_an_answer_goes_to_where_they_wrote_from(world: World, now: datetime) -> None:
    person = contact(world, phone="+12125550101", email="")
    person.addresses.create(account=world.account, kind="phone", value=PAT, label="", position=1)
    says(world, "From my second phone")
    accepted = answer(world.member, only().pk, Answer(channel=Channel.TEXT, body="Hello"), now)
    assert Message.objects.get(id=accepted.id).address == PAT


def test_what_stop_all_refuses_closes_nothing(world: World, now: datetime) -> None:
    person = contact(world)
    says(world, "Hello")
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "asked", now)
    accepted = answer(world.member, only().pk, Answer(channel=Channel.TEXT, body="Hello"), now)
    assert (accepted.status, accepted.reason) == (Status.REFUSED, "stop_all")
    assert (only().state, only().unread, only().last_out_at) == ("open", 0, None)


def test_the_same_answer_twice_by_key_is_one(world: World, now: datetime) -> None:
    contact(world)
    says(world, "Hello")
    said = Answer(channel=Channel.TEXT, body="Hello")
    first = answer(world.member, only().pk, said, now, "k1")
    says(world, "And then?", minutes=1)
    second = answer(world.member, only().pk, said, now, "k1")
    assert (second.id, second.is_repeat) == (first.id, True)
    assert only().unread == 1, "what came between was not answered"


def test_answering_a_stranger_makes_a_contact_of_the_number(world: World, now: datetime) -> None:
    receives(world.account)
    says(world, "Do you take new patients?", sender=STRANGER)
    answer(world.member, only().pk, Answer(channel=Channel.TEXT, body="We do."), now)
    person = Contact.objects.get()
    assert (person.name, only().contact_id, only().state) == ("", person.pk, "closed")
    assert Message.objects.get().address == STRANGER


def test_what_cannot_be_sent_is_said_and_changes_nothing(world: World, now: datetime) -> None:
    contact(world)
    says(world, "Hello")
    for said in (Answer(channel=Channel.TEXT, body=" "), Answer(channel=Channel.EMAIL, body="Hi")):
        with pytest.raises(Invalid):
            answer(world.member, only().pk, said, now)
    assert only().unread == 1


# --- merging, lists, counts


def test_merging_two_contacts_joins_their_conversations(world: World, now: datetime) -> None:
    keep, other = contact(world, phone=PAT), contact(world, "Patrick Moreau", phone=STRANGER, email="")
    says(world, "One")
    says(world, "Two", sender=STRANGER, minutes=1)
    merge_contacts(world.member, keep.pk, other.pk, now)
    assert (only().contact_id, only().unread, only().last_at) == (keep.pk, 2, now + timedelta(minutes=1))


def test_merging_into_one_who_has_none_moves_it(world: World, now: datetime) -> None:
    keep, other = contact(world, phone="+12125550101"), contact(world, "Patrick Moreau", phone=STRANGER, email="")
    says(world, "Two", sender=STRANGER)
    merge_contacts(world.member, keep.pk, other.pk, now)
    assert (only().contact_id, only().unread, only().state) == (keep.pk, 1, "open")


def test_the_lists_are_paged_and_filtered(world: World, now: datetime) -> None:
    for number in range(5):
        contact(world, f"Pat Number{number}", phone=f"+1212555010{number}", email="")
        says(world, "Hello", sender=f"+1212555010{number}", minutes=number)
    rows = Conversation.objects.order_by("last_at")
    assign_conversation(world.member, rows[0].pk, world.cem.pk, now)
    close_conversation(world.member, rows[1].pk, world.now)
    read_conversation(world.member, rows[2].pk, world.now)
    account = world.account.pk
    assert names(world) == ["Pat Number4", "Pat Number3", "Pat Number2", "Pat Number0"]
    assert names(world, show=Show.CLOSED) == ["Pat Number1"]
    assert names(world, show=Show.UNREAD) == ["Pat Number4", "Pat Number3", "Pat Number0"]
    assert names(world, assigned_to=world.cem.pk) == ["Pat Number0"]
    assert names(world, assigned_to=NOBODY, show=Show.UNREAD) == ["Pat Number4", "Pat Number3"]
    assert names(world, q="number1") == ["Pat Number1"]
    assert names(world, q="(212) 555-0102") == ["Pat Number2"]
    first = lists.conversations(account, InboxFilter(), limit=2)
    rest = lists.conversations(account, InboxFilter(), after=first[-1].place, limit=5)
    assert [row.title for row in rest] == ["Pat Number2", "Pat Number0"]
    assert lists.conversations(account, InboxFilter(), after=InboxPlace(now, 0)) == []
    counts = lists.unread_conversations(account, world.cem.pk)
    assert (counts.mine, counts.unassigned, counts.everybody) == (1, 2, 3)
    assert lists.conversations(world.rival.pk, InboxFilter()) == []


def test_a_member_says_whether_what_is_nobodys_counts_for_them(world: World) -> None:
    take_unassigned(world.member, world.cem.pk, takes=False)
    world.cem.refresh_from_db()
    assert not world.cem.takes_unassigned
    with pytest.raises(Forbidden):
        take_unassigned(world.member, world.ben.pk, takes=False)
    with pytest.raises(NotThere):
        take_unassigned(world.admin, world.rae.pk, takes=False)


# --- the sandbox


def test_anybody_can_be_played_where_the_channel_goes_to_the_sandbox(world: World, now: datetime) -> None:
    play_inbound(world.leader, Channel.TEXT, "(212) 555-0177", "Hello?", now)
    assert (only().address, only().unread) == (STRANGER, 1)
    play_inbound(world.leader, Channel.EMAIL, "Zoe@Example.org", "Hello?", now)
    assert Conversation.objects.filter(address="Zoe@example.org").exists()
    assert LedgerEntry.objects.filter(act="play_inbound", by="Ben Weber").count() == 2


def test_nobody_is_played_on_a_real_channel_or_by_a_member(world: World, now: datetime) -> None:
    with pytest.raises(Forbidden):
        play_inbound(world.member, Channel.TEXT, STRANGER, "START", now)
    ChannelSetup.objects.filter(account=world.account).update(provider="smtp")
    with pytest.raises(Conflict):
        play_inbound(world.leader, Channel.TEXT, STRANGER, "START", now)
    for channel, sender, text in (
        (Channel.TEXT, "nobody", "Hi"),
        (Channel.TEXT, STRANGER, " "),
        (Channel.CALL, STRANGER, "Hi"),
    ):
        with pytest.raises(Invalid):
            play_inbound(world.leader, channel, sender, text, now)
    assert not Inbound.objects.exists()
