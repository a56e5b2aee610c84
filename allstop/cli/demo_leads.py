"""The leads of the demo account: people who asked about treatments in the last weeks, and what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from allstop.actions.actor import Actor
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.leads import note_on_lead, qualify, unqualify
from allstop.rules.leads import LeadSource, Reason
from allstop.store.models import Contact

# (hours ago, how it came, what they ask for, in their words, what became of it)
ASKED: tuple[tuple[int, LeadSource, str, str, Reason | bool | None], ...] = (
    (3, LeadSource.API, "whitening", "What does it cost, and how long does it take?", None),
    (7, LeadSource.MANUAL, "implant", "Rang at lunch, wants to be called after 4.", None),
    (20, LeadSource.EMAIL, "check-up", "We have just moved here, two adults and a child.", None),
    (28, LeadSource.API, "braces", "For my daughter, she is 12.", None),
    (49, LeadSource.TEXT, "", "Do you work on Saturdays?", None),
    (70, LeadSource.API, "implant", "My dentist has retired.", True),
    (96, LeadSource.FILE, "whitening", "From the health fair.", Reason.UNRESPONSIVE),
    (97, LeadSource.FILE, "check-up", "From the health fair.", True),
    (98, LeadSource.FILE, "whitening", "From the health fair.", Reason.NOT_INTERESTED),
    (190, LeadSource.API, "braces", "Can it be paid by the month?", True),
    (260, LeadSource.CALL, "check-up", "Asked for the opening hours.", Reason.OUT_OF_AREA),
    (300, LeadSource.EMAIL, "implant", "Two teeth, upper left.", True),
    (420, LeadSource.API, "whitening", "Before my wedding in May!", True),
    (500, LeadSource.API, "whitening", "How much?", Reason.UNRESPONSIVE),
    (640, LeadSource.MANUAL, "braces", "Mother of a patient.", True),
    (700, LeadSource.API, "implant", "Just looking.", Reason.NOT_INTERESTED),
)


def write_leads(actor: Actor, contacts: Sequence[Contact], now: datetime) -> None:
    for contact, (hours, source, kind, comment, became) in zip(contacts, ASKED, strict=False):
        at = now - timedelta(hours=hours)
        asked = NewLead(source=source, contact_id=contact.pk, kind=kind, comment=comment)
        lead = create_lead(actor, asked, at).lead
        assert lead is not None  # nobody has paused the demo, and nobody is in it twice
        decided = min(now, at + timedelta(hours=26))
        if became is True:
            qualify(actor, lead.public_id, "Has an appointment.", decided)
        elif isinstance(became, Reason):
            unqualify(actor, lead.public_id, became, "", decided)
        elif hours > 24:
            note_on_lead(actor, lead.public_id, "Left a message on the machine.", at + timedelta(hours=2))
