"""The Messenger's pages: what is typed becomes tokens, who is left behind stays, who may, twice, and drafts."""

import json
import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.groups import add_to_group, create_group
from allstop.actions.switch import stop_account
from allstop.console.views import messenger as pages
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.models import (
    Account,
    Contact,
    LedgerEntry,
    Message,
    MessengerDraft,
    MessengerSend,
    Override,
    Template,
)
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact

ASKS = {"X-Messenger": "1"}
NAMES = ("Ada Abel", "Bo Brand", "Cy Chen", "Di Dorn", "Ed Eck", "Fay Ford")


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def cast(world: World, count: int = 6) -> list[int]:
    return [contact(world, name, phone=f"+1212555010{n}").pk for n, name in enumerate(NAMES[:count])]


def tokens(ids: list[int]) -> list[str]:
    return [f"contact||{pk}" for pk in ids]


def page_of(client: Client) -> str:
    return client.get("/messenger").content.decode()


def in_to(html: str) -> list[str]:
    return [words.replace("&quot;", '"') for words in re.findall(r'name="to" value="([^"]*)"', html)]


def key_of(client: Client) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page_of(client))
    assert found is not None
    return found[1]


def form(client: Client, ids: list[int], **more: Any) -> dict[str, Any]:
    said = {"to": tokens(ids), "channel": "text", "purpose": "personal", "body": "Hello", "when": "now"}
    return {**said, "key": key_of(client), **more}


def put(client: Client, **said: Any) -> str:
    """A change of TO: as the page's script sends it."""
    base = {"to": in_to(page_of(client)), "key": key_of(client), "channel": "text", "purpose": "personal"}
    answer = client.post("/messenger/to", {**base, **said}, headers=ASKS)
    assert answer.status_code == 200
    return answer.content.decode()


def test_send_leaves_the_marked_behind_and_message_clears_them(world: World) -> None:
    """003-15..17, 003-21, TM4."""
    ids = cast(world)
    mark(world.member, ids[:1], MarkerKind.STOP_ALL, "", world.now)
    mark(world.member, ids[1:2], MarkerKind.STOP_PROMOTIONS, "", world.now)
    client = logged_in(world.cem)
    answer = client.post("/messenger", form(client, ids), follow=True)
    html = answer.content.decode()
    assert "4 messages are on their way. 2 stay in TO: and got nothing." in html
    assert in_to(html) == tokens(ids[:2])
    assert html.count('class="token red"') == 1
    assert "Abel, Ada</span>" in html
    assert "2 people: 1 will get it, 1 is stopped." in html  # two are no group send any more
    assert Message.objects.count() == 4
    assert in_to(put(client, clear="1")) == []
    assert in_to(page_of(client)) == []


def test_the_underlines_have_words_for_screen_readers(world: World) -> None:
    ids = cast(world)
    mark(world.member, ids[:1], MarkerKind.STOP_ALL, "", world.now)
    mark(world.member, ids[:2], MarkerKind.STOP_PROMOTIONS, "", world.now)
    client = logged_in(world.cem)
    html = put(client, to=tokens(ids))
    assert 'aria-label="Remove Abel, Ada. Stop All is set on the contact: nothing goes out to them."' in html
    assert 'aria-label="Remove Brand, Bo. Stop Promotions is set on the contact: no promotion' in html
    assert '<span class="stop-all">Abel, Ada' in html  # both markers: red wins
    assert '<span class="stop-promotions">Brand, Bo' in html
    assert "6 people: 4 will get it, 1 is stopped, 1 is left out of promotions because this is a group send." in html
    five = put(client, to=tokens(ids[1:]))
    assert "5 people: all will get it." in five
    assert 'aria-label="Remove Brand, Bo. Stop Promotions. Gets this message."' in five


