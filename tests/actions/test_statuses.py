"""Account status types, reasons, and changing the status of an account: now, or on a date."""

from datetime import UTC, date, datetime, timedelta

import pytest

from allstop.actions.accounts import create_account
from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.status_plans import plan_change, take_back
from allstop.actions.status_types import add_reason, delete_reasons, delete_types, save_type
from allstop.actions.statuses import LEFT_ALONE, Wish, change_status, lift_old_holds, run_status_changes
from allstop.actions.switch import is_stopped, stop_account
from allstop.dispatch import upkeep
from allstop.rules.holds import HOLD_EFFECTS
from allstop.rules.leads import LeadSource
from allstop.rules.lifecycle import HOLD_OF, AccountStatus
from allstop.rules.proration import Charge
from allstop.store import ledger
from allstop.store.models import (
    Account,
    ChangeOf,
    Hold,
    Lane,
    LedgerEntry,
    NoticeReader,
    QueueEntry,
    StatusChange,
    StatusReason,
    StatusType,
    Stop,
    User,
)
from tests.world import World, texts

OPS = Operator("Olu (operator)", "console")
ACTIVE, CANCELLED, SUSPENDED, PROSPECT = AccountStatus
PAST_DUE = "Past due"


@pytest.fixture
def reasons(world: World, now: datetime) -> None:
    add_reason(OPS, PAST_DUE, now)


def of(status: AccountStatus) -> StatusType:
    return StatusType.objects.filter(status=status).order_by("pk")[0]


def wish(status: AccountStatus, reason: str = PAST_DUE) -> Wish:
    return Wish(of(status).pk, reason)


def standing(world: World) -> list[str]:
    return list(
        Hold.objects.filter(account=world.account, lifted_at=None).order_by("name").values_list("name", flat=True)
    )


def open_lanes(world: World) -> int:
    return Lane.objects.filter(account_id=world.account.pk, is_open=True).count()


def test_four_types_exist_with_the_first_account_and_a_new_account_is_active(world: World) -> None:
    """002-02, 002-04."""
    assert list(StatusType.objects.order_by("pk").values_list("name", "status")) == [
        ("Active", "active"),
        ("Cancelled", "cancelled"),
        ("Suspended", "suspended"),
        ("Prospect", "prospect"),
    ]
    assert world.account.status_type.name == "Active"


def test_types_are_added_changed_and_what_is_wrong_is_said_field_by_field(world: World, now: datetime) -> None:
    """002-16, 002-17, TB1."""
    made = save_type(OPS, None, "  Vacation ", "suspended", "https://pictures.example/sun.png", False, now)
    assert (made.name, made.status, made.is_counted) == ("Vacation", "suspended", False)
    for name, status, url, faults in (
        ("", "", "", {"name", "status"}),
        ("vacation", "active", "", {"name"}),
        ("A", "gone", "javascript:alert(1)", {"status", "image_url"}),
        ("B", "active", "https://user@pictures.example/x.png", {"image_url"}),
        ("C", "active", "https://pictures.example;img-src *", {"image_url"}),
        ("C", "active", "https://pictures..example/x.png", {"image_url"}),
        ("D" * 61, "active", "", {"name"}),
    ):
        with pytest.raises(Invalid) as wrong:
            save_type(OPS, None, name, status, url, True, now)
        assert set(wrong.value.problems) == faults
    assert StatusType.objects.count() == 5
    changed = save_type(OPS, made.pk, "Holiday", "cancelled", "", True, now)
    assert StatusType.objects.get(pk=made.pk).name == changed.name == "Holiday"
    entry = LedgerEntry.objects.filter(account=None, act="save_status_type").latest("number")
    assert entry.before is not None
    assert (entry.before["name"], entry.after and entry.after["name"], entry.by) == ("Vacation", "Holiday", OPS.name)


def test_a_type_in_use_is_not_deleted_and_keeps_its_status(world: World, reasons: None, now: datetime) -> None:
    """002-20, TB2: several at once, all or none; the count is said."""
    vacation = save_type(OPS, None, "Vacation", "suspended", "", True, now)
    spare = save_type(OPS, None, "Spare", "active", "", True, now)
    plan_change(OPS, world.account.pk, Wish(vacation.pk, PAST_DUE), now.date() + timedelta(9), now)
    with pytest.raises(Conflict, match=r"Active \(2 accounts\), Vacation \(1 planned change\)"):
        delete_types(OPS, [of(ACTIVE).pk, vacation.pk, spare.pk], now)
    with pytest.raises(Conflict, match="in use by 2 accounts"):
        save_type(OPS, of(ACTIVE).pk, "Active", "suspended", "", True, now)
    with pytest.raises(Invalid, match="Tick"):
        delete_types(OPS, [], now)
    assert StatusType.objects.count() == 6
    assert delete_types(OPS, [spare.pk, of(CANCELLED).pk], now) == 2
    Account.objects.update(status_type=vacation)
    with pytest.raises(Conflict, match="keep one"):
        delete_types(OPS, [of(ACTIVE).pk], now)


