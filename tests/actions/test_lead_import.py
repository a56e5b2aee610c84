"""Leads from a file: row by row, the same door as every other path, and what became of each row is kept."""

from typing import Any

import pytest

from allstop.actions import lead_import
from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.erase import erase_person
from allstop.actions.lead_import import ERASED, fail, import_leads, import_of, run_here
from allstop.actions.pausing import pause_intake
from allstop.store import lists
from allstop.store.models import Contact, Lead, LeadImport, LeadImportRow, LedgerEntry
from tests.world import World

FILE = b"""Name,Phone,Email,Location,Assigned to,Notes,Opted out
Lee Ortiz,(212) 555-0166,lee@example.org,NG,ben@northgate.example,A price?,
Kim Haddad,,kim@example.org,,,,
Noor Bakker,12,,,,,
Ana Kowalska,,,,,,
Tom Iversen,(212) 555-0167,,,,,yes
Lee Ortiz,+1 212 555 0166,,,,,
"""


def imported(world: World, **more: Any) -> LeadImport:
    return import_leads(world.member, "fair.csv", [FILE[:100], FILE[100:]], "buyer", world.now, **more)


def outcomes(world: World, source: LeadImport) -> list[str]:
    return [one.outcome for one in lists.lead_import_rows(world.account.pk, source.pk)]


def test_each_row_becomes_a_lead_or_says_why_not_and_it_is_kept(world: World) -> None:
    source = imported(world)
    assert (source.state, source.total, source.position, source.created, source.refused) == ("done", 6, 6, 2, 4)
    lines = lists.lead_import_rows(world.account.pk, source.pk)
    assert [one.outcome for one in lines] == ["created", "created", "unusable", "unusable", "unusable", "duplicate"]
    assert [bool(one.words) for one in lines] == [False, False, True, True, True, True]
    assert [one.row for one in lines] == [2, 3, 4, 5, 6, 7]
    assert lines[5].lead == lines[0].lead and lines[0].name == "Lee Ortiz"
    assert [one.row for one in lists.lead_import_rows(world.account.pk, source.pk, refused=True)] == [4, 5, 6, 7]
    assert [(a, b) for a, _, b in lists.lead_import_reasons(world.account.pk, source.pk)] == [
        ("unusable", 3),
        ("duplicate", 1),
    ]
    assert bytes(LeadImport.objects.get(pk=source.pk).content) == b"", "the file is forgotten"
    entry = LedgerEntry.objects.get(act="import_leads", account=world.account)
    assert entry.after is not None and (entry.after["created"], entry.after["refused"]) == (2, 4)
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
    again = imported(world)
    assert outcomes(world, again).count("duplicate") == 3, "handing it in again makes nothing twice"
    assert Lead.objects.filter(account=world.account).count() == 2
    assert [one.pk for one in lists.lead_imports(world.account.pk)] == [again.pk, source.pk]


def test_a_pause_refuses_every_row_and_others_are_refused_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Forbidden):
        import_leads(world.viewer, "fair.csv", [FILE], "", world.now)
    for name, content, words in (
        ("fair.pdf", b"%PDF-1.7\n\x00\x01", "PDF|read"),
        ("fair.csv", b"Name,Phone\n", "no rows"),
    ):
        with pytest.raises(Invalid, match=words):
            import_leads(world.member, name, [content], "", world.now)
    with pytest.raises(Invalid, match="40 characters"):
        import_leads(world.member, "fair.csv", [FILE], "x" * 41, world.now)
    monkeypatch.setattr(lead_import, "LARGEST", 100)
    with pytest.raises(Invalid, match="larger"):
        import_leads(world.member, "fair.csv", [FILE], "", world.now)
    monkeypatch.undo()
    assert not LeadImport.objects.filter(account=world.account).exists()
    pause_intake(world.leader, "CONFIRM", "", world.now)
    source = imported(world)
    assert [(a, n) for a, _, n in lists.lead_import_reasons(world.account.pk, source.pk)] == [
        ("paused", 3),
        ("unusable", 3),
    ]
    assert lists.intake(world.account.pk).refused_words == "3 leads refused since paused: 3 file"
    assert not Lead.objects.filter(account=world.account).exists()


def test_a_long_file_waits_for_a_process_and_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_import, "AT_ONCE", 1)
    source = imported(world)
    assert (source.state, LeadImportRow.objects.filter(source=source).count()) == ("queued", 0)
    done: list[Any] = []
    taking = lead_import._take

    def dies(*row: Any) -> None:
        if len(done) == 2:
            raise SystemExit(1)
        done.append(row)
        taking(*row)

    monkeypatch.setattr(lead_import, "_take", dies)
    with pytest.raises(SystemExit):
        run_here(source.pk)
    half = import_of(world.member, source.pk)
    assert (half.state, half.position, half.created) == ("running", 2, 2)
    monkeypatch.setattr(lead_import, "_take", taking)
    assert run_here(source.pk).state == "done"
    assert len(outcomes(world, source)) == 6 and outcomes(world, source).count("created") == 2
    assert run_here(source.pk).position == 6, "it is over"
    other = imported(world)
    fail(other.pk, "It ended in the middle.")
    assert (run_here(other.pk).state, outcomes(world, other)) == ("failed", [])


def test_who_is_erased_is_named_by_no_row_and_made_by_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    source = imported(world)
    monkeypatch.setattr(lead_import, "AT_ONCE", 1)
    waits = imported(world)
    lee = Contact.objects.get(account=world.account, given_name="Lee")
    LeadImportRow.objects.filter(source=source, row=4).update(words="+12125550166 is no phone number.")
    erase_person(world.admin, lee.pk, "CONFIRM", world.now)
    assert "2125550166" not in str(list(LeadImportRow.objects.filter(source=source).values_list("words")))
    assert not LeadImportRow.objects.filter(source=source, row__in=(2, 7), lead__isnull=False).exists()
    ended = LeadImport.objects.get(pk=waits.pk)
    assert (ended.state, bytes(ended.content), ended.failure) == ("failed", b"", ERASED)
    assert run_here(waits.pk).position == 0


def test_another_account_sees_nothing_of_it(world: World) -> None:
    source = imported(world)
    with pytest.raises(NotThere):
        import_of(world.stranger, source.pk)
    assert lists.lead_import_rows(world.stranger.account_id, source.pk) == []
    assert lists.lead_imports(world.stranger.account_id) == []