def test_what_an_email_program_copies_can_be_pasted(world: World) -> None:
    client = logged_in(world.cem)
    html = put(
        client,
        add='Ann Lee <ann@lee.example>, "Roe, Bo; Jr." <BO@x.example>; <cy@x.example>\nmailto:di@x.example\nA <a@b@c>',
    )
    emails = ["ann@lee.example", "BO@x.example", "cy@x.example", "di@x.example"]
    assert in_to(html) == [*(f"address||{email}" for email in emails), "unknown||A &lt;a@b@c&gt;"]
    assert "a@b@c is not an email address." in html


def test_a_nul_at_the_end_of_what_is_pasted_is_left_out(world: World) -> None:
    ids = cast(world, 1)
    client = logged_in(world.cem)
    assert in_to(put(client, add=f"{NAMES[0]}\0")) == tokens(ids)


def test_many_are_pasted_at_once_and_what_is_not_known_is_explained(world: World) -> None:
    ids = cast(world)
    group = create_group(world.member, "Recall", False, world.now)
    add_to_group(world.member, group.pk, ids[4:], world.now)
    twin = contact(world, "Cy Chen", phone="", email="").pk
    client = logged_in(world.cem)
    pasted = (
        "Ada Abel; Brand, Bo\n(212) 555-0103, 212 555 0777\trecall;Cy Chen;nobody at all\n12345;a@b@c;new@example.org"
    )
    html = put(client, add=pasted)
    assert in_to(html) == [
        f"contact||{ids[0]}",
        f"contact||{ids[1]}",
        f"contact||{ids[3]}",
        "address||+12125550777",
        f"group||{group.pk}",
        "unknown||Cy Chen",
        "unknown||nobody at all",
        "unknown||12345",
        "unknown||a@b@c",
        "address||new@example.org",
    ]
    assert twin not in ids
    assert "Several people are called Cy Chen." in html
    assert "Nobody in the Phonebook is called nobody at all." in html
    assert "12345 has too few digits" in html
    assert "a@b@c is not an email address" in html
    assert "7 people: " in html
    assert "4 entries are not known." in html
    assert '<span class="num">(2)</span>' in html
    assert in_to(put(client, add="Ada Abel")) == in_to(html)  # nobody is in it twice
    assert f"contact||{ids[0]}" not in in_to(put(client, remove=f"contact||{ids[0]}"))


def test_proposals_have_no_unsubscribed_and_no_deleted_ones(world: World) -> None:
    """TM10."""
    ids = [contact(world, f"Pat Abel{n}", phone=f"+1212555010{n}").pk for n in range(4)]
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.TEXT, "STOP", world.now)
    client = logged_in(world.cem)
    client.post("/contacts/change", {"kind": "delete", "id": ids[1], "confirmed": "1"}, headers=HTMX)
    mark(world.member, ids[2:3], MarkerKind.STOP_ALL, "", world.now)
    create_group(world.member, "Abel family", False, world.now)
    html = client.get("/messenger/suggest?q=abel").content.decode()
    found = re.findall(r'data-token="([^"]+)"', html)
    assert found[0].startswith("group||")
    assert found[1:] == tokens(ids[2:])
    assert ", Stop All" in html
    assert client.get("/messenger/suggest?q=").content.decode().strip() == ""
    assert re.findall(r'data-token="([^"]+)"', client.get("/messenger/suggest?q=ab%00el").content.decode()) == found
    assert "data-token" not in logged_in(world.rae).get("/messenger/suggest?q=abel").content.decode()


