"""`allstop send`, `why`, `jobs` and `remove`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from allstop.actions.contacts import mark
from allstop.actions.switch import stop_account
from allstop.rules.gate import CHECKS
from allstop.rules.markers import MarkerKind
from allstop.store.models import Job, Message, Override
from tests.cli.runner import Ran, allstop
from tests.world import World, contact, job, texts

EMAIL = ("--to", "new@example.org", "--channel", "email", "--subject", "Hello", "--text", "Good day")


def send(world: World, *words: str, typed: str | None = None) -> Ran:
    return allstop("send", *words, "--account", world.account.pk, typed=typed)


def test_a_message_is_accepted(committed_world: World) -> None:
    sent = send(committed_world, *EMAIL)
    assert sent.code == 0
    message = Message.objects.get()
    assert sent.out.startswith(f"Message {message.id} is accepted.")
    assert (message.address, message.subject, message.body) == ("new@example.org", "Hello", "Good day")


def test_while_stopped_it_is_accepted_and_says_so(committed_world: World) -> None:
    stop_account(committed_world.admin, "", datetime.now(UTC))
    sent = send(committed_world, *EMAIL)
    assert sent.code == 0
    assert "The account is STOPPED." in sent.out


def test_a_refused_message_has_an_exit_code_of_its_own(committed_world: World) -> None:
    person = contact(committed_world)
    mark(committed_world.admin, [person.pk], MarkerKind.STOP_ALL, "", datetime.now(UTC))
    refused = send(committed_world, "--to", str(person.pk), *EMAIL[2:])
    assert refused.code == 5
    assert "is refused. Stop All is set" in refused.out
    assert Message.objects.get().contact_id == person.pk


def test_times_are_on_the_accounts_clock(committed_world: World) -> None:
    tomorrow = (datetime.now(ZoneInfo("America/New_York")) + timedelta(days=1)).replace(microsecond=0)
    send(committed_world, *EMAIL, "--at", tomorrow.replace(tzinfo=None).isoformat())
    assert Message.objects.get().due_at == tomorrow
    assert send(committed_world, *EMAIL, "--at", "soon").code == 2


def test_a_long_text_comes_from_standard_input_and_a_key_sends_once(committed_world: World) -> None:
    words = (*EMAIL[:-1], "-", "--key", "order 7")
    send(committed_world, *words, typed="Line one\nLine two\n")
    again = send(committed_world, *words, typed="Line one\nLine two\n")
    assert "was accepted before" in again.out
    assert Message.objects.get().body == "Line one\nLine two\n"


def test_by_hand_is_recorded(committed_world: World) -> None:
    send(committed_world, *EMAIL, "--by-hand", "--reason", "she is waiting")
    assert set(Override.objects.values_list("check_name", "reason")) == {
        ("window", "she is waiting"),
        ("pace", "she is waiting"),
    }


def test_what_cannot_be_used_is_said_and_nothing_is_made(committed_world: World) -> None:
    for words in (
        ("--to", "nobody", *EMAIL[2:]),
        ("--to", "99999999999999999999", *EMAIL[2:]),
        (*EMAIL[:4], *EMAIL[6:]),
        ("--to", "a@b.example", "--channel", "fax", "--text", "x"),
    ):
        refused = send(committed_world, *words)
        assert refused.code == 2, words
        assert refused.err
    assert not Message.objects.exists()


def test_why_answers_for_each_check(committed_world: World) -> None:
    stop_account(committed_world.member, "wrong file", datetime.now(UTC))
    send(committed_world, *EMAIL)
    number = Message.objects.get().id
    account = ("--account", committed_world.account.pk)
    shown = allstop("why", number, *account)
    assert shown.out.startswith(f"Message {number}: The account is STOPPED.")
    assert "Stops and holds\thold\tThe account is STOPPED.\tCem Tanaka" in shown.out
    assert '"wrong file"' in shown.out
    assert "not before somebody changes something" in shown.out
    said = allstop("why", number, "--json", *account).json
    assert [one["check"] for one in said["checks"]] == [check.__name__ for check in CHECKS]
    assert allstop("why", 999_999, *account).code == 4
    assert allstop("why", number, "--account", committed_world.rival.pk).code == 4


def test_jobs_are_listed_and_removed(committed_world: World) -> None:
    made = job(committed_world)
    texts(committed_world, 2, of=made, to=contact(committed_world))
    account = ("--account", committed_world.account.pk)
    assert f"{made.pk}\tTomorrow's reminders\t" in allstop("jobs", *account).out
    (row,) = allstop("jobs", "--json", *account).json["items"]
    assert (row["id"], row["waiting"], row["total"]) == (made.pk, 2, 2)
    assert allstop("remove", made.pk, 999, *account).code == 4
    assert Job.objects.get().removed_at is None
    assert allstop("remove", made.pk, *account).out == "Removed 1 job. 2 messages will never leave.\n"
    assert allstop("remove", made.pk, "--json", *account).json == {"jobs": 0, "messages": 0}
    assert allstop("jobs", *account).out == "There are no jobs.\n"
    assert "removed" in allstop("jobs", "--removed", *account).out


def test_the_list_says_where_it_goes_on(committed_world: World) -> None:
    for number in range(3):
        job(committed_world, f"Job {number}")
    account = ("--account", committed_world.account.pk)
    first = allstop("jobs", "--limit", 2, *account)
    after = first.out.splitlines()[-1].rsplit(" ", 1)[1]
    rest = allstop("jobs", "--json", "--after", after, *account).json
    assert len(rest["items"]) == 1
