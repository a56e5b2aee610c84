"""`allstop inbox`."""

from allstop.store.models import Conversation, Message
from tests.cli.runner import allstop
from tests.world import World, contact


def test_they_are_played_listed_shown_assigned_answered_and_closed(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("inbox", "list", *account).out == "There are no conversations like that.\n"
    contact(committed_world)
    for sender in ("+12125550123", "+12125550177"):
        assert allstop("inbox", "play", sender, "Can I come at 3?", *account).code == 0
    assert "+12125550177" in allstop("inbox", "list", "--unassigned", *account).out
    (row,) = allstop("inbox", "list", "--search", "moreau", "--json", *account).json["items"]
    assert (row["name"], row["unread"]) == ("Pat Moreau", 1)
    assert "Can I come at 3?" in allstop("inbox", "show", row["id"], *account).out
    assert "Cem Tanaka" in allstop("inbox", "assign", row["id"], "--to", "cem@northgate.example", *account).out
    assert allstop("inbox", "assign", row["id"], "--to", "rae@rival.example", *account).code == 4
    assert allstop("inbox", "read", row["id"], "--json", *account).json["unread"] == 0
    said = allstop("inbox", "answer", row["id"], "Yes, see you at 3.", *account)
    assert (said.code, "is accepted" in said.out) == (0, True)
    assert Message.objects.get().body == "Yes, see you at 3."
    stranger = Conversation.objects.get(contact=None).pk
    assert "closed" in allstop("inbox", "close", stranger, *account).out
    assert allstop("inbox", "list", "--unread", *account).out == "There are no conversations like that.\n"
    assert allstop("inbox", "list", "--unread", "--closed", *account).code == 2
    assert allstop("inbox", "show", 99_999_999, *account).code == 4
    assert allstop("inbox", "play", "nobody", "Hi", *account).code == 2
