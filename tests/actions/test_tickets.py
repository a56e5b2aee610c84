"""Tickets between an account and the operators, and the email that tells of them, status by status."""

from datetime import datetime, timedelta

import pytest
from django.test import override_settings

from allstop.actions.accounts import create_account
from allstop.actions.actor import Actor, Forbidden, Invalid, NotThere, Operator
from allstop.actions.status_types import add_reason
from allstop.actions.statuses import Wish, change_status
from allstop.actions.switch import stop_account
from allstop.actions.tickets import (
    account_of_ticket,
    answer_ticket,
    close_ticket,
    open_ticket,
    ticket_of,
)
from allstop.rules.lifecycle import AccountStatus, Area, does
from allstop.rules.roles import Role
from allstop.store import ledger, lists
from allstop.store.models import (
    Account,
    LedgerEntry,
    Member,
    Message,
    NoticeReader,
    Side,
    StatusType,
    Ticket,
    TicketMessage,
    User,
)
from tests.world import World

OPS = Operator("Olu (operator)", "console")


def emails(account: Account) -> list[Message]:
    return list(Message.objects.filter(account_id=account.pk, channel="email").order_by("id"))


def test_an_admin_writes_the_operators_answer_and_either_side_closes(world: World, now: datetime) -> None:
    """Each new message is told to the other side only; the words stand in no notice, email or ledger."""
    User.objects.filter(pk=world.rae.user_id).update(is_operator=True)
    made = open_ticket(world.admin, world.account.pk, "  Our  invoice ", "Why 40 euros?\n\nSee June.", now).ticket
    assert (made.subject, made.state, made.last_side) == ("Our invoice", "open", Side.ACCOUNT)
    told = NoticeReader.objects.get()
    assert (told.user_id, told.account, told.notice.url) == (world.rae.user_id, None, f"/operator/tickets/{made.pk}")
    assert (emails(world.account), lists.open_tickets()) == ([], 1)

    assert account_of_ticket(OPS, made.pk) == world.account.pk
    answer_ticket(OPS, world.account.pk, made.pk, "It was for two months.", now + timedelta(hours=1))
    (mail,) = emails(world.account)
    assert (mail.address, mail.purpose, mail.status) == ("ada@northgate.example", "service", "waiting")
    assert f"/help/tickets/{made.pk}" in mail.body
    notice = NoticeReader.objects.get(account=world.account)
    assert (notice.user_id, notice.mail_due_at) == (world.ada.user_id, None)  # one email, not two
    (row,) = lists.tickets(None, only_open=True)
    assert (row.waits_for, row.messages, row.account, lists.open_tickets()) == (Side.ACCOUNT, 2, "Northgate Dental", 0)
    assert [one.text for one in lists.ticket_messages(world.account.pk, made.pk)] == [
        "Why 40 euros?\n\nSee June.",
        "It was for two months.",
    ]
    said = "".join(str(row) for row in LedgerEntry.objects.values_list()) + mail.body + notice.notice.body
    assert "euros" not in said and "months" not in said and "invoice" not in said

    for _ in range(2):
        assert close_ticket(world.admin, world.account.pk, made.pk, now).closed_by == "Ada Okafor"
    assert lists.tickets(None, only_open=True) == []
    answer_ticket(world.admin, world.account.pk, made.pk, "Thank you", now)
    assert (Ticket.objects.get().state, Ticket.objects.get().closed_by) == ("open", "")
    acts = LedgerEntry.objects.filter(account=world.account, subject=f"ticket:{made.pk}").order_by("number")
    assert list(acts.values_list("act", flat=True)) == ["open_ticket", "answer_ticket", "close_ticket", "answer_ticket"]
    assert isinstance(ledger.verify(world.account.pk), int)


@pytest.mark.parametrize("status", AccountStatus)
@override_settings(NOTICE_MAILS=True)
def test_the_email_goes_out_in_every_status_by_one_road(world: World, now: datetime, status: AccountStatus) -> None:
    """002-13, TB6, and the row of the matrix: through the gate from an active account and a prospect; where the
    account's own lanes are closed, the notice is mailed."""
    assert does(status, Area.TICKET_EMAILS)
    made = create_account("Harbour Vets", "UTC", "GB", now, status=AccountStatus.PROSPECT)
    Member.objects.create(account=made, user=world.ben.user, role=Role.ADMIN.value)
    if status is not AccountStatus.PROSPECT:
        add_reason(OPS, "Past due", now)
        change_status(OPS, made.pk, Wish(StatusType.objects.get(status=status).pk, "Past due"), now)
    open_ticket(OPS, made.pk, "Welcome", "Shall we set you up?", now)
    notice = NoticeReader.objects.get(account=made)
    by_gate = status in (AccountStatus.ACTIVE, AccountStatus.PROSPECT)
    assert (notice.user_id, notice.mail_due_at) == (world.ben.user_id, None if by_gate else now)
    mails = emails(made)
    assert [mail.address for mail in mails] == (["ben@northgate.example"] if by_gate else [])
    for mail in mails:
        answer = lists.why(made.pk, mail.id, now)
        assert answer is not None
        assert answer.verdict == "send", answer.words


def test_a_stopped_account_holds_the_email_and_the_bell_tells(world: World, now: datetime) -> None:
    stop_account(world.leader, "fire drill", now)
    open_ticket(OPS, world.account.pk, "Welcome", "Hello", now)
    answer = lists.why(world.account.pk, emails(world.account)[0].id, now)
    assert answer is not None and answer.verdict == "hold"
    assert NoticeReader.objects.filter(user=world.ada.user_id, read_at=None).count() == 1


def test_nobody_else_reads_or_writes_and_what_is_wrong_changes_nothing(world: World, now: datetime) -> None:
    mine = open_ticket(world.admin, world.account.pk, "Ours", "Hello", now).ticket
    before = list(Ticket.objects.values()), list(TicketMessage.objects.values())

    def each(by: Actor, account_id: int, refused: type[Exception]) -> None:
        for act in (
            lambda: open_ticket(by, account_id, "x", "x", now),
            lambda: answer_ticket(by, account_id, mine.pk, "x", now),
            lambda: close_ticket(by, account_id, mine.pk, now),
            lambda: ticket_of(by, account_id, mine.pk),
        ):
            with pytest.raises(refused):
                act()

    for by in (world.leader, world.member, world.viewer):
        each(by, world.account.pk, Forbidden)
    each(world.stranger, world.account.pk, NotThere)
    with pytest.raises(NotThere):
        ticket_of(world.stranger, world.rival.pk, mine.pk)
    with pytest.raises(NotThere):
        open_ticket(OPS, 0, "x", "x", now)
    with pytest.raises(Invalid) as wrong:
        open_ticket(world.admin, world.account.pk, " ", "x" * 10_001, now)
    assert set(wrong.value.problems) == {"subject", "text"}
    with pytest.raises(Invalid):
        answer_ticket(OPS, world.account.pk, mine.pk, "  ", now)
    assert (list(Ticket.objects.values()), list(TicketMessage.objects.values())) == before
