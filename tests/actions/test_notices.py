"""Allstop's own notices: to whom, shown and read by each alone, and mailed at most once."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core import mail
from pytest_django import Settings

from allstop.actions.actor import NotThere
from allstop.actions.notice_mail import BACK_OFF, mail_next
from allstop.actions.notices import mail_notices, mark_read, notify
from allstop.bench.smtp_conversation import Arrival, Conversation, Say, Stage
from allstop.store import lists
from allstop.store.models import Member, Notice, NoticeKind, NoticeReader, User
from tests.peers.ports import free_port
from tests.world import World


def told(world: World, now: datetime, account_id: int | None = None) -> Notice:
    return notify(
        NoticeKind.BRAKE,
        "The brake stopped texts",
        "12 of 20 were refused for good.",
        now,
        account_id=account_id or world.account.pk,
        url="/stops/standing",
    )


def of(member: Member) -> NoticeReader:
    return NoticeReader.objects.get(user=member.user)


def mail_all(now: datetime) -> int:
    count = 0
    while mail_next(now):
        count += 1
    return count


def test_a_notice_is_for_the_admins_of_the_account_and_nobody_else(world: World, now: datetime) -> None:
    notice = told(world, now)
    assert [reader.user for reader in notice.readers.all()] == [world.ada.user]
    assert lists.unread_notices(world.ada.user_id, world.account.pk) == 1
    assert lists.notices(world.ben.user_id, world.account.pk) == []
    assert lists.notices(world.ada.user_id, world.rival.pk) == []
    assert lists.notices(world.rae.user_id, world.rival.pk) == []


def test_a_notice_of_the_installation_is_for_its_operators_in_whichever_account(world: World, now: datetime) -> None:
    User.objects.filter(pk=world.dot.user_id).update(is_operator=True)
    notify(NoticeKind.STANDING, "All stop", "Since yesterday.", now, account_id=None, about="installation")
    (row,) = lists.notices(world.dot.user_id, world.account.pk)
    assert row.whole_installation
    assert lists.notices(world.ada.user_id, world.account.pk) == []


def test_somebody_who_cannot_log_in_any_more_is_told_nothing(world: World, now: datetime) -> None:
    User.objects.filter(pk=world.ada.user_id).update(is_active=False)
    assert told(world, now).readers.count() == 0


def test_reading_changes_the_bell_and_the_version_and_is_ones_own(world: World, now: datetime) -> None:
    notice = told(world, now)
    unread = lists.notices_version(world.account.pk)
    with pytest.raises(NotThere):
        mark_read(world.leader, world.ben.user_id, notice.pk, now)
    with pytest.raises(NotThere):
        mark_read(world.stranger, world.ada.user_id, notice.pk, now)
    assert mark_read(world.admin, world.ada.user_id, notice.pk, now) == 1
    assert mark_read(world.admin, world.ada.user_id, None, now) == 0
    assert lists.unread_notices(world.ada.user_id, world.account.pk) == 0
    assert lists.notices_version(world.account.pk) != unread
    assert of(world.ada).read_at == now


def test_each_reader_gets_one_mail_at_the_log_in_address_with_what_it_is_about(world: World, now: datetime) -> None:
    told(world, now)
    assert mail_all(now) == 1
    assert mail_all(now + timedelta(days=1)) == 0
    (sent,) = mail.outbox
    assert sent.to == ["ada@northgate.example"]
    assert sent.subject == "[Allstop] Northgate Dental: The brake stopped texts"
    assert "12 of 20 were refused for good." in sent.body
    assert "/stops/standing" in sent.body
    assert "because you are an admin of Northgate Dental" in sent.body
    assert of(world.ada).mailed_at == now


def test_who_wants_no_mails_gets_none_also_of_notices_that_are_due_already(world: World, now: datetime) -> None:
    told(world, now)
    mail_notices(world.admin, world.ada.user_id, by_mail=False)
    told(world, now)
    mail_all(now)
    assert mail.outbox == []
    assert lists.unread_notices(world.ada.user_id, world.account.pk) == 2


def test_who_has_left_the_account_gets_no_mail(world: World, now: datetime) -> None:
    told(world, now)
    world.ada.delete()
    mail_all(now)
    assert mail.outbox == []


def test_the_installation_can_turn_the_mails_off(world: World, now: datetime, settings: Settings) -> None:
    settings.NOTICE_MAILS = False
    told(world, now)
    mail_all(now)
    assert mail.outbox == []
    assert of(world.ada).mail_due_at is None


@contextmanager
def mail_server(settings: Settings, at: Stage, say: Say) -> Iterator[list[Arrival]]:
    """A real one on loopback, that says this at this stage; yields what arrived."""
    arrived: list[Arrival] = []
    loop = asyncio.new_event_loop()

    def advise(stage: Stage, _: str) -> Say | None:
        return say if stage is at else None

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Conversation(reader, writer, advise, arrived.append).hold()

    server = loop.run_until_complete(asyncio.start_server(hold, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    by_smtp(settings, server.sockets[0].getsockname()[1])
    try:
        yield arrived
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


def by_smtp(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False


def test_a_mail_server_that_is_not_there_is_tried_again_later_and_then_given_up(
    world: World, now: datetime, settings: Settings
) -> None:
    by_smtp(settings, free_port())
    told(world, now)
    for pause in BACK_OFF:
        assert mail_all(now) == 1
        assert of(world.ada).mail_due_at == now + pause
        now += pause
    assert mail_all(now) == 1
    reader = of(world.ada)
    assert (reader.mail_due_at, reader.mailed_at, reader.mail_tries) == (None, None, len(BACK_OFF) + 1)
    assert "refused" in reader.mail_failure


def test_a_mail_that_was_refused_is_tried_again(world: World, now: datetime, settings: Settings) -> None:
    told(world, now)
    with mail_server(settings, Stage.RCPT, Say("451 4.7.1 try later")) as arrived:
        assert mail_next(now)
    assert arrived == []
    assert of(world.ada).mail_due_at == now + BACK_OFF[0]


def test_a_mail_that_may_have_arrived_is_not_sent_again(world: World, now: datetime, settings: Settings) -> None:
    """At most once: the line is cut after the whole mail was handed over."""
    told(world, now)
    with mail_server(settings, Stage.DOT, Say(cut=True)):
        assert mail_next(now)
    reader = of(world.ada)
    assert (reader.mail_due_at, reader.mailed_at) == (None, None)
    assert reader.mail_failure.startswith("It may have arrived")
    assert lists.unread_notices(world.ada.user_id, world.account.pk) == 1


def test_the_actor_of_another_account_reads_nothing_here(world: World, now: datetime) -> None:
    told(world, now)
    assert mark_read(replace(world.admin, account_id=world.rival.pk), world.ada.user_id, None, now) == 0
