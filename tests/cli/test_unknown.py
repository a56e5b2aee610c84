"""`allstop unknown` and `allstop settle`."""

from allstop.actions.inquiries import Said, take_due, write_down
from allstop.rules.asking import FIRST, Answer
from allstop.store.models import LedgerEntry, Message
from tests.cli.runner import allstop
from tests.world import World, lose, texts


def statuses() -> list[str]:
    return list(Message.objects.order_by("id").values_list("status", flat=True))


def test_they_are_listed_and_settled(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("unknown", *account).out == "There are no messages whose outcome is unknown.\n"
    lost = lose(committed_world, texts(committed_world, 3))
    listed = allstop("unknown", *account).out
    assert all(str(one) in listed for one in lost)
    assert "It may have left" in listed
    for question in take_due(committed_world.now + FIRST):
        write_down(question, Said(Answer.NOT_THERE, "sandbox"), committed_world.now + FIRST)
    assert "does not have it" in allstop("unknown", *account).out
    page = allstop("unknown", "--limit", 2, "--json", *account).json
    assert [row["id"] for row in page["items"]] == [lost[2], lost[1]]
    assert {row["answer"] for row in page["items"]} == {"not_there"}
    assert page["next"] == lost[1]
    assert allstop("settle", *lost[:2], "--again", "--reason", "asked", *account).out.startswith("2 messages will be")
    assert allstop("settle", *lost, "--leave", "--json", *account).json == {"count": 1}
    assert statuses() == ["waiting", "waiting", "failed"]
    entry = LedgerEntry.objects.filter(act="send_again").first()
    assert entry is not None
    assert (entry.reason, entry.by.endswith("(command line)")) == ("asked", True)


def test_one_of_the_two_must_be_said_and_the_messages_must_be_there(committed_world: World) -> None:
    (lost,) = lose(committed_world, texts(committed_world, 1))
    account = ("--account", committed_world.account.pk)
    assert allstop("settle", lost, *account).code == 2
    assert allstop("settle", lost, "--again", "--leave", *account).code == 2
    assert allstop("settle", lost, 99_999_999, "--leave", *account).code == 4
    assert statuses() == ["unknown"]
