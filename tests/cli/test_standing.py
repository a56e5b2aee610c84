"""What stands in `allstop status`, the reminder, and stops that are scheduled."""

from allstop.store.models import Account, Plan, ScheduledStop
from tests.cli.runner import allstop
from tests.world import World, texts


def test_status_lists_what_stands_with_its_owner_and_what_waits(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    texts(committed_world, 2)
    assert "Standing" not in allstop("status", *account).out
    allstop("stop", "--reason", "wrong file", *account)
    shown = allstop("status", *account).out
    (line,) = [line for line in shown.splitlines() if line.startswith("stopped: The whole account")]
    _, _since, age, by, until, waiting, why = line.split("\t")
    assert (age, until, waiting, why) == ("less than a minute", "START", "2", "wrong file")
    assert by.endswith("(command line)")
    (one,) = allstop("status", "--json", *account).json["standing"]
    assert (one["name"], one["scope"], one["waiting"]) == ("stopped", "account", 2)


def test_the_reminder_is_set_and_turned_off(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("reminder", 48, *account).out.endswith("after 48 hours, and then each day.\n")
    assert Account.objects.get(pk=committed_world.account.pk).remind_after_hours == 48
    assert allstop("reminder", 0, "--json", *account).json == {"hours": 0}
    assert allstop("reminder", 9999, *account).code == 2


def test_a_stop_is_scheduled_listed_and_cancelled_on_the_accounts_clock(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    year = committed_world.now.year + 1
    begins, ends = f"{year}-01-11 22:00", f"{year}-01-12 06:00"
    if committed_world.now.month == 1:  # within a year from now
        begins, ends = f"{year - 1}-12-11 22:00", f"{year - 1}-12-12 06:00"
    made = allstop("schedule-stop", begins, ends, "--location", "ng", "--reason", "paint", *account)
    assert made.code == 0, made.err
    assert made.out.startswith(f"The location Northgate: STOP from {begins} EST until {ends} EST. No. ")
    one = ScheduledStop.objects.get()
    assert one.location_id == committed_world.north.pk
    assert "paint" in allstop("scheduled", *account).out
    assert allstop("scheduled", "--json", *account).json[0]["state"] == "coming"
    assert allstop("cancel-stop", one.pk, "--account", committed_world.rival.pk).code == 4
    assert allstop("cancel-stop", one.pk, *account).code == 0
    one.refresh_from_db()
    assert one.state == Plan.CANCELLED


def test_what_cannot_be_scheduled_is_a_usage_error_in_words(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    for starts, ends, words in (
        ("2020-01-01 10:00", "2020-01-01 11:00", "This time has passed"),
        ("soon", "2020-01-01 11:00", "Write the time like"),
    ):
        refused = allstop("schedule-stop", starts, ends, *account)
        assert refused.code == 2
        assert words in refused.err
    both = allstop(
        "schedule-stop", "2020-01-01 10:00", "2020-01-01 11:00", "--channel", "text", "--installation", *account
    )
    assert (both.code, "Give one of" in both.err) == (2, True)
    nowhere = allstop("schedule-stop", "2020-01-01 10:00", "2020-01-01 11:00", "--location", "X", *account)
    assert (nowhere.code, "NG (Northgate)" in nowhere.err) == (4, True)
