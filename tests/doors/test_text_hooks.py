"""Callbacks of text providers, signed by the provider's own library."""

from urllib.parse import urlencode

import pytest
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from allstop.actions.text_hooks import STATES as HOOK_STATES
from allstop.channels.text_api.outcomes import STATES
from allstop.rules.facts import Channel
from allstop.store.models import Attempt, ChannelSetup, Inbound, Message, OptOut, Receipt
from tests.kept_cast import the_cast
from tests.world import World, contact, texts

URL, TOKEN, SID = "https://desk.example.com", "correct horse", "AC17"


@pytest.fixture
def world(db: None) -> World:
    made = the_cast(timezone.now())
    for account, sid, token in ((made.account, SID, TOKEN), (made.rival, "AC18", "another")):
        ChannelSetup.objects.filter(account=account, channel=Channel.TEXT).update(
            provider="text_api",
            config={"account_sid": sid, "password": token, "callback_url": URL},
            sender="+12125550100",
        )
    return made


def call(world: World, path: str, form: dict[str, str], token: str = TOKEN, url: str = URL) -> HttpResponse:
    address = f"/hooks/texts/{world.account.pk}/{path}"
    signed = RequestValidator(token).compute_signature(url + address, form)
    return Client().post(address, form, headers={"X-Twilio-Signature": signed})  # type: ignore[return-value]


def sent(world: World, sid: str) -> Message:
    [id_] = texts(world, 1)
    Attempt.objects.create(
        account=world.account,
        message_id=id_,
        number=1,
        worker_id=1,
        adapter="text_api",
        started_at=world.now,
        ended_at=world.now,
        outcome="accepted",
        ref=f"{SID}:{sid}",
        code="http:201",
        detail="",
    )
    return Message.objects.get(id=id_)


def test_a_signed_status_is_the_receipt_of_its_text(world: World) -> None:
    message = sent(world, "SM1")
    for status in ("sent", "delivered", "sent", "delivered"):
        assert call(world, "status", {"MessageSid": "SM1", "MessageStatus": status}).status_code == 200
    message.refresh_from_db()
    assert message.receipt == "delivered"
    assert Receipt.objects.count() == 2, "the same word twice is one"


def test_a_failure_keeps_the_providers_code(world: World) -> None:
    sent(world, "SM1")
    call(world, "status", {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"})
    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.code, receipt.account) == (
        "undeliverable",
        "text_api:undelivered 30003",
        world.account,
    )


def test_a_status_may_come_before_its_text_is_written_down(world: World) -> None:
    call(world, "status", {"MessageSid": "SM9", "MessageStatus": "delivered"})
    assert Receipt.objects.get().account is None, "a worker matches it"


def test_a_stop_is_in_force_when_the_callback_is_answered(world: World) -> None:
    pat = contact(world, "Pat", phone="+12125550194")
    form = {"MessageSid": "SM5", "From": "+12125550194", "To": "+12125550100", "Body": "Stop texting me, please! 🛑"}
    answer = call(world, "reply", form)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert OptOut.objects.filter(contact=pat, lifted_at=None).exists()
    assert call(world, "reply", form).status_code == 200
    assert Inbound.objects.get().account == world.account


def test_a_strangers_words_are_kept_for_the_account_that_was_written_to(world: World) -> None:
    contact(world, "Pat", phone="+12125550194", account=world.rival)
    form = {"MessageSid": "SM6", "From": "+12125550194", "To": "+12125550100", "Body": "Hello"}
    assert call(world, "reply", form).status_code == 200
    inbound = Inbound.objects.get()
    assert (inbound.account, inbound.contact) == (world.account, None)


@pytest.mark.parametrize(
    ("token", "url"), [("wrong", URL), ("another", URL), ("", URL), (TOKEN, "https://desk.example.org")]
)
@pytest.mark.parametrize("path", ["status", "reply"])
def test_what_is_not_signed_with_the_accounts_own_token_changes_nothing(
    world: World, path: str, token: str, url: str
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+12125550194", "Body": "STOP"}
    assert call(world, path, form, token, url).status_code == 403
    assert not Receipt.objects.exists()
    assert not Inbound.objects.exists()


def test_a_changed_field_an_added_one_and_no_signature_are_refused(world: World) -> None:
    address = f"/hooks/texts/{world.account.pk}/status"
    form = {"MessageSid": "SM1", "MessageStatus": "failed"}
    signed = RequestValidator(TOKEN).compute_signature(URL + address, form)
    header = {"X-Twilio-Signature": signed}
    assert Client().post(address, {**form, "MessageStatus": "delivered"}, headers=header).status_code == 403
    assert Client().post(address, {**form, "To": "+1"}, headers=header).status_code == 403
    assert Client().post(f"{address}?x=1", form, headers=header).status_code == 403
    assert Client().post(address, form).status_code == 403
    assert Client().post(address, form, headers={"X-Twilio-Signature": "é"}).status_code == 403
    assert Client().post(f"/hooks/texts/{10**30}/status", form, headers=header).status_code == 403
    assert Client().get(address, headers=header).status_code == 405
    assert Client().post(address, form, headers=header).status_code == 200


def test_repeated_fields_and_odd_words(world: World) -> None:
    address = f"/hooks/texts/{world.account.pk}/status"
    form = {"MessageSid": "SM1", "MessageStatus": "sent", "Extra": ["b", "a", "b"]}
    query = QueryDict(urlencode(form, doseq=True))
    signed = RequestValidator(TOKEN).compute_signature(URL + address, query)
    assert Client().post(address, form, headers={"X-Twilio-Signature": signed}).status_code == 200
    assert call(world, "status", {"MessageSid": "SM1", "MessageStatus": "dancing"}).status_code == 422
    assert call(world, "status", {"MessageStatus": "sent"}).status_code == 422
    assert call(world, "reply", {"MessageSid": "SM1", "Body": "STOP"}).status_code == 422


def test_without_a_callback_address_nothing_is_taken(world: World) -> None:
    config = {"account_sid": SID, "password": TOKEN, "callback_url": ""}
    ChannelSetup.objects.filter(account=world.account, channel=Channel.TEXT).update(config=config)
    assert call(world, "status", {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 403


def test_door_and_adapter_read_the_same_words_alike() -> None:
    assert {word: state.value for word, state in STATES.items()} == HOOK_STATES
