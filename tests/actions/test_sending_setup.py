"""The whole setup of sending: read, checked, changed as one, and what lanes make of it. The wizard's draft."""

import json
from dataclasses import replace
from datetime import time, timedelta

import pytest

from allstop.actions import setup_draft
from allstop.actions.actor import Conflict, Forbidden, Invalid
from allstop.actions.mailbox import AFTER_FAILURE, EVERY, HELD, set_mailbox
from allstop.actions.provider_tests import Result, ask_test, end_test, is_proven
from allstop.actions.send_now import SentNow, send_now
from allstop.actions.sending_setup import apply, check, read, whole_way
from allstop.rules import gate
from allstop.rules.facts import Channel, Purpose
from allstop.rules.rounds import Rounds
from allstop.rules.sending import Backup, Checks, Settings, Way, every_of
from allstop.rules.verdict import SEND, Hold
from allstop.rules.windows import Session
from allstop.store import facts, queue
from allstop.store.models import (
    ChannelSetup,
    DeliverySession,
    Lane,
    LedgerEntry,
    Mailbox,
    Message,
    Override,
    ProviderTest,
    QueueEntry,
    SetupDraft,
)
from allstop.store.sealing import is_sealed, opened
from tests.world import World, contact

MORNINGS = tuple(Session(day, time(9), time(12)) for day in range(5))
SMTP = Way(
    provider="smtp", config={"host": "mail.test", "user": "desk"}, sender="desk@northgate.example", sender_name="Desk"
)
SMPP = Way(provider="smpp", config={"host": "smsc.test", "system_id": "practice7"})
PASSWORDS = {Channel.EMAIL: "s3cret", Channel.TEXT: "pw123456"}


def full(world: World) -> Settings:
    """Nothing is as it was."""
    now = read(world.leader).settings
    return Settings(
        email=replace(now.email, way=SMTP, immediate=False, sessions=MORNINGS, every=every_of(2)),
        text=replace(now.text, way=SMPP, sessions=MORNINGS, every=timedelta(minutes=3)),
        call=replace(now.call, sessions=MORNINGS[:1]),
        checks=Checks(15),
        backup=Backup((6,), time(23), time(2)),
        opens_attachments=True,
        warn_after_days=3,
        rings=2,
        ring_minutes=30,
    )


def test_all_of_it_takes_effect_together_and_no_password_is_read_back(world: World) -> None:
    before = read(world.viewer)
    neighbours = read(world.stranger)
    number = Lane.objects.get(account_id=world.account.pk, channel="text", by_hand=False).setup_number
    applied = apply(world.leader, full(world), world.now, passwords=PASSWORDS, version=before.version)

    after = read(world.viewer)
    assert after.settings == full(world)
    assert after.has_password == {Channel.EMAIL: True, Channel.TEXT: True, Channel.CALL: False}
    assert after.version != before.version
    assert [one.place for one in applied.cautions] == ["email.opens_attachments"]
    lane = Lane.objects.get(account_id=world.account.pk, channel="text", by_hand=False)
    assert (lane.setup_number, lane.pace_ms) == (number + 1, 180_000)
    text = facts.lane_setup(world.account.pk, Channel.TEXT)
    assert is_sealed(text.config["password"])
    assert opened(text.config)["password"] == "pw123456"
    assert text.facts.windows is not None
    assert text.facts.windows.sessions == MORNINGS
    assert text.facts.rounds == Rounds("America/New_York", timedelta(minutes=15))
    assert facts.lane_setup(world.account.pk, Channel.CALL).facts.rounds is None
    assert read(world.stranger) == neighbours

    (entry,) = LedgerEntry.objects.filter(act="set_sending")
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["text.every_minutes"] == 0
    assert entry.after["text.every_minutes"] == 3
    assert entry.after["text.password"] == "(another one, kept secret)"
    assert "s3cret" not in json.dumps([entry.before, entry.after])
    again = apply(world.leader, full(world), world.now, version=after.version)
    assert (again.changes, LedgerEntry.objects.filter(act="set_sending").count()) == ((), 1)
    with pytest.raises(Conflict, match="Somebody has changed"):
        apply(world.leader, full(world), world.now, version=before.version)
    with pytest.raises(Forbidden):
        apply(world.member, full(world), world.now)


def test_texts_at_once_keep_their_sessions_and_minutes_and_ignore_them(world: World) -> None:
    """TX3, 004-18."""
    apply(world.leader, full(world), world.now, passwords=PASSWORDS)
    settings = full(world)
    apply(world.leader, replace(settings, text=replace(settings.text, immediate=True)), world.now)
    lane = facts.lane_setup(world.account.pk, Channel.TEXT).facts
    assert (lane.windows, lane.pace, lane.rounds) == (None, None, None)
    assert Lane.objects.get(account_id=world.account.pk, channel="text", by_hand=False).pace_ms == 0
    assert DeliverySession.objects.filter(account=world.account, channel="text").count() == 5
    kept = read(world.leader).settings.text
    assert (kept.sessions, kept.every) == (MORNINGS, timedelta(minutes=3))
    apply(world.leader, replace(settings, text=replace(kept, immediate=False)), world.now)
    assert facts.lane_setup(world.account.pk, Channel.TEXT).facts.pace is not None


