"""`allstop receipt`: the newest receipt, one by its number, and whether it is true."""

from allstop.store.models import Stop
from tests.cli.runner import allstop
from tests.world import World


def test_the_newest_receipt_is_shown_and_verified(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("receipt", *account).code == 4
    number = allstop("stop", "--reason", "wrong file", "--json", *account).json["number"]
    shown = allstop("receipt", *account)
    assert shown.code == 0
    assert f"Receipt      {number}" in shown.out
    assert "Until        it stands" in shown.out
    checked = allstop("receipt", number, "--verify", *account)
    assert checked.code == 0
    assert checked.out.endswith("Verified: the receipt is true.\n")
    assert allstop("receipt", "--json", *account).json["reason"] == "wrong file"


def test_a_receipt_that_is_not_true_is_exit_code_1(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    number = allstop("stop", "--json", *account).json["number"]
    Stop.objects.filter(pk=number).update(in_flight=5)
    assert allstop("receipt", *account).code == 0
    checked = allstop("receipt", "--verify", *account)
    assert checked.code == 1
    assert "NOT VERIFIED" in checked.out
    assert allstop("receipt", "--verify", "--json", *account).json["is_sound"] is False


def test_another_accounts_receipt_is_not_there(committed_world: World) -> None:
    number = allstop("stop", "--json", "--account", committed_world.account.pk).json["number"]
    assert allstop("receipt", number, "--account", committed_world.rival.pk).code == 4
    assert allstop("receipt", 0, "--account", committed_world.account.pk).code == 2


def test_a_number_beyond_all_numbers_is_refused_in_words(committed_world: World) -> None:
    beyond = 2**63
    for words in (("receipt", beyond), ("jobs", "--after", beyond), ("leads", "list", "--after", beyond)):
        answer = allstop(*words, "--account", committed_world.account.pk)
        assert (answer.code, "Traceback" in answer.err) == (2, False), words
    assert allstop("contacts", "list", "--after", beyond, "--account", committed_world.account.pk).code == 2
