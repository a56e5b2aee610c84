"""Pages that two people have open: what one has saved stays beside what the other changes; a clash is seen first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from allstop.actions.actor import Operator
from allstop.actions.calls import Trunk, set_trunk
from allstop.actions.components import set_terms
from allstop.actions.contact_lists import ListChoice, save_list
from allstop.actions.groups import create_group
from allstop.actions.mail_server import Server, mail_setup, set_server
from allstop.actions.mailbox import drop_mailbox, set_mailbox
from allstop.actions.packages import PackageSaid, save_package
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.actions.status_plans import plan_change
from allstop.actions.status_types import add_reason
from allstop.actions.statuses import Wish
from allstop.actions.webhooks import WebhookDetails, create_webhook
from allstop.rules.facts import Channel
from allstop.rules.limits import Limits
from allstop.store.models import ChannelSetup, Feed, FeedKind, Mailbox, Rate, StatusImage, StatusType, User
from allstop.store.sealing import opened
from tests.actions.test_feeds import a_feed
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.rules.test_pictures import GIF, PNG
from tests.world import World


@dataclass(frozen=True, kw_only=True)
class Page:
    made: Callable[[World], str]  # what there is to change; the address of its page
    theirs: dict[str, Any]
    mine: dict[str, Any]
    clash: dict[str, Any]  # with theirs
    shown: str  # at the clash
    posts_to: str = ""  # where that is another address; {} is the page's own
    form: Callable[[Any], Any] = lambda context: context["form"]


def a_webhook(world: World) -> str:
    details = WebhookDetails(name="CRM", url="https://crm.example/", kinds=["opt_out", "message.sent"])
    return f"/setup/connections/webhooks/{create_webhook(world.admin, details, world.now)[0].pk}"


def a_status_type(world: World) -> str:
    return f"/operator/status-types/{StatusType.objects.get(status='suspended').pk}"


def a_package(world: World) -> str:
    by = Operator("Olu (operator)", "console")
    return f"/operator/packages/{save_package(by, None, PackageSaid(name='Texts', price='30'), world.now).pk}"


def a_mail_server(world: World, **settings: Any) -> str:
    """Where nothing is said, it asks for no password: another server would be told none."""
    server = Server(settings={"host": "smtp.example.com"} | settings, sender="desk@example.com", sender_name="")
    set_server(world.admin, server, world.now)
    return "/setup/email"


def a_mailbox(world: World, **settings: Any) -> str:
    usual = {"host": "imap.example.com", "user": "in", "password": "s3cret", "folder": "INBOX"}
    set_mailbox(world.admin, usual | settings, world.now)
    return "/setup/email"


def a_trunk(world: World, **settings: Any) -> str:
    set_trunk(world.admin, Trunk(settings={"host": "sip.example.com"} | settings, caller="+12125550100"), world.now)
    return "/setup/calls"


def a_planned_change(world: World) -> str:
    by = Operator("Olu (operator)", "console")
    for reason in ("By request", "Not paid", "For a season"):
        add_reason(by, reason, world.now)
    wish = Wish(StatusType.objects.get(status="suspended").pk, "By request")
    made = plan_change(by, world.account.pk, wish, world.now.date() + timedelta(days=90), world.now)
    return f"/operator/accounts/{world.account.pk}/planned/{made.pk}"


PAGES = {
    "contact list": Page(
        made=lambda world: f"/contacts/lists/{save_list(world.member, ListChoice(name='Old'), world.now).pk}/edit",
        theirs={"no_visit_months": 6, "flag": True, "assigned_to": -1},
        mine={"name": "Six months", "for_family": True},
        clash={"no_visit_months": 9},
        shown="to: 6.",
    ),
    "reply setup": Page(
        made=lambda _: "/setup/replies",
        theirs={"words": "basta\r\nGeen berichten", "stops_all": True, "auto_reply_minutes": 20},
        mine={"help_answer": "{account}: STOP ends it.", "calls_instead": True},
        clash={"words": "niet meer"},
        shown="to: basta, Geen berichten.",
    ),
    "lead setup": Page(
        made=lambda _: "/setup/connections",
        theirs={"repeat_days": 30},
        mine={"strangers": "leads"},
        clash={"repeat_days": 60},
        shown="to: 30.",
        posts_to="/setup/connections/leads",
        form=lambda context: context["lead_address"]["form"],
    ),
    "webhook": Page(
        made=a_webhook,
        theirs={"kinds": ["message.failed", "opt_out"]},
        mine={"name": "Our CRM", "url": "https://new.example/"},
        clash={"kinds": ["lead_created", "opt_out"]},
        shown="to: A message has failed for good, A contact has opted out.",
    ),
    "webhook, kinds of theirs": Page(
        made=a_webhook,
        theirs={"url": "https://new.example/", "kinds": ["message.failed", "opt_out"]},
        mine={"name": "Our CRM"},
        clash={"url": "https://other.example/"},
        shown="to: https://new.example/.",
    ),
    "feed": Page(
        made=lambda world: f"/setup/feeds/{a_feed(world).pk}/edit",
        theirs={"sun": ["mon", "tue"], "wed": [], "expected_at": time(15), "holds_all": True},
        mine={"name": "Hygiene", "mon": ["wed"], "alarm_minutes": 45},
        clash={"sun": ["mon", "wed"]},
        shown="to: Monday, Tuesday.",
    ),
    "feed, days of theirs": Page(
        made=lambda world: f"/setup/feeds/{a_feed(world).pk}/edit",
        theirs={"sun": ["mon", "tue"], "expected_at": time(15)},
        mine={"name": "Hygiene"},
        clash={"expected_at": time(16)},
        shown="to: 15:00.",
    ),
    "status type": Page(
        made=a_status_type,
        theirs={"name": "Away", "is_counted": False},
        mine={"image_url": "https://pictures.example/sun.png"},
        clash={"name": "Holiday"},
        shown="to: Away.",
    ),
    "package": Page(
        made=a_package,
        theirs={"price": "32.5", "mode": "arrears"},
        mine={"name": "Texts and calls", "is_full_period": True},
        clash={"price": "35"},
        shown="to: 32.5.",
    ),
    "billing terms": Page(
        made=lambda world: f"/operator/accounts/{world.account.pk}/billing",
        theirs={"bill_day": 15},
        mine={"currency": "EUR"},
        clash={"bill_day": 20},
        shown="to: 15.",
        posts_to="{}/terms",
        form=lambda context: context["terms_form"],
    ),
    "planned change of status": Page(
        made=a_planned_change,
        theirs={"reason": "Not paid"},
        mine={"charge": "none"},
        clash={"reason": "For a season"},
        shown="to: Not paid.",
    ),
    "billing setup": Page(
        made=lambda _: "/operator/billing-setup",
        theirs={"due_days": 30, "remind_after_days": 7},
        mine={"issuer": "Desk Ltd\r\nYork", "usage_while_suspended": False},
        clash={"due_days": 21},
        shown="to: 30.",
    ),
    "brake": Page(
        made=lambda _: "/setup/brake",
        theirs={"email-is_on": True, "email-bounce": "12.5", "email-opt_out": ""},
        mine={"email-minutes": 45, "email-failure": "25.0"},
        clash={"email-bounce": "15.0"},
        shown="to: 12.5.",
        posts_to="/setup/brake/email",
        form=lambda context: next(one["form"] for one in context["panels"] if one["channel"] == "email"),
    ),
    "group": Page(
        made=lambda world: f"/groups/{create_group(world.member, 'Old', False, world.now).pk}",
        theirs={"name": "Implants"},
        mine={},
        clash={"name": "Crowns"},
        shown="to: Implants.",
    ),
    "mail server": Page(
        made=a_mail_server,
        theirs={"host": "mail.example.com", "port": 465, "encryption": "tls"},
        mine={"sender_name": "The desk", "max_connections": 3},
        clash={"host": "smtp.example.org"},
        shown="to: mail.example.com.",
        posts_to="/setup/email/server",
        form=lambda context: context["server"],
    ),
    "mailbox": Page(
        made=a_mailbox,
        theirs={"port": 143, "encryption": "starttls"},
        mine={"folder": "Replies"},
        clash={"port": 1143},
        shown="to: 143.",
        posts_to="/setup/email/mailbox",
        form=lambda context: context["mailbox"],
    ),
    "limits of emails": Page(
        made=lambda _: "/setup/email",
        theirs={"minute": 20},
        mine={"day": 900},
        clash={"minute": 30},
        shown="to: 20.",
        posts_to="/setup/email/limits",
        form=lambda context: context["limits"],
    ),
    "trunk": Page(
        made=a_trunk,
        theirs={"host": "sip.example.org", "transport": "tcp", "dials_plus": False},
        mine={"lines": 3, "follows_contact": True, "closing": "Press 9.\r\nThank you."},
        clash={"host": "sip.example.net"},
        shown="to: sip.example.org.",
        posts_to="/setup/calls/trunk",
        form=lambda context: context["trunk"],
    ),
    "rings": Page(
        made=lambda _: "/setup/calls",
        theirs={"rings": 6},
        mine={"ring_minutes": 7},
        clash={"rings": 5},
        shown="to: 6.",
        posts_to="/setup/calls/rings",
        form=lambda context: context["rings"],
    ),
    "reminder of stops": Page(
        made=lambda _: "/stops/standing",
        theirs={"hours": 8},
        mine={},
        clash={"hours": 48},
        shown="to: 8.",
        posts_to="/stops/reminder",
    ),
}


@pytest.fixture
def world(db: None) -> World:
    """Two of them are operators, too."""
    made = the_cast(timezone.now())
    User.objects.filter(pk__in=(made.ada.user_id, made.ben.user_id)).update(is_operator=True)
    return made


def drawn(page: Page, answer: Any) -> dict[str, Any]:
    """What the browser would send of it."""
    form = page.form(answer.context)
    assert str(form["was"]) in answer.content.decode()
    return {one.html_name: one.value() for one in form if one.value() is not None}


def told(form: dict[str, Any]) -> dict[str, str]:
    """As words, without what is told nobody: what stood, and what is empty or not ticked."""
    said = {name: str(value).replace("\r\n", "\n") for name, value in form.items() if value not in ("", False, [])}
    return {name: words for name, words in said.items() if name != "was" and not name.endswith("-was")}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_neither_of_two_people_undoes_what_the_other_has_saved(world: World, page: Page) -> None:
    address = page.made(world)
    to = page.posts_to.format(address) or address
    ada, ben = logged_in(world.ada), logged_in(world.ben)
    first, second = (drawn(page, client.get(address)) for client in (ada, ben))
    assert ada.post(to, first | page.theirs).status_code == 302
    assert ben.post(to, second | page.mine).status_code == 302
    both = told(drawn(page, ada.get(address)))
    assert both == told(first | page.theirs | page.mine)
    clash = ben.post(to, second | page.clash)
    assert clash.status_code == 422 and page.shown in clash.content.decode()
    assert told(drawn(page, ada.get(address))) == both, "nothing is saved"
    assert ben.post(to, drawn(page, clash)).status_code == 302
    assert told(drawn(page, ada.get(address))) == both | told(page.clash)


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A server that is told a password."""

    page: Page
    made: Callable[[World], str]
    kept: Callable[[World], dict[str, Any]]  # its settings
    more: dict[str, Any]  # something else of its form
    leave: Callable[[World], object] | None = None  # it is used no more


