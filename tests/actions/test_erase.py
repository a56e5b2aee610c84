"""A person is erased: nothing names them any more, nothing leaves, the totals and the ledger stay exact."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from allstop.actions.actor import Actor, Conflict, Forbidden, Invalid, NotThere, Operator
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contact_imports import upload
from allstop.actions.contacts import (
    ContactDetails,
    create_contact,
    details_of,
    mark,
    record_opt_in,
    record_opt_out,
    unmark,
    update_contact,
)
from allstop.actions.erase import CONFIRM, erase_person, finish_begun, go_on
from allstop.actions.groups import add_to_group, create_group
from allstop.actions.import_preview import preview
from allstop.actions.intake import create_lead
from allstop.actions.jobs import remove_jobs
from allstop.actions.lead_details import NewLead
from allstop.actions.leads import unqualify
from allstop.actions.merging import merge_contacts
from allstop.actions.messages import Draft, send_message
from allstop.actions.messenger import Letter, One, To, send
from allstop.actions.notes import add_note
from allstop.actions.play import play_inbound
from allstop.actions.replies import Written, take_reply
from allstop.actions.support import enter_account
from allstop.actions.switch import start_account, stop_account
from allstop.actions.tickets import answer_ticket, open_ticket
from allstop.actions.unknown import Choice, settle
from allstop.rules.facts import Channel, Purpose
from allstop.rules.leads import LeadSource, Reason
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import word_of
from allstop.store import ledger, lists
from allstop.store.lists import Many
from allstop.store.lists.contact_filter import ContactFilter
from allstop.store.models import (
    Account,
    Address,
    AppointmentAnswer,
    Attempt,
    CallStep,
    ChangeKind,
    Contact,
    ContactImport,
    ContactImportProblem,
    ContactImportSlice,
    ContactList,
    ContactListTick,
    Erasure,
    Event,
    FamilyVisit,
    Hold,
    Import,
    ImportProblem,
    Inbound,
    LedgerEntry,
    Marker,
    Message,
    MessengerDraft,
    OptOut,
    OutboxItem,
    Part,
    QueueEntry,
    Receipt,
    Status,
    Suppression,
    UnclearReply,
    User,
    Webhook,
    WebhookDelivery,
    Worker,
)
from tests.reminder_files import a_row, run, taken_in
from tests.world import World, contact, finish, job, lose, texts

PHONE = "+447400123958"
EMAIL = "maeve.doyle@example.org"
STRANGE = "+447400999958"  # from which they wrote before anybody knew whose it is
NAME = "Maeve Doyle"
TRACES = (
    "maeve",
    "doyle",
    "7400123958",
    "7400 123958",
    "7400999958",
    "kidney",
    "gallstone",
)  # in no other row of these tests
SAYS = count(1)


@pytest.fixture
def maeve(world: World) -> Contact:
    return contact(world, NAME, phone=PHONE, email=EMAIL)


def reply(world: World, words: str, now: datetime) -> None:
    said = Written(
        adapter="sandbox",
        provider_id=f"maeve-{next(SAYS)}",
        channel=Channel.TEXT,
        sender=PHONE,
        recipient="+12125550100",
        text=words,
        in_reply_to="",
        at=now,
    )
    assert take_reply(said)


def text_to(world: World, person: Contact, body: str = "Your kidney scan is tomorrow, Maeve") -> int:
    [message] = texts(world, 1, to=person)
    Message.objects.filter(id=message).update(address=PHONE, body=body, subject="For Maeve Doyle")
    return message


def sent_to(world: World, person: Contact) -> int:
    message = text_to(world, person)
    words = {"subject": "", "body": "{visits}", "alone_subject": "Doyle", "alone_body": "Hi Maeve"}
    FamilyVisit.objects.create(
        account=world.account, message_id=message, carrier_id=message, at=world.now, says={"name": "Maeve"}, **words
    )
    finish(world, [message], Status.SENT)
    Attempt.objects.create(
        account=world.account,
        message_id=message,
        number=1,
        worker_id=1,
        adapter="sandbox",
        started_at=world.now,
        ended_at=world.now,
        outcome="accepted",
        ref=f"ref-{EMAIL}",
        code="smtp:250",
        detail=f"queued for <{EMAIL}>",
    )
    for kind, data in (("dialled", ""), ("answered", f"call-of-{EMAIL}"), ("hangup", f"{PHONE} hung up")):
        CallStep.objects.create(
            account=world.account,
            message_id=message,
            attempt=1,
            adapter="sip",
            ref=f"{world.account.pk}.{message}",
            kind=kind,
            data=data,
            at=world.now,
        )
    Receipt.objects.create(
        account=world.account,
        message_id=message,
        adapter="sandbox",
        ref=f"ref-{EMAIL}",
        state="delivered",
        code="",
        at=world.now,
    )
    OutboxItem.objects.create(
        account=world.account,
        message_id=message,
        key=f"k{message}",
        channel="text",
        to=PHONE,
        sender="",
        subject="For Maeve Doyle",
        body="Your kidney scan is tomorrow, Maeve",
        at=world.now,
    )
    return message


def imported(world: World, state: str = "done") -> Import:
    source = Import.objects.create(
        account=world.account,
        file_name="Maeve Doyle.csv",
        format="csv",
        content=f"Name,Phone\nMaeve Doyle,{PHONE}\n".encode(),
        source="upload",
        state=state,
        rows_total=1,
        options={},
        failure="Row 2 (MAEVE DOYLE) is wrong",
        created_by="Cem Tanaka",
        created_at=world.now,
    )
    ImportProblem.objects.create(
        source=source, row=2, column="Phone", value="07400 123958", problem="Doyle, Maeve has no date"
    )
    return source


def at_the_desk(world: World, person: Contact, message: int) -> None:
    """In the Messenger, in the talk with a sender whom nobody knew, in files of contacts, in a text of two parts."""
    play_inbound(world.leader, Channel.TEXT, STRANGE, "It is Maeve, about my kidney", world.now)
    Address.objects.create(account=world.account, contact=person, kind="phone", value=STRANGE, label="", position=9)
    hello = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="The gallstone is the topic")
    send(world.member, To(ones=(One(contact_id=person.pk, address=PHONE),)), hello, world.now, key="for Maeve Doyle")
    several = To(ones=(One(contact_id=person.pk), One(contact_id=contact(world, "Ann Ito", phone="+12125550150").pk)))
    send(world.member, several, replace(hello, body="The desk is closed"), world.now)
    found = Many(filter=ContactFilter(q="Maeve Doyle"))
    send(world.member, To(filters=(found,)), replace(hello, body="Come by"), world.now)
    MessengerDraft.objects.create(
        account=world.account,
        member=world.cem,
        key="k",
        recipients=[f"contact||{person.pk}"],
        channel="text",
        purpose="personal",
        subject="",
        body="About the gallstone",
        at=world.now,
    )
    content = [b"Name,Phone\nMaeve Do", f"yle,{PHONE}\n".encode()]
    waits = upload(world.member, "Maeve Doyle.csv", content, world.now)
    ContactImportProblem.objects.create(
        source=waits,
        row=3,
        is_refused=True,
        column="Phone",
        value="07400 123958",
        problem="no",
        cells=["Maeve", "Doyle"],
    )
    done = upload(world.member, "people.csv", [b"Name,Phone\nZoe Ong,2125550151\n"], world.now)
    ContactImport.objects.filter(pk=done.pk).update(state="done", failure="Row 7 (Maeve Doyle) is wrong")
    ContactImportProblem.objects.create(
        source=done,
        row=3,
        is_refused=True,
        column="Phone",
        value="07400 123958",
        problem="no",
        cells=["Maeve", "Doyle"],
    )
    other = contact(world, "Zoe Ong", phone="+12125550151")
    ContactImportSlice.objects.create(
        source=done,
        number=1,
        added=[],
        completed=[person.pk, other.pk],
        before=[{"fields": {"name": "Maeve"}}, {"fields": {"name": "Zoe"}}],
    )
    Part.objects.create(
        account=world.account, message_id=message, attempt=1, number=1, adapter="smpp", ref=f"ref-{EMAIL}-1"
    )


def told_of_an_appointment(world: World, person: Contact, now: datetime) -> None:
    said = {"account": world.account, "contact": person, "message_id": 1, "kind": "confirmed", "by": "the contact"}
    AppointmentAnswer.objects.create(**said, channel="text", at=now)
    of = {"name": "Recall", "filter": {}, "created_by": "Ben Weber", "created_at": now}
    made = ContactList.objects.create(account=world.account, **of)
    ContactListTick.objects.create(account=world.account, list=made, contact=person, by="Ben", at=now, until=now)


def a_full_life(world: World, person: Contact, now: datetime) -> None:
    """Something of the person in every table that can hold it."""
    told_to_programs(world, person, now)
    for actor in (world.leader,):
        group = create_group(actor, "Recall", False, now)
        add_to_group(actor, group.pk, [person.pk], now)
    details = details_of(world.member, person.pk)
    update_contact(world.member, person.pk, replace(details, language="en", external_id="D-1 Doyle"), now)
    told_of_an_appointment(world, person, now)
    add_note(world.member, person.pk, "Maeve asked about her gallstone", now)
    mark(world.member, [person.pk], MarkerKind.STOP_PROMOTIONS, "Mrs Doyle rang", now)
    mark(world.member, [person.pk], MarkerKind.FLAG, "Maeve owes us", now)
    change_contacts(world.member, Selection(ids=[person.pk]), Wish(kind=ChangeKind.UNFLAG, reason="Doyle paid"), now)
    searched = Selection(filter=ContactFilter(q="Maeve Doyle"))
    change_contacts(world.member, searched, Wish(kind=ChangeKind.FLAG, reason="all named Maeve Doyle"), now)
    at_the_desk(world, person, sent_to(world, person))
    [lost] = lose(world, [text_to(world, person)])
    settle(world.member, [lost], Choice.LEAVE, "Maeve did not get it", now)
    asked = NewLead(source=LeadSource.API, phone=PHONE, comment="Maeve wants a price for the gallstone", kind="Doyle")
    taken = create_lead(world.member, asked, now, key=f"lead of {NAME}")
    assert taken.lead is not None
    unqualify(world.member, taken.lead.public_id, Reason.OTHER, "Maeve went elsewhere", now)
    draft = Draft(
        channel=Channel.TEXT,
        purpose=Purpose.SERVICE,
        contact_id=person.pk,
        body="Dear Maeve, about the gallstone",
        by_hand=True,
        reason="Doyle is waiting",
    )
    send_message(world.member, draft, now)
    reply(world, "please maybe stop the kidney ones", now)
    reply(world, "STOP it, the gallstone is gone", now)
    imported(world)
    removed = job(world, "For Maeve Doyle only")
    remove_jobs(world.member, [removed.pk], now)
    stop_account(world.leader, "wrong texts to Maeve Doyle", now)
    start_account(world.leader, "Maeve Doyle is told", now)
    text_to(world, person)
    ticket = open_ticket(world.admin, world.account.pk, "About Maeve Doyle", "Maeve Doyle's text came twice", now)
    answer_ticket(Operator("Olu", "console"), world.account.pk, ticket.ticket.pk, "We look at Maeve Doyle", now)
    helper = User.objects.create(email="olu@desk.example", name="Olu", is_operator=True)
    enter_account(Operator("Olu", "console"), helper.pk, world.account.pk, "Maeve Doyle got two texts", now)


def told_to_programs(world: World, person: Contact, now: datetime) -> None:
    said: dict[str, Any] = {"account": world.account, "kind": "lead_created", "contact_id": person.pk, "at": now}
    webhook = Webhook.objects.create(
        account=world.account, name="CRM", url="https://crm.example", kinds=["opt_out"], secrets={}, created_at=now
    )
    Event.objects.create(payload={"name": "Maeve Doyle"}, **said)
    WebhookDelivery.objects.create(webhook=webhook, payload={"name": "Doyle"}, answer="Hi Maeve", next_at=now, **said)


def everything(but: tuple[str, ...] = ()) -> Iterator[tuple[str, str, str]]:
    """(table, column, value) of every text, JSON, array and file of the database, whatever tables there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
        columns = [(t, c, kind) for t, c, kind in cursor.fetchall() if t not in but and may_hold_words(kind)]
        for table, column, kind in columns:
            value = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT {value} FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (found,) in cursor.fetchall():
                yield table, column, found