def emails(world: World, count: int) -> list[int]:
    person = contact(world)
    return queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.REMINDER,
                address="pat@example.org",
                subject="Tomorrow",
                body="See you",
                due_at=world.now,
                contact_id=person.pk,
            )
            for _ in range(count)
        ],
        world.now,
    )


def test_emails_that_do_not_leave_by_themselves_wait_until_somebody_sends_them(world: World) -> None:
    """TX9, TX10, 004-05, 004-11."""
    settings = read(world.leader).settings
    email = replace(settings.email, immediate=False, every=timedelta(minutes=5))
    applied = apply(world.leader, replace(settings, email=email), world.now)
    assert [one.place for one in applied.cautions] == ["email.immediate"]
    ids = emails(world, 10)
    waits = gate.decide(facts.facts_of(world.account.pk, ids[0]), world.now)
    assert waits == Hold("window", "window_never_opens", None)
    QueueEntry.objects.filter(id=ids[8]).update(due_at=world.now + timedelta(hours=1))  # put off by a regular check
    QueueEntry.objects.filter(id=ids[9]).update(held="window_never_opens")

    with pytest.raises(Forbidden):
        send_now(world.viewer, Channel.EMAIL, world.now)
    assert send_now(world.stranger, Channel.EMAIL, world.now) == SentNow(0, False)
    assert send_now(world.member, Channel.TEXT, world.now).messages == 0
    assert send_now(world.member, Channel.EMAIL, world.now) == SentNow(10, False)
    for one in ids:
        assert gate.decide(facts.facts_of(world.account.pk, one), world.now) == SEND
    assert set(QueueEntry.objects.filter(id__in=ids).values_list("by_hand", "held", "due_at")) == {
        (True, None, world.now)
    }
    assert Override.objects.filter(message_id__in=ids, by="Cem Tanaka").count() == 20
    entry = LedgerEntry.objects.get(act="send_now")
    assert entry.after is not None
    assert (entry.subject, entry.after["messages"], entry.by) == ("channel:email", 10, "Cem Tanaka")
    assert send_now(world.member, Channel.EMAIL, world.now).messages == 0


def test_what_is_not_due_yet_is_not_sent_now(world: World) -> None:
    later = emails(world, 1)[0]
    QueueEntry.objects.filter(id=later).update(due_at=world.now + timedelta(days=1))
    Message.objects.filter(id=later).update(due_at=world.now + timedelta(days=1))
    assert send_now(world.member, Channel.EMAIL, world.now).messages == 0


def test_a_password_is_kept_for_the_same_server_and_user_name_only(world: World) -> None:
    apply(world.leader, full(world), world.now, passwords=PASSWORDS)
    settings = full(world)
    elsewhere = replace(SMTP, config={"host": "evil.test", "user": "desk"})
    changed = replace(settings, email=replace(settings.email, way=elsewhere))
    found = check(world.leader, changed)
    assert "type it again" in found.problems["email.config"]
    with pytest.raises(Invalid):
        apply(world.leader, changed, world.now)
    assert check(world.leader, changed, {Channel.EMAIL: "new"}).problems == {}
    other_port = replace(settings, email=replace(settings.email, every=every_of(5)))
    apply(world.leader, other_port, world.now)
    assert opened(whole_way(world.leader, Channel.EMAIL, SMTP, "").config)["password"] == "s3cret"


@pytest.mark.parametrize(
    ("channel", "way", "place", "words"),
    [
        ("email", Way(provider="pigeon"), "email.provider", "no longer supported"),
        ("text", Way(provider="smtp"), "text.provider", "no longer supported"),
        ("email", Way(provider="smtp", sender="desk@test.example"), "email.config", '"host" is missing'),
        ("email", replace(SMTP, config={"host": "x"}, sender=""), "email.sender", "the address that they come from"),
        ("text", replace(SMPP, config={"password": "x"}), "text.config", "never stands among the settings"),
        ("call", Way(provider="sip", config={"host": "sip.test"}, sender="12"), "call.sender", "the phone shows"),
    ],
)
def test_what_a_provider_needs_is_said_at_its_place_and_nothing_is_changed(
    world: World, channel: str, way: Way, place: str, words: str
) -> None:
    settings = read(world.leader).settings
    wrong = replace(settings, **{channel: replace(getattr(settings, channel), way=way)})
    with pytest.raises(Invalid) as refused:
        apply(world.leader, wrong, world.now)
    assert words in refused.value.problems[place]
    assert read(world.leader).settings == settings


