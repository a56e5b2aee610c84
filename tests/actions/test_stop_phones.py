"""A text from a listed member's phone stops the account; anybody else's, or a wrong code, stops nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.replies import Written, take_reply
from allstop.actions.stop_phones import remove_phone, set_phone
from allstop.actions.switch import is_stopped, start_account
from allstop.rules.facts import Channel
from allstop.rules.roles import Role
from allstop.store.models import Contact, Inbound, LedgerEntry, Member, StopPhone
from tests.world import World, contact

PHONE = "+12125550177"
CODE = "sesame42"


@pytest.fixture
def listed(world: World) -> StopPhone:
    return set_phone(world.admin, world.ada.pk, "(212) 555-0177", CODE, world.now)[0]


def text(world: World, words: str = f"ALLSTOP {CODE}", sender: str = PHONE, ref: str = "1") -> Written:
    return Written(
        adapter="sandbox",
        provider_id=ref,
        channel=Channel.TEXT,
        sender=sender,
        recipient="+12125550100",
        text=words,
        in_reply_to="",
        at=world.now,
    )


def refusals() -> list[str]:
    return list(LedgerEntry.objects.filter(act="stop_text_refused").order_by("number").values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("words", "sender"),
    [(f"ALLSTOP {CODE}", PHONE), ("allstop Sesame42", PHONE), (f"Allstop {CODE} ", PHONE.removeprefix("+"))],
)
def test_it_stops_the_account_as_the_member(world: World, listed: StopPhone, words: str, sender: str) -> None:
    assert take_reply(text(world, words, sender))
    assert is_stopped(world.account.pk)
    assert not is_stopped(world.rival.pk)
    [entry] = LedgerEntry.objects.filter(act="stop")
    assert (entry.by, entry.after and entry.after["via"]) == ("Ada Okafor (text)", "text")
    assert Inbound.objects.get().text == "ALLSTOP ******", "the code is kept nowhere"
    assert CODE not in listed.code_hash


def test_also_where_the_phone_is_a_contacts_who_never_answers_for_it(world: World, listed: StopPhone) -> None:
    """It is recognised before contacts are matched, even as an answer to a message that is not recorded yet."""
    contact(world, phone=PHONE)
    assert take_reply(replace(text(world), in_reply_to="sandbox-99"))
    assert is_stopped(world.account.pk)
    assert Contact.objects.count() == 1
    assert Inbound.objects.get().contact_id is None


def test_the_same_text_twice_is_one(world: World, listed: StopPhone) -> None:
    assert take_reply(text(world))
    start_account(world.admin, "", world.now)
    assert take_reply(text(world))
    assert not is_stopped(world.account.pk)


@pytest.mark.parametrize("sender", ["+12125550178", "", "ALLSTOP", "anonymous"])
def test_from_any_other_number_it_is_an_ordinary_text(world: World, listed: StopPhone, sender: str) -> None:
    take_reply(text(world, sender=sender))
    assert not is_stopped(world.account.pk)
    assert refusals() == []


def test_by_email_it_is_none(world: World, listed: StopPhone) -> None:
    take_reply(replace(text(world), channel=Channel.EMAIL))
    assert not is_stopped(world.account.pk)


def test_five_wrong_codes_lock_the_phone_for_an_hour(world: World, listed: StopPhone) -> None:
    for number in range(5):
        assert take_reply(text(world, "ALLSTOP 000000", ref=f"wrong {number}"))
        assert take_reply(text(world, "ALLSTOP 000000", ref=f"wrong {number}")), "a repeat does not count"
    assert refusals() == ["The code was wrong."] * 5
    assert take_reply(text(world, ref="right, but locked"))
    assert refusals()[-1] == "Locked for an hour after 5 wrong codes."
    assert not is_stopped(world.account.pk)
    assert not Inbound.objects.filter(text__contains="000000").exists()
    assert take_reply(replace(text(world, ref="an hour later"), at=world.now + timedelta(hours=1)))
    assert is_stopped(world.account.pk)


def test_a_right_code_forgets_the_wrong_ones(world: World, listed: StopPhone) -> None:
    take_reply(text(world, "ALLSTOP 000000", ref="a"))
    take_reply(text(world, ref="b"))
    assert StopPhone.objects.get().wrong_codes == 0


def test_the_role_counts_at_the_moment_of_the_text(world: World, listed: StopPhone) -> None:
    Member.objects.filter(pk=world.ada.pk).update(role=Role.VIEWER)
    assert take_reply(text(world))
    assert not is_stopped(world.account.pk)
    assert refusals() == ["A viewer may not stop."]


def test_start_is_never_possible_by_text(world: World, listed: StopPhone) -> None:
    take_reply(text(world))
    for number, words in enumerate(("START", f"START {CODE}", f"ALLSTART {CODE}", f"ALLSTOP START {CODE}")):
        take_reply(text(world, words, ref=f"start {number}"))
    assert is_stopped(world.account.pk)


def test_without_a_chosen_code_one_is_made(world: World) -> None:
    _, code = set_phone(world.admin, world.cem.pk, PHONE, "", world.now)
    assert len(code) == 6
    assert code.isdigit()
    take_reply(text(world, f"ALLSTOP {code}"))
    assert is_stopped(world.account.pk)


def test_a_phone_stands_once_in_the_installation_and_a_member_has_one(world: World, listed: StopPhone) -> None:
    for actor, member in ((world.admin, world.ben), (world.stranger, world.rae)):
        with pytest.raises(Invalid, match="listed already"):
            set_phone(actor, member.pk, PHONE, "", world.now)
    set_phone(world.admin, world.ada.pk, "+12125550188", CODE, world.now)
    assert [one.phone for one in StopPhone.objects.all()] == ["+12125550188"]
    set_phone(world.admin, world.ben.pk, PHONE, "", world.now)
    written = LedgerEntry.objects.filter(act="set_stop_phone").order_by("number")
    assert [entry.after and entry.after["phone"] for entry in written] == ["…0177", "…0188", "…0177"]


@pytest.mark.parametrize(
    ("number", "code", "problem"), [("nonsense", "", "phone"), (PHONE, "short", "code"), (PHONE, "two words", "code")]
)
def test_what_cannot_be_used_is_said(world: World, number: str, code: str, problem: str) -> None:
    with pytest.raises(Invalid) as wrong:
        set_phone(world.admin, world.ada.pk, number, code, world.now)
    assert list(wrong.value.problems) == [problem]


def test_who_may_list_and_remove(world: World, listed: StopPhone) -> None:
    with pytest.raises(Invalid, match="may not stop"):
        set_phone(world.admin, world.dot.pk, "+12125550188", "", world.now)
    with pytest.raises(Forbidden):
        set_phone(world.leader, world.ben.pk, "+12125550188", "", world.now)
    with pytest.raises(Forbidden):
        remove_phone(world.leader, listed.pk, world.now)
    with pytest.raises(NotThere):
        set_phone(world.stranger, world.ada.pk, "+12125550188", "", world.now)
    with pytest.raises(NotThere):
        remove_phone(world.stranger, listed.pk, world.now)
    remove_phone(world.admin, listed.pk, world.now)
    take_reply(text(world))
    assert not is_stopped(world.account.pk)