def may_hold_words(kind: str) -> bool:
    return kind.removesuffix("[]") in ("character varying", "text", "json", "jsonb", "bytea", "character", "xml")


def traces() -> list[tuple[str, str, str]]:
    return [row for row in everything() if any(trace in row[2].casefold() for trace in TRACES)]


def tallies(world: World) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, sum(count) FROM (SELECT account_id, status, count FROM tally UNION ALL"
            " SELECT account_id, status, count FROM tally_change) t WHERE account_id = %s GROUP BY 1",
            [world.account.pk],
        )
        return {status: int(number) for status, number in cursor.fetchall() if number}


def statuses(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for status in Message.objects.filter(account=world.account).values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def test_nothing_in_the_whole_database_names_the_person_afterwards(world: World, maeve: Contact, now: datetime) -> None:
    a_full_life(world, maeve, now)
    before = {(table, column) for table, column, _ in traces()}
    assert len(before) > 25, before
    assert isinstance(ledger.verify(world.account.pk), int)
    entries = LedgerEntry.objects.filter(account=world.account).count()
    done = erase_person(world.admin, maeve.pk, NAME, now)
    assert done.state == "done", done
    assert traces() == []
    assert ledger.verify(world.account.pk) > entries  # type: ignore[operator]  # Broken would fail the test too
    assert done.counts is not None
    assert ledger.erased(world.account.pk) == done.counts["entries"] > 5


def test_totals_and_the_rows_of_messages_stay(world: World, maeve: Contact, now: datetime) -> None:
    a_full_life(world, maeve, now)
    count_before = Message.objects.filter(account=world.account).count()
    maeve_id = maeve.pk
    [waiting] = Message.objects.filter(contact=maeve, status="waiting", body__startswith="Your").values_list(
        "id", flat=True
    )
    done = erase_person(world.admin, maeve.pk, CONFIRM, now)
    assert Message.objects.filter(account=world.account).count() == count_before
    assert tallies(world) == statuses(world)
    message = Message.objects.get(id=waiting)
    assert (message.status, message.reason, message.finished_at) == ("canceled", "erased", now)
    assert (message.address, message.subject, message.body, message.contact_id) == ("", "", "", None)
    assert not QueueEntry.objects.filter(account_id=world.account.pk, contact_id=maeve_id).exists()
    assert done.withdrawn == 5
    sent = Message.objects.get(status="sent")
    assert sent.finished_at is not None
    assert list(CallStep.objects.values_list("message_id", "kind")) == [(sent.id, "dialled")]
    assert Attempt.objects.get(account=world.account, message_id=sent.id, number=1).code == "smtp:250"


def test_the_receipt_says_in_numbers_what_went(world: World, maeve: Contact, now: datetime) -> None:
    add_note(world.member, maeve.pk, "one", now)
    sent_to(world, maeve)
    mark(world.member, [maeve.pk], MarkerKind.STOP_ALL, "", now)
    done = erase_person(world.leader, maeve.pk, "  maeve   doyle ", now)
    assert done.counts is not None
    assert {key: number for key, number in done.counts.items() if number} == {
        "addresses": 2,
        "notes": 1,
        "markers": 1,
        "digests": 2,
        "messages": 1,
    }
    entry = LedgerEntry.objects.get(act="erase")
    assert (entry.by, entry.after["erasure"], entry.after["erased"]) == ("Ben Weber", done.pk, [])  # type: ignore[index]


def test_others_keep_what_is_theirs(world: World, maeve: Contact, now: datetime) -> None:
    sister = contact(world, "Orla Doyle", phone=PHONE, email="orla@example.org")
    update_contact(world.member, sister.pk, details_of(world.member, sister.pk), now)
    note = add_note(world.member, sister.pk, "Sister of somebody", now)
    theirs = text_to(world, sister, "Hello Orla")
    stranger = contact(world, NAME, phone=PHONE, email=EMAIL, account=world.rival)
    entry = LedgerEntry.objects.get(act="update_contact", subject=f"contact:{sister.pk}")
    erase_person(world.admin, maeve.pk, NAME, now)
    message = Message.objects.get(id=theirs)
    assert (message.status, message.address, message.body) == ("waiting", PHONE, "Hello Orla")
    assert QueueEntry.objects.filter(id=theirs).exists()
    assert set(sister.addresses.values_list("value", flat=True)) == {PHONE, "orla@example.org"}
    note.refresh_from_db()
    entry.refresh_from_db()
    assert not entry.is_erased
    assert Contact.objects.get(pk=stranger.pk).name == NAME
    assert Address.objects.filter(contact=stranger).count() == 2


@pytest.mark.parametrize(("who", "error"), [("member", Forbidden), ("viewer", Forbidden), ("stranger", NotThere)])
def test_only_who_leads_the_account_may(world: World, maeve: Contact, now: datetime, who: str, error: type) -> None:
    actor: Actor = getattr(world, who)
    with pytest.raises(error):
        erase_person(actor, maeve.pk, NAME, now)
    assert Contact.objects.filter(pk=maeve.pk).exists()
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("typed", ["", "confirm", "Maeve", "Orla Doyle"])
def test_the_name_or_the_word_must_be_typed(world: World, maeve: Contact, now: datetime, typed: str) -> None:
    with pytest.raises(Invalid, match="Type Maeve Doyle or CONFIRM"):
        erase_person(world.admin, maeve.pk, typed, now)
    assert not Hold.objects.filter(name="erasing").exists()


def test_asked_for_twice_it_is_one(world: World, maeve: Contact, now: datetime) -> None:
    first = erase_person(world.admin, maeve.pk, NAME, now)
    assert erase_person(world.admin, maeve.pk, "", now) == first
    assert LedgerEntry.objects.filter(act="erase").count() == 1


# --- the no survives


@pytest.mark.parametrize("channel", [Channel.TEXT, None])
def test_an_opt_out_survives_and_comes_back_with_the_address(
    world: World, maeve: Contact, now: datetime, channel: Channel | None
) -> None:
    record_opt_out(maeve, channel, "no more", now - timedelta(days=3), PHONE)
    Account.objects.filter(pk=world.account.pk).update(zone="Pacific/Kiritimati")
    erase_person(world.admin, maeve.pk, NAME, now)
    back = create_contact(world.member, ContactDetails(given_name="M", phones=("+44 7400 123958",)), now)
    opt_out = back.opt_outs.get()
    assert (opt_out.channel, opt_out.address, opt_out.at) == (channel, PHONE, now - timedelta(days=3))
    assert f"erased on {now.astimezone(ZoneInfo('Pacific/Kiritimati')).date()}." in opt_out.words
    other = create_contact(world.member, ContactDetails(given_name="Else", emails=(EMAIL.upper(),)), now)
    assert other.opt_outs.get().channel == channel


@pytest.mark.parametrize("kind", [MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS])
def test_a_stop_survives_too(world: World, maeve: Contact, now: datetime, kind: MarkerKind) -> None:
    mark(world.member, [maeve.pk], kind, "", now)
    erase_person(world.admin, maeve.pk, NAME, now)
    back = create_contact(world.member, ContactDetails(given_name="M", phones=(PHONE,)), now)
    marker = back.markers.get()
    assert (marker.kind, marker.set_by) == (kind, "Allstop")
    assert "erased" in marker.reason


def test_what_comes_back_keeps_them_out_of_sales_groups(world: World, maeve: Contact, now: datetime) -> None:
    mark(world.member, [maeve.pk], MarkerKind.STOP_PROMOTIONS, "", now)
    erase_person(world.admin, maeve.pk, NAME, now)
    other = contact(world, "Somebody Else", phone="+442079460000", email="")
    group = create_group(world.leader, "Offers", True, now)
    add_to_group(world.leader, group.pk, [other.pk], now)
    details = details_of(world.member, other.pk)
    update_contact(world.member, other.pk, replace(details, phones=(*details.phones, PHONE)), now)
    assert other.markers.get().kind == "stop_promotions"
    assert not group.contacts.exists()


def test_who_had_said_nothing_comes_back_free(world: World, maeve: Contact, now: datetime) -> None:
    mark(world.member, [maeve.pk], MarkerKind.FLAG, "", now)
    erase_person(world.admin, maeve.pk, NAME, now)
    back = create_contact(world.member, ContactDetails(given_name="M", phones=(PHONE,)), now)
    assert not Suppression.objects.exists()
    assert not back.markers.exists()
    assert not back.opt_outs.exists()


def test_the_digest_needs_the_key_and_differs_between_accounts(
    world: World, maeve: Contact, now: datetime, settings: Any
) -> None:
    record_opt_out(maeve, None, "no", now)
    twin = contact(world, NAME, phone=PHONE, email="", account=world.rival)
    record_opt_out(twin, None, "no", now)
    erase_person(world.admin, maeve.pk, NAME, now)
    erase_person(world.stranger, twin.pk, NAME, now)
    digests = list(Suppression.objects.values_list("digest", flat=True))
    assert len(set(digests)) == len(digests) == 3
    settings.SUPPRESSION_KEY = "another"
    back = create_contact(world.member, ContactDetails(given_name="M", phones=(PHONE,)), now)
    assert not back.opt_outs.exists()


def test_their_own_yes_takes_the_digest_away(world: World, maeve: Contact, now: datetime) -> None:
    record_opt_out(maeve, Channel.TEXT, "no", now, PHONE)
    erase_person(world.admin, maeve.pk, NAME, now)
    back = create_contact(world.member, ContactDetails(given_name="M", phones=(PHONE,)), now)
    assert record_opt_in(back, Channel.TEXT, "START", now, PHONE) == 1
    again = create_contact(world.member, ContactDetails(given_name="N", phones=(PHONE,)), now)
    assert not again.opt_outs.filter(lifted_at=None).exists()


def test_the_staffs_ok_to_send_is_not_undone_by_editing(world: World, maeve: Contact, now: datetime) -> None:
    mark(world.member, [maeve.pk], MarkerKind.STOP_ALL, "", now)
    erase_person(world.admin, maeve.pk, NAME, now)
    back = create_contact(world.member, ContactDetails(given_name="M", phones=(PHONE,)), now)
    unmark(world.member, [back.pk], MarkerKind.STOP_ALL, "they asked for it", now)
    update_contact(world.member, back.pk, replace(details_of(world.member, back.pk), family_name="D"), now)
    assert not Marker.objects.filter(contact=back).exists()


# --- what is under way


def test_a_reply_that_nobody_has_read_counts_as_a_no(world: World, maeve: Contact, now: datetime) -> None:
    sister = contact(world, "Orla Byrne", phone=PHONE, email="orla@example.org")
    reply(world, "please maybe stop the kidney ones", now)
    assert UnclearReply.objects.filter(settled_at=None).count() == 1
    writer = UnclearReply.objects.get().contact
    other = maeve if writer == sister else sister
    done = erase_person(world.admin, writer.pk, CONFIRM, now)
    assert done.state == "done"
    assert not Hold.objects.filter(contact=other, lifted_at=None).exists()
    assert other.opt_outs.get(lifted_at=None).channel == "text"
    assert Suppression.objects.filter(kind="opt_out", channel="text").count() == 2
    assert not [row for row in everything() if "kidney" in row[2]]


def test_it_waits_for_what_a_worker_holds_and_then_ends(world: World, maeve: Contact, now: datetime) -> None:
    message = text_to(world, maeve)
    worker = Worker.objects.create(
        host="h", pid=1, started_at=now, lease_until=now + timedelta(hours=1), acked=10**9, fenced=False
    )
    QueueEntry.objects.filter(id=message).update(worker_id=worker.pk)
    begun = go_on(erase_begun(world, maeve, now).pk, now, timedelta(0))
    assert begun.state == "stopping"
    assert Contact.objects.get(pk=maeve.pk).name == NAME
    finish(world, [message], Status.SENT)
    finish_begun(now + timedelta(seconds=5))
    begun.refresh_from_db()
    assert begun.state == "done"
    assert traces() == []
    assert tallies(world) == statuses(world) == {"sent": 1}


def erase_begun(world: World, person: Contact, now: datetime) -> Erasure:
    """As far as the first transaction goes: the process dies right after it."""
    from allstop.actions import erase

    return erase._begin(world.admin, person.pk, now)


def test_whoever_dies_after_the_first_step_is_followed_by_a_worker(world: World, maeve: Contact, now: datetime) -> None:
    message = text_to(world, maeve)
    erase_begun(world, maeve, now)
    finish_begun(now + timedelta(seconds=1))  # its own process may still be at it
    assert Erasure.objects.get().state == "stopping"
    finish_begun(now + timedelta(seconds=5))
    assert Erasure.objects.get().state == "done"
    assert Message.objects.get(id=message).status == "canceled"
    assert not Contact.objects.filter(pk=maeve.pk).exists()


def test_nothing_is_accepted_to_leave_once_it_has_begun(world: World, maeve: Contact, now: datetime) -> None:
    erase_begun(world, maeve, now)
    draft = Draft(channel=Channel.TEXT, purpose=Purpose.SERVICE, contact_id=maeve.pk, body="Hello")
    accepted = send_message(world.member, draft, now)
    assert (type(accepted.verdict).__name__, accepted.verdict.reason) == ("Hold", "erasing")  # type: ignore[union-attr]


def test_unknown_ones_are_left_and_never_sent_again(world: World, maeve: Contact, now: datetime) -> None:
    [message] = lose(world, [text_to(world, maeve)])
    done = erase_person(world.admin, maeve.pk, NAME, now)
    found = Message.objects.get(id=message)
    assert (found.status, found.reason, done.left_unknown) == ("failed", "erased", 1)
    assert settle(world.member, [message], Choice.SEND_AGAIN, "", now).count == 0


def test_a_running_import_is_waited_for(world: World, maeve: Contact, now: datetime) -> None:
    source = imported(world, "running")
    assert go_on(erase_begun(world, maeve, now).pk, now, timedelta(0)).state == "stopping"
    Import.objects.filter(pk=source.pk).update(state="done")
    finish_begun(now + timedelta(seconds=5))
    assert Erasure.objects.get().state == "done"
    source.refresh_from_db()
    assert (bytes(source.content), source.file_name) == (b"", "(erased).csv")
    assert len(source.digest) == 64


@pytest.mark.parametrize("state", ["uploaded", "failed"])
def test_a_file_that_waits_goes_only_if_it_names_them(world: World, maeve: Contact, now: datetime, state: str) -> None:
    mine, other = imported(world, state), imported(world, state)
    Import.objects.filter(pk=other.pk).update(content=b"Name,Phone\nPat,1\n")
    erase_person(world.admin, maeve.pk, NAME, now)
    assert not Import.objects.filter(pk=mine.pk).exists()
    other.refresh_from_db()
    assert (other.state, bytes(other.content)) == (state, b"Name,Phone\nPat,1\n")


def test_no_merge_with_somebody_who_is_being_erased(world: World, maeve: Contact, now: datetime) -> None:
    other = contact(world, "Maeve D", email="")
    erase_begun(world, maeve, now)
    for keep, goes in ((maeve, other), (other, maeve)):
        with pytest.raises(Conflict, match="being erased"):
            merge_contacts(world.admin, keep.pk, goes.pk, now)


def test_what_came_by_a_merge_goes_as_well(world: World, maeve: Contact, now: datetime) -> None:
    double = contact(world, "Maeve Doyle", phone="", email="m.doyle@example.org")
    mark(world.member, [double.pk], MarkerKind.FLAG, "Maeve has the gallstone", now)
    change_contacts(world.member, Selection(ids=[double.pk]), Wish(kind=ChangeKind.UNFLAG), now)
    merge_contacts(world.admin, maeve.pk, double.pk, now)
    erase_person(world.admin, maeve.pk, NAME, now)
    assert traces() == []
    assert isinstance(ledger.verify(world.account.pk), int)


def test_the_receipt_of_its_stop_says_that_it_is_over(world: World, maeve: Contact, now: datetime) -> None:
    done = erase_person(world.admin, maeve.pk, NAME, now)
    stop = lists.stop(world.account.pk, done.stop_number)
    assert stop is not None
    assert (stop.act, stop.by, stop.until) == ("begin_erasing", "Ada Okafor", now)
    assert not OptOut.objects.exists()
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("by", ["opt_out", "stop_all"])
def test_an_import_finds_the_no_again_in_its_preview_and_when_it_runs(
    world: World, maeve: Contact, now: datetime, by: str
) -> None:
    if by == "opt_out":
        record_opt_out(maeve, None, "no", now)
    else:
        mark(world.member, [maeve.pk], MarkerKind.STOP_ALL, "", now)
    erase_person(world.admin, maeve.pk, NAME, now)
    taken = taken_in(world, a_row(1, phone="+44 7400 123958", email="", name="Doyle, M"), a_row(2))
    seen = preview(world.member, taken.pk, now)
    verdicts = {row.name: {word_of(message.verdict) for message in row.messages} for row in seen.rows}
    assert verdicts["M Doyle"] == {"refuse"}
    assert "refuse" not in verdicts["Pat Moreau"]
    run(world, taken)
    back = Contact.objects.get(family_name="Doyle")
    assert back.opt_outs.exists() == (by == "opt_out")
    assert back.markers.exists() == (by == "stop_all")
    assert set(Message.objects.filter(contact=back).values_list("status", flat=True)) == {"refused"}


def test_who_is_gone_already_is_no_obstacle(world: World, maeve: Contact, now: datetime) -> None:
    begun = erase_begun(world, maeve, now)
    maeve.delete()
    finish_begun(now + timedelta(seconds=5))
    begun.refresh_from_db()
    assert (begun.state, begun.counts) == ("done", {})