def test_reasons_are_a_list_and_nothing_changes_without_one(world: World, now: datetime) -> None:
    """002-21, TB7."""
    with pytest.raises(Conflict, match="Make a list of reasons first"):
        change_status(OPS, world.account.pk, wish(ACTIVE, ""), now)
    add_reason(OPS, "Past  due", now)
    for wrong in ("", "past due", "x" * 121):
        with pytest.raises(Invalid):
            add_reason(OPS, wrong, now)
    for status, reason in ((SUSPENDED, ""), (CANCELLED, ""), (SUSPENDED, "I felt like it")):
        with pytest.raises(Invalid, match="reason"):
            change_status(OPS, world.account.pk, wish(status, reason), now)
    assert world.account.status_type == Account.objects.get(pk=world.account.pk).status_type
    assert not StatusChange.objects.exists()
    assert delete_reasons(OPS, list(StatusReason.objects.values_list("pk", flat=True)), now) == 1


def test_suspending_stops_sending_with_a_receipt_and_enabling_lifts_only_its_own_hold(
    world: World, reasons: None, now: datetime
) -> None:
    """002-08, 002-09, TB5; the same receipt as STOP."""
    texts(world, 3)
    stop_account(world.member, "wrong file", now)
    made = change_status(OPS, world.account.pk, wish(SUSPENDED), now)
    assert made.receipt is not None
    assert (made.receipt.by, made.receipt.reason, made.receipt.effective_at) == (OPS.name, PAST_DUE, now)
    assert Stop.objects.filter(pk=made.receipt.number, is_lift=False).exists()
    assert standing(world) == ["stopped", "suspended"]
    assert set(Hold.objects.get(name="suspended").blocks) == HOLD_EFFECTS["suspended"]
    assert open_lanes(world) == 0
    later = now + timedelta(hours=1)
    enabled = change_status(OPS, world.account.pk, wish(ACTIVE, ""), later)
    assert (enabled.receipt, enabled.change.is_lifting) == (None, False)
    assert standing(world) == ["stopped"]
    assert open_lanes(world) == 0
    assert is_stopped(world.account.pk)
    assert QueueEntry.objects.filter(account_id=world.account.pk).count() == 3
    assert isinstance(ledger.verify(world.account.pk), int)


def test_each_status_brings_its_hold_and_the_ledger_says_before_and_after(
    world: World, reasons: None, now: datetime
) -> None:
    """002-03, 002-06: from cancelled it is enabled again."""
    for hours, status in enumerate((SUSPENDED, CANCELLED, SUSPENDED, ACTIVE), start=1):
        at = now + timedelta(hours=hours)
        change_status(OPS, world.account.pk, wish(status), at)
        assert standing(world) == [name for name in [HOLD_OF[status]] if name]
        assert open_lanes(world) == (6 if status is ACTIVE else 0)
    entries = LedgerEntry.objects.filter(account=world.account, act="change_status").order_by("number")
    told = [(one.before and one.before["status"], one.after and one.after["status"], one.reason) for one in entries]
    assert told == [
        ("active", "suspended", PAST_DUE),
        ("suspended", "cancelled", PAST_DUE),
        ("cancelled", "suspended", PAST_DUE),
        ("suspended", "active", PAST_DUE),
    ]
    assert standing(world) == []


def test_a_cancelled_account_takes_in_no_leads_and_a_suspended_one_does(
    world: World, reasons: None, now: datetime
) -> None:
    """A pause and a status refuse in the same way."""
    lead = NewLead(source=LeadSource.MANUAL, given_name="Lea", phone="+12125550188")
    change_status(OPS, world.account.pk, wish(CANCELLED), now)
    assert not create_lead(world.admin, lead, now).is_created
    change_status(OPS, world.account.pk, wish(SUSPENDED), now)
    assert create_lead(world.admin, lead, now).is_created


def test_two_types_over_one_status_share_the_hold(world: World, reasons: None, now: datetime) -> None:
    vacation = save_type(OPS, None, "Vacation", "suspended", "", True, now)
    change_status(OPS, world.account.pk, wish(SUSPENDED), now)
    made = change_status(OPS, world.account.pk, Wish(vacation.pk, PAST_DUE), now)
    assert made.receipt is None
    assert standing(world) == ["suspended"]
    with pytest.raises(Conflict, match="Vacation already"):
        change_status(OPS, world.account.pk, Wish(vacation.pk, PAST_DUE), now)


