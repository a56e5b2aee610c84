"""The Phonebook's list: what each way of reading a page finds, whatever is filtered, page by page."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contacts import mark
from allstop.rules.markers import MarkerKind
from allstop.store import lists
from allstop.store.lists import NOBODY, ContactFilter
from allstop.store.models import ChangeKind
from tests.world import World, contact

reading = import_module("allstop.store.lists.phonebook")  # the function of that name hides the module


def pages(world: World, wanted: ContactFilter, limit: int = 3) -> Iterator[list[str]]:
    after: int | None = None
    while True:
        page = lists.phonebook(world.account.pk, wanted, after=after, limit=limit)
        yield [row.sort_name for row in page.rows]
        after = page.next
        if after is None:
            return


def everybody(world: World, wanted: ContactFilter, limit: int = 3) -> list[str]:
    return [name for page in pages(world, wanted, limit) for name in page]


@pytest.fixture(params=["walk", "gather"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small steps, so that a few contacts take every turn that a million take."""
    for name in ("FIRST_STEP", "SEARCHED_FIRST"):
        monkeypatch.setattr(reading, name, 2)
    for name in ("BUDGET", "SEARCHED"):
        monkeypatch.setattr(reading, name, 3)
    monkeypatch.setattr(reading, "WORTH_WALKING", 0)
    cap = 0 if request.param == "walk" else 100
    monkeypatch.setattr(reading, "CAP", cap)
    monkeypatch.setattr(reading, "SEARCH_CAP", cap)
    return str(request.param)


def test_the_few_who_are_somebodys_or_nobodys_are_found_among_many(world: World, way: str) -> None:
    names = [f"Pat {chr(97 + number)}moreau" for number in range(12)]
    ids = [contact(world, name, phone="", email="").pk for name in names]
    wish = Wish(kind=ChangeKind.ASSIGN, member_id=world.ben.pk)
    change_contacts(world.member, Selection(ids=[*ids[:9], *ids[10:]]), wish, world.now)
    assert everybody(world, ContactFilter(assigned_to=NOBODY)) == ["jmoreau, Pat"]
    assert lists.count_contacts(world.account.pk, ContactFilter(assigned_to=NOBODY)) == 1
    change_contacts(
        world.member, Selection(ids=[ids[8]]), Wish(kind=ChangeKind.ASSIGN, member_id=world.cem.pk), world.now
    )
    assert everybody(world, ContactFilter(assigned_to=world.cem.pk)) == ["imoreau, Pat"]
    assert len(everybody(world, ContactFilter(assigned_to=world.ben.pk))) == 10


def test_both_ways_find_the_same_in_the_same_order(world: World, way: str) -> None:
    names = [f"Pat {chr(97 + number)}moreau" for number in range(12)]
    ids = [contact(world, name, phone="", email="").pk for name in names]
    mark(world.member, ids[::5], MarkerKind.FLAG, "", world.now)
    mark(world.member, ids[5:], MarkerKind.STOP_ALL, "", world.now)
    flagged = [f"{chr(97 + number)}moreau, Pat" for number in (0, 5, 10)]
    assert everybody(world, ContactFilter(flag=True)) == flagged
    assert everybody(world, ContactFilter(flag=True, stop_all=True)) == flagged[1:]
    assert everybody(world, ContactFilter(q="moreau")) == [f"{chr(97 + number)}moreau, Pat" for number in range(12)]
    assert everybody(world, ContactFilter(q="gmoreau pat")) == ["gmoreau, Pat"]
    assert everybody(world, ContactFilter(q="xyz")) == []
    assert lists.count_contacts(world.account.pk, ContactFilter(q="moreau", flag=True)) == 3
    assert next(pages(world, ContactFilter(flag=True))) == (flagged if way == "gather" else flagged[:1])


def test_a_search_shows_first_whose_family_name_begins_so(world: World, way: str) -> None:
    for name in ("Kim Abel", "Ann Kimura", "Bo Zander", "Cy Kim"):
        contact(world, name, phone="", email="kim@example.org" if name == "Bo Zander" else "")
    assert everybody(world, ContactFilter(q="kim")) == ["Kim, Cy", "Kimura, Ann", "Abel, Kim", "Zander, Bo"]
    assert everybody(world, ContactFilter(q="kim"), limit=1) == ["Kim, Cy", "Kimura, Ann", "Abel, Kim", "Zander, Bo"]


