"""Leads out of mails: what lines name is read, and nothing else is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.lead_mail import MailedLead, read_lead

PORTAL = """New enquiry from homes.example

Name: Lee Ortiz
Email: lee@example.org
Phone: (212) 555-0166
Lead type: buyer
Message: What does it cost?

And is it free in June?

--
homes.example, call us: 1-800-555-0100
"""
MARKED = "*First Name:* Lee\n*Last Name:* Ortiz\n*Mobile:* +44 7700 900123\n*Comments:*\nTwo rooms"
GERMAN = "Vorname: Jürgen\nNachname: Weiß\nTelefon: 030 1234567\nE-Mail: j@example.org\nNachricht: Guten Tag"
FRENCH = "Prénom - Zoé\nNom de famille - Laurent\nTéléphone - 01 23 45 67 89"


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        (
            PORTAL,
            MailedLead(
                given_name="Lee",
                family_name="Ortiz",
                phone="(212) 555-0166",
                email="lee@example.org",
                kind="buyer",
                comment="What does it cost?\n\nAnd is it free in June?",
            ),
        ),
        (MARKED, MailedLead(given_name="Lee", family_name="Ortiz", phone="+44 7700 900123", comment="Two rooms")),
        (
            GERMAN,
            MailedLead(
                given_name="Jürgen",
                family_name="Weiß",
                phone="030 1234567",
                email="j@example.org",
                comment="Guten Tag",
            ),
        ),
        (FRENCH, MailedLead(given_name="Zoé", family_name="Laurent", phone="01 23 45 67 89")),
        (
            "Name: Ortiz, Lee\nEmail: <lee@example.org>",
            MailedLead(given_name="Lee", family_name="Ortiz", email="lee@example.org"),
        ),
        ("Phone: 212 555 0166\r\nPhone: 212 555 0999", MailedLead(phone="212 555 0166")),
        ("Phone: call me at 212-555-0166 please", MailedLead(phone="212-555-0166")),
    ],
)
def test_named_lines_are_read(text: str, lead: MailedLead) -> None:
    assert read_lead(text) == lead


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, I saw your advert. Call me: 212 555 0166\nLee",
        "Name: Lee Ortiz\nMessage: please call 212 555 0166",  # nothing names the number
        "Phone: none\nEmail: unknown",
        "https://homes.example/phone:12 and so on",
    ],
)
def test_what_no_line_names_is_left_to_a_person(text: str) -> None:
    assert read_lead(text) is None


def test_a_long_comment_is_cut_to_what_a_lead_holds() -> None:
    found = read_lead(f"Phone: 212 555 0166\nMessage: {'x' * 5000}")
    assert found is not None
    assert (len(found.comment), found.comment[-3:]) == (1024, "...")


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = read_lead(f"Phone: 212 555 0166\n{text}")
    assert found is not None
    assert len(found.comment) <= 1024
