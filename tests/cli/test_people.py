"""`allstop accounts`, `members` and `token`."""

from datetime import UTC, datetime

import pytest

from allstop.actions.tokens import actor_of
from allstop.cli.app import main
from allstop.rules.roles import Role
from allstop.store.models import Account, Member, Token, User
from tests.cli.runner import allstop
from tests.world import World


def test_words_in_another_encoding_are_refused_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal in Latin-1 sends Jos\\xe9: it was a traceback of the database."""
    monkeypatch.setattr("sys.argv", ["allstop", "packages", "add", "Jos\udce9", "30"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "Jos\ufffd is not in UTF-8. Set the terminal to UTF-8" in capsys.readouterr().err


def test_an_account_is_made_with_its_people_and_a_token(committed_db: None) -> None:
    made = allstop("accounts", "create", "Harbour Vets", "--zone", "Europe/London", "--country", "gb", "--json")
    assert made.code == 0
    account = Account.objects.get()
    assert (made.json["id"], account.country, account.zone) == (account.pk, "GB", "Europe/London")
    assert allstop("token", "create", "Scheduler").code == 4
    added = allstop(
        "members",
        "add",
        "Kim@Harbour.example",
        "--name",
        "Kim Ito",
        "--role",
        "admin",
        "--password-stdin",
        typed="a long enough pass phrase\n",
    )
    assert added.out == "Kim Ito is admin of Harbour Vets.\n"
    user = User.objects.get()
    assert user.check_password("a long enough pass phrase")
    key = allstop("token", "create", "Scheduler", "--json").json["key"]
    actor = actor_of(key, datetime.now(UTC))
    assert actor is not None
    assert (actor.account_id, actor.role) == (account.pk, Role.ADMIN)


def test_accounts_are_listed_with_their_state(committed_world: World) -> None:
    allstop("stop", "--account", committed_world.account.pk)
    rows = {row["name"]: row for row in allstop("accounts", "list", "--json").json}
    assert rows["Northgate Dental"]["state"] == "stopped"
    assert rows["Rival Motors"]["state"] == "running"
    assert rows["Northgate Dental"]["members"] == 4
    assert "STOPPED" in allstop("accounts", "list").out


def test_what_cannot_be_an_account_or_a_member_is_said(committed_world: World) -> None:
    assert allstop("accounts", "create", "X", "--zone", "Mars/Olympus", "--country", "GB").code == 2
    assert allstop("accounts", "create", "X", "--zone", "Europe/London", "--country", "GBR").code == 2
    account = ("--account", committed_world.account.pk)
    assert allstop("members", "add", "nobody", "--name", "No", *account).code == 2
    assert allstop("members", "add", "ada@northgate.example", "--name", "Ada", *account).code == 2
    weak = allstop("members", "add", "new@b.example", "--name", "New", "--password-stdin", *account, typed="short\n")
    assert weak.code == 2
    assert Account.objects.count() == 2
    assert not User.objects.filter(email="new@b.example").exists()


def test_a_member_without_a_password_cannot_log_in_before_setting_one(committed_world: World) -> None:
    allstop("members", "add", "new@b.example", "--name", "New", "--account", committed_world.account.pk)
    member = Member.objects.get(user__email="new@b.example")
    assert member.role == "member"
    assert not member.user.has_usable_password()


def test_a_token_has_the_role_of_the_person_who_is_named(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    made = allstop("token", "create", "Wall screen", "--member", "dot@northgate.example", *account)
    key = made.out.split()[-1]
    actor = actor_of(key, datetime.now(UTC))
    assert actor is not None
    assert actor.role is Role.VIEWER
    assert allstop("token", "create", "X", "--member", "rae@rival.example", *account).code == 4


def test_with_several_admins_one_must_be_named(committed_world: World) -> None:
    Member.objects.filter(pk=committed_world.ben.pk).update(role="admin")
    refused = allstop("token", "create", "Scheduler", "--account", committed_world.account.pk)
    assert refused.code == 2
    assert "ben@northgate.example" in refused.err


def test_tokens_are_listed_without_keys_and_revoked(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    key = allstop("token", "create", "Scheduler", "--json", *account).json["key"]
    (row,) = allstop("token", "list", "--json", *account).json
    assert (row["name"], row["acts_as"], row["revoked_at"]) == ("Scheduler", "Ada Okafor", None)
    assert key not in allstop("token", "list", *account).out
    assert allstop("token", "revoke", row["id"], "--account", committed_world.rival.pk).code == 4
    assert actor_of(key, datetime.now(UTC)) is not None
    for _ in range(2):
        assert allstop("token", "revoke", row["id"], *account).out.endswith("is revoked.\n")
    assert actor_of(key, datetime.now(UTC)) is None
    assert Token.objects.count() == 1


def test_what_a_member_is_told_by_email_is_shown_and_changed(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    mails = ("members", "mails", "BEN@northgate.example")
    before = allstop(*mails, "--json", *account).json
    changed = allstop(*mails, "--written", "digest", "--digest-hour", "7", "--json", *account)
    assert (changed.code, changed.json) == (0, before | {"written": "digest", "digest_hour": 7})
    assert allstop(*mails, "--json", *account).json == changed.json
    assert "in the daily digest" in allstop(*mails, *account).out
    assert allstop(*mails, "--digest-hour", "24", *account).code == 2
    assert allstop("members", "mails", "rae@rival.example", *account).code == 4, "of another account"
