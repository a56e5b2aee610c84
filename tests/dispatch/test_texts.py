"""Texts by SMPP through real workers to a real SMSC: parts, receipts, STOP, and credits."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import (
    Account,
    Attempt,
    ChannelSetup,
    Inbound,
    Message,
    Notice,
    OptOut,
    Part,
    QueueEntry,
    Receipt,
    Status,
)
from tests.cli.runner import allstop
from tests.dispatch.processes import wait_until, workers
from tests.peers.ports import free_port
from tests.peers.smsc import PASSWORD, USER, Smsc, smsc
from tests.world import World, contact

SENDER = "+12125550100"
LONG = "0123456789" * 40  # three parts


@pytest.fixture
def peer() -> Iterator[Smsc]:
    with smsc() as peer:
        yield peer


def send_by(peer: Smsc, account: Account, sender: str = SENDER, *, answer_seconds: int = 30, **changes: object) -> None:
    """A time limit that a busy machine cannot reach: what was not answered in time is unknown, and rightly so."""
    config = {
        "host": "127.0.0.1",
        "port": peer.port,
        "system_id": USER,
        "password": PASSWORD,
        "encryption": "none",
        "answer_seconds": answer_seconds,
    }
    setups = ChannelSetup.objects.filter(account=account, channel=Channel.TEXT)
    setups.update(provider="smpp", config=config, sender=sender, keeps_quiet_hours=False, **changes)
    queue.setup_changed(account.pk, Channel.TEXT, 0, datetime.now(UTC))


def a_text(world: World, to: str, body: str = "Please come on Monday.", contact_id: int | None = None) -> int:
    now = datetime.now(UTC)
    message = queue.NewMessage(
        account_id=world.account.pk,
        channel=Channel.TEXT,
        purpose=Purpose.REMINDER,
        address=to,
        body=body,
        due_at=now,
        contact_id=contact_id,
    )
    [id_] = queue.enqueue([message], now)
    return id_


def test_a_long_text_is_delivered_when_all_its_parts_are(committed_world: World, database_url: str, peer: Smsc) -> None:
    send_by(peer, committed_world.account)
    whole, short = (a_text(committed_world, f"+12000000{n:03d}", body) for n, body in ((1, LONG), (2, "a")))
    half = a_text(committed_world, "+12100000003", LONG)  # no receipt comes by itself
    with workers(database_url):
        wait_until(lambda: Message.objects.filter(receipt="delivered").count() == 2, "two receipts")
        wait_until(lambda: Part.objects.filter(message_id=half).count() == 3, "the parts of the third")
        refs = list(Part.objects.filter(message_id=half).order_by("number").values_list("ref", flat=True))
        ids = [ref.partition(":")[2] for ref in refs]

        def tell(id_: str, word: str) -> None:
            peer.tell(deliver={"source_addr": "1", "esm_class": 4, "short_message": f"id:{id_} stat:{word}"})

        tell(ids[2], "DELIVRD")
        tell(ids[0], "DELIVRD")
        wait_until(lambda: Message.objects.get(id=half).receipt == "sent", "two of three parts")
        tell(ids[1], "DELIVRD")
        wait_until(lambda: Message.objects.get(id=half).receipt == "delivered", "the third part")
    assert set(Message.objects.filter(id__in=[whole, short]).values_list("receipt", flat=True)) == {"delivered"}
    assert Part.objects.filter(message_id=whole).count() == 3
    assert not Part.objects.filter(message_id=short).exists()
    assert Attempt.objects.get(message_id=half).ref == refs[0]
    assert not Receipt.objects.filter(account=None).exists()


def test_one_part_that_is_not_delivered_is_told_of_the_whole(
    committed_world: World, database_url: str, peer: Smsc
) -> None:
    send_by(peer, committed_world.account)
    id_ = a_text(committed_world, "+12080000001", LONG)
    with workers(database_url):
        wait_until(lambda: Message.objects.get(id=id_).receipt == "undeliverable", "the receipts")


def test_a_stop_by_text_is_obeyed_while_nothing_is_sent_and_by_the_account_that_it_was_written_to(
    committed_world: World, database_url: str, peer: Smsc
) -> None:
    """TM9: the link is up for replies before there is anything to send."""
    world = committed_world
    here = contact(world, "Pat", phone="+12125550194", email="")
    other = ChannelSetup.objects.exclude(account=world.account).first()
    assert other is not None
    send_by(peer, other.account, "+12125550111")
    send_by(peer, world.account)
    with workers(database_url):
        wait_until(lambda: peer.bound == 1, "the link")
        fields = {"source_addr": "12125550194", "destination_addr": "12125550100"}
        peer.tell(deliver={**fields, "short_message": "STOP"})
        wait_until(lambda: OptOut.objects.filter(contact=here, lifted_at=None).exists(), "the opt-out")
        peer.tell(deliver={"source_addr": "12125550177", "destination_addr": "12125550111", "short_message": "Hello"})
        wait_until(lambda: Inbound.objects.filter(text="Hello").exists(), "a stranger's words")
        # By day a third one follows: the receipt of the text that confirms the opt-out.
        wait_until(lambda: peer.answers[:2] == [0, 0], "both to be answered as stored")
        assert Inbound.objects.get(text="Hello").account == other.account
        refused = a_text(world, "+12125550194", contact_id=here.pk)
        wait_until(lambda: Message.objects.get(id=refused).status == Status.REFUSED, "the next text to be refused")
    assert not [one for one in peer.arrivals if one["text"] == "Please come on Monday."]


def test_two_workers_spend_every_credit_and_none_that_is_not_there(
    committed_world: World, database_url: str, peer: Smsc
) -> None:
    """TX13: at zero texts wait and nothing is lost."""
    send_by(peer, committed_world.account, credits=37)
    for number in range(60):
        a_text(committed_world, f"+1210{number:07d}")
    mine = Message.objects.filter(account=committed_world.account)
    with workers(database_url, 2):
        wait_until(lambda: mine.exclude(status=Status.WAITING).count() == 37, "37 texts")
        wait_until(lambda: not QueueEntry.objects.exclude(worker_id=None).exists(), "nothing in hand")
        setup = ChannelSetup.objects.get(account=committed_world.account, channel=Channel.TEXT)
        assert (setup.credits, mine.filter(status=Status.WAITING).count()) == (0, 23)
    # A busy machine may have made a worker silent for so long that it was declared dead: what it held is unknown, paid.
    sent, unknown = (mine.filter(status=status).count() for status in (Status.SENT, Status.UNKNOWN))
    assert sent + unknown == 37
    assert sent <= len(peer.arrivals) <= 37


def test_what_was_not_taken_is_not_paid_and_a_text_in_parts_costs_its_parts(
    committed_world: World, database_url: str, peer: Smsc
) -> None:
    """TX12: credits match the parts."""
    send_by(peer, committed_world.account, answer_seconds=2, credits=10)
    a_text(committed_world, "+12100000001", LONG)
    a_text(committed_world, "+12010000002")  # refused for good
    a_text(committed_world, "+12020000003")  # refused for now
    unknown = a_text(committed_world, "+12040000004")
    setups = ChannelSetup.objects.filter(account=committed_world.account, channel=Channel.TEXT)
    with workers(database_url):
        wait_until(lambda: Message.objects.filter(id=unknown, status=Status.UNKNOWN).exists(), "the unknown one")
        wait_until(lambda: setups.get().credits == 6, "3 for the long one, 1 for what may have left")


def test_credits_that_run_out_are_asked_for_and_a_top_up_lets_texts_go_on(
    committed_world: World, database_url: str, peer: Smsc
) -> None:
    """TX13, 004-14, 004-15, by the commands that people use."""
    world = committed_world
    send_by(peer, world.account, credits=3)
    for number in range(8):
        a_text(world, f"+1210{number:07d}")
    account = ("--account", world.account.pk)
    with workers(database_url):
        wait_until(lambda: Notice.objects.filter(account=world.account).exists(), "the notice")
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 3, "three texts")
        tested = allstop("channels", "test", "text", *account)
        words = "Logged in as desk at 127.0.0.1. An SMSC does not tell how many texts are left.\n"
        assert (tested.code, tested.out) == (0, words)
        shown = allstop("credits", "add", 3, "--note", "Invoice 17", *account, "--json").json
        assert shown["history"][0]["kind"] == "top_up"
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 6, "three more")
        shown = allstop("credits", "show", *account, "--json").json
        assert (shown["balance"], [entry["note"] for entry in shown["history"]].count("Invoice 17")) == (0, 1)
        allstop("credits", "uncount", *account)
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 8, "all of them")
        ChannelSetup.objects.filter(account=world.account, channel=Channel.TEXT).update(
            config={"host": "127.0.0.1", "port": free_port(), "system_id": USER, "encryption": "none"}
        )
        queue.setup_changed(world.account.pk, Channel.TEXT, 0, datetime.now(UTC))
        tested = allstop("channels", "test", "text", *account)
        assert (tested.code, "Could not log in as desk at 127.0.0.1" in tested.out) == (1, True)