WITH_PASSWORD = {"host": "files.example.com", "port": 22, "user": "in", "password": "s3cret"}


def channel_settings(world: World, channel: Channel) -> dict[str, Any]:
    settings: dict[str, Any] = ChannelSetup.objects.get(account=world.account, channel=channel).config
    return settings


def to_sandbox(world: World, channel: Channel) -> object:
    choice = ChannelChoice(provider="sandbox", config={}, sender="", sender_name="")
    return set_channel(world.admin, channel, choice, world.now)


GUARDED = {
    "feed": Guarded(
        page=PAGES["feed"],
        made=lambda world: (
            f"/setup/feeds/{a_feed(world, kind=FeedKind.SFTP, settings=WITH_PASSWORD | {'path': '.'}).pk}/edit"
        ),
        kept=lambda world: Feed.objects.get(account=world.account).settings,
        more={"name": "Hygiene"},
    ),
    "mail server": Guarded(
        page=PAGES["mail server"],
        made=lambda world: a_mail_server(world, **WITH_PASSWORD),
        kept=lambda world: channel_settings(world, Channel.EMAIL),
        more={"sender_name": "The desk"},
        leave=lambda world: to_sandbox(world, Channel.EMAIL),
    ),
    "mailbox": Guarded(
        page=PAGES["mailbox"],
        made=lambda world: a_mailbox(world, **WITH_PASSWORD),
        kept=lambda world: Mailbox.objects.get(account=world.account).config,
        more={"folder": "Replies"},
        leave=lambda world: drop_mailbox(world.admin, world.now),
    ),
    "trunk": Guarded(
        page=PAGES["trunk"],
        made=lambda world: a_trunk(world, **WITH_PASSWORD),
        kept=lambda world: channel_settings(world, Channel.CALL),
        more={"lines": 3},
        leave=lambda world: to_sandbox(world, Channel.CALL),
    ),
}


