"""The playbook at work: what leads hear, who answers them, and that each step happens once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import mark
from allstop.actions.conversations import Answer, answer
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.leads import unqualify
from allstop.actions.pausing import pause_intake
from allstop.actions.playbooks import EXAMPLE, change_playbook, playbook_of
from allstop.actions.talk_hands import hand_back, take_over
from allstop.actions.talk_hearing import QUIET
from allstop.actions.talk_rows import opted_out
from allstop.actions.talks import LOOK_AGAIN, run_due_talks
from allstop.rules import gate
from allstop.rules.leads import LeadSource, Reason, Refusal
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import Refuse
from allstop.rules.words import Channel
from allstop.store import facts, ledger
from allstop.store.models import Conversation, Lead, LeadEvent, LedgerEntry, Message, OptOut, QueueEntry, Status, Talk
from tests.actions.test_auto_reply import says
from tests.world import World, finish

PAT = "+12125550123"
ASKED = NewLead(source=LeadSource.API, phone=PAT, given_name="Pat", family_name="Moreau", kind="braces")
HELLO = "Hi Pat, this is Northgate Dental. You asked about braces. Shall we call you?"
WHEN = "Great. What suits you better, today or tomorrow?"
DAY = timedelta(days=1)


@pytest.fixture
def lead(world: World) -> Lead:
    """Just made, with the example as the account's playbook."""
    change_playbook(world.leader, EXAMPLE, world.now, is_on=True)
    return made(world)


def made(world: World, new: NewLead = ASKED) -> Lead:
    taken = create_lead(world.member, new, world.now)
    assert taken.lead is not None
    return taken.lead


def bodies() -> list[str]:
    return list(Message.objects.order_by("id").values_list("body", flat=True))


def talk(lead: Lead) -> Talk:
    return Talk.objects.get(pk=lead.pk)


def all_left(world: World, at: datetime) -> None:
    ids = list(QueueEntry.objects.values_list("id", flat=True))
    finish(world, ids, Status.SENT, at)


def status(lead: Lead) -> tuple[str, str]:
    lead.refresh_from_db()
    return lead.status, lead.reason


def test_a_conversation_from_the_first_message_to_the_qualified_lead(world: World, lead: Lead, now: datetime) -> None:
    assert run_due_talks(now) == 1 and run_due_talks(now) == 0  # once, however often somebody looks
    assert bodies() == [HELLO]
    first = Message.objects.get()
    assert (first.purpose, first.channel, first.address) == ("promotion", "text", PAT)
    all_left(world, now)
    says(world, "Yes", now + DAY / 2)
    assert run_due_talks(now + DAY / 2 + QUIET / 2) == 0  # they may go on writing
    says(world, "please", now + DAY / 2 + QUIET / 2)
    assert run_due_talks(now + DAY / 2 + 2 * QUIET) == 1
    assert bodies() == [HELLO, WHEN]
    assert Message.objects.order_by("-id")[0].purpose == "service"
    box = Conversation.objects.get()
    assert (box.state, box.unread) == ("closed", 0)  # nothing waits for a person
    all_left(world, now + DAY)
    says(world, "tomorrow", now + DAY)
    run_due_talks(now + DAY + QUIET)
    assert bodies()[2:] == ["Thank you. Somebody of Northgate Dental calls you."]
    assert status(lead) == ("qualified", "")
    assert QueueEntry.objects.count() == 1  # the last words leave all the same
    assert (talk(lead).answers, talk(lead).due_at) == ("nobody", None)
    titles = list(LeadEvent.objects.filter(lead=lead).order_by("pk").values_list("title", flat=True))
    assert titles == [
        *("Lead Created", "Outbound SMS", "Inbound SMS", "Inbound SMS", "Outbound SMS", "Inbound SMS"),
        *("Outbound SMS", "Qualified Lead"),
    ]


def test_follow_ups_count_from_when_the_message_left_and_one_that_waits_is_not_followed(
    world: World, lead: Lead, now: datetime
) -> None:
    run_due_talks(now)
    run_due_talks(now + DAY)  # it waits still, for its window perhaps
    assert bodies() == [HELLO] and talk(lead).due_at == now + DAY + LOOK_AGAIN
    all_left(world, now + DAY)
    run_due_talks(now + DAY + LOOK_AGAIN)
    assert bodies() == [HELLO] and talk(lead).due_at == now + 2 * DAY
    run_due_talks(now + 2 * DAY)
    assert len(bodies()) == 2 and talk(lead).due_at == now + 5 * DAY
    all_left(world, now + 2 * DAY)
    run_due_talks(now + 5 * DAY)
    assert status(lead) == ("unqualified", "unresponsive")