@pytest.mark.parametrize(
    "words",
    [
        "(212) 555-0123",
        "212 555",
        "+1 212",
        "5550123",
        "PAT@",
        "example.org",
        "müller",
        "MULLER",
        "Müller, Pat",
        "p-77",
    ],
)
def test_words_are_found_in_names_numbers_emails_and_ids(world: World, words: str) -> None:
    person = contact(world, "Pat Müller")
    type(person).objects.filter(pk=person.pk).update(external_id="P-77")
    contact(world, "Kim Ito", phone="+442079460123", email="kim@other.example")
    assert everybody(world, ContactFilter(q=words)) == ["Müller, Pat"]


def test_a_number_is_found_as_its_country_writes_it_and_signs_of_a_pattern_are_themselves(world: World) -> None:
    contact(world, "Kim Ito", phone="+447700900123", email="a_b%c@example.org")
    contact(world, "Pat Moreau", email="aXb@example.org")
    for words in ("07700 900123", "a_b", "b%c"):
        assert everybody(world, ContactFilter(q=words)) == ["Ito, Kim"]


def test_a_letter_begins_there_and_a_name_of_another_alphabet_is_found(world: World) -> None:
    for name in ("Ada Abel", "Bo Brand", "Иван Иванов"):
        contact(world, name, phone="", email="")
    found = lists.phonebook(world.account.pk, ContactFilter(), letter="B")
    assert [row.family_name for row in found.rows] == ["Brand", "Иванов"]
    assert everybody(world, ContactFilter(q="Иванов")) == ["Иванов, Иван"]


def test_a_deleted_contact_is_only_found_by_a_search_and_in_its_own_list(world: World) -> None:
    gone = contact(world, "Ada Abel").pk
    contact(world, "Bo Brand")
    change_contacts(world.member, Selection(ids=[gone]), Wish(kind=ChangeKind.DELETE), world.now)
    assert everybody(world, ContactFilter()) == ["Brand, Bo"]
    assert everybody(world, ContactFilter(deleted=True)) == everybody(world, ContactFilter(q="abel")) == ["Abel, Ada"]


def test_another_accounts_contacts_are_in_no_page(world: World) -> None:
    theirs = contact(world, account=world.rival).pk
    for wanted in (ContactFilter(), ContactFilter(q="moreau")):
        assert everybody(world, wanted) == []
        assert lists.count_contacts(world.account.pk, wanted) == 0
    assert lists.phonebook(world.account.pk, ContactFilter(), after=theirs).rows == []
    assert lists.contact_rows(world.account.pk, [theirs]) == []


@pytest.mark.parametrize(
    ("name", "searches"),
    [
        ("Łukasz Wiśniewski", ("lukasz", "Łukasz", "wisniewski")),
        ("Søren Weiß", ("soren", "Søren", "weiss", "Weiß", "weiß soren")),
        ("Æsa Đặng", ("aesa", "Æsa", "dang", "Đặng")),
        ("Pat O'Neil", ("oneil", "o'neil", "O\u2019Neil", "pat oneil")),
        ("Pat O\u2019Brien", ("obrien", "o'brien", "O\u2019Brien")),
        ("Nguyễn Müller", ("nguyen", "muller", "Müller")),
        ("王 小明", ("王", "小明")),
    ],
)
def test_a_name_is_found_by_its_plain_letters_and_as_it_is_written(
    world: World, name: str, searches: tuple[str, ...]
) -> None:
    found = contact(world, name, email="o'dd@example.org").pk
    contact(world, "Quentin Xu", phone="+12125550199", email="")
    for words in (*searches, "o'dd@example"):
        assert [row.id for row in lists.phonebook(world.account.pk, ContactFilter(q=words)).rows] == [found], words
        assert lists.count_contacts(world.account.pk, ContactFilter(q=words)) == 1, words


def test_an_email_is_found_by_the_letters_of_its_domain(world: World) -> None:
    found = contact(world, "Quentin Xu", email="info@xn--bcher-kva.example").pk
    contact(world, "Pat Bucher", email="pat@lee.example")
    for words in ("info@bücher.example", "BÜCHER.example", "quentin bücher.example", "xn--bcher"):
        assert [row.id for row in lists.phonebook(world.account.pk, ContactFilter(q=words)).rows] == [found], words
        assert lists.count_contacts(world.account.pk, ContactFilter(q=words)) == 1, words
    assert lists.count_contacts(world.account.pk, ContactFilter(q="bücher")) == 2  # a name, and a domain
