"""What a provider says of an unknown outcome is kept, and settles the message only where it is certain."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from allstop.actions.inquiries import THE_PROVIDER, Question, Said, take_due, write_down
from allstop.actions.jobs import remove_jobs
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.actions.unknown import Choice, settle
from allstop.rules.asking import FIRST, PAUSES, Answer, Conclusion
from allstop.rules.facts import Channel
from allstop.store import ledger, lists
from allstop.store.models import Attempt, Inquiry, LedgerEntry, Message, QueueEntry, Status
from tests.actions.test_unknown import tallies
from tests.world import World, job, lose, texts

THERE = Said(Answer.THERE, "sandbox", "sandbox-7")
GONE = Said(Answer.NOT_THERE, "sandbox", is_final=True)


def question(world: World, now: datetime) -> Question:
    """About the one message that is unknown."""
    (one,) = take_due(now + FIRST)
    return one


def test_each_is_asked_once_at_a_time_and_again_later(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 3))
    assert take_due(now + FIRST - timedelta(seconds=1)) == [], "an answer may be on its way"
    asked = take_due(now + FIRST)
    assert sorted(one.message_id for one in asked) == ids
    assert take_due(now + FIRST) == [], "another worker has them in hand"
    for one in asked:
        write_down(one, Said(Answer.NONE, "sandbox"), now + FIRST)
    assert take_due(now + FIRST + PAUSES[0] - timedelta(seconds=1)) == []
    assert len(take_due(now + FIRST + PAUSES[0])) == 3
    assert set(Inquiry.objects.values_list("times", flat=True)) == {2}


def test_what_is_there_becomes_sent_with_its_ref_and_its_entry(world: World, now: datetime) -> None:
    (message_id,) = lose(world, texts(world, 1, of=job(world)))
    assert write_down(question(world, now), THERE, now + FIRST) is Conclusion.SENT
    message = Message.objects.get(id=message_id)
    assert (message.status, message.reason, message.finished_at) == ("sent", "", now + FIRST)
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.adapter, attempt.ref) == ("accepted", "sandbox", "sandbox-7")
    assert tallies() == {"sent": 1}
    entry = LedgerEntry.objects.get(act="provider_has_it")
    assert (entry.by, entry.subject) == (THE_PROVIDER, f"message:{message_id}")
    assert isinstance(ledger.verify(world.account.pk), int)
    assert not QueueEntry.objects.exists()


def test_what_is_certainly_not_there_waits_again_as_the_same_message(world: World, now: datetime) -> None:
    (message_id,) = lose(world, texts(world, 1))
    assert write_down(question(world, now), GONE, now + FIRST) is Conclusion.AGAIN
    assert Message.objects.get().status == Status.WAITING
    entry = QueueEntry.objects.get()
    assert (entry.id, entry.attempt, entry.due_at) == (message_id, 1, now + FIRST)
    assert LedgerEntry.objects.get(act="provider_lacks_it").by == THE_PROVIDER
    assert tallies() == {"waiting": 1}


def test_a_call_is_never_made_again_on_a_guess(world: World, now: datetime) -> None:
    lose(world, texts(world, 1))
    Message.objects.update(channel="call")
    guess = replace(GONE, is_final=False)
    assert write_down(question(world, now), guess, now + FIRST) is Conclusion.A_PERSON_DECIDES
    assert Message.objects.get().status == Status.UNKNOWN
    row = lists.messages(world.account.pk, lists.Filters(status=Status.UNKNOWN))[0]
    assert (row.answer, row.asked_at) == (Answer.NOT_THERE, now + FIRST)


@pytest.mark.parametrize("doubt", ["another provider", "set up since", "job removed", "another adapter"])
def test_with_a_doubt_a_person_decides(world: World, now: datetime, doubt: str) -> None:
    made = job(world)
    lose(world, texts(world, 1, of=made))
    said = GONE
    if doubt == "another provider":
        said = Said(Answer.NOT_THERE, "other", is_final=True)
    elif doubt == "set up since":
        choice = ChannelChoice(provider="sandbox", config={"max_connections": 9}, sender="", sender_name="")
        set_channel(world.admin, Channel.TEXT, choice, now)
    elif doubt == "job removed":
        remove_jobs(world.admin, [made.pk], now)
    else:
        Attempt.objects.update(adapter="other")
    assert write_down(question(world, now), said, now + FIRST) is Conclusion.A_PERSON_DECIDES
    assert Message.objects.get().status == Status.UNKNOWN
    assert not QueueEntry.objects.exists()


def test_an_answer_after_a_persons_decision_changes_nothing(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 1))
    asked = question(world, now)
    settle(world.member, ids, Choice.LEAVE, "told by phone", now + FIRST)
    assert write_down(asked, THERE, now + FIRST) is Conclusion.A_PERSON_DECIDES
    assert Message.objects.get().status == Status.FAILED


def test_a_message_that_is_unknown_a_second_time_is_a_new_story(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 1))
    write_down(question(world, now), Said(Answer.CANNOT_TELL, "smtp"), now + FIRST)
    assert take_due(now + timedelta(days=2)) == [], "whoever cannot tell is not asked again"
    Message.objects.filter(id__in=ids).update(finished_at=now + timedelta(days=3))
    (again,) = take_due(now + timedelta(days=4))
    assert again.since == now + timedelta(days=3)
    assert Inquiry.objects.get().times == 1