@pytest.mark.parametrize("one", GUARDED.values(), ids=GUARDED)
def test_a_password_is_told_to_no_server_that_its_typist_has_not_seen(world: World, one: Guarded) -> None:
    """A colleague who may change the server, but does not know the password, would get it so."""
    path, ada, ben = one.made(world), logged_in(world.ada), logged_in(world.ben)
    to = one.page.posts_to or path

    def kept() -> tuple[str, int, str]:
        settings = opened(one.kept(world))
        return settings["host"], settings["port"], settings["password"]

    form = drawn(one.page, ada.get(path))
    assert "s3cret" not in form["was"] and "password" not in form["was"]
    assert ben.post(to, form | {"host": "other.example.com", "port": 2222, "password": "theirs"}).status_code == 302
    refused = ada.post(to, form | {"password": "mine"})
    assert refused.status_code == 422 and "to: other.example.com." in refused.content.decode()
    assert ada.post(to, form | one.more).status_code == 302  # with none typed, theirs stays
    assert kept() == ("other.example.com", 2222, "theirs")
    assert ada.post(to, drawn(one.page, refused) | {"password": "mine"}).status_code == 302
    assert kept() == ("files.example.com", 2222, "mine")


LEFT = {name: one for name, one in GUARDED.items() if one.leave}


