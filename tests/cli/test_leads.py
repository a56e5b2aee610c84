"""`allstop leads ...`"""

from pathlib import Path

from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.playbooks import EXAMPLE
from allstop.rules.leads import LeadSource
from allstop.store.models import Hold
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