def test_an_override_is_two_steps_and_needs_a_reason(world: World) -> None:
    """003-20."""
    ids = cast(world)
    mark(world.member, ids[:1], MarkerKind.STOP_PROMOTIONS, "", world.now)
    client = logged_in(world.cem)
    assert 'name="despite"' in put(client, to=tokens(ids))
    assert 'name="despite"' not in put(client, to=tokens(ids[:5]))
    assert 'name="reason"' in put(client, to=tokens(ids), despite="on")
    refused = client.post("/messenger", form(client, ids, despite="on"))
    assert refused.status_code == 422
    assert "Say why those with Stop Promotions get it all the same." in refused.content.decode()
    assert not MessengerSend.objects.exists()
    done = client.post("/messenger", form(client, ids, despite="on", reason="burst pipe"), follow=True)
    assert "6 messages are on their way." in done.content.decode()
    assert Override.objects.get().reason == "burst pipe"
    assert LedgerEntry.objects.filter(act="send_despite_stop_promotions", reason="burst pipe").count() == 1


def test_the_channel_of_one_is_chosen_below_and_says_why_not(world: World) -> None:
    ids = cast(world, 2)
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.CALL, "no calls", world.now)
    client = logged_in(world.cem)
    html = put(client, to=tokens(ids))
    assert '<option value="call" disabled>Call: The contact has said no to calls.</option>' in html
    assert '<option value="email">Email to pat@example.org</option>' in html
    chosen = put(client, to=tokens(ids), **{f"way-{ids[0]}": "email"})
    assert in_to(chosen) == [f"contact|email|{ids[0]}", f"contact||{ids[1]}"]
    assert "data-by-email" in chosen
    said = form(client, ids, subject="Hello", **{f"way-{ids[0]}": "email"})
    client.post("/messenger", said)
    assert sorted(Message.objects.values_list("channel", flat=True)) == ["email", "text"]


def test_the_draft_survives_a_reload_and_a_press_counts_once(world: World) -> None:
    ids = cast(world, 2)
    client, other = logged_in(world.cem), logged_in(world.cem)
    put(client, to=tokens(ids), body="Hello {first_name}", purpose="service")
    html = page_of(other)
    assert in_to(html) == tokens(ids)
    assert "Hello {first_name}</textarea>" in html
    assert '<option value="service" selected>' in html
    said = form(client, ids)
    client.post("/messenger", said)
    assert other.post("/messenger/to", said, headers={"X-Messenger": "1"}).status_code == 200  # a slow one
    assert in_to(page_of(other)) == []  # does not put back what was sent
    again = other.post("/messenger", said, follow=True).content.decode()
    assert "This was sent already: nothing more was sent." in again
    assert Message.objects.count() == 2
    changed = other.post("/messenger", {**said, "body": "Something else"})
    assert changed.status_code == 422
    assert "Another window has sent this meanwhile." in changed.content.decode()
    assert Message.objects.count() == 2
    assert in_to(page_of(logged_in(world.ada))) == []  # a draft is its member's own


def test_a_contact_who_has_gone_leaves_the_draft(world: World) -> None:
    ids = cast(world, 2)
    client = logged_in(world.cem)
    put(client, to=tokens(ids))
    Contact.objects.filter(pk=ids[0]).delete()
    assert in_to(page_of(client)) == tokens(ids[1:])


def test_send_later_is_on_the_accounts_clock(world: World) -> None:
    ids = cast(world, 1)
    client = logged_in(world.cem)
    assert ">When</label>" in page_of(client)  # and not "optional": Send then needs it
    for wrong, words in (
        ({}, "Choose a day and a time."),
        ({"later_at": "2020-01-01T09:00"}, "still to come"),
        ({"later_at": "soon"}, "Give a day and a time"),
    ):
        refused = client.post("/messenger", form(client, ids, when="later", **wrong))
        assert (refused.status_code, words in refused.content.decode()) == (422, True), wrong
    zone = ZoneInfo("America/New_York")
    Contact.objects.filter(pk=ids[0]).update(zones=["America/New_York"])  # half past eleven is no quiet hour there
    at = (timezone.now() + timedelta(days=2)).astimezone(zone).replace(hour=11, minute=30, second=0, microsecond=0)
    said = form(client, ids, when="later", later_at=f"{at:%Y-%m-%dT%H:%M}")
    assert "1 message will leave on" in client.post("/messenger", said, follow=True).content.decode()
    assert Message.objects.get().due_at == at
    now_again = client.post("/messenger", form(client, ids, later_at="nonsense"))
    assert now_again.status_code == 302  # the field of Send later does not matter to Send now