@pytest.mark.parametrize("one", LEFT.values(), ids=LEFT)
def test_a_server_that_a_colleague_has_left_is_not_used_again_unseen(world: World, one: Guarded) -> None:
    path, ada = one.made(world), logged_in(world.ada)
    form = drawn(one.page, ada.get(path))
    assert one.leave is not None
    one.leave(world)
    refused = ada.post(one.page.posts_to, form | one.more | {"password": "mine"})
    assert refused.status_code == 422 and "Somebody has emptied this meanwhile." in refused.content.decode()
    assert ada.post(one.page.posts_to, drawn(one.page, refused) | {"password": "mine"}).status_code == 302
    settings = opened(one.kept(world))
    assert (settings["host"], settings["port"], settings["password"]) == ("files.example.com", 22, "mine")


def test_a_provider_of_mailboxes_is_chosen_with_all_of_its_numbers(world: World) -> None:
    """A colleague's number beside it would be none of its own, and is not lost unseen."""
    page, ada, ben = PAGES["limits of emails"], logged_in(world.ada), logged_in(world.ben)
    form = drawn(page, ada.get("/setup/email"))
    assert ben.post(page.posts_to, form | {"hour": 50}).status_code == 302
    refused = ada.post(page.posts_to, form | {"preset": "microsoft365"})
    assert refused.status_code == 422 and "to: 50." in refused.content.decode()
    assert mail_setup(world.account.pk).limits == Limits(hour=50)
    assert ada.post(page.posts_to, drawn(page, refused)).status_code == 302
    assert mail_setup(world.account.pk).limits == Limits(minute=30, day=10_000)
    assert ben.post(page.posts_to, form | {"day": 900}).status_code == 422
    assert ben.post(page.posts_to, form | {"hour": 50}).status_code == 302  # as it was when ben had opened it
    assert mail_setup(world.account.pk).limits == Limits(minute=30, hour=50, day=10_000)