def test_a_provider_that_is_no_longer_there_is_explained_and_keeps_nothing_else_from_being_saved(world: World) -> None:
    """004-16."""
    ChannelSetup.objects.filter(account=world.account, channel="text").update(provider="oldsms", config={"key": "1"})
    settings = replace(read(world.leader).settings, warn_after_days=9)
    applied = apply(world.leader, settings, world.now)
    assert "oldsms is no longer supported" in applied.cautions[0].words
    assert read(world.leader).settings.warn_after_days == 9


def test_a_caller_id_is_kept_as_it_is_dialled(world: World) -> None:
    settings = read(world.leader).settings
    sip = Way(provider="sip", config={"host": "sip.test"}, sender="(212) 555-0100")
    applied = apply(world.leader, replace(settings, call=replace(settings.call, way=sip)), world.now)
    assert applied.setup.settings.call.way.sender == "+12125550100"


def test_a_draft_is_a_members_own_and_in_force_for_nothing_before_finish(world: World) -> None:
    """TX1, 004-03."""
    begun = setup_draft.begin(world.leader, world.now)
    assert begun.settings == read(world.leader).settings
    setup_draft.keep(world.leader, full(world), PASSWORDS, world.now)
    assert read(world.leader).settings == begun.settings
    assert setup_draft.draft_of(world.admin, world.now) is None
    assert setup_draft.draft_of(world.leader, world.now + timedelta(days=8)) is None
    with pytest.raises(Forbidden):
        setup_draft.begin(world.member, world.now)

    assert all(is_sealed(words) for words in SetupDraft.objects.get().passwords.values())
    kept = setup_draft.draft_of(world.leader, world.now)
    assert kept is not None
    assert (kept.settings, kept.passwords, kept.is_stale) == (full(world), PASSWORDS, False)
    assert len(setup_draft.finish(world.leader, world.now).changes) > 10
    assert read(world.leader).settings == full(world)
    assert not SetupDraft.objects.exists(), "the passwords go with it"


def test_a_draft_that_somebody_was_faster_than_cannot_be_finished(world: World) -> None:
    setup_draft.begin(world.leader, world.now)
    apply(world.admin, replace(read(world.admin).settings, rings=3), world.now)
    draft = setup_draft.draft_of(world.leader, world.now)
    assert draft is not None
    assert draft.is_stale
    with pytest.raises(Conflict):
        setup_draft.finish(world.leader, world.now)
    setup_draft.discard(world.leader)
    assert setup_draft.draft_of(world.leader, world.now) is None


def test_a_candidate_is_tested_with_its_password_which_goes_with_the_result(world: World) -> None:
    """TX2: a success fixes the user name."""
    way = whole_way(world.leader, Channel.TEXT, SMPP, "pw123456")
    asked = ask_test(world.leader, Channel.TEXT, world.now, way)
    assert asked.config is not None
    assert (asked.provider, asked.user, asked.config["password"]) == ("smpp", "practice7", "pw123456")
    stored = ProviderTest.objects.get(pk=asked.pk).config
    assert stored is not None
    assert is_sealed(stored["password"])
    assert opened(stored)["password"] == "pw123456"
    assert not is_proven(world.leader, Channel.TEXT, SMPP)
    end_test(asked.pk, Result(True, "Logged in.", "12 left."), world.now)
    assert ProviderTest.objects.get(pk=asked.pk).config is None
    assert is_proven(world.leader, Channel.TEXT, SMPP)
    assert not is_proven(world.leader, Channel.TEXT, replace(SMPP, config={"system_id": "other"}))
    assert not is_proven(world.stranger, Channel.TEXT, SMPP)
    in_force = ask_test(world.leader, Channel.TEXT, world.now)
    assert (in_force.provider, in_force.config) == ("sandbox", None)


def test_send_now_of_emails_fetches_new_mail_unless_somebody_is_at_it(world: World) -> None:
    """004-05: Send/Receive."""
    set_mailbox(world.admin, {"host": "imap.test", "user": "desk", "password": "s3cret"}, world.now)
    mine = Mailbox.objects.filter(account=world.account)

    def looks_after(next_look: timedelta, failure: str = "") -> timedelta:
        mine.update(next_look_at=world.now + next_look, failure=failure)
        assert send_now(world.member, Channel.TEXT, world.now) == SentNow(0, False)
        assert mine.get().next_look_at == world.now + next_look
        assert send_now(world.member, Channel.EMAIL, world.now) == SentNow(0, True)
        return mine.get().next_look_at - world.now

    assert looks_after(EVERY) == timedelta(0)
    assert looks_after(AFTER_FAILURE, "no answer") == timedelta(0)
    assert looks_after(HELD) == HELD
    assert looks_after(-timedelta(minutes=1)) == -timedelta(minutes=1)
