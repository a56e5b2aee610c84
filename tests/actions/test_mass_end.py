"""End Conversations: 001-11 to 001-17, TV6 to TV9, TV11."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions import mass_end_run
from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.auto_reply import send_due_auto_replies
from allstop.actions.intake import create_lead
from allstop.actions.leads import qualify, unqualify
from allstop.actions.mass_end import ask_to_end, end_conversations, latest_mass_end, mass_end_of, what_would_end
from allstop.actions.mass_end_replay import replay_mass_end
from allstop.actions.playbooks import EXAMPLE, change_playbook
from allstop.actions.reply_setup import change_replies, replies_of
from allstop.actions.talk_hearing import ONE_NOTICE_IN
from allstop.actions.talks import run_due_talks
from allstop.dispatch.child import SILENCE
from allstop.dispatch.mass_ending import MassEnding
from allstop.rules.leads import Reason
from allstop.store import ledger
from allstop.store.assigning import assign
from allstop.store.models import (
    Conversation,
    Hold,
    Inbound,
    Lead,
    LeadEvent,
    LedgerEntry,
    MassEnd,
    Message,
    Notice,
    NoticeReader,
    QueueEntry,
    Stop,
    Talk,
)
from tests.actions.test_auto_reply import TEN, says
from tests.actions.test_events import told, webhook
from tests.actions.test_talks import ASKED, DAY, made
from tests.dispatch.processes import PATIENCE, wait_until
from tests.world import World


def number(count: int) -> str:
    return f"+12125550{count:03}"


def leads(world: World, count: int) -> list[Lead]:
    """Whose first messages wait in the queue."""
    change_playbook(world.leader, EXAMPLE, world.now, is_on=True)
    found = [made(world, replace(ASKED, phone=number(100 + one), given_name=f"Pat{one}")) for one in range(count)]
    run_due_talks(world.now)
    assert QueueEntry.objects.count() == count
    return found


def statuses() -> list[tuple[str, str]]:
    return list(Lead.objects.order_by("pk").values_list("status", "reason"))


def is_done(end: MassEnd) -> bool:
    return MassEnd.objects.get(pk=end.pk).state == "done"


ENDED = ("unqualified", "mass_end")


def test_all_new_leads_of_all_members_end_once_and_their_messages_never_leave(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """001-11, 001-12, TV6: qualified and unqualified ones stay. TV9: the intake is not paused by it."""
    monkeypatch.setattr(mass_end_run, "SLICE", 2)
    five = leads(world, 5)
    assign({five[1].contact_id: world.cem.pk})
    qualify(world.member, five[0].public_id, "", world.now)
    unqualify(world.member, five[4].public_id, Reason.OUT_OF_AREA, "", world.now)
    assert what_would_end(world.viewer).leads == 3
    with pytest.raises(Forbidden):
        end_conversations(world.member, "CONFIRM", world.now)  # 001-02, TV1
    for typed in ("confirm", "Confirm", "CONFIRM ", ""):  # 001-08, TV2
        with pytest.raises(Invalid):
            end_conversations(world.leader, typed, world.now)
    assert not MassEnd.objects.exists()

    done = end_conversations(world.leader, "CONFIRM", world.now)

    assert (done.state, done.total, done.ended, done.withdrawn) == ("done", 3, 3, 3)
    assert statuses() == [("qualified", ""), ENDED, ENDED, ENDED, ("unqualified", "out_of_area")]
    assert not QueueEntry.objects.exists() and not Stop.objects.filter(scope="contacts").exists()
    assert set(Message.objects.values_list("status", "reason")) == {("removed", "conversation_ended")}
    assert set(Talk.objects.values_list("answers", "due_at")) == {("nobody", None)}
    events = LeadEvent.objects.filter(title="Unqualified Lead", by="Ben Weber")
    assert sorted(events.values_list("lead_id", flat=True)) == [one.pk for one in five[1:4]]
    acts = list(LedgerEntry.objects.filter(subject=f"mass_end:{done.pk}").order_by("number").values_list("act", "by"))
    assert acts == [("end_conversations", "Ben Weber"), ("conversations_ended", "Ben Weber")]
    assert isinstance(ledger.verify(world.account.pk), int)
    again = end_conversations(world.leader, "CONFIRM", world.now)
    assert (again.ended, events.count()) == (0, 3)
    assert made(world, replace(ASKED, phone=number(300))).status == "new"
    assert latest_mass_end(world.viewer) == again
    with pytest.raises(NotThere):
        mass_end_of(world.stranger, done.pk)


def test_what_a_worker_holds_is_kept_by_a_hold_until_it_is_withdrawn(world: World) -> None:
    """The stop protocol: a number for the slice, and nothing leaves to them when it is taken up again."""
    _one, other = leads(world, 2)
    held = Message.objects.get(contact_id=other.contact_id).id
    QueueEntry.objects.filter(id=held).update(worker_id=77)
    done = end_conversations(world.admin, "CONFIRM", world.now)
    assert (done.state, done.ended, done.withdrawn) == ("done", 2, 1)
    assert done.last_stop is not None
    stop = Stop.objects.get(pk=done.last_stop)
    assert (stop.scope, stop.confirmed_at is not None) == ("contacts", True)
    assert list(Hold.objects.filter(name="ending", lifted_at=None).values_list("contact_id", flat=True)) == [
        other.contact_id
    ]
    run_due_talks(world.now)
    assert QueueEntry.objects.filter(id=held).exists()  # it is leaving now, or comes back
    QueueEntry.objects.filter(id=held).update(worker_id=None)
    run_due_talks(world.now + timedelta(seconds=3))
    assert not QueueEntry.objects.exists()
    assert not Hold.objects.filter(name="ending", lifted_at=None).exists()
    assert set(Talk.objects.values_list("due_at", flat=True)) == {None}


def test_one_members_leads_only(world: World) -> None:
    """001-16: without an account manager."""
    three = leads(world, 3)
    assign({three[1].contact_id: world.cem.pk})
    assert (what_would_end(world.leader, world.cem.pk).leads, what_would_end(world.leader, world.cem.pk).member) == (
        1,
        "Cem Tanaka",
    )
    done = end_conversations(world.leader, "CONFIRM", world.now, world.cem.pk)
    assert (done.ended, done.member_name) == (1, "Cem Tanaka")
    assert statuses() == [("new", ""), ("unqualified", "member_end"), ("new", "")]
    with pytest.raises(NotThere):
        end_conversations(world.leader, "CONFIRM", world.now, world.rae.pk)


def test_a_lead_that_writes_afterwards_is_kept_gets_no_answer_and_somebody_gets_a_mail(world: World) -> None:
    """001-14, 001-15, TV8."""
    now = world.now
    words = replace(replies_of(world.leader), auto_reply="{account}: we answer soon.", auto_reply_minutes=10)
    change_replies(world.leader, words, now)
    _one, other = leads(world, 2)
    assign({other.contact_id: world.cem.pk})
    end_conversations(world.leader, "CONFIRM", now)
    says(world, "Are you still there?", now + DAY, sender=number(100))
    says(world, "Hello?", now + DAY + TEN, sender=number(100))
    says(world, "yes", now + DAY, sender=number(101))
    assert run_due_talks(now + 9 * DAY) == 0 and send_due_auto_replies(now + 9 * DAY) == 0
    assert not QueueEntry.objects.exists()
    assert Inbound.objects.filter(account=world.account).count() == 3
    assert set(Conversation.objects.values_list("state", flat=True)) == {"open"}
    told = NoticeReader.objects.filter(notice__kind="lead").order_by("pk")
    assert [reader.user.name for reader in told] == ["Ada Okafor", "Cem Tanaka"]  # once in an hour
    assert all(reader.mail_due_at is not None for reader in told)
    notice = Notice.objects.filter(kind="lead").first()
    assert notice is not None and "outside of Allstop" in notice.body
    says(world, "Anybody?", now + DAY + ONE_NOTICE_IN, sender=number(100))
    assert Notice.objects.filter(kind="lead").count() == 3
    assert statuses() == [ENDED, ENDED]
    again = create_lead(world.member, replace(ASKED, phone=number(100)), now + 2 * DAY).lead
    assert again is not None
    run_due_talks(now + 2 * DAY)
    assert QueueEntry.objects.count() == 1  # a new interest is a new conversation


def test_it_calls_no_webhook_a_single_end_does_and_they_can_be_told_after_all(world: World) -> None:
    """001-13, TV7."""
    first, *_ = leads(world, 3)
    webhook(world, ["lead_unqualify", "lead_activity"])
    unqualify(world.member, first.public_id, Reason.ENDED, "", world.now)
    assert told(world) == {"lead_unqualify": 1, "lead_activity": 1}
    done = end_conversations(world.leader, "CONFIRM", world.now)
    assert told(world) == {"lead_unqualify": 1, "lead_activity": 1}
    with pytest.raises(Forbidden):
        replay_mass_end(world.member, done.pk, world.now)
    with pytest.raises(NotThere):
        replay_mass_end(world.stranger, done.pk, world.now)
    replayed = replay_mass_end(world.leader, done.pk, world.now)
    assert (replayed.replayed, replayed.replayed_by) == (2, "Ben Weber")
    assert told(world) == {"lead_unqualify": 3, "lead_activity": 3}
    with pytest.raises(Conflict):
        replay_mass_end(world.leader, done.pk, world.now)
    assert LedgerEntry.objects.get(act="replay_ended").by == "Ben Weber"


def test_one_at_a_time_and_one_whose_process_died_goes_on_where_it_was(
    committed_world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TV11: a kill -9 between two slices, and one in the middle of a slice, end no lead twice and leave none out."""
    world = committed_world
    monkeypatch.setattr(mass_end_run, "SLICE", 2)
    leads(world, 5)
    end = ask_to_end(world.leader, "CONFIRM", world.now)
    with pytest.raises(Conflict):
        ask_to_end(world.leader, "CONFIRM", world.now)
    mass_end_run.RUNS.take(end.pk, world.now)
    assert mass_end_run._next_slice(end.pk)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(mass_end_run, "_save", dies)
        with pytest.raises(KeyboardInterrupt):
            mass_end_run._next_slice(end.pk)
    end.refresh_from_db()
    assert end.ended == 2 and statuses().count(ENDED) == 2  # never half-ended
    assert end.taken_at is not None
    here = MassEnding()
    assert here.take(end.taken_at + SILENCE / 2) is None  # it may be alive
    assert here.look(end.taken_at + 2 * SILENCE) == 1  # in a process of its own
    here.running[end.pk].kill()
    here.running[end.pk].wait(PATIENCE)
    later = datetime.now(UTC) + 5 * SILENCE
    wait_until(lambda: here.look(later) == 1 or is_done(end), "the server to notice")  # and in another one
    wait_until(lambda: is_done(end), "the third process")
    here.end()
    done = MassEnd.objects.get(pk=end.pk)
    assert (done.state, done.ended) == ("done", 5) and statuses() == [ENDED] * 5
    assert LeadEvent.objects.filter(title="Unqualified Lead").count() == 5
    assert done.failure.startswith("The program that ended the conversations died")
