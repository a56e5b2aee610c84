"""The wizard "Email, text and call setup", and the same settings on one page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions import setup_draft
from allstop.actions.provider_tests import Result, end_test
from allstop.actions.sending_setup import apply, read
from allstop.rules.windows import Session
from allstop.store.models import ChannelSetup, DeliverySession, LedgerEntry, ProviderTest, QueueEntry, SetupDraft
from allstop.store.sealing import opened
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, texts

WIZARD = "/setup/sending/wizard"
SMPP = {
    "provider": "smpp",
    "user": "practice7",
    "password": "pw123456",
    "host": "smsc.test",
    "port": "2775",
    "encryption": "tls",
    "sender": "Northgate",
}
STAGGERED = {"rhythm": "staggered", "every_minutes": "3", "warn_after_days": "2", "expected": ""}


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


@pytest.fixture
def ben(world: World) -> Client:
    """Who has begun."""
    client = logged_in(world.ben)
    assert client.post(WIZARD)["Location"] == f"{WIZARD}/account"
    return client


def page(client: Client, slug: str) -> str:
    answer = client.get(f"{WIZARD}/{slug}")
    assert answer.status_code == 200
    return answer.content.decode()


def say(client: Client, slug: str, said: Mapping[str, object], go: str = "next") -> tuple[int, str]:
    answer = client.post(f"{WIZARD}/{slug}", {**said, "page": slug, "go": go})
    return answer.status_code, answer.get("Location", "") or answer.content.decode()


def add(client: Client, slug: str, days: list[int], starts: str, ends: str) -> None:
    said = {"days": days, "starts": starts, "ends": ends}
    assert client.post(f"{WIZARD}/{slug}/add-sessions", said).status_code == 302


def test_each_page_leads_to_the_next_and_nothing_takes_effect_before_finish(world: World, ben: Client) -> None:
    """004-01 to 004-12, TX1, TX4, TX5, TX7."""
    before = read(world.leader).settings
    assert "Nothing is saved until you press Finish" in page(ben, "account")
    smtp = {"provider": "smtp", "host": "mail.test", "sender": "desk@northgate.example", "sender_name": "Desk"}
    status, drawn = say(ben, "account", {"provider": "smtp"})
    assert (status, "The host is empty." in drawn) == (422, True)
    assert say(ben, "account", smtp) == (302, f"{WIZARD}/schedule")

    add(ben, "schedule", [6], "22:00", "00:00")
    backup = {"backup_days": ["6"], "backup_starts": "23:00", "backup_ends": "02:00"}
    status, drawn = say(ben, "schedule", {"immediate": "on", "every_minutes": "15", **backup}, go="look")
    assert status == 200
    assert "Emails: Sunday 22:00-24:00 overlaps the backup." in drawn
    assert "23:00-24:00" in drawn
    status, drawn = say(ben, "schedule", {"immediate": "on", "at": "09:00 25:00"})
    assert (status, "Write a time like 09:00." in drawn) == (422, True)
    assert say(ben, "schedule", {"immediate": "on", "every_minutes": "15", **backup})[1] == f"{WIZARD}/delay"

    drawn = page(ben, "delay")
    assert "2 a minute = 120 an hour" in drawn
    assert "8 a minute = 480 an hour" in drawn
    assert "limit how many emails leave in an hour or a day" in drawn
    assert say(ben, "delay", {"choice": "other", "per_minute": ""})[0] == 422
    assert "= 600 an hour" in say(ben, "delay", {"choice": "other", "per_minute": "10"}, go="look")[1]
    assert say(ben, "delay", {"choice": "2"})[1] == f"{WIZARD}/attachments"

    drawn = page(ben, "attachments")
    assert 'name="opens_attachments"' in drawn
    assert "checked" not in drawn.partition('name="opens_attachments"')[2][:60]
    assert "virus" in say(ben, "attachments", {"opens_attachments": "on"}, go="look")[1]
    assert say(ben, "attachments", {})[1] == f"{WIZARD}/provider"
    assert say(ben, "provider", {"provider": "sandbox", "sender": ""})[1] == f"{WIZARD}/texts"

    add(ben, "texts", [0, 1, 2, 3, 4], "09:00", "12:00")
    status, drawn = say(ben, "texts", STAGGERED, go="look")
    assert "300 texts a week can be sent (Mon 60, Tue 60, Wed 60, Thu 60, Fri 60)." in drawn
    assert "100 texts take 300 minutes of session time." in drawn
    assert say(ben, "texts", STAGGERED)[1] == f"{WIZARD}/calls"
    calls = {"provider": "sandbox", "caller": "", "rings": "3", "ring_minutes": "20"}
    assert say(ben, "calls", calls)[1] == f"{WIZARD}/finish"

    assert read(world.leader).settings == before
    assert not DeliverySession.objects.exists()
    drawn = page(ben, "finish")
    assert "Emails, at most so many a minute" in drawn
    assert "overlaps the backup" in drawn
    answer = ben.post(f"{WIZARD}/finish-now", {"page": "finish"}, follow=True)
    assert "settings are in force from now on." in answer.content.decode()
    after = read(world.leader).settings
    assert (after.email.way.provider, after.email.way.sender_name, len(after.text.sessions)) == ("smtp", "Desk", 5)
    assert (after.email.every, after.text.every) == (timedelta(seconds=30), timedelta(minutes=3))
    assert (after.rings, after.ring_minutes, after.checks.every_minutes) == (3, 20, 15)
    assert LedgerEntry.objects.get(act="set_sending").by == "Ben Weber"
    assert ben.get(f"{WIZARD}/texts")["Location"] == WIZARD, "it is over"


def test_leaving_saves_nothing_and_who_comes_back_is_asked(world: World, ben: Client) -> None:
    """004-03."""
    say(ben, "delay", {"choice": "8"})
    drawn = ben.get(WIZARD).content.decode()
    assert "You have an unfinished setup" in drawn
    assert f'href="{WIZARD}/account"' in drawn
    assert 'data-unfinished="/setup/sending/wizard"' in page(ben, "delay")
    answer = ben.post(f"{WIZARD}/leave", follow=True).content.decode()
    assert "You have left the setup. Nothing was changed." in answer
    assert not SetupDraft.objects.exists()
    assert read(world.leader).settings.email.every == timedelta(0)
    assert "unfinished" not in ben.get(WIZARD).content.decode()


def test_none_enables_finish_at_once_and_test_needs_both_fields(world: World, ben: Client) -> None:
    """TX2, 004-13, 004-14, 004-17."""
    shut = 'formaction="/setup/sending/wizard/finish-now" disabled'
    assert shut in page(ben, "provider")
    assert shut not in say(ben, "provider", {"provider": "", "sender": ""}, go="look")[1]

    drawn = say(ben, "provider", SMPP | {"password": ""}, go="look")[1]
    test = 'formaction="/setup/sending/wizard/test"'
    assert f"{test} disabled" in drawn
    assert "ask whoever runs Allstop for you" in drawn
    assert 'href="/setup/replies"' in drawn
    drawn = say(ben, "provider", SMPP, go="look")[1]
    assert test in drawn
    assert f"{test} disabled" not in drawn
    assert "pw123456" not in drawn
    answer = ben.post(f"{WIZARD}/test", SMPP | {"password": "", "page": "provider"})
    assert answer["Location"] == f"{WIZARD}/provider#test-result"
    asked = ProviderTest.objects.get()
    assert asked.config is not None
    assert opened(asked.config)["password"] == "pw123456"
    assert "Trying" in page(ben, "provider")
    assert "HX-Refresh" not in ben.get(f"{WIZARD}/test/{asked.pk}", headers=HTMX)

    ChannelSetup.objects.filter(account=world.account, channel="text").update(credits=1234)
    end_test(asked.pk, Result(True, "Logged in as practice7.", ""), timezone.now())
    assert ben.get(f"{WIZARD}/test/{asked.pk}", headers=HTMX)["HX-Refresh"] == "true"
    drawn = page(ben, "provider")
    assert "The test was successful." in drawn
    assert "1,234 credits left." in drawn
    assert "a top-up is asked for by itself" in drawn
    assert "practice7 works: a test has shown it." in drawn
    say(ben, "provider", SMPP | {"user": "somebody"}, go="look")
    draft = setup_draft.draft_of(world.leader, timezone.now())
    assert draft is not None
    assert draft.settings.text.way.config["system_id"] == "practice7", "it is grey on the server, too"
    say(ben, "provider", {"provider": "", "sender": ""}, go="look")
    answer = ben.post(f"{WIZARD}/finish-now", {"page": "provider", "provider": ""}, follow=True)
    assert "in force from now on." in answer.content.decode()
    assert read(world.leader).settings.text.way.provider == ""


def test_finish_is_not_to_be_had_on_other_pages(world: World, ben: Client) -> None:
    said = {"page": "delay", "choice": "8"}
    assert ben.post(f"{WIZARD}/finish-now", said).status_code == 409
    assert ben.post(f"{WIZARD}/finish-now", {"page": "provider", "provider": "sandbox"}).status_code == 409
    assert read(world.leader).settings.email.every == timedelta(0)


def test_a_provider_that_is_gone_is_explained(world: World) -> None:
    """004-16."""
    ChannelSetup.objects.filter(account=world.account, channel="text").update(provider="oldsms", config={"key": "1"})
    client = logged_in(world.ben)
    client.post(WIZARD)
    drawn = page(client, "provider")
    assert "oldsms is no longer supported," in drawn
    assert say(client, "provider", {"provider": "oldsms", "sender": ""})[1] == f"{WIZARD}/texts"


def test_immediate_greys_out_the_rest_and_keeps_it(world: World, ben: Client) -> None:
    """TX3, 004-18 to 004-20."""
    add(ben, "texts", [0], "09:00", "12:00")
    say(ben, "texts", STAGGERED, go="look")
    drawn = say(ben, "texts", {"rhythm": "immediate"}, go="look")[1]
    assert "so everything below is grey" in drawn
    assert "many answers and calls may come at the same time" in drawn
    assert 'name="every_minutes"' in drawn
    for name in ("every_minutes", "warn_after_days"):
        tag = next(one for one in drawn.split("<input") if f'name="{name}"' in one).partition(">")[0]
        assert "disabled" in tag
    assert 'value="Monday 09:00-12:00" aria-label="Delete Monday 09:00-12:00" disabled' in drawn
    drawn = say(ben, "texts", {"rhythm": "staggered"}, go="look")[1]
    assert 'value="3"' in drawn
    assert "60 texts a week can be sent (Mon 60)." in drawn


def test_over_the_threshold_it_warns_with_the_smallest_change_and_refuses_nothing(world: World, ben: Client) -> None:
    """004-24, TX6."""
    texts(world, 20, due_at=world.now)
    add(ben, "texts", list(range(7)), "00:00", "00:00")
    slow = STAGGERED | {"every_minutes": "60", "warn_after_days": "1", "expected": "80"}
    drawn = say(ben, "texts", slow, go="look")[1]
    assert "100 texts take longer than the threshold." in drawn
    assert "Send one every 14 minutes." in drawn
    assert 'value="80"' in drawn
    assert say(ben, "texts", slow)[1] == f"{WIZARD}/calls"
    drawn = page(ben, "finish")
    assert "What this does to the texts that wait" in drawn
    assert "In the coming seven days" in drawn


def test_sessions_are_added_and_deleted_never_edited(world: World, ben: Client) -> None:
    """TX4, 004-21, 004-22."""
    dialog = ben.get(f"{WIZARD}/texts/add-sessions", headers=HTMX).content.decode()
    assert "Add sessions for texts" in dialog
    assert "<dialog" in dialog
    for said, words in (
        ({"starts": "09:00", "ends": "12:00"}, "This field is required"),
        ({"days": ["0"], "starts": "12:00", "ends": "09:00"}, "The end must be after the start."),
    ):
        answer = ben.post(f"{WIZARD}/texts/add-sessions", said, headers=HTMX)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    add(ben, "texts", [0, 2], "09:00", "12:00")
    add(ben, "texts", [2], "13:00", "00:00")
    drawn = page(ben, "texts")
    assert 'data-scroll="#session-list" data-by="-1"' in drawn
    assert drawn.count("<tr id=") == 3
    assert 'href="#texts-1" aria-label="Wednesday 09:00-12:00"' in drawn
    gone = {"session": "Wednesday 09:00-12:00", **STAGGERED, "every_minutes": "7"}
    ben.post(f"{WIZARD}/texts/delete-session", gone)
    draft = setup_draft.draft_of(world.leader, timezone.now())
    assert draft is not None
    assert [one.weekday for one in draft.settings.text.sessions] == [0, 2]
    assert draft.settings.text.every == timedelta(minutes=7), "what was typed beside it is kept"
    assert ben.get(f"{WIZARD}/delay/add-sessions").status_code == 404


def test_a_setup_that_somebody_has_changed_meanwhile_cannot_be_finished(world: World, ben: Client) -> None:
    apply(world.admin, replace(read(world.admin).settings, rings=9), timezone.now())
    assert "Somebody has changed the setup since you began." in page(ben, "delay")
    assert ben.post(f"{WIZARD}/finish-now", {"page": "finish"}).status_code == 409


@pytest.mark.parametrize("path", ["", "/account", "/finish-now", "/leave", "/test", "/texts/add-sessions"])
def test_members_may_not_and_get_is_for_looking_only(world: World, path: str) -> None:
    assert logged_in(world.cem).post(WIZARD + path).status_code == 403
    assert logged_in(world.cem).post("/setup/sending/save").status_code == 403
    assert not SetupDraft.objects.exists()
    if path in ("", "/account"):
        assert logged_in(world.cem).get(WIZARD + path)["Location"] == "/setup/sending"
    elif path != "/texts/add-sessions":
        assert logged_in(world.ada).get(WIZARD + path).status_code == 405


def fields_of(client: Client) -> dict[str, object]:
    """What a browser would send of the one page."""
    context = client.get("/setup/sending").context
    said: dict[str, object] = {"version": context["version"]}
    for part in context["parts"]:
        for field in part["form"]:
            value = field.value()
            if value not in (None, False, ""):
                said[field.html_name] = value
    return said


def test_the_same_on_one_page_for_experts(world: World) -> None:
    ben = logged_in(world.ben)
    said = fields_of(ben)
    assert "Nothing was changed." in ben.post("/setup/sending/save", said, follow=True).content.decode()
    more = {
        "sessions-text": "monday 9:00-12:00\n\nTue 09:00-12:00",
        "texts-every_minutes": "3",
        "delay-choice": "other",
        "delay-per_minute": "5",
        "calls-rings": "2",
    }
    drawn = ben.post("/setup/sending/save", said | more, follow=True).content.decode()
    assert "In force from now on." in drawn
    assert "120 texts a week can be sent (Mon 60, Tue 60)." in drawn
    after = read(world.leader).settings
    assert (after.email.every, after.rings, len(after.text.sessions)) == (timedelta(seconds=12), 2, 2)

    late = ben.post("/setup/sending/save", said | {"calls-rings": "5"})
    assert late.status_code == 409
    assert "Somebody has changed the sending setup meanwhile." in late.content.decode()
    again = said | {"calls-rings": "5", "version": late.context["version"]}
    assert ben.post("/setup/sending/save", again).status_code == 409, "what nobody has looked at is not overwritten"
    wrong = fields_of(ben) | {"sessions-text": "Moonday 9-12", "calls-rings": "99", "account-provider": "smtp"}
    answer = ben.post("/setup/sending/save", wrong)
    assert answer.status_code == 422
    assert "Moonday 9-12: " in answer.content.decode()
    missing = fields_of(ben) | {"account-provider": "smtp"}
    answer = ben.post("/setup/sending/save", missing)
    assert answer.status_code == 422
    assert "The host is empty." in answer.content.decode()
    assert read(world.leader).settings == after
    looked = logged_in(world.dot).get("/setup/sending").content.decode()
    assert "this needs the role admin or leader" in looked
    assert "Open the wizard" not in looked


def test_waiting_emails_are_sent_now_after_a_question(world: World) -> None:
    cem = logged_in(world.cem)
    assert 'href="/messages/send-now/email"' in cem.get("/messages").content.decode()
    assert "/messages/send-now" not in logged_in(world.dot).get("/messages").content.decode()
    texts(world, 3, due_at=world.now)
    asked = cem.get("/messages/send-now/text", headers=HTMX).content.decode()
    assert "<b>3 texts</b> wait." in asked
    assert not QueueEntry.objects.filter(by_hand=True).exists()
    words = cem.post("/messages/send-now/text", follow=True).content.decode()
    assert "3 texts leave by hand now." in words
    assert QueueEntry.objects.filter(by_hand=True).count() == 3
    assert "No texts were waiting" in cem.post("/messages/send-now/text", follow=True).content.decode()
    assert logged_in(world.dot).post("/messages/send-now/text").status_code == 403
    assert cem.get("/messages/send-now/pigeon").status_code == 404


def test_each_channel_is_rehearsed_as_the_draft_has_it_now(world: World) -> None:
    """What is chosen on two pages is tried together: the days of emails beside their delay."""
    settings = read(world.leader).settings
    week = (Session(0, time(9), time(12)),)
    email = replace(settings.email, immediate=True, sessions=week, every=timedelta(minutes=2))
    apply(world.leader, replace(settings, email=email), world.now)
    ben = logged_in(world.ben)
    ben.post(WIZARD)

    def tried(slug: str) -> str:
        return ben.get(f"/setup/sending/wizard/{slug}").content.decode().partition('id="rehearse-said"')[2][:900]

    for slug in ("schedule", "delay"):
        assert 'name="rehearse.channel" value="email"' in tried(slug)
        assert 'name="try.session" value="Monday 09:00-12:00"' in tried(slug)
        assert 'name="try.every_minutes" value="2.0"' in tried(slug)
    say(ben, "delay", {"choice": "8"}, go="look")
    assert 'name="try.every_minutes" value="0.125"' in tried("schedule")
    assert 'value="call"' in tried("calls")
    assert 'value="text"' in tried("texts")
    assert not tried("account")
