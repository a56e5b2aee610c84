"""`allstop leads ...`"""

from pathlib import Path

from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.playbooks import EXAMPLE
from allstop.cli.leads import Why
from allstop.rules.leads import CHOSEN_REASONS, LeadSource
from allstop.store.models import Hold, OptOut
from tests.cli.runner import allstop
from tests.world import World


def test_the_pause_asks_for_the_word_and_says_what_it_does(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    refused = allstop("leads", "pause", *account, typed="confirm\n")
    assert refused.code == 2
    assert "possibly destructive" in refused.err
    assert not Hold.objects.filter(name="paused").exists()
    done = allstop("leads", "pause", "--reason", "doubles", *account, typed="CONFIRM\n")
    assert (done.code, "The account is paused." in done.out, "doubles" in done.out) == (0, True, True)
    again = allstop("leads", "unpause", "--confirm", "CONFIRM", "--json", *account)
    assert (again.code, again.json["paused"]) == (0, False)
    assert allstop("leads", "unpause", "--confirm", "CONFIRM", *account).code == 3


def test_leads_are_added_listed_and_decided(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    added = allstop("leads", "add", "212 555 0166", "--given-name", "Lee", "--kind", "buyer", "--json", *account)
    assert (added.code, added.json["source"], added.json["status"]) == (0, "manual", "new")
    again = allstop("leads", "add", "212 555 0166", "--json", *account)
    assert (again.code, again.json["error"]["code"]) == (3, "duplicate")
    lead = added.json["id"]
    assert (
        allstop("leads", "qualify", lead, "--note", "Wants a visit", "--json", *account).json["status"] == "qualified"
    )
    assert "Wants a visit" in allstop("leads", "show", lead, *account).out
    corrected = allstop("leads", "unqualify", lead, "--reason", "unresponsive", *account).out
    assert "unqualified unresponsive" in corrected
    listed = allstop("leads", "list", "--status", "unqualified", "--search", "lee", *account).out
    assert lead in listed
    assert "no leads" in allstop("leads", "list", "--assigned-to", "ben@northgate.example", *account).out
    other = allstop("leads", "add", "212 555 0167", "--assigned-to", "ben@northgate.example", "--json", *account).json
    assert other["assigned_to"] == "Ben Weber"
    assert allstop("leads", "dnc", other["id"], "--json", *account).json["reason"] == "do_not_contact"
    assert OptOut.objects.filter(contact_id=other["contact_id"]).exists()
    assert allstop("leads", "show", "00000000-0000-0000-0000-000000000000", *account).code == 4


def test_the_reasons_are_those_that_may_be_chosen() -> None:
    assert [one.value for one in Why] == [one.value for one in CHOSEN_REASONS]


def test_a_file_says_which_rows_became_none(committed_world: World, tmp_path: Path) -> None:
    file = tmp_path / "fair.csv"
    file.write_text("Name,Phone\nLee Ortiz,2125550166\nNobody,12\n")
    ran = allstop("leads", "import", file, "--account", committed_world.account.pk)
    assert (ran.code, "Row 3: 12 " in ran.out, "1 lead created, 1 row became none." in ran.out) == (5, True, True)
    account = ("--account", committed_world.account.pk)
    (kept,) = allstop("leads", "imports", "--json", *account).json["items"]
    assert (kept["state"], kept["rows_done"], kept["created"], kept["refused"]) == ("done", 2, 1, {"unusable": 1})
    assert allstop("leads", "imports", kept["id"], *account).out == ran.out
    assert "fair.csv" in allstop("leads", "imports", *account).out
    assert allstop("leads", "imports", "999999999", *account).code == 4


def test_end_all_asks_for_the_word_and_the_playbook_is_kept_and_tried(committed_world: World, tmp_path: Path) -> None:
    account = ("--account", committed_world.account.pk)
    file = tmp_path / "playbook.txt"
    file.write_text(EXAMPLE, encoding="utf-8")
    kept = allstop("leads", "set-playbook", str(file), *account)
    assert (kept.code, kept.out) == (0, "Saved. New leads begin with it.\n")
    assert allstop("leads", "playbook", *account).out == EXAMPLE
    played = allstop("leads", "try-playbook", str(file), "no", *account)
    assert "The lead is unqualified: not interested." in played.out
    file.write_text("step a", encoding="utf-8")
    wrong = allstop("leads", "set-playbook", str(file), *account)
    assert (wrong.code, "Line 1" in wrong.err) == (2, True)
    lead = create_lead(
        committed_world.member, NewLead(source=LeadSource.MANUAL, phone="+12125550123"), committed_world.now
    ).lead
    assert lead is not None
    refused = allstop("leads", "end-all", *account, typed="confirm\n")
    assert (refused.code, "1 active lead of every member" in refused.err) == (2, True)
    done = allstop("leads", "end-all", "--confirm", "CONFIRM", "--json", *account)
    assert (done.code, done.json["state"], done.json["ended"]) == (0, "done", 1)
    assert allstop("leads", "end-status", done.json["id"], *account).code == 0
    assert allstop("leads", "replay-end", done.json["id"], "--json", *account).json["replayed_at"]
    assert allstop("leads", "replay-end", done.json["id"], *account).code == 3