def test_a_pause_of_new_leads_leaves_active_conversations_alone(world: World, lead: Lead, now: datetime) -> None:
    """TV4, TV9"""
    run_due_talks(now)
    all_left(world, now)
    pause_intake(world.leader, "CONFIRM", "", now)
    assert create_lead(world.member, replace(ASKED, phone="+12125550124"), now).refusal is Refusal.PAUSED
    says(world, "Yes", now + DAY / 2)
    run_due_talks(now + DAY / 2 + QUIET)
    assert bodies() == [HELLO, WHEN] and status(lead) == ("new", "")
    waiting = QueueEntry.objects.get()
    assert not isinstance(gate.decide(facts.facts_of(world.account.pk, waiting.id), waiting.due_at), Refuse)


@pytest.mark.parametrize(("words", "why"), [("What does it cost?", "nothing_fits"), ("yes but not today", "unclear")])
def test_an_answer_that_is_not_understood_opens_the_conversation_for_a_person(
    world: World, lead: Lead, now: datetime, words: str, why: str
) -> None:
    run_due_talks(now)
    all_left(world, now)
    change_playbook(world.leader, EXAMPLE.replace("if no,", "if no, today,"), now, is_on=True)
    says(world, words, now + DAY / 2)
    run_due_talks(now + DAY / 2 + QUIET)
    assert (talk(lead).answers, talk(lead).why, talk(lead).due_at) == ("person", why, None)
    assert Conversation.objects.get().state == "open" and bodies() == [HELLO]
    assert LeadEvent.objects.filter(lead=lead, title="Handed Over").count() == 1


def test_who_writes_before_the_answer_has_left_is_answered_by_a_person(world: World, lead: Lead, now: datetime) -> None:
    run_due_talks(now)
    says(world, "hello? it is me", now + QUIET)
    run_due_talks(now + 2 * QUIET)
    assert talk(lead).why == "wrote_before" and not QueueEntry.objects.exists()
    assert Message.objects.get().status == "removed" and Message.objects.get().reason == "conversation_ended"


def test_who_writes_before_the_playbook_has_begun_is_answered_by_a_person(
    world: World, lead: Lead, now: datetime
) -> None:
    other = made(world, replace(ASKED, phone="+12125550188"))
    says(world, "I want braces", now, sender="+12125550188")  # at the moment of the lead: it is what made it
    says(world, "What does it cost?", now + QUIET)
    run_due_talks(now + 2 * QUIET)
    assert (talk(lead).answers, talk(lead).why) == ("person", "wrote_first")
    assert talk(other).step == "hello" and len(bodies()) == 1


def test_a_no_ends_the_lead_and_what_may_be_a_no_goes_to_a_person(world: World, lead: Lead, now: datetime) -> None:
    """TV10: opted out is unqualified, and in no list of those who may be written to."""
    run_due_talks(now)
    other = made(world, replace(ASKED, phone="+12125550188", given_name="Sam"))
    says(world, "STOP", now + QUIET)
    assert status(lead) == ("unqualified", "do_not_contact")
    assert OptOut.objects.filter(contact_id=lead.contact_id, lifted_at=None).exists()
    assert talk(lead).answers == "nobody"
    says(world, "I think you should stop texting me maybe", now + QUIET, sender="+12125550188")
    assert (talk(other).answers, talk(other).why) == ("person", "may_be_no")
    assert status(other) == ("new", "")


def test_a_no_that_came_by_another_way_ends_the_lead_as_well(world: World, lead: Lead, now: datetime) -> None:
    run_due_talks(now)
    take_over(world.member, lead.contact_id, now)
    opted_out(lead.contact_id, now + DAY)  # which record_opt_out asks for after its commit
    assert run_due_talks(now + DAY) == 1 and run_due_talks(now + DAY) == 0
    assert status(lead) == ("unqualified", "do_not_contact")