@pytest.mark.parametrize("whose", ["of all", "its own"])
def test_a_price_of_usage_that_a_colleague_has_set_is_seen_before_another_is(world: World, whose: str) -> None:
    """The form shows none: it is the price of whatever is chosen in it."""
    by, account = Operator("Olu (operator)", "console"), None if whose == "of all" else world.account
    set_terms(by, world.account.pk, 1, "USD", world.now)
    path, to = "/operator/billing-setup", "/operator/billing-setup/rate"
    if account is not None:
        path, to = (f"/operator/accounts/{account.pk}/{part}" for part in ("billing", "rates"))
    page = Page(made=lambda _: path, theirs={}, mine={}, clash={}, shown="", form=lambda all_of: all_of["rate_form"])
    ada, ben = logged_in(world.ada), logged_in(world.ben)
    form = drawn(page, ada.get(path))

    def prices() -> dict[str, tuple[str, int]]:
        kept = Rate.objects.filter(account=account)
        return {one.unit: (f"{one.price.normalize():f}", one.included) for one in kept}

    assert ben.post(to, form | {"unit": "text_part", "price": "0.01", "included": 100}).status_code == 302
    assert ada.post(to, form | {"unit": "email", "price": "0.002"}).status_code == 302  # of something else
    refused = ada.post(to, form | {"unit": "text_part", "price": "0.02"})
    assert refused.status_code == 422 and "to: 0.01." in refused.content.decode()
    assert "to: 100." in refused.content.decode()
    assert prices() == {"text_part": ("0.01", 100), "email": ("0.002", 0)}
    assert ada.post(to, drawn(page, refused)).status_code == 302
    assert prices() == {"text_part": ("0.02", 0), "email": ("0.002", 0)}
    assert ben.post(to, drawn(page, refused) | {"unit": "email", "price": "0.003"}).status_code == 422  # still


def test_a_picture_that_a_colleague_has_uploaded_is_not_replaced_or_removed_unseen(world: World) -> None:
    path, page = a_status_type(world), PAGES["status type"]
    ada, ben = logged_in(world.ada), logged_in(world.ben)

    def sends(client: Client, form: dict[str, Any], picture: bytes = b"") -> Any:
        more = {"image": SimpleUploadedFile("a.png", picture)} if picture else {}
        return client.post(path, {**form, **more})

    def kept() -> bytes:
        return bytes(StatusImage.objects.get().content)

    first = drawn(page, ada.get(path))
    assert sends(ben, first, PNG).status_code == 302
    refused = sends(ada, first, GIF)
    assert refused.status_code == 422 and "Look at it in another window" in refused.content.decode()
    assert sends(ada, first | {"name": "Away"}).status_code == 302  # of another field
    assert kept() == PNG
    assert sends(ada, drawn(page, refused), GIF).status_code == 302
    second = drawn(page, ada.get(path))
    assert sends(ben, second, PNG).status_code == 302
    assert sends(ada, second | {"drop_image": "on"}).status_code == 422
    assert kept() == PNG
