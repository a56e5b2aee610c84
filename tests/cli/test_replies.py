"""`allstop replies`."""

from datetime import UTC, datetime, timedelta

from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel
from allstop.store.models import LedgerEntry, Message, OptOut, UnclearReply
from tests.cli.runner import allstop
from tests.world import World, contact, texts


def test_they_are_listed_and_settled(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("replies", "list", *account).out == "There are no replies to read.\n"
    contact(committed_world)
    for text in ("please stop", "who is this? stop"):
        take_reply(
            Written(
                adapter="sandbox",
                provider_id=text,
                channel=Channel.TEXT,
                sender="+12125550123",
                recipient="",
                text=text,
                in_reply_to="",
                at=datetime.now(UTC),
            )
        )
    first, second = UnclearReply.objects.order_by("pk").values_list("pk", flat=True)
    assert "who is this? stop" in allstop("replies", "list", *account).out
    reply = UnclearReply.objects.get(pk=first).inbound_id
    assert allstop("replies", "appointments", reply, *account).out == "They have no appointment ahead.\n"
    person, ahead = UnclearReply.objects.get(pk=first).contact, datetime.now(UTC) + timedelta(days=2)
    [message] = texts(committed_world, 1, to=person)
    Message.objects.filter(id=message).update(appointment_at=ahead)
    assert str(message) in allstop("replies", "appointments", reply, *account).out
    assert allstop("replies", "match", reply, message, "maybe", *account).code == 2
    assert allstop("replies", "match", reply, message + 1, "confirmed", *account).code == 4
    matched = allstop("replies", "match", reply, message, "confirmed", *account).out
    assert matched == f"Message {message}: confirmed.\n"
    page = allstop("replies", "list", "--limit", 1, "--json", *account).json
    assert ([row["id"] for row in page["items"]], page["next"]) == ([first], first)
    assert allstop("replies", "settle", first, *account).code == 2
    assert allstop("replies", "settle", first, "--this-channel", "--meant-nothing", *account).code == 2
    assert allstop("replies", "settle", 99_999_999, "--meant-nothing", *account).code == 4
    assert allstop("replies", "settle", first, "--meant-nothing", *account).out.startswith("What waited")
    said = allstop("replies", "settle", second, "--every-channel", "--json", *account).json
    assert said == {"choice": "every_channel", "is_new": True}
    assert allstop("replies", "settle", second, "--meant-nothing", *account).out.startswith("It was settled before.")
    assert OptOut.objects.get().channel is None


def test_the_setup_is_shown_and_changed(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert "Own words            none" in allstop("replies", "setup", *account).out
    said = allstop("replies", "setup", "--add-word", "basta", "--add-word", "geen berichten", "--no-confirm", *account)
    assert "basta, geen berichten" in said.out
    changed = allstop("replies", "setup", "--remove-word", "BASTA", "--stops-all", "--json", *account).json
    assert (changed["words"], changed["stops_all"], changed["confirms"]) == (["geen berichten"], True, False)
    assert LedgerEntry.objects.filter(act="change_replies").count() == 2
    calls = allstop("replies", "setup", "--call-instead", "--call-words", "{visits}", "--json", *account).json
    assert (calls["calls_instead"], calls["call_words"]) == (True, "{visits}")
    wrong = allstop("replies", "setup", "--add-word", "yes", *account)
    assert wrong.code == 2
