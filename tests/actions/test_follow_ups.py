"""Plans that are sent to a list: what is queued, and what ends it (issue 8: message plans, recall lists)."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from allstop.actions.actor import Invalid
from allstop.actions.contact_lists import (
    ListChoice,
    letter_by_plan,
    letter_to,
    list_of,
    preview_list,
    save_list,
    send_to_list,
    tick,
    to_list,
)
from allstop.actions.contacts import record_opt_out
from allstop.actions.families import word_anew
from allstop.actions.follow_ups import followed_up, withdraw_ended
from allstop.actions.jobs import remove_jobs
from allstop.actions.mail_tags import answer_tag, link_tag
from allstop.actions.message_plans import PlanChoice, save_plan, usual_follow_up
from allstop.actions.messages import Draft, send_message
from allstop.actions.messenger import Letter
from allstop.actions.messenger_preview import preview_series
from allstop.actions.own_windows import Proposal
from allstop.actions.plan_answers import PlanAsked, answer_plan_by_link, look_up_plan
from allstop.actions.replies import Written, take_key, take_reply
from allstop.actions.standing_by import look_at_stand_bys
from allstop.actions.visit_links import look_up
from allstop.rules.answer_link import TOKEN
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import Condition, CountsFrom, Step, Words
from allstop.store.models import (
    Attempt,
    ChannelSetup,
    Contact,
    ContactList,
    Conversation,
    FollowUp,
    Inbound,
    Job,
    LeftBehind,
    Message,
    MessagePlan,
    QueueEntry,
)
from tests.actions.test_message_plans import imported, step
from tests.reminder_files import a_row
from tests.world import World, contact

LATER = Condition.UNCONFIRMED


def later(world: World, days: int) -> datetime:
    return world.now + timedelta(days=days, minutes=1)


def a_plan(world: World, *steps: Step, name: str = "Recall") -> MessagePlan:
    choice = PlanChoice(name=name, steps=steps or usual_follow_up(), counts_from=CountsFrom.SENDING)
    return save_plan(world.leader, choice, world.now)


def says(channel: Channel, days: int, condition: Condition, body: str = "Hello {names}") -> Step:
    words = Words(body=body, subject="Hello" if channel is Channel.EMAIL else "")
    return Step(channel=channel, days=days, clock=time(10), condition=condition, words=(words,))


def a_list(world: World, *, name: str = "Quiet", for_family: bool = False) -> ContactList:
    return save_list(world.member, ListChoice(name=name, for_family=for_family), world.now)


def sent_by(world: World, plan: MessagePlan, kept: ContactList, purpose: Purpose = Purpose.REMINDER) -> Job:
    pressed = send_to_list(world.member, kept.pk, letter_by_plan(world.member, plan.pk, purpose), world.now)
    assert pressed.send.job is not None and pressed.send.state == "done"
    return pressed.send.job


def queued(job: Job) -> list[tuple[str, str, str, str]]:
    found = Message.objects.filter(account_id=job.account_id, job=job).order_by("contact_id", "id")
    return [(one.channel, f"{one.due_at:%m-%d}", one.status, one.reason) for one in found]


def left_by(job: Job, message: Message, ref: str = "r1") -> None:
    """It has left."""
    QueueEntry.objects.filter(id=message.id).delete()
    mine = Message.objects.filter(account_id=job.account_id, id=message.id)
    mine.update(status="sent", finished_at=message.due_at)
    Attempt.objects.create(
        account_id=job.account_id,
        message_id=message.id,
        number=1,
        worker_id=1,
        adapter="sandbox",
        started_at=message.due_at,
        ended_at=message.due_at,
        outcome="accepted",
        ref=ref,
        code="",
        detail="",
    )


def writes(text: str, sender: str, at: datetime, ref: str = "") -> None:
    email = "@" in sender
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"{sender} {text} {at}",
            channel=Channel.EMAIL if email else Channel.TEXT,
            sender=sender,
            recipient="+12125550100",
            text=text,
            in_reply_to=ref,
            at=at,
        )
    )


def test_each_step_is_queued_with_its_day_when_the_list_is_sent(world: World) -> None:
    contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    contact(world, "Ben Silva", phone="+12125550132", email="")
    plan, kept = a_plan(world), a_list(world)
    letter = letter_to(kept, letter_by_plan(world.viewer, plan.pk, Purpose.REMINDER))
    shown = preview_series(world.viewer, to_list(kept, world.now), letter, world.now)
    job = sent_by(world, plan, kept)
    day = world.now.date()
    made = queued(job)
    dates = [f"{day + timedelta(days=days):%m-%d}" for days in (0, 7, 14)]
    assert [one[:3] for one in made] == [
        ("email", dates[0], "waiting"),
        ("text", dates[1], "waiting"),
        ("call", dates[2], "waiting"),
        ("text", dates[1], "waiting"),
        ("call", dates[2], "waiting"),
    ]
    assert [(one.day, one.step, one.channel, one.people, one.messages) for one in shown.days] == [
        (day, 1, "email", 1, 1),
        (day + timedelta(days=7), 2, "text", 2, 2),
        (day + timedelta(days=14), 3, "call", 2, 2),
    ]
    assert (shown.people, shown.reached, shown.messages, shown.left) == (2, 2, 5, {})
    assert job.name == "Message to Quiet"
    first, second, third, *_ = Message.objects.filter(job=job).order_by("id")
    assert first.body.startswith("Hello Ana,") and second.body.startswith("Hello Ana,")
    assert first.use_by and second.use_by and third.use_by
    assert first.use_by < second.due_at < second.use_by < third.due_at
    assert QueueEntry.objects.filter(job_id=job.pk).count() == 5
    # pressed again: the list follows them up already
    again = send_to_list(world.member, kept.pk, letter_by_plan(world.member, plan.pk, Purpose.REMINDER), world.now)
    assert (again.send.accepted, again.send.stayed) == (0, 2)
    assert set(LeftBehind.objects.filter(send=again.send).values_list("reason", flat=True)) == {"followed_up"}
    remove_jobs(world.member, [job.pk], world.now)  # by mistake: it can be sent again
    assert len(queued(sent_by(world, plan, kept))) == 5


def test_the_preview_knows_the_pace_and_what_waits(world: World) -> None:
    """One text in two hours: those whose turn comes after the day of the call never leave."""
    for number in range(50):
        contact(world, f"Now {number}", phone=f"+1212555{2000 + number}", email="")
    ChannelSetup.objects.filter(account=world.account, channel="text").update(pace_ms=7_200_000)
    kept = save_list(world.member, ListChoice(name="Quiet"), world.now)
    plan = a_plan(world, says(Channel.TEXT, 0, Condition.ALWAYS), says(Channel.CALL, 2, LATER))
    letter = letter_by_plan(world.viewer, plan.pk, Purpose.REMINDER)
    found = preview_list(world.viewer, kept.pk, letter, world.now)
    (_, texts, by_text), (_, calls, by_call) = sorted(found.leaves.by_channel, reverse=True)
    assert (texts, calls, found.preview.messages) == (50, 50, 100)
    assert 0 < by_text.messages < 50, "the others would come after the day of the call"
    assert by_call.messages == 50
    assert found.leaves.never == 50 - by_text.messages
    first = Draft(channel=Channel.TEXT, purpose=Purpose.SERVICE, body="Before them", address="+12125550199")
    send_message(world.member, first, world.now)
    behind = preview_list(world.viewer, kept.pk, letter, world.now)
    assert behind.leaves.never == found.leaves.never + 1, "one more waits before them"


def test_what_would_not_be_sent_is_not_previewed_either(world: World) -> None:
    contact(world, "Ana Silva")
    kept = a_list(world)
    letter = Letter(channel=Channel.TEXT, purpose=Purpose.REMINDER, subject="", body="Hello " * 10_000)
    for act in (preview_list, send_to_list):
        with pytest.raises(Invalid, match="255"):
            act(world.member, kept.pk, letter, world.now)


def answered_by_text(world: World, who: Contact, kept: ContactList, job: Job) -> None:
    writes("I call you tomorrow", "+12125550131", later(world, 1))


def answered_by_email(world: World, who: Contact, kept: ContactList, job: Job) -> None:
    writes("Thank you, yes", "ana@example.org", later(world, 1), ref="r1")


def said_no(world: World, who: Contact, kept: ContactList, job: Job) -> None:
    writes("STOP", "+12125550131", later(world, 1))


def said_no_to_emails(world: World, who: Contact, kept: ContactList, job: Job) -> None:
    record_opt_out(who, Channel.EMAIL, "unsubscribed", later(world, 1))
    withdraw_ended(later(world, 1))  # the chore


def ticked(world: World, who: Contact, kept: ContactList, job: Job) -> None:
    assert tick(world.member, kept.pk, [who.pk], later(world, 1)) == 1


def booked(world: World, who: Contact, kept: ContactList, job: Job) -> None:
    told = Draft(
        channel=Channel.TEXT,
        purpose=Purpose.REMINDER,
        body="See you",
        contact_id=who.pk,
        appointment_at=later(world, 30),
    )
    send_message(world.member, told, later(world, 1))
    withdraw_ended(later(world, 1))


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (answered_by_text, "they_answered"),
        (answered_by_email, "they_answered"),
        (said_no, "they_said_no"),
        (said_no_to_emails, "they_said_no"),
        (ticked, "ticked"),
        (booked, "visit_booked"),
    ],
)
def test_later_steps_are_withdrawn_once_nobody_need_ask(
    world: World, happens: Callable[[World, Contact, ContactList, Job], None], reason: str
) -> None:
    ana = contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    contact(world, "Ben Costa", phone="+12125550132", email="ben@example.org")
    kept = a_list(world)
    job = sent_by(world, a_plan(world), kept)
    left_by(job, Message.objects.filter(job=job).order_by("id")[0])
    happens(world, ana, kept, job)
    assert [(status, why) for _, _, status, why in queued(job)] == [
        ("sent", ""),
        *[("canceled", reason)] * 2,
        *[("waiting", "")] * 3,
    ]
    assert not QueueEntry.objects.filter(job_id=job.pk, contact_id=ana.pk).exists()
    assert list(FollowUp.objects.filter(account=world.account).order_by("pk").values_list("ended", "look_at")) == [
        (reason, None),
        ("", None),
    ]


def test_a_key_in_a_call_is_an_answer_that_a_person_sees(world: World) -> None:
    ana = contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    steps = (says(Channel.CALL, 0, Condition.ALWAYS), says(Channel.TEXT, 3, LATER))
    job = sent_by(world, a_plan(world, *steps), a_list(world))
    left_by(job, Message.objects.filter(job=job).order_by("id")[0], "call1")
    assert take_key("sandbox", "call1", "1", later(world, 0))
    assert [(status, why) for _, _, status, why in queued(job)] == [("sent", ""), ("canceled", "they_answered")]
    assert Conversation.objects.get(contact=ana).state == "open"


def test_a_link_in_the_email_answers_and_opens_a_conversation_where_they_want_one(world: World) -> None:
    ana = contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    contact(world, "Ben Silva", phone="+12125550132", email="ana@example.org")
    first = says(Channel.EMAIL, 0, Condition.ALWAYS, "Hello {names}: {answer_link}")
    job = sent_by(world, a_plan(world, first, says(Channel.TEXT, 3, LATER)), a_list(world, for_family=True))
    email = Message.objects.filter(job=job, status="waiting").order_by("id")[0]
    assert email.body == f"Hello Ana and Ben: {TOKEN}"
    left_by(job, email)
    tag = answer_tag(world.account.pk, email.id)
    assert look_up(tag, world.now) is None
    assert look_up_plan(tag) == PlanAsked("Northgate Dental", "")
    assert look_up_plan(link_tag(world.account.pk, email.id)) is None
    assert not Inbound.objects.filter(account=world.account).exists()
    assert answer_plan_by_link(tag, "no", later(world, 1)) == PlanAsked("Northgate Dental", "no")
    assert Conversation.objects.get(contact=ana).state == "closed"
    assert {one[3] for one in queued(job) if one[0] == "text"} == {"they_answered"}
    for _ in range(2):
        assert answer_plan_by_link(tag, "yes", later(world, 1)) == PlanAsked("Northgate Dental", "yes")
    assert Conversation.objects.get(contact=ana).state == "open"
    assert Inbound.objects.filter(account=world.account, contact=ana).count() == 2
    other = Message.objects.filter(job=job, channel="text")[0]  # no link was in it
    assert look_up_plan(answer_tag(world.account.pk, other.id)) is None


def test_an_imported_appointment_ends_it_but_not_what_is_about_a_bill(world: World) -> None:
    pat = contact(world, "Pat Moreau", phone="+12125550101", email="p1@example.org")
    plan, other = a_plan(world), save_list(world.member, ListChoice(name="Bills"), world.now)
    recall, bill = sent_by(world, plan, a_list(world)), sent_by(world, plan, other, Purpose.BILLING)
    back = save_plan(world.leader, PlanChoice(name="Back", steps=(step(Channel.TEXT, 2),)), world.now)
    taken = imported(world, back, a_row(1, at="12/15/2026 10:30"))
    assert Message.objects.get(job=taken.job).contact_id == pat.pk
    assert [one[3] for one in queued(recall)] == ["visit_booked"] * 3
    assert [one[2] for one in queued(bill)] == ["waiting"] * 3


def test_a_step_that_follows_a_failure_stands_by(world: World) -> None:
    contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    steps = (says(Channel.EMAIL, 0, Condition.ALWAYS), says(Channel.TEXT, 0, Condition.FAILED))
    job = sent_by(world, a_plan(world, *steps), a_list(world))
    email, text = Message.objects.filter(job=job).order_by("id")
    assert (email.status, text.status, text.reason) == ("waiting", "canceled", "stands_by")
    QueueEntry.objects.filter(id=email.id).delete()
    Message.objects.filter(account=world.account, id=email.id).update(status="failed", finished_at=world.now)
    look_at_stand_bys(later(world, 1))
    text.refresh_from_db()
    assert text.status == "waiting"
    writes("Hello", "+12125550131", later(world, 1))
    text.refresh_from_db()
    assert (text.status, text.reason) == ("canceled", "they_answered")


def test_the_steps_keep_the_window_and_the_pace_of_the_list(world: World) -> None:
    for number in range(3):
        contact(world, f"Ana{number} Silva", phone=f"+1212555013{number}", email="")
    steps = (says(Channel.TEXT, 0, Condition.ALWAYS), says(Channel.TEXT, 7, LATER))
    window = Proposal(sessions=None, every=timedelta(hours=1))
    plan = a_plan(world, *steps)
    kept = a_list(world)
    pressed = send_to_list(
        world.member, kept.pk, letter_by_plan(world.member, plan.pk, Purpose.REMINDER, window), world.now
    )
    found = list(Message.objects.filter(job=pressed.send.job).order_by("due_at").values_list("due_at", flat=True))
    assert len(found) == 6
    for of_step in (found[:3], found[3:]):
        assert [after - before for before, after in pairwise(of_step)] == [timedelta(hours=1)] * 2


def test_a_family_gets_one_message_and_each_of_them_counts(world: World) -> None:
    for name in ("Ana", "Ben"):
        contact(world, f"{name} Silva", phone="+12125550131", email=f"{name.lower()}@example.org")
    contact(world, "Cem Costa", phone="+12125550132", email="")
    kept = a_list(world, for_family=True)
    letter = Letter(channel=Channel.TEXT, purpose=Purpose.REMINDER, body="Hello {names}, time for a checkup")
    shown = preview_series(world.member, to_list(kept, world.now), letter_to(kept, letter), world.now)
    assert [(one.people, one.messages) for one in shown.days] == [(3, 2)]
    send = send_to_list(world.member, kept.pk, letter, world.now, ticks=True).send
    found = Message.objects.filter(account=world.account).order_by("id")
    assert [(one.body, one.status, one.reason) for one in found] == [
        ("Hello Ana and Ben, time for a checkup", "waiting", ""),
        ("Hello Ben, time for a checkup", "canceled", "with_family"),
        ("Hello Cem, time for a checkup", "waiting", ""),
    ]
    assert (send.total, send.accepted, send.stayed) == (3, 2, 0)
    assert kept.ticks.count() == 3
    for body in ("Time for a checkup", "Hello {first_name} and {names}"):
        with pytest.raises(Invalid, match="names"):
            send_to_list(
                world.member, kept.pk, Letter(channel=Channel.TEXT, purpose=Purpose.REMINDER, body=body), world.now
            )


def test_of_a_family_an_answer_is_everybodys_and_a_tick_one_persons(world: World) -> None:
    ana, ben = (contact(world, f"{name} Silva", phone="+12125550131", email="") for name in ("Ana", "Ben"))
    steps = (says(Channel.TEXT, 0, Condition.ALWAYS), says(Channel.CALL, 7, LATER))
    plan, kept = a_plan(world, *steps), a_list(world, for_family=True)
    job = sent_by(world, plan, kept)
    assert [(status, why) for _, _, status, why in queued(job)] == [
        *[("waiting", "")] * 2,
        *[("canceled", "with_family")] * 2,
    ]
    left_by(job, Message.objects.filter(job=job, channel="text", contact=ana).get())
    assert followed_up(world.account.pk, kept.pk, [ana.pk, ben.pk], world.now) == {ana.pk, ben.pk}
    tick(world.member, kept.pk, [ana.pk], later(world, 1))
    word_anew(later(world, 1))
    assert followed_up(world.account.pk, kept.pk, [ana.pk, ben.pk], world.now) == {ben.pk}
    call = Message.objects.get(job=job, channel="call", contact=ben)
    assert (call.status, call.body) == ("waiting", "Hello Ben")
    assert Message.objects.get(job=job, channel="call", contact=ana).reason == "ticked"

    save_list(world.member, ListChoice(name="Other", for_family=True), world.now)
    other = list_of(world.member, ContactList.objects.get(name="Other").pk)
    both = sent_by(world, plan, other)
    left_by(both, Message.objects.filter(job=both, channel="text", status="waiting").get(), "r2")
    writes("We call you", "+12125550131", later(world, 2), ref="r2")
    assert {(one[0], one[3]) for one in queued(both)} == {
        ("text", ""),
        ("text", "with_family"),
        ("call", "they_answered"),
    }


def test_of_those_who_leave_a_family_one_after_the_other_none_is_told(world: World) -> None:
    """Before the others are worded anew a second one leaves: he is not told either."""
    ana, ben, cem = (contact(world, f"{name} Silva", phone="+12125550131", email="") for name in ("Ana", "Ben", "Cem"))
    kept = a_list(world, for_family=True)
    job = sent_by(world, a_plan(world, says(Channel.TEXT, 3, Condition.ALWAYS)), kept)
    for who in (ana, ben):
        tick(world.member, kept.pk, [who.pk], later(world, 1))
    word_anew(later(world, 1))
    found = Message.objects.filter(job=job).order_by("contact_id")
    assert [(one.status, one.reason) for one in found] == [*[("canceled", "ticked")] * 2, ("waiting", "")]
    assert found[2].contact_id == cem.pk and found[2].body == "Hello Cem"


def test_a_plan_for_lists_is_none_for_files_and_the_other_way_round(world: World) -> None:
    back = save_plan(world.leader, PlanChoice(name="Back", steps=(step(Channel.TEXT, 2),)), world.now)
    with pytest.raises(Invalid, match="counts back"):
        letter_by_plan(world.member, back.pk, Purpose.REMINDER)
    forward = a_plan(world)
    with pytest.raises(Invalid, match="sending of a list"):
        imported(world, forward, a_row(1, at="12/15/2026 10:30"))
    turned = PlanChoice(name="Back", steps=usual_follow_up(), counts_from=CountsFrom.SENDING)
    with pytest.raises(Invalid, match="as it was made"):
        save_plan(world.leader, turned, world.now, back.pk)
