"""`allstop tickets`."""

from allstop.actions.tickets import open_ticket
from allstop.store.models import Ticket
from tests.cli.runner import allstop
from tests.world import World


def test_tickets_are_listed_answered_closed_and_opened(committed_world: World) -> None:
    made = open_ticket(committed_world.admin, committed_world.account.pk, "Our invoice", "Why 40?", committed_world.now)
    number = made.ticket.pk
    (row,) = allstop("tickets", "list", "--json").json
    assert (row["subject"], row["waits_for"], row["messages"]) == ("Our invoice", "operator", 1)
    assert allstop("tickets", "answer", number, " ").code == 2
    assert allstop("tickets", "answer", 99_999, "Hello").code == 4
    assert "For two months" in allstop("tickets", "answer", number, "For two months").out
    assert [one["side"] for one in allstop("tickets", "show", number, "--json").json["words"]] == [
        "account",
        "operator",
    ]
    assert allstop("tickets", "close", number, "--json").json["is_open"] is False
    assert allstop("tickets", "list", "--json").json == []
    assert [one["id"] for one in allstop("tickets", "list", "--all", "--json").json] == [number]
    opened = allstop("tickets", "open", "Welcome", "Hello", "--account", committed_world.rival.pk, "--json").json
    assert (opened["account"], Ticket.objects.count()) == ("Rival Motors", 2)
