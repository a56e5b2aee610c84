"""Beside a lead's conversation in the Inbox: who answers, and the buttons that change it."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.talk_hands import contact_of, hand_back, take_over
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on
from allstop.rules.leads import REASON_WORDS, STATUS_WORDS, LeadStatus, Reason
from allstop.rules.talk_words import in_words
from allstop.store.models import Answers, Lead

WHO = {Answers.AUTOMATIC: "Allstop answers", Answers.PERSON: "A person answers", Answers.NOBODY: "Nobody answers"}


def talk_of(account_id: int, contact_id: int | None) -> dict[str, Any] | None:
    """None: no lead of theirs is known."""
    if contact_id is None:
        return None
    leads = Lead.objects.select_related("talk").filter(account_id=account_id, contact_id=contact_id)
    lead = leads.order_by("-created_at", "-pk").first()  # lead_of_contact
    talk = getattr(lead, "talk", None)
    if lead is None or talk is None:
        return None
    return {
        "lead": lead,
        "status": STATUS_WORDS[LeadStatus(lead.status)],
        "reason": REASON_WORDS[Reason(lead.reason)] if lead.reason else "",
        "who": WHO[Answers(talk.answers)],
        "why": in_words(talk.why),
        "step": talk.step,
        "due_at": talk.due_at if talk.answers == Answers.AUTOMATIC else None,
        "is_new": lead.status == LeadStatus.NEW,
        "is_automatic": talk.answers == Answers.AUTOMATIC,
    }


@screen("POST")
def take(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    take_over(desk.actor, contact_of(desk.actor, conversation_id), datetime.now(UTC))
    words = "You answer this lead from now on. Allstop says nothing by itself."
    return leads_on(request, words, reverse("conversation", args=[conversation_id]))


@screen("POST")
def give_back(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    hand_back(desk.actor, contact_of(desk.actor, conversation_id), datetime.now(UTC))
    words = "Handed back: the playbook goes on when they write, or when its next follow-up is due."
    return leads_on(request, words, reverse("conversation", args=[conversation_id]))
