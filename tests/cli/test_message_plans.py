"""`allstop plans` and `allstop answer`."""

import json
from pathlib import Path

from allstop.store.models import Message
from tests.cli.runner import allstop
from tests.doors.test_message_plans import FORWARD, STEPS
from tests.reminder_files import HEADER, LATER, a_row
from tests.world import World, contact


def test_a_plan_is_saved_shown_followed_by_a_file_and_deleted(committed_world: World, tmp_path: Path) -> None:
    of = ("--account", committed_world.account.pk)
    assert "There are no message plans yet." in allstop("plans", "list", *of).out
    file = tmp_path / "steps.json"
    file.write_text(json.dumps({"name": "Two steps", "steps": STEPS}))
    made = allstop("plans", "save", file, "--json", *of).json
    assert "email 14 days before, always" in allstop("plans", "list", *of).out
    dates = allstop("plans", "show", made["id"], "--appointment", "2036-12-15T10:30", "--json", *of).json
    assert [one["at"] for one in dates["items"]] == ["2036-12-01T15:00:00Z", "2036-12-13T16:00:00Z"]
    assert "has begun" in allstop("plans", "show", made["id"], "--appointment", "2020-12-15T10:30", *of).out
    file.write_text("{}")
    assert allstop("plans", "save", file, "--number", made["id"], *of).code == 2
    reminders = tmp_path / "reminders.csv"
    reminders.write_text("\r\n".join((HEADER, a_row(1, at=LATER))))
    assert allstop("import", reminders, "--plan", "Three steps", "--yes", *of).code == 2
    assert allstop("import", reminders, "--plan", "two steps", "--yes", *of).code == 0
    email = Message.objects.get(account=committed_world.account, channel="email")
    assert "confirmed" in allstop("answer", email.id, "confirmed", *of).out
    assert allstop("answer", email.id, "perhaps", *of).code == 2
    assert "is deleted" in allstop("plans", "delete", made["id"], *of).out
    assert allstop("plans", "show", made["id"], *of).code == 4


def test_a_plan_is_sent_to_a_list_after_a_look(committed_world: World, tmp_path: Path) -> None:
    of = ("--account", committed_world.account.pk)
    contact(committed_world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    file = tmp_path / "steps.json"
    file.write_text(json.dumps({"name": "Recall", "counts_from": "sending", "steps": FORWARD}))
    plan = allstop("plans", "save", file, "--json", *of).json["id"]
    assert "text 7 days after, unconfirmed" in allstop("plans", "list", *of).out
    assert [one["step"] for one in allstop("plans", "show", plan, "--json", *of).json["items"]] == [1, 2]
    number = allstop("lists", "make", "Quiet", "--family", "--json", *of).json["id"]
    looked = allstop("lists", "preview", number, "--plan", plan, *of).out
    assert "1 contact: 1 get something, 0 nothing." in looked and "unconfirmed" in looked
    assert "Behind what waits, 2 messages can leave, the last" in looked
    assert allstop("lists", "preview", number, *of).code == 2
    assert allstop("lists", "send", number, "--plan", plan, "--text", "Hello", *of).code == 2
    assert "to 1 contact" in allstop("lists", "send", number, "--plan", plan, *of).out
    assert "Ana Silva" in allstop("lists", "followed", number, *of).out
    sent = Message.objects.filter(account=committed_world.account).order_by("id")
    assert [(one.channel, one.body) for one in sent] == [("email", "Hello Ana"), ("text", "Again, Ana")]