def test_while_stopped_it_says_so_before_and_after(world: World) -> None:
    ids = cast(world, 1)
    stop_account(world.member, "", world.now)
    client = logged_in(world.cem)
    assert "Messages that you send now wait until START." in page_of(client)
    sent = client.post("/messenger", form(client, ids), follow=True).content.decode()
    assert "1 message waits. The account is STOPPED." in sent


def test_more_than_fifty_are_asked_about_first(world: World) -> None:
    ids = [contact(world, f"Pat {n}", phone=f"+1212555{n:04}", email="").pk for n in range(51)]
    group = create_group(world.member, "Recall", False, world.now)
    add_to_group(world.member, group.pk, ids, world.now)
    client = logged_in(world.cem)
    said = form(client, [], to=[f"group||{group.pk}"])
    asked = client.post("/messenger", said).content.decode()
    assert "Send this to 51 people?" in asked
    assert not Message.objects.exists()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    assert (fields["to"], fields["when"], fields["confirmed"]) == (f"group||{group.pk}", "now", "1")
    client.post("/messenger", {**said, "confirmed": "1"})
    assert Message.objects.count() == 51
    page = client.get(f"/messenger/sends/{MessengerSend.objects.get().pk}").content.decode()
    assert "A send to 51 people" in page
    assert f"/jobs/{MessengerSend.objects.get().job_id}" in page


def test_the_phonebooks_selection_is_put_into_to(world: World) -> None:
    """003-09."""
    ids = [contact(world, f"Pat {n:03}", phone="", email="").pk for n in range(130)]
    mark(world.member, ids[:120], MarkerKind.FLAG, "", world.now)
    client = logged_in(world.cem)
    put(client, to=tokens(ids[129:]))
    went = client.post("/messenger/start", {"id": ids[:2]}, headers=HTMX)
    assert went.headers["HX-Redirect"] == "/messenger"
    assert in_to(page_of(client)) == tokens([ids[129], *ids[:2]])
    put(client, clear="1")
    client.post("/messenger/start", {"all": "1", "filter": "flag=on", "except": ids[0]})
    (token,) = in_to(page_of(client))
    assert json.loads(token.removeprefix("filter||")) == {"except": [ids[0]], "filter": {"flag": True}}
    assert 'All that matched in the Phonebook</span> <span class="num">(119)' in page_of(client)
    put(client, clear="1")
    mark(world.member, ids[120:122], MarkerKind.STOP_ALL, "", world.now)
    client.post("/messenger/start", {"all": "1", "filter": "stop_all=on"})
    assert in_to(page_of(client)) == tokens(ids[120:122])  # few: each a token with its underline
    group = create_group(world.member, "Recall", False, world.now)
    client.post("/messenger/start", {"group": group.pk}, headers=HTMX)
    assert in_to(page_of(client))[-1] == f"group||{group.pk}"


def test_parts_are_counted_and_saved_wording_can_be_used(world: World) -> None:
    usable = Template.objects.create(
        account=world.account, name="Open", channel="text", purpose="service", subject="", body="Hi {first_name}"
    )
    Template.objects.create(
        account=world.account, name="Visit", channel="text", purpose="reminder", subject="", body="See you {when}"
    )
    client = logged_in(world.cem)
    assert "160 characters: 1 text for each person." in put(client, body="x" * 160)
    assert "161 characters: 2 texts for each person." in put(client, body="x" * 161)
    assert "“Ł” makes it longer" in put(client, body="Łódź")
    assert 'id="messenger-parts" class="hint num"></p>' in put(client, channel="email", body="x")
    html = page_of(client)
    assert ("Open (text)" in html, "Visit (text)" in html) == (True, False)
    without_scripts = {"use": "1", "template": usable.pk, "channel": "text", "purpose": "personal"}
    assert client.post("/messenger/to", without_scripts).status_code == 302
    assert "Hi {first_name}</textarea>" in page_of(client)


