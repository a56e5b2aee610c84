"""What comes back reaches the contact, and a no is obeyed: by text, by key, and for what is already queued."""

from datetime import UTC, datetime

from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import Address, AddressKind, Inbound, Message, OptOut, OutboxItem, Status
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
        send_again = Message.objects.get()
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
    assert Message.objects.get(status=Status.REFUSED).reason == "opted_out_text"
    assert Inbound.objects.get().text == "STOP"
    assert OutboxItem.objects.count() == 1


def test_key_9_during_a_call_opts_out_of_calls_only(committed_world: World, database_url: str) -> None:
    send(committed_world, Channel.CALL, "0194")
    with workers(database_url):
        wait_until(OptOut.objects.exists, "the opt-out")
    opt_out = OptOut.objects.get()
    assert (opt_out.channel, opt_out.words) == (Channel.CALL, "pressed 9")
    assert Inbound.objects.get().text == "Pressed 9"


def test_another_key_is_kept_and_opts_nobody_out(committed_world: World, database_url: str) -> None:
    send(committed_world, Channel.CALL, "0193")
    with workers(database_url):
        wait_until(Inbound.objects.exists, "the key")
    assert Inbound.objects.get().text == "Pressed 1"
    assert not OptOut.objects.exists()
