import tracemalloc

import pytest

from allstop.formats import vcard
from allstop.formats.person import Mark, PersonRow
from allstop.formats.table import RowProblem
from tests.formats.people import FILES, of_file, people, read


def card(*lines: str, version: str = "3.0", end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in ("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD")).encode()


def said(row: PersonRow) -> tuple[str, str, list[str], list[str]]:
    return row.given_name, row.family_name, [one.text for one in row.phones], [one.text for one in row.emails]


def test_an_iphones_card_keeps_its_preferred_number_first_and_leaves_faxes_and_photos_out() -> None:
    zoe, lab = of_file("icloud.vcf")
    assert said(zoe) == (
        "Zoë Anne",
        "Brontë",
        ["+44 7700 900123", "(0113) 496 0123", "+44 20 7946 0958"],
        ["zoe@haworth.example", "zoe.private@example.org"],
    )
    assert [one.label for one in zoe.phones] == ["mobile", "home", ""]
    assert zoe.notes == ("Prefers mornings, never Fridays.\nAllergic to penicillin; see file.",)
    assert said(lab) == ("", "Leeds Denture Lab", ["0113 496 0500"], [])


def test_an_androids_card_3_has_its_groups_without_those_that_google_writes_for_everybody() -> None:
    jurgen, maria = of_file("google-android-3.vcf")
    assert said(jurgen)[:2] == ("Jürgen", "Groß")
    assert jurgen.groups == ("Recall",)
    assert said(maria)[:2] == ("María-José", "Carreño Quiñones")
    assert maria.groups == ()


def test_an_androids_card_21_is_joined_at_its_soft_line_breaks() -> None:
    dmitri, anna = of_file("android-2.1.vcf")
    assert said(dmitri) == (
        "Дмитрий Сергеевич",
        "Иванов",
        ["8 (912) 345-67-89", "+7 495 123-45-67"],
        ["dmitri@example.ru"],
    )
    assert said(anna)[:2] == ("Anna", "")


def test_outlooks_card_21_is_read_in_the_charset_that_it_names() -> None:
    (kathe,) = of_file("outlook-2.1.vcf")
    assert said(kathe) == ("Käthe", "Weiß", ["+49 (30) 901820-11", "0171/2345679"], ["kaethe@example.de"])
    assert kathe.notes == ("Erste Zeile\r\nzweite Zeile für Käthe",)


def test_a_nokias_card_may_lack_its_full_name_and_hold_a_card_of_somebody_else() -> None:
    pentti, aino = of_file("nokia-2.1.vcf")
    assert said(pentti) == ("Pentti", "Mäkinen", ["0401234567", "+358 9 1234567"], [])
    assert said(aino) == ("Aino", "Virtanen", ["+358401234568"], [])


def test_a_card_4_has_addresses_as_uris_and_a_list_of_contacts_is_no_person() -> None:
    asa, club = read((FILES / "nextcloud-4.0.vcf").read_bytes())
    assert isinstance(asa, PersonRow)
    assert said(asa) == (
        "Åsa",
        "Öberg",
        ["+46-70-174-06-05", "+46-8-465-004-00 ext. 12"],
        ["asa@example.se", "asa.oberg@example.org"],
    )
    assert (asa.language, asa.zone, asa.groups) == ("sv", "Europe/Stockholm", ("Recall", "Smith, family"))
    assert asa.notes[0].startswith("A note that is so long that it must be folded in the middle of a word, as")
    assert club == RowProblem(2, None, "Book club", vcard.A_LIST)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_any_end_of_line_is_read_and_it_does_not_matter_where_the_pieces_meet(end: str, size: int) -> None:
    content = card("N:Groß;Jürgen", "TEL:+1 212 555 0101", end=end) + card("N:Ito;Sam", "TEL:1", end=end)
    assert [said(row) for row in people(content, size=size)] == [
        ("Jürgen", "Groß", ["+1 212 555 0101"], []),
        ("Sam", "Ito", ["1"], []),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    text = card("N:Groß;Jürgen").decode()
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert [said(row)[:2] for row in people(mark + text.encode(encoding), size=5)] == [("Jürgen", "Groß")]


def test_bytes_that_are_neither_utf8_nor_named_are_taken_as_windows_1252() -> None:
    content = "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Lefèvre;André\r\nEND:VCARD\r\n".encode("cp1252")
    assert said(people(content)[0])[:2] == ("André", "Lefèvre")


def test_an_unknown_charset_costs_nothing_that_can_be_read_otherwise() -> None:
    assert said(people(card("N;CHARSET=X-MADE-UP:Groß;Jürgen", version="2.1"))[0])[:2] == ("Jürgen", "Groß")


def test_a_card_without_its_end_is_a_problem_and_the_next_one_is_read() -> None:
    torn = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Torn;Tom\r\n"
    found = read(torn + card("N:Whole;Will") + torn)
    assert found[0] == RowProblem(1, None, "Tom Torn", vcard.NO_END)
    assert isinstance(found[1], PersonRow)
    assert found[1].given_name == "Will"
    assert found[2] == RowProblem(3, None, "Tom Torn", vcard.NO_END)


def test_a_line_that_is_no_property_belongs_to_the_text_before_it() -> None:
    (row,) = people(card("N:Moreau;Pat", "NOTE:first", "second line", "TEL:+1 212 555 0101"))
    assert row.notes == ("first\nsecond line",)
    assert [one.text for one in row.phones] == ["+1 212 555 0101"]


def test_parameters_may_be_quoted_hold_colons_and_be_folded() -> None:
    content = card('TEL;TYPE="voice,cel\r\n l";LABEL="at: home";VALUE=uri:tel:+12125550101', version="4.0")
    (row,) = people(content)
    assert row.phones == (("+12125550101", "mobile"),)


def test_a_uid_is_not_taken_as_somebodys_own_id_but_ours_is() -> None:
    assert people(card("N:Moreau;Pat", "UID:123"))[0].external_id == ""
    assert people(card("N:Moreau;Pat", "X-ALLSTOP-ID:P-7"))[0].external_id == "P-7"


def test_our_own_properties_set_marks() -> None:
    (row,) = people(card("N:Moreau;Pat", "X-ALLSTOP-STOP-ALL:1", "X-ALLSTOP-OPTED-OUT:text,email"))
    assert row.marks == (Mark.STOP_ALL, Mark.OPT_OUT_TEXT, Mark.OPT_OUT_EMAIL)


def test_photos_cost_no_memory() -> None:
    photo = b"PHOTO;ENCODING=b;TYPE=JPEG:" + b"A" * 48 + b"\r\n" + b" " + b"B" * 74 + b"\r\n"
    picture = b"".join([photo[:77], *[b" " + b"B" * 74 + b"\r\n"] * 20_000])  # 1.5 MB in each of 3 cards
    cards = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Moreau;Pat\r\n", picture, b"TEL:+12125550101\r\nEND:VCARD\r\n"
    pieces = [part[at : at + 16384] for part in cards for at in range(0, len(part), 16384)]
    tracemalloc.start()
    found = list(vcard.read(lambda: (bytes(piece) for _ in range(3) for piece in pieces)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 3
    assert most < 500_000