def test_ownership_is_switched_off_by_those_who_may(world: World) -> None:
    """TM13."""
    assert "checked" in logged_in(world.cem).get("/setup/messenger").content.decode()
    assert logged_in(world.cem).post("/setup/messenger", {}).status_code == 403
    logged_in(world.ben).post("/setup/messenger", {})
    assert Account.objects.get(pk=world.account.pk).takes_ownership is False
    (entry,) = LedgerEntry.objects.filter(act="set_ownership")
    assert (entry.by, entry.after) == ("Ben Weber", {"takes_ownership": False, "via": "console"})
    ids = cast(world, 1)
    client = logged_in(world.cem)
    client.post("/messenger", form(client, ids))
    assert Contact.objects.get(pk=ids[0]).assigned_to is None


def test_a_viewer_looks_and_strangers_tokens_are_nobody(world: World) -> None:
    ids = cast(world, 1)
    viewer = logged_in(world.dot)
    assert "You are a viewer here" in page_of(viewer)
    said = {"to": tokens(ids), "channel": "text", "purpose": "personal", "body": "x", "when": "now"}
    for path in ("/messenger", "/messenger/to", "/messenger/start"):
        assert viewer.post(path, {**said, "id": ids}).status_code == 403, path
    assert not MessengerDraft.objects.exists()
    stranger = logged_in(world.rae)
    assert stranger.post("/messenger", said).status_code == 404
    assert in_to(put(stranger, to=tokens(ids))) == []
    for wrong in ("contact||x", "fax||1", "contact|fax|1", "filter||{}", "filter||[1]", "contact||-1", ""):
        assert logged_in(world.cem).post("/messenger/to", {"to": wrong}, headers=ASKS).status_code == 404, wrong
    for path in ("/messenger/to", "/messenger/start"):
        assert viewer.get(path).status_code == 405


def test_what_was_typed_and_not_taken_over_is_sent_to_as_well(world: World) -> None:
    ids = cast(world, 2)
    client = logged_in(world.cem)
    client.post("/messenger", form(client, ids[:1], add="Bo Brand"))
    assert set(Message.objects.values_list("contact_id", flat=True)) == set(ids)


def test_the_page_of_a_send_lists_who_was_left_behind(world: World) -> None:
    ids = cast(world)
    mark(world.member, ids[:1], MarkerKind.STOP_ALL, "", world.now)
    client = logged_in(world.cem)
    client.post("/messenger", form(client, ids))
    made = MessengerSend.objects.get()
    html = logged_in(world.dot).get(f"/messenger/sends/{made.pk}").content.decode()
    assert "Ada Abel</a>" in html
    assert "Stop All is set on the contact: nothing goes out to them." in html
    assert "5 messages, 1 left behind" in html
    assert f"/messenger/sends/{made.pk}" in page_of(client)


def test_more_names_than_can_be_taken_are_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = cast(world, 4)
    monkeypatch.setattr(pages, "MOST_ONES", 3)
    html = put(logged_in(world.cem), add="\n".join(NAMES[:4]))
    assert in_to(html) == tokens(ids[:3])
    assert "Only the first 3 are taken." in html
    assert "Only the first" not in put(logged_in(world.cem), add="Ada Abel")


def test_two_of_the_same_name_are_told_apart_by_their_numbers(world: World) -> None:
    ids = [contact(world, "Pat Abel", phone=f"+1212555010{n}").pk for n in range(2)]
    html = put(logged_in(world.cem), to=tokens(ids))
    assert 'title="+1 212-555-0100."' in html
    assert 'title="+1 212-555-0101."' in html