def test_a_member_takes_over_by_answering_and_hands_back(world: World, lead: Lead, now: datetime) -> None:
    run_due_talks(now)
    box = Conversation.objects.get()
    reply = answer(world.member, box.pk, Answer(channel=Channel.TEXT, body="Cem here."), now)
    assert (talk(lead).answers, talk(lead).why, talk(lead).queued) == ("person", "taken_over", [reply.id])
    assert list(QueueEntry.objects.values_list("id", flat=True)) == [reply.id]  # the playbook's own is withdrawn
    says(world, "yes", now + DAY)
    assert run_due_talks(now + 2 * DAY) == 0  # nothing automatic while a person talks
    hand_back(world.member, lead.contact_id, now + 2 * DAY)
    assert (talk(lead).answers, talk(lead).due_at) == ("automatic", now + 3 * DAY)
    take_over(world.leader, lead.contact_id, now + 2 * DAY)
    take_over(world.leader, lead.contact_id, now + 2 * DAY)
    titles = list(LeadEvent.objects.filter(lead=lead).values_list("title", flat=True))
    assert titles.count("Taken Over") == 2
    with pytest.raises(Forbidden):
        take_over(world.viewer, lead.contact_id, now)
    with pytest.raises(NotThere):
        take_over(world.stranger, lead.contact_id, now)


def test_a_lead_that_a_person_decides_is_told_nothing_more(world: World, lead: Lead, now: datetime) -> None:
    run_due_talks(now)
    unqualify(world.member, lead.public_id, Reason.ENDED, "", now)
    assert not QueueEntry.objects.exists() and talk(lead).answers == "nobody"
    assert run_due_talks(now + 9 * DAY) == 0


def test_what_a_worker_holds_at_that_moment_is_withdrawn_when_it_comes_back(
    world: World, lead: Lead, now: datetime
) -> None:
    run_due_talks(now)
    QueueEntry.objects.update(worker_id=1)
    take_over(world.member, lead.contact_id, now)
    held = Message.objects.get().id
    assert talk(lead).unwanted == [held]
    assert run_due_talks(now) == 1 and QueueEntry.objects.exists()
    QueueEntry.objects.update(worker_id=None)
    run_due_talks(now + timedelta(seconds=3))
    assert not QueueEntry.objects.exists() and (talk(lead).unwanted, talk(lead).due_at) == ([], None)


def test_whoever_may_not_be_written_to_and_a_playbook_that_is_off_go_to_a_person(
    world: World, lead: Lead, now: datetime
) -> None:
    mark(world.member, [lead.contact_id], MarkerKind.STOP_ALL, "", now)
    run_due_talks(now)
    assert talk(lead).why == "refused"
    by_mail = EXAMPLE.replace("text: Hi {first_name|there}, this", "email: Hi {first_name|there}, this", 1)
    by_mail = by_mail.replace("Shall we call you?\n", "Shall we call you?\n    subject: Hi\n", 1)
    change_playbook(world.leader, by_mail, now, is_on=True)
    other = made(world, replace(ASKED, phone="+12125550188"))
    run_due_talks(now)
    assert talk(other).why == "no_address"
    change_playbook(world.leader, EXAMPLE, now, is_on=True)
    third = made(world, replace(ASKED, phone="+12125550189"))
    change_playbook(world.leader, EXAMPLE, now, is_on=False)
    run_due_talks(now)
    assert talk(third).why == "no_playbook"
    fourth = made(world, replace(ASKED, phone="+12125550190"))
    assert (talk(fourth).answers, talk(fourth).why) == ("person", "left_to_people")
    with pytest.raises(Conflict):
        hand_back(world.member, fourth.contact_id, now)


def test_only_leaders_change_the_playbook_and_only_one_that_can_be_played(world: World, now: datetime) -> None:
    assert (playbook_of(world.viewer).is_on, playbook_of(world.viewer).text) == (False, EXAMPLE)
    with pytest.raises(Forbidden):
        change_playbook(world.member, EXAMPLE, now, is_on=True)
    with pytest.raises(Invalid) as wrong:
        change_playbook(world.leader, "step a\n  text: Hi {first_name}\n  if yes: go b", now, is_on=True)
    assert "Line 2" in str(wrong.value) and "Line 3: There is no step b" in str(wrong.value)
    change_playbook(world.leader, EXAMPLE, now, is_on=True)
    change_playbook(world.leader, EXAMPLE, now, is_on=True)
    assert LedgerEntry.objects.filter(act="change_playbook").count() == 1
    assert playbook_of(world.member).changed_by == "Ben Weber"
    assert playbook_of(world.stranger).is_on is False
    assert isinstance(ledger.verify(world.account.pk), int)
