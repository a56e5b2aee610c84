"""The demo account is whole, the same every time, and quickly there."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress

from allstop.cli.demo import CONTACTS, load_demo_at
from allstop.cli.sample_people import sample_person
from allstop.rules.markers import MarkerKind
from allstop.rules.reasons import in_words
from allstop.store import ledger
from allstop.store.models import (
    Account,
    Attempt,
    Contact,
    Conversation,
    Group,
    GroupContact,
    Hold,
    Job,
    Lane,
    Lead,
    Marker,
    Member,
    Message,
    OptOut,
    QueueEntry,
    TallyChange,
    User,
)

NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # also loaded at night there must be a demo


def test_the_demo_has_what_the_welcome_promises(db: None, now: datetime) -> None:
    load_demo_at(now)
    account = Account.objects.get()
    assert (account.name, account.zone, account.country) == ("Northgate Dental", "America/New_York", "US")
    assert set(account.locations.values_list("code", flat=True)) == {"NG", "SG"}
    assert dict(Member.objects.values_list("user__email", "role")) == {
        "ada@northgate.example": "admin",
        "ben@northgate.example": "leader",
        "cem@northgate.example": "member",
        "dot@northgate.example": "viewer",
    }
    assert User.objects.get(is_operator=True).name == "Ada Okafor"
    assert all(user.check_password("northgate demo") for user in User.objects.all())
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 4
    assert Contact.objects.count() == CONTACTS == 2000
    assert {"US", "CA", "GB", "DE", "AU"} == set(Contact.objects.values_list("country", flat=True))
    assert not Contact.objects.filter(zones=[]).exists()
    zones = {zone for zones in Contact.objects.values_list("zones", flat=True) for zone in zones}
    assert {"America/New_York", "Pacific/Honolulu", "Europe/London", "Europe/Berlin", "Australia/Sydney"} <= zones
    assert isinstance(ledger.verify(account.pk), int)


def test_there_are_leads_to_work_and_leads_that_were_decided(db: None, now: datetime) -> None:
    load_demo_at(now)
    found = Counter(Lead.objects.values_list("status", flat=True))
    assert (found["new"], found["qualified"], found["unqualified"]) == (5, 6, 5)
    assert Lead.objects.filter(created_at__gt=now).count() == 0
    assert {lead.source for lead in Lead.objects.all()} == {"api", "email", "manual", "file", "text", "call"}


def test_people_have_written_and_wait_in_the_inbox(db: None, now: datetime) -> None:
    load_demo_at(now)
    talks = Conversation.objects.order_by("last_at")
    assert [(one.state, one.unread) for one in talks] == [("open", 1)] * 6 + [("open", 2)]
    assert talks.filter(contact=None).count() == 1
    assert all(one.last_at < now for one in talks)


def test_the_demo_has_groups_markers_and_opt_outs_with_who_and_when(db: None, now: datetime) -> None:
    load_demo_at(now)
    assert set(Group.objects.values_list("name", "is_sales")) == {
        ("Recall 6 months", False),
        ("Spring offers", True),
        ("Newsletter", True),
        ("VIP", False),
    }
    assert {marker.kind for marker in Marker.objects.all()} == {kind.value for kind in MarkerKind}
    assert all(marker.set_by and marker.set_at < now for marker in Marker.objects.all())
    marked = Marker.objects.filter(kind=MarkerKind.STOP_PROMOTIONS).values_list("contact_id", flat=True)
    assert not GroupContact.objects.filter(contact_id__in=marked, group__is_sales=True).exists()
    assert {"text", "email", "call", None} == set(OptOut.objects.values_list("channel", flat=True))


def test_the_demo_has_jobs_of_every_age(db: None, now: datetime) -> None:
    load_demo_at(now)
    assert Job.objects.count() == 5
    counts = Counter(Message.objects.values_list("status", flat=True))
    assert counts["waiting"] > 400
    assert counts["sent"] > 250
    assert min(counts[status] for status in ("failed", "refused", "canceled")) > 0
    waiting = Message.objects.filter(status="waiting")
    assert waiting.filter(use_by__lt=now, created_at__lt=now - timedelta(days=8)).count() > 50
    assert waiting.filter(due_at__lte=now, reason="").exists()
    assert waiting.filter(due_at__gt=now + timedelta(days=1)).exists()
    assert QueueEntry.objects.count() == counts["waiting"]
    assert Attempt.objects.count() == counts["sent"] + counts["failed"]
    tallied: Counter[str] = Counter()
    for change in TallyChange.objects.all():
        tallied[change.status] += change.count
    assert +tallied == counts


def test_the_demo_is_the_same_every_time_and_loads_at_night_too(db: None) -> None:
    load_demo_at(NIGHT)
    first = list(Message.objects.order_by("id").values_list("address", "status", "due_at"))
    Account.objects.update(name="the first")
    assert [sample_person(number) for number in range(50)] == [sample_person(number) for number in range(50)]
    assert len(first) > 800
    assert Lane.objects.filter(is_open=True).count() == 6


def test_nothing_of_the_demo_was_sent_at_night(db: None, now: datetime) -> None:
    load_demo_at(now)
    zone = ZoneInfo(Account.objects.get().zone)
    sent = Message.objects.filter(status="sent").values_list("due_at", flat=True)
    assert {at.astimezone(zone).hour for at in sent} <= {10, 11}


def test_what_the_demo_holds_back_reads_well(db: None, now: datetime) -> None:
    load_demo_at(now)
    held = Hold.objects.get()
    assert in_words(held.name) == "A hold named “price list” stands."
    assert held.reason == "the words name a price that changes soon"


def test_nobody_real_can_be_reached(db: None, now: datetime) -> None:
    load_demo_at(now)
    for address in Message.objects.values_list("address", flat=True):
        fictional = address.endswith("@example.org") or "55501" in address
        reserved = address.startswith(("+447700900", "+4930231", "+61491570"))
        assert fictional or reserved, address
