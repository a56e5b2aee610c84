"""Two accounts with one sender number: their people are told, and no stranger's text ends as a line in a log."""

from dataclasses import replace
from datetime import timedelta

import pytest

from allstop.actions.replies import Written, take_reply
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import Account, Inbound, Message, Notice, NoticeReader, OptOut, Status
from tests.world import World, contact

SHARED, STRANGER = "+12125550100", "+12125550177"


def send_from(world: World, sender: str) -> None:
    choice = ChannelChoice(provider="sandbox", config={}, sender=sender, sender_name="")
    set_channel(world.admin, Channel.TEXT, choice, world.now)
    set_channel(world.stranger, Channel.TEXT, replace(choice, sender=SHARED), world.now)


def wrote(world: World, account: Account, hours_ago: int, status: Status = Status.SENT) -> None:
    message = queue.NewMessage(
        account_id=account.pk,
        channel=Channel.TEXT,
        purpose=Purpose.REMINDER,
        address=STRANGER,
        body="Please come on Monday.",
        due_at=world.now,
    )
    [id_] = queue.enqueue([message], world.now)
    Message.objects.filter(id=id_).update(status=status, finished_at=world.now - timedelta(hours=hours_ago))


def says(world: World, text: str) -> Account:
    """The account that it is kept for."""
    written = Written(
        adapter="smpp",
        provider_id=text,
        channel=Channel.TEXT,
        sender=STRANGER,
        recipient=SHARED,
        text=text,
        in_reply_to="",
        at=world.now,
    )
    assert take_reply(written), "somebody's words were thrown away"
    return Inbound.objects.get(text=text).account


def test_the_admins_of_both_accounts_are_warned_once_and_learn_no_names(world: World) -> None:
    send_from(world, "(212) 555-0100")
    for account, admin in ((world.account, world.ada), (world.rival, world.rae)):
        [notice] = Notice.objects.filter(account=account)
        assert SHARED in notice.subject
        assert "goes to the account that wrote to them last, or else to the one that was there first" in notice.body
        assert not any(one.name in notice.subject + notice.body for one in (world.account, world.rival))
        assert NoticeReader.objects.filter(notice=notice, user=admin.user).exists()
    [operators] = Notice.objects.filter(account=None)
    assert world.account.name in operators.body
    assert world.rival.name in operators.body
    send_from(world, SHARED)
    assert Notice.objects.count() == 3, "the same sender again is nothing new"


@pytest.mark.parametrize("sender", ["+12125550111", ""])
def test_nobody_is_warned_of_senders_of_their_own(world: World, sender: str) -> None:
    send_from(world, sender)
    assert not Notice.objects.exists()


def test_a_strangers_text_goes_to_whoever_wrote_last_else_to_the_first(world: World) -> None:
    send_from(world, SHARED)
    assert says(world, "Who is this?") == world.account
    wrote(world, world.rival, 5)
    wrote(world, world.account, 1, Status.CANCELED)
    assert says(world, "And who is that?") == world.rival
    wrote(world, world.account, 3)
    assert says(world, "Hello again") == world.account


def test_somebody_whom_one_account_knows_is_theirs_and_whom_both_know_is_of_the_last_writer(world: World) -> None:
    send_from(world, SHARED)
    contact(world, "Pat", phone=STRANGER, account=world.rival)
    wrote(world, world.account, 1)
    assert says(world, "Hello") == world.rival
    here = contact(world, "Pat", phone=STRANGER)
    assert says(world, "STOP") == world.account
    assert [one.contact for one in OptOut.objects.all()] == [here]
