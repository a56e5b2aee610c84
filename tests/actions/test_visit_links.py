"""The link of a reminder by email: yes and no with one press, for the appointment as the email told it (issue 8)."""

from dataclasses import replace
from datetime import timedelta

from allstop.actions.mail_tags import answer_tag, link_tag
from allstop.actions.message_plans import PlanChoice, save_plan
from allstop.actions.visit_links import answer_by_link, look_up, visit_of
from allstop.rules.answer_link import TOKEN
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition
from allstop.store.models import AnswerKind, AppointmentAnswer, FeedAnswer, LedgerEntry, Message
from tests.actions.test_message_plans import a_feed, a_plan, comes, imported, step
from tests.actions.test_visit_answers import AT, answers, says, sent
from tests.reminder_files import a_row
from tests.world import World

YES, NO = AnswerKind.CONFIRMED, AnswerKind.CANCELLED
STEPS = (
    step(Channel.EMAIL, 14, body="Do you come? {answer_link}"),
    step(Channel.TEXT, 2),
    step(Channel.CALL, 1, Condition.UNCONFIRMED),
)


def reminded(world: World) -> tuple[Message, Message, Message]:
    plan = save_plan(world.leader, PlanChoice(name="Steps", steps=STEPS), world.now)
    email, text, call = Message.objects.filter(job=imported(world, plan, a_row(1, at=AT)).job).order_by("id")
    sent(world, email, "m1")
    return email, text, call


def tag_of(message: Message) -> str:
    return answer_tag(message.account_id, message.id)


def reasons(*messages: Message) -> list[str]:
    for one in messages:
        one.refresh_from_db()
    return [one.reason for one in messages]


def test_a_yes_is_recorded_once_and_a_no_after_it_withdraws_what_waits(world: World) -> None:
    email, text, call = reminded(world)
    assert email.body == f"Do you come? {TOKEN}"
    tag, later = tag_of(email), world.now + timedelta(minutes=1)
    asked = look_up(tag, world.now)
    assert asked is not None
    [only] = asked.visits
    told = asked.account, only.location, only.name, only.said, asked.closed
    assert told == ("Northgate Dental", "Northgate", "", None, "")
    assert only.when == "Tuesday, December 15 at 10:30 AM (EST)"
    assert answers() == []
    for _ in range(2):
        done = answer_by_link(tag, YES, world.now)
        assert done is not None and done.visits[0].said is YES
    [answer] = AppointmentAnswer.objects.all()
    assert (answer.kind, answer.by, answer.channel, answer.message_id) == (YES, "the contact", "email", email.id)
    assert LedgerEntry.objects.filter(act="answer_appointment").count() == 1
    assert reasons(text, call) == ["", "appointment_confirmed"]
    says("no", later, sender=text.address)  # nobody was reminded by text yet: it is about nothing
    assert answers() == [(YES, "the contact")]
    answer_by_link(tag, NO, later)
    assert answers() == [(NO, "the contact")]
    assert reasons(text) == ["contact_cancelled"]


def test_after_another_word_in_between_the_same_press_counts_again(world: World) -> None:
    email, text, _ = reminded(world)
    sent(world, text, "r1")
    answer_by_link(tag_of(email), YES, world.now)
    says("no", world.now + timedelta(minutes=1), ref="r1")
    answer_by_link(tag_of(email), YES, world.now + timedelta(minutes=2))
    entries = LedgerEntry.objects.filter(act="answer_appointment").order_by("pk")
    assert [one.after["answer"] for one in entries if one.after] == [YES, NO, YES]
    seen = look_up(tag_of(email), world.now)
    assert seen is not None and seen.visits[0].said is YES


def test_a_forged_link_and_one_about_nothing_are_none(world: World) -> None:
    email, text, _ = reminded(world)
    forged = (tag_of(email)[:-2] + "zz", link_tag(email.account_id, email.id), tag_of(text), "1.2.x", "")
    for tag in forged:
        assert look_up(tag, world.now) is None
        assert answer_by_link(tag, NO, world.now) is None
    Message.objects.filter(id=email.id).update(contact=None)  # erased
    assert answer_by_link(tag_of(email), NO, world.now) is None
    assert answers() == []


