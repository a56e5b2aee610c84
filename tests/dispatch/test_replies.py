"""What comes back reaches the contact, and a no is obeyed: by text, by key, and for what is already queued."""

from datetime import UTC, datetime

from allstop.actions.replies import Written, take_reply
from allstop.actions.unclear import settle_reply
from allstop.rules.facts import Channel, Purpose
from allstop.store import lists, queue
from allstop.store.models import (
    Address,
    AddressKind,
    Inbound,
    Message,
    OptOut,
    OutboxItem,
    QueueEntry,
    Settlement,
    Status,
)
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact


def send(world: World, channel: Channel, ending: str, count: int = 1) -> None:
    """To somebody whose conduct in the sandbox follows from the end of the number."""
    person = contact(world, f"Pat {ending}", phone=f"+1212555{ending}", email="")
    assert Address.objects.filter(contact=person, kind=AddressKind.PHONE).count() == 1
    queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=channel,
                purpose=Purpose.REMINDER,
                address=f"+1212555{ending}",
                body="Your visit is tomorrow. Reply STOP or press 9 to hear no more.",
                due_at=datetime.now(UTC),
                contact_id=person.pk,
            )
            for _ in range(count)
        ],
        datetime.now(UTC),
    )


def test_a_text_answered_with_stop_opts_out_and_the_next_one_is_refused(
    committed_world: World, database_url: str
) -> None:
    """TM9, TN10: the contact's own word, in force at once."""
    send(committed_world, Channel.TEXT, "0194")
    with workers(database_url):
        wait_until(lambda: OptOut.objects.filter(channel=Channel.TEXT, lifted_at=None).exists(), "the opt-out")
        send_again = Message.objects.order_by("id")[0]
        queue.enqueue(
            [
                queue.NewMessage(
                    account_id=committed_world.account.pk,
                    channel=Channel.TEXT,
                    purpose=Purpose.REMINDER,
                    address=send_again.address,
                    body="Once more",
                    due_at=datetime.now(UTC),
                    contact_id=send_again.contact_id,
                )
            ],
            datetime.now(UTC),
        )
        wait_until(lambda: Message.objects.filter(status=Status.REFUSED).exists(), "the second text to be refused")
    assert Message.objects.get(body="Once more").reason == "opted_out_text"
    assert Inbound.objects.order_by("id")[0].text == "STOP"
    assert not OutboxItem.objects.filter(body="Once more").exists()


def test_key_9_during_a_call_opts_out_of_calls_only(committed_world: World, database_url: str) -> None:
    send(committed_world, Channel.CALL, "0194")
    with workers(database_url):
        wait_until(OptOut.objects.exists, "the opt-out")
    opt_out = OptOut.objects.get()
    assert (opt_out.channel, opt_out.words) == (Channel.CALL, "pressed 9")
    assert Inbound.objects.get().text == "Pressed 9 (no more calls)"


def test_another_key_is_kept_and_opts_nobody_out(committed_world: World, database_url: str) -> None:
    send(committed_world, Channel.CALL, "0193")
    with workers(database_url):
        wait_until(Inbound.objects.exists, "the key")
    assert Inbound.objects.get().text == "Pressed 1 (confirm)"
    assert not OptOut.objects.exists()


def test_the_confirmation_of_a_no_leaves_and_nothing_else_does(committed_world: World, database_url: str) -> None:
    """Two workers: one hears the STOP, either sends the one confirmation, the rest of the queue is refused."""
    send(committed_world, Channel.TEXT, "0194")
    person = Address.objects.get(value="+12125550194").contact
    with workers(database_url, 2):
        wait_until(lambda: OptOut.objects.filter(lifted_at=None).exists(), "the opt-out")
        queue.enqueue([reminder(committed_world, person.pk, "+12125550194", n) for n in range(20)], datetime.now(UTC))
        wait_until(lambda: Message.objects.filter(status=Status.REFUSED).count() == 20, "the others to be refused")
        wait_until(lambda: OutboxItem.objects.count() == 2, "the confirmation")
    confirmation = OutboxItem.objects.latest("id")
    assert "you will get no more texts from us" in confirmation.body
    assert Message.objects.get(id=confirmation.message_id).purpose == Purpose.SERVICE
    assert OptOut.objects.count() == 1


def test_an_unclear_reply_holds_the_queue_until_a_person_has_read_it(committed_world: World, database_url: str) -> None:
    person = contact(committed_world, phone="+12125550123", email="")
    written = Written(
        adapter="sandbox",
        provider_id="reply 1",
        channel=Channel.TEXT,
        sender="+12125550123",
        recipient="",
        text="who is this? stop",
        in_reply_to="",
        at=datetime.now(UTC),
    )
    with workers(database_url, 2):
        assert take_reply(written)
        queue.enqueue([reminder(committed_world, person.pk, "+12125550123", n) for n in range(20)], datetime.now(UTC))
        wait_until(lambda: QueueEntry.objects.filter(held="unclear_reply").count() == 20, "all of them to be held")
        assert not OutboxItem.objects.exists()
        (row,) = lists.unclear_replies(committed_world.account.pk)
        settle_reply(committed_world.member, row.id, Settlement.MEANT_NOTHING, datetime.now(UTC))
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 20, "all of them to leave")


def reminder(world: World, contact_id: int, to: str, number: int) -> queue.NewMessage:
    return queue.NewMessage(
        account_id=world.account.pk,
        channel=Channel.TEXT,
        purpose=Purpose.REMINDER,
        address=to,
        body=f"Reminder {number}",
        due_at=datetime.now(UTC),
        contact_id=contact_id,
    )
