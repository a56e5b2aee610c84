"""What a lead writes reaches whoever answers it: the playbook, a person, or, after a mass end, somebody outside.

The rule that it guards: a lead whose conversation was ended with all the others gets no automatic answer any more, and
somebody is told by mail that it has written. What may be a no stops the playbook at once.

Called with the contact and the conversation locked, in the transaction that stores what they wrote.
"""

from datetime import datetime, timedelta

from allstop.actions.leads import decide, write_event
from allstop.actions.notices import notify
from allstop.actions.talk_handing import hand_over
from allstop.actions.talk_rows import close_talk, talk_of
from allstop.rules.leads import ENDED_WITH_ALL, LeadStatus, Reason, Title
from allstop.rules.optout import Reply
from allstop.rules.words import Channel
from allstop.store.models import Answers, Contact, Inbound, Lead, Notice, NoticeKind, Talk

# Several texts in a row are one answer; and an answer within the second tells that nobody has read.
QUIET = timedelta(seconds=20)
ONE_NOTICE_IN = timedelta(hours=1)  # of the same lead
IN = {Channel.TEXT: Title.TEXT_IN, Channel.EMAIL: Title.EMAIL_IN, Channel.CALL: Title.CALL_IN}
ADVICE = (
    "Its conversation was ended with all others, so Allstop answers nothing by itself. "
    "Answer this lead yourself, outside of Allstop: call or write from your own phone or mailbox."
)


def lead_wrote(inbound: Inbound, contact: Contact, conversation_id: int, meaning: Reply) -> bool:
    """True: the playbook is going to answer, or nobody may; so the timer of the automatic reply does not run."""
    lead = _latest(contact.pk)
    if lead is None:
        return False
    if lead.reason in ENDED_WITH_ALL:
        _tell(lead, contact, conversation_id, inbound.at)
        return True
    if lead.status != LeadStatus.NEW:
        return False
    title = IN[Channel(inbound.channel)]
    write_event(lead, title, "the contact", inbound.at, detail=inbound.text, inbound_id=inbound.pk)
    if meaning is Reply.OPT_OUT:
        _end(lead.pk, inbound.at)
        return True
    return _heard(lead, inbound, meaning)


def _heard(lead: Lead, inbound: Inbound, meaning: Reply) -> bool:
    talk = talk_of(lead.pk)
    if talk is None or talk.answers != Answers.AUTOMATIC:
        return False
    if meaning is Reply.UNCLEAR:
        hand_over(lead, talk, "may_be_no", inbound.at)
        return False
    is_the_lead = inbound.at <= lead.created_at  # what they wrote made it: the playbook answers with its beginning
    if meaning is Reply.NOTHING and not is_the_lead:
        Talk.objects.filter(pk=talk.pk).update(heard_at=talk.heard_at or inbound.at, due_at=inbound.at + QUIET)
    return True


def was_ended_with_all(contact: Contact) -> bool:
    """The contact's latest lead: no automatic answer of any kind any more, until there is a new one."""
    lead = _latest(contact.pk)
    return lead is not None and lead.reason in ENDED_WITH_ALL


def _latest(contact_id: int) -> Lead | None:
    return Lead.objects.filter(contact_id=contact_id).order_by("-created_at", "-pk").first()  # lead_of_contact


def _end(lead_id: int, at: datetime) -> None:
    """Their own no: the opt-out is recorded by whoever read it, and the lead is over (TV10)."""
    lead = Lead.objects.select_for_update(of=("self",), no_key=True).get(pk=lead_id)
    if lead.status != LeadStatus.NEW:
        return
    decide(lead, LeadStatus.UNQUALIFIED, Reason.DO_NOT_CONTACT, "", "the contact", at)
    close_talk(lead.pk, at)


def _tell(lead: Lead, contact: Contact, conversation_id: int, at: datetime) -> None:
    """The assigned member, else the admins. No contact's data is in it: see notices.py."""
    url = f"/inbox/{conversation_id}"
    lately = Notice.objects.filter(account_id=lead.account_id, kind=NoticeKind.LEAD, url=url)
    if lately.filter(created_at__gt=at - ONE_NOTICE_IN).exists():
        return
    notify(
        NoticeKind.LEAD,
        "A lead whose conversation was ended has written again",
        ADVICE,
        at,
        account_id=lead.account_id,
        about=f"lead:{lead.pk}",
        url=url,
        member_id=contact.assigned_to_id,
    )
