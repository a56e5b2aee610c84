"""`allstop send` to many, `sends` and `ownership`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from allstop.actions.contacts import mark
from allstop.actions.groups import add_to_group, create_group
from allstop.rules.markers import MarkerKind
from allstop.store import lists
from allstop.store.models import Account, Assignment, Attachment, LedgerEntry, Message, MessengerSend, Template
from tests.cli.runner import Ran, allstop
from tests.world import World, contact


def people(world: World, count: int) -> list[int]:
    return [contact(world, f"Pat Abel{n}", phone=f"+1212555{n:04}").pk for n in range(count)]


def run(world: World, *words: str) -> Ran:
    return allstop(*words, "--account", world.account.pk)


def test_several_get_one_each_and_nobody_is_owned_by_a_command(committed_world: World) -> None:
    ids = people(committed_world, 2)
    sent = run(
        committed_world, "send", "--to", str(ids[0]), "--to", "212 555 0001", "--channel", "text", "--text", "Hello"
    )
    made = MessengerSend.objects.get()
    assert (sent.code, sent.out) == (0, f"Send {made.pk}: 2 messages of 2 contacts.\n")
    assert set(Message.objects.values_list("contact_id", flat=True)) == set(ids)
    assert set(Assignment.objects.values_list("member", flat=True)) == {None}


def test_a_group_with_saved_wording_for_later_leaves_the_marked_behind(committed_world: World) -> None:
    world = committed_world
    ids = people(world, 6)
    now = datetime.now(UTC)
    group = create_group(world.admin, "Recall", False, now)
    add_to_group(world.admin, group.pk, ids, now)
    mark(world.admin, ids[:1], MarkerKind.STOP_PROMOTIONS, "", now)
    Template.objects.create(
        account=world.account, name="Check-up", channel="text", purpose="service", subject="", body="Hi {first_name}"
    )
    at = (datetime.now(ZoneInfo("America/New_York")) + timedelta(days=2)).replace(microsecond=0)
    words = ("send", "--group", "recall", "--channel", "text", "--template", "check-up", "--at")
    sent = run(world, *words, at.replace(tzinfo=None).isoformat())
    made = MessengerSend.objects.get()
    assert sent.code == 5
    assert sent.out == f"Send {made.pk}: 5 messages of 6 contacts. 1 left behind: allstop sends {made.pk} says why.\n"
    assert (made.due_at, made.body) == (at, "Hi {first_name}")
    shown = run(world, "sends", str(made.pk))
    assert f"{ids[0]}\tPat Abel0\tStop Promotions is set on the contact" in shown.out
    assert f"{made.pk}\t" in run(world, "sends").out
    assert run(world, "sends", "--json").json["items"][0]["left_behind"] == 1
    assert run(world, "sends", "999").code == 4


def test_the_override_needs_a_reason_and_stands_in_the_ledger(committed_world: World) -> None:
    world = committed_world
    ids = people(world, 6)
    mark(world.admin, ids[:1], MarkerKind.STOP_PROMOTIONS, "", datetime.now(UTC))
    to = [word for pk in ids for word in ("--to", str(pk))]
    words = ("send", *to, "--channel", "text", "--text", "Closed tomorrow", "--despite-stop-promotions")
    assert run(world, *words).code == 2
    assert run(world, *words, "--reason", "burst pipe", "--key", "a").code == 0
    assert "was made before" in run(world, *words, "--reason", "burst pipe", "--key", "a").out
    assert LedgerEntry.objects.filter(act="send_despite_stop_promotions", reason="burst pipe").count() == 1
    assert Message.objects.count() == 6


def test_files_go_along_with_an_email(committed_world: World, tmp_path: Path) -> None:
    world = committed_world
    form, program = tmp_path / "form.pdf", tmp_path / "setup.exe"
    form.write_bytes(b"%PDF-1.7")
    program.write_bytes(b"MZ")
    email = ("send", "--to", "pat@example.org", "--channel", "email", "--subject", "Form", "--text", "Here.")
    assert run(world, *email, "--attach", str(form), "--attach", str(form)).code == 0
    (found,) = lists.attachments_of(world.account.pk, list(Message.objects.values_list("id", flat=True))).values()
    assert [(one.name, one.size) for one in found] == [("form.pdf", 8), ("form.pdf", 8)]
    for refused in (
        run(world, *email, "--attach", str(form), "--attach", str(program)),
        run(world, *email, "--attach", str(tmp_path / "nothing.pdf")),
        run(world, "send", "--to", "212 555 0001", "--channel", "text", "--text", "Hi", "--attach", str(form)),
    ):
        assert (refused.code, bool(refused.err)) == (2, True)
    assert (Message.objects.count(), Attachment.objects.count()) == (1, 2)


def test_what_does_not_go_together_is_said(committed_world: World) -> None:
    text = ("--channel", "text", "--text", "Hello")
    for words, code in (
        (("--group", "nobody", *text), 4),
        (("--to", "212 555 0001", *text, "--template", "x"), 2),
        (("--to", "212 555 0001", "--channel", "text", "--template", "x"), 4),
        (("--to", "212 555 0001", "--to", "212 555 0002", *text, "--by-hand"), 2),
        (text, 2),
    ):
        refused = run(committed_world, "send", *words)
        assert (refused.code, bool(refused.err)) == (code, True), words
    assert not Message.objects.exists()
    assert run(committed_world, "sends").out == "Nothing was sent to many yet.\n"


def test_ownership_is_shown_and_switched(committed_world: World) -> None:
    assert run(committed_world, "ownership").out == "Whoever sends to five contacts or fewer takes ownership.\n"
    assert run(committed_world, "ownership", "--off").out == "Sending changes no owner.\n"
    assert not Account.objects.get(pk=committed_world.account.pk).takes_ownership
    assert run(committed_world, "ownership", "--json").json == {"takes_ownership": False}
