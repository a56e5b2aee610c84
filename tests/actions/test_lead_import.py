"""Leads from a file: row by row, the same door as every other path."""

import pytest

from allstop.actions.actor import Forbidden, Invalid
from allstop.actions.lead_import import import_leads, tally
from allstop.actions.pausing import pause_intake
from allstop.store import lists
from allstop.store.models import Lead
from tests.world import World

FILE = b"""Name,Phone,Email,Location,Assigned to,Notes,Opted out
Lee Ortiz,(212) 555-0166,lee@example.org,NG,ben@northgate.example,A price?,
Kim Haddad,,kim@example.org,,,,
Noor Bakker,12,,,,,
Ana Kowalska,,,,,,
Tom Iversen,(212) 555-0167,,,,,yes
Lee Ortiz,+1 212 555 0166,,,,,
"""


def test_each_row_becomes_a_lead_or_says_why_not(world: World) -> None:
    results = list(import_leads(world.member, "fair.csv", [FILE[:100], FILE[100:]], "buyer", world.now))
    assert [one.outcome for one in results] == ["created", "created", "unusable", "unusable", "unusable", "duplicate"]
    assert [bool(one.words) for one in results] == [False, False, True, True, True, True]
    assert results[5].lead == results[0].lead
    lee = lists.leads(world.account.pk, lists.LeadFilter(q="lee"))[0]
    assert (lee.phone, lee.email, lee.location, lee.owner, lee.kind, lee.comment, lee.source) == (
        "+12125550166",
        "lee@example.org",
        "Northgate",
        "Ben Weber",
        "buyer",
        "A price?",
        "file",
    )
    again = tally(import_leads(world.member, "fair.csv", [FILE], "buyer", world.now))
    assert again == {"duplicate": 3, "unusable": 3}
    assert Lead.objects.filter(account=world.account).count() == 2


def test_a_pause_refuses_every_row_and_a_viewer_and_a_large_file_are_refused_before(world: World) -> None:
    with pytest.raises(Forbidden):
        import_leads(world.viewer, "fair.csv", [FILE], "", world.now)
    with pytest.raises(Invalid, match="more than 5 rows"):
        import_leads(world.member, "fair.csv", [FILE], "", world.now, most=5)
    with pytest.raises(Invalid):
        import_leads(world.member, "fair.pdf", [b"%PDF-1.7\n\x00\x01"], "", world.now)
    pause_intake(world.leader, "CONFIRM", "", world.now)
    assert tally(import_leads(world.member, "fair.csv", [FILE], "", world.now)) == {"paused": 3, "unusable": 3}
    assert lists.intake(world.account.pk).refused_words == "3 leads refused since paused: 3 file"
    assert not Lead.objects.filter(account=world.account).exists()