def test_once_the_appointment_is_over_nothing_is_answered(world: World) -> None:
    email, text, _ = reminded(world)
    assert email.appointment_at is not None
    done = answer_by_link(tag_of(email), NO, email.appointment_at)
    assert done is not None and done.closed == "past"
    assert (answers(), reasons(text)) == ([], [""])


def test_an_answer_is_told_to_the_feed_until_it_names_another_time(world: World) -> None:
    feed = a_feed(world, a_plan(world, STEPS))
    comes(world, feed, a_row(1, at=AT), a_row(2, at=AT), a_row(3, at=AT))
    emails = list(Message.objects.filter(address__in=("p1@example.org", "p2@example.org")).order_by("id"))
    first, second = (one for one in emails if one.channel == Channel.EMAIL)
    for number, one in enumerate((first, second)):
        sent(world, one, f"m{number}")
    answer_by_link(tag_of(first), YES, world.now)
    assert [(one.named, one.kind, one.channel) for one in FeedAnswer.objects.all()] == [("A1", YES, "email")]
    comes(world, feed, a_row(1, at="12/17/2026 11:00"), a_row(2, at=AT, status="Cancelled"), a_row(3, at=AT))
    for one in (first, second):
        done = answer_by_link(tag_of(one), NO, world.now)
        assert done is not None and done.closed == "changed"
    assert AppointmentAnswer.objects.get().kind == YES


def test_a_family_is_asked_one_by_one_and_an_answer_is_for_that_appointment_alone(world: World) -> None:
    words = replace(STEPS[0].words[0], family_body="{visits}. Who comes? {answer_link}", family_subject="You")
    steps = (replace(STEPS[0], for_family=True, words=(words,)), step(Channel.TEXT, 2))
    feed = a_feed(world, save_plan(world.leader, PlanChoice(name="Families", steps=steps), world.now))
    home, at = {"email": "home@example.org"}, ("12/15/2026 10:00", "12/15/2026 11:00", "12/15/2026 12:00")
    rows = [a_row(n, name=f"Silva, {name}", at=at[n - 1], **home) for n, name in ((1, "Ana"), (2, "Ben"), (3, "Cem"))]
    comes(world, feed, *rows)
    email = Message.objects.get(channel="email", status="waiting", address="home@example.org")
    assert email.body == f"Ana at 10:00 AM, Ben at 11:00 AM and Cem at 12:00 PM. Who comes? {TOKEN}"
    sent(world, email, "m1")
    asked = look_up(tag_of(email), world.now)
    assert asked is not None
    assert [(one.name, one.when[-17:], one.said, one.closed) for one in asked.visits] == [
        ("Ana", "at 10:00 AM (EST)", None, ""),
        ("Ben", "at 11:00 AM (EST)", None, ""),
        ("Cem", "at 12:00 PM (EST)", None, ""),
    ]
    ana, ben, cem = (one.number for one in asked.visits)
    assert (visit_of(asked, str(ben)), visit_of(asked, ""), visit_of(asked, "0")) == (ben, None, None)
    assert ana == email.id
    answer_by_link(tag_of(email), NO, world.now, ana)
    answer_by_link(tag_of(email), YES, world.now, ben)
    answer_by_link(tag_of(email), YES, world.now, ben)
    answer_by_link(tag_of(email), YES, world.now, 0)  # nobody's
    said = dict(AppointmentAnswer.objects.values_list("message_id", "kind"))
    assert said == {ana: NO, ben: YES}
    texts = Message.objects.filter(channel="text", contact__given_name__in=("Ana", "Ben", "Cem")).order_by("id")
    assert [one.reason for one in texts] == ["contact_cancelled", "", ""]
    assert LedgerEntry.objects.filter(act="answer_appointment").count() == 2
    comes(world, feed, rows[0], a_row(2, name="Silva, Ben", at="12/18/2026 11:00", **home), rows[2])
    assert email.appointment_at is not None
    later = look_up(tag_of(email), email.appointment_at)
    assert later is not None and later.closed == ""
    assert [(one.number, one.said, one.closed) for one in later.visits] == [
        (ana, NO, "past"),
        (ben, YES, "changed"),
        (cem, None, ""),
    ]
    assert FeedAnswer.objects.filter(message_id=ben).exists()
