"""`allstop packages`, `components`, `rates`, `bill`, `invoices` and `payments`."""

from pathlib import Path

from pypdf import PdfReader

from allstop.store.models import Invoice
from tests.cli.runner import allstop
from tests.world import World


def test_an_account_is_billed_and_pays_by_commands(committed_world: World, tmp_path: Path) -> None:
    """From a package to a balance of nothing; each refusal with its exit code."""
    at = ("--account", committed_world.account.pk)
    assert allstop("packages", "add", "Basic", "thirty").code == 2
    for taken in (
        ("packages", "add", "Basic", "30", "--currency", "XXX"),
        ("components", "terms", "15", "--currency", "xxx", *at),
        ("bill", "setup", "--currency", "XXX"),
    ):
        refused = allstop(*taken)
        assert (refused.code, "XXX is no money that anybody can pay in" in refused.err) == (2, True)
    assert allstop("packages", "add", "Basic", "30").out == "The package Basic is added.\n"
    assert allstop("packages", "change", "basic", "40", "--json").json["price"] == "40.00"
    assert allstop("rates", "set", "email", "0.01", "--included", "100").code == 0
    assert allstop("rates", "set", "email", "0.005", "--only", *at).code == 0
    assert [one["price"] for one in allstop("rates", "list", "--json").json] == ["0.01"]
    assert allstop("rates", "drop", "email", *at, "--json").json["rates"] == []
    assert "had no price of its own" in allstop("rates", "drop", "email", *at).out
    assert (
        allstop("bill", "setup", "--issuer", "Desk Ltd", "--remind-after", 7, "--json").json["remind_after_days"] == 7
    )
    assert allstop("bill", "setup", "--suspend-after", 7).code == 2  # no reason
    setup = allstop("bill", "setup", "--remind-after", -1, "--json").json
    assert (setup["remind_after_days"], setup["issuer"], setup["due_days"]) == (None, "Desk Ltd", 14)
    assert allstop("bill", "account", *at).code == 3  # no packages yet
    assert allstop("components", "add", "Gold", *at).code == 4
    assert allstop("components", "terms", "15", *at).code == 0
    made = allstop("components", "add", "Basic", "--from", "2026-01-15", *at, "--json").json
    assert allstop("packages", "retire", "Basic", "--json").json["is_active"] is False
    assert allstop("components", "add", "Basic", *at).code == 3
    assert [one["price"] for one in allstop("packages", "list", "--json").json] == ["40.00"]
    assert len(allstop("bill", "missed", "--json").json) >= 1
    span = ("--since", "2026-01-15", "--until", "2026-02-14")
    shown = allstop("bill", "account", *span, "--preview", *at, "--json").json
    assert (shown["total"], shown["invoice"], Invoice.objects.count()) == ("40.00", None, 0)
    done = allstop("bill", "account", *span, *at, "--json").json
    assert (done["total"], done["invoice"], done["lines"]) == ("40.00", 1, shown["lines"])
    run = allstop("bill", "run", "--day", "2026-02-15", "--json").json
    assert (run["state"], run["invoices"], run["amounts"]) == ("done", 1, {"USD": "40.00"})
    assert allstop("bill", "run", "--day", "2999-01-01").code == 2
    assert [one["id"] for one in allstop("bill", "runs", "--json").json] == [run["id"]]
    assert "Basic, 15 Jan 2026 to 14 Feb 2026" in allstop("invoices", "show", 1, *at).out
    assert allstop("invoices", "show", 9, *at).code == 4
    assert allstop("invoices", "pdf", 1, "--file", tmp_path / "one.pdf", *at).code == 0
    assert "Basic, 15 Jan 2026 to 14 Feb 2026" in PdfReader(tmp_path / "one.pdf").pages[0].extract_text()
    assert allstop("invoices", "pdf", 9, "--file", tmp_path / "nine.pdf", *at).code == 4
    assert [line[:2] for line in allstop("invoices", "export").out.splitlines()] == ["Nu", "1,", "2,"]
    paid = allstop("payments", "add", "40", "--day", "2026-02-20", "--how", "bank", *at, "--json").json
    assert [one["state"] for one in allstop("invoices", "list", *at, "--json").json] == ["open", "paid"]
    assert allstop("payments", "undo", paid["id"], *at).code == 0
    again = ("payments", "add", "40", "--key", "bank 7731", *at)
    assert [allstop(*again, "--json").json["is_repeat"] for _ in range(2)] == [False, True]
    assert "Recorded before: 40.00 USD." in allstop(*again).out
    assert allstop("payments", "add", "41", "--key", "bank 7731", *at).code == 3
    assert allstop("payments", "undo", allstop(*again, "--json").json["id"], *at).code == 0
    present = ("payments", "credit", "80", "--why", "a present", "--key", "present", *at)
    assert allstop(*present).out.startswith("Let off. No.")
    assert allstop(*present).out.startswith("Let off before. No.")
    assert len(allstop("payments", "list", *at, "--json").json) == 3
    assert allstop("components", "list", *at, "--json").json["balance"] == "0.00"
    assert "15 Jan 2026" in allstop("invoices", "transactions", *at).out
    two = allstop("components", "change", made["id"], 2, "--from", "2026-02-20", *at, "--json").json
    assert two["quantity"] == 2
    shown = allstop("accounts", "status", "Suspended", "--charge", "none", "--preview", *at, "--json").json
    assert (shown["total"], shown["invoice"]) == ("0.00", None)
    how = ("--on", "2026-02-20", "--charge", "none")
    assert allstop("components", "end", two["id"], *how, "--preview", *at, "--json").json["total"] == "0.00"
    assert allstop("components", "end", two["id"], "--charge", "none", *at).code == 0
    assert allstop("components", "end", two["id"], *at).code == 3