def test_nothing_returns_to_prospect(world: World, reasons: None, now: datetime) -> None:
    """002-12, TB3: refused at once, and when it is planned."""
    with pytest.raises(Conflict, match="cannot become a prospect again"):
        change_status(OPS, world.account.pk, wish(PROSPECT), now)
    with pytest.raises(Conflict, match="cannot become a prospect again"):
        plan_change(OPS, world.account.pk, wish(PROSPECT), now.date() + timedelta(3), now)
    with pytest.raises(NotThere):
        change_status(OPS, 0, wish(SUSPENDED), now)
    assert not StatusChange.objects.exists()


def test_a_prospect_is_held_from_its_first_moment(world: World, now: datetime) -> None:
    """002-11."""
    made = create_account("Harbour Vets", "Europe/London", "GB", now, status=PROSPECT)
    assert made.status_type.status == PROSPECT
    assert list(Hold.objects.filter(account=made).values_list("name", flat=True)) == ["prospect"]
    emails = Lane.objects.filter(account_id=made.pk, is_open=True).values_list("channel", flat=True)
    assert set(emails) == {"email"}  # for service emails; the gate holds the others


def test_what_was_planned_runs_in_its_order_also_after_downtime(world: World, reasons: None, now: datetime) -> None:
    """002-22, TB13: on its date in the account's zone, with its own effective date, and then off the list."""
    first, second = now.date() + timedelta(3), now.date() + timedelta(9)
    plan_change(OPS, world.account.pk, Wish(of(ACTIVE).pk, "", Charge.FULL), second, now)
    plan_change(OPS, world.account.pk, wish(SUSPENDED), first, now)
    midnight = datetime(2026, 11, 26, 5, tzinfo=UTC)  # in New York
    assert run_status_changes(midnight - timedelta(seconds=1)) == 0
    assert run_status_changes(midnight) == 1
    assert standing(world) == ["suspended"]
    assert run_status_changes(midnight + timedelta(days=30)) == 1
    assert standing(world) == []
    done = list(StatusChange.objects.order_by("at").values_list("state", "at", "old_status", "status", "charge"))
    assert done == [
        ("done", midnight, "active", "suspended", "prorated"),
        ("done", midnight + timedelta(days=6), "suspended", "active", "full"),
    ]
    assert run_status_changes(midnight + timedelta(days=31)) == 0


def test_an_off_on_pair_that_was_slept_through_leaves_the_account_as_planned(
    world: World, reasons: None, now: datetime
) -> None:
    plan_change(OPS, world.account.pk, wish(SUSPENDED), now.date() + timedelta(3), now)
    plan_change(OPS, world.account.pk, wish(ACTIVE), now.date() + timedelta(4), now)
    assert run_status_changes(now + timedelta(days=9)) == 2
    assert Account.objects.get(pk=world.account.pk).status_type == of(ACTIVE)
    assert (standing(world), open_lanes(world)) == ([], 6)


def test_a_planned_change_that_is_not_allowed_any_more_is_refused_and_told(
    world: World, reasons: None, now: datetime
) -> None:
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    plan_change(OPS, world.account.pk, wish(ACTIVE), now.date() + timedelta(3), now)
    assert run_status_changes(now + timedelta(days=9)) == 1
    refused = StatusChange.objects.get()
    assert (refused.state, refused.words) == (ChangeOf.REFUSED, "The account is Active already.")
    assert NoticeReader.objects.get(user=world.ada.user_id).notice.subject.endswith("was refused")


def test_a_planned_change_is_for_a_later_day_and_can_be_taken_back(world: World, reasons: None, now: datetime) -> None:
    with pytest.raises(Invalid, match="after today"):
        plan_change(OPS, world.account.pk, wish(SUSPENDED), date(2026, 11, 23), now)
    planned = plan_change(OPS, world.account.pk, wish(SUSPENDED), date(2026, 11, 24), now)
    with pytest.raises(NotThere):
        take_back(OPS, world.rival.pk, planned.pk, now)
    for _ in range(2):
        assert take_back(OPS, world.account.pk, planned.pk, now).state == ChangeOf.CANCELLED
    assert run_status_changes(now + timedelta(days=9)) == 0
    change_status(OPS, world.account.pk, wish(SUSPENDED), now)
    with pytest.raises(Conflict, match="over already"):
        take_back(OPS, world.account.pk, StatusChange.objects.latest("pk").pk, now)


def test_what_a_dead_process_left_to_lift_a_worker_lifts(world: World, reasons: None, now: datetime) -> None:
    change_status(OPS, world.account.pk, wish(SUSPENDED), now)
    Account.objects.filter(pk=world.account.pk).update(status_type=of(ACTIVE))  # it died right after the commit
    StatusChange.objects.update(is_lifting=True)
    later = now + LEFT_ALONE + timedelta(seconds=1)
    run_status_changes(now)  # it may be at it still
    assert standing(world) == ["suspended"]
    run_status_changes(later)
    assert (standing(world), StatusChange.objects.filter(is_lifting=True).exists()) == ([], False)
    lift_old_holds(world.account.pk, later)
    assert "statuses" in upkeep.Due._fields
