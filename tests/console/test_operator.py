"""Pages for operators: accounts, the change of a status, and the lists behind it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from allstop.store.models import Account, BillingSetup, Hold, LedgerEntry, StatusChange, StatusReason, StatusType, User
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.rules.test_pictures import PNG
from tests.world import World, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    made = the_cast(timezone.now())
    User.objects.filter(pk=made.dot.user_id).update(is_operator=True)  # of one account a viewer
    return made


@pytest.fixture
def operator(world: World) -> Client:
    return logged_in(world.dot)


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def of(status: str) -> StatusType:
    return StatusType.objects.filter(status=status).order_by("pk")[0]


def test_only_operators_find_these_pages(world: World) -> None:
    """An account's own admin does not; the same for what changes something."""
    admin = logged_in(world.ada)
    account, kind = world.account.pk, of("active").pk
    paths = ["accounts", f"accounts/{account}", f"accounts/{account}/status?type={kind}", "tools/status"]
    paths += [f"accounts/{account}/planned/add"]
    for path in (*paths, "status-types", "status-types/new", f"status-types/{kind}", "status-reasons"):
        assert admin.get(f"/operator/{path}").status_code == 404
        assert admin.post(f"/operator/{path}", {"text": "x", "id": kind}).status_code in (404, 405)
    assert not StatusReason.objects.exists()
    assert "/operator/accounts" not in admin.get("/").content.decode()
    assert "/operator/accounts" in logged_in(world.dot).get("/").content.decode()


def test_accounts_are_found_by_name_and_by_status(world: World, operator: Client) -> None:
    Account.objects.filter(pk=world.rival.pk).update(status_type=of("cancelled"))
    every = words(operator, "/operator/accounts")
    assert "Northgate Dental" in every and "Rival Motors" in every
    found = words(operator, "/operator/accounts?words=moTORs")
    assert "Rival Motors</b>" in found and "Northgate Dental</b></a>" not in found
    assert "Rival Motors</b>" not in words(operator, f"/operator/accounts?type={of('active').pk}")
    assert "Rival Motors</b>" not in words(operator, "/operator/accounts?location=Southgate")
    assert "Nothing matches" in words(operator, f"/operator/accounts?words=moon&type={of('active').pk}")
    assert "Nothing matches" in words(operator, "/operator/accounts?balance=past_due") and "not billed" in every


def test_the_overview_has_whom_to_write_to_and_how_much_is_sent(world: World, operator: Client) -> None:
    texts(world, 3)
    shown = words(operator, f"/operator/accounts/{world.account.pk}")
    assert "<bdi>ada@northgate.example</bdi>" in shown and shown.index("ada@north") < shown.index(world.dot.user.email)
    assert '<dt>Messages waiting</dt><dd class="num">3</dd>' in shown and "<dt>Packages</dt><dd>none</dd>" in shown


def test_statistics_add_up_the_types_that_are_shown(world: World, operator: Client) -> None:
    """002-14, 002-15, TB1."""
    vacation = StatusType.objects.create(name="Vacation", status="suspended")
    StatusType.objects.filter(pk=of("prospect").pk).update(is_counted=False)
    Account.objects.filter(pk=world.account.pk).update(status_type=vacation)
    Account.objects.filter(pk=world.rival.pk).update(status_type=of("suspended"))
    shown = words(operator, "/operator/accounts")
    assert '<div><dt>Suspended</dt><dd class="num">2</dd></div>' in shown
    assert "<dt>Prospect</dt>" not in shown
    StatusType.objects.filter(pk=vacation.pk).update(is_counted=False)
    assert '<div><dt>Suspended</dt><dd class="num">1</dd></div>' in words(operator, "/operator/accounts")


def test_types_are_added_shown_changed_and_deleted(world: World, operator: Client) -> None:
    """002-01, 002-16 to 002-20."""
    said = {"name": "Vacation", "status": "suspended", "image_url": "https://pictures.example/sun.png"}
    answer = operator.post("/operator/status-types/new", {**said, "is_counted": "on", "then": "new"})
    assert answer["Location"] == "/operator/status-types/new"
    made = StatusType.objects.get(name="Vacation")
    Account.objects.filter(pk=world.account.pk).update(status_type=made)
    listed = operator.get("/operator/status-types")
    assert "img-src 'self' data: https://pictures.example;" in listed["Content-Security-Policy"]
    assert 'src="https://pictures.example/sun.png"' in words(operator, f"/operator/accounts/{world.account.pk}")
    wrong = operator.post("/operator/status-types/new", {"name": "vacation", "status": "", "image_url": "http://x"})
    assert wrong.status_code == 422
    assert StatusType.objects.count() == 5
    refused = operator.post("/operator/status-types", {"id": [made.pk, of("cancelled").pk]})
    assert (refused.status_code, "Vacation (1 account)" in refused.content.decode()) == (409, True)
    assert operator.post("/operator/status-types", {}).status_code == 422
    kept = {**said, "status": "active"}
    assert operator.post(f"/operator/status-types/{made.pk}", kept).status_code == 409
    assert operator.post(f"/operator/status-types/{made.pk}", {**said, "name": "Away"})["Location"].endswith("types")
    assert StatusType.objects.get(pk=made.pk).name == "Away"
    assert operator.post("/operator/status-types", {"id": [of("cancelled").pk]}).status_code == 302
    assert StatusType.objects.count() == 4


def test_an_account_is_suspended_planned_and_enabled(world: World, operator: Client) -> None:
    """002-18, 002-21, 002-23, 002-25: the type first, then the options."""
    at = f"/operator/accounts/{world.account.pk}"
    assert "make a list of reasons" in words(operator, at)
    assert operator.post("/operator/status-reasons", {"text": ""}).status_code == 422
    assert operator.post("/operator/status-reasons", {"text": "Past due"}).status_code == 302
    assert f'<option value="{of("prospect").pk}">' not in words(operator, at)
    options = words(operator, f"{at}/status?type={of('suspended').pk}")
    assert "Suspend Northgate Dental" in options and "Prorated: the days in use are billed" in options
    said = {"type": of("suspended").pk, "reason": "Past due", "charge": "prorated", "when": "now"}
    for wrong in ({"reason": ""}, {"charge": ""}, {"when": "date"}, {"when": "date", "on": "2020-01-01"}):
        assert operator.post(f"{at}/status", {**said, **wrong}).status_code == 422
    assert operator.post(f"{at}/status", {**said, "type": "0"}).status_code == 404
    assert operator.post(f"{at}/status", {**said, "type": of("prospect").pk}).status_code == 409
    assert not StatusChange.objects.exists()
    assert operator.post(f"{at}/status", said)["Location"] == at
    assert Hold.objects.get(lifted_at=None).name == "suspended"
    shown = words(operator, at)
    assert "its sending is held, receipt no." in shown.lower()
    assert "Active to <b>Suspended</b>" in shown
    day = (timezone.now() + timedelta(days=40)).date().isoformat()
    enable = {"type": of("active").pk, "reason": "", "charge": "full", "when": "date", "on": day}
    operator.post(f"{at}/status", enable)
    planned = StatusChange.objects.get(state="coming")
    assert "Take back" in words(operator, at)
    assert operator.post(f"{at}/planned/{planned.pk}/take-back").status_code == 302
    operator.post(f"{at}/status", {**enable, "when": "now", "on": ""})
    assert not Hold.objects.filter(lifted_at=None).exists()
    assert operator.post("/operator/status-reasons/delete", {}).status_code == 422
    gone = operator.post("/operator/status-reasons/delete", {"id": StatusReason.objects.get().pk})
    assert (gone.status_code, StatusReason.objects.count()) == (302, 0)


def test_two_changes_are_planned_as_components_edited_and_taken_back(world: World, operator: Client) -> None:
    """002-22: away on a day and back on another; the form keeps what is wrong, and nothing is planned by it."""
    StatusReason.objects.create(text="Asked for it")
    at = f"/operator/accounts/{world.account.pk}"
    away = (timezone.now() + timedelta(days=20)).date()
    said = {"type": of("suspended").pk, "on": away.isoformat(), "reason": "Asked for it", "charge": "none"}
    shown = words(operator, f"{at}/planned/add")
    assert "Change User Status" in shown and f'<option value="{of("prospect").pk}">' not in shown
    for wrong in ({"on": ""}, {"type": ""}, {"reason": ""}, {"on": "2020-01-01"}, {"type": of("prospect").pk}):
        assert operator.post(f"{at}/planned/add", {**said, **wrong}).status_code == 422
    assert not StatusChange.objects.exists()
    assert operator.post(f"{at}/planned/add", said)["Location"] == at
    back = {**said, "type": of("active").pk, "on": (away + timedelta(days=9)).isoformat(), "reason": ""}
    operator.post(f"{at}/planned/add", back)
    first, second = StatusChange.objects.filter(state="coming").order_by("at")
    assert (first.status, second.status, first.charge) == ("suspended", "active", "none")
    edit = words(operator, f"{at}/planned/{second.pk}")
    assert f'value="{back["on"]}"' in edit
    later = {**back, "on": (away + timedelta(days=30)).isoformat()}
    assert operator.post(f"{at}/planned/{second.pk}", later)["Location"] == at
    assert StatusChange.objects.get(pk=second.pk).at == second.at + timedelta(days=21)
    assert operator.get(f"/operator/accounts/{world.rival.pk}/planned/{second.pk}").status_code == 404
    operator.post(f"{at}/planned/{second.pk}/take-back")
    assert operator.post(f"{at}/planned/{second.pk}", later).status_code == 404


def test_several_accounts_are_changed_by_the_tools_page_and_each_is_told(world: World, operator: Client) -> None:
    """002-24."""
    assert "make a list of reasons" in words(operator, "/operator/tools/status")
    StatusReason.objects.create(text="Past due")
    Account.objects.filter(pk=world.rival.pk).update(status_type=of("suspended"))
    ids: list[int] = [world.account.pk, world.rival.pk]
    to: int = of("suspended").pk
    both = f"/operator/tools/status?id={ids[0]}&id={ids[1]}"
    assert operator.get(f"{both}&to=").status_code == 422
    assert operator.get(f"{both}&id=0&to={to}").status_code == 404
    options = operator.get(f"{both}&to={to}").content.decode()
    assert "Suspend 2 accounts" in options and "At the end of the billing period" in options
    said = {"id": ids, "to": to, "reason": "", "charge": "full", "when": "now", "on": ""}
    assert operator.post("/operator/tools/status", said).status_code == 422
    assert not StatusChange.objects.exists()
    told = " ".join(operator.post("/operator/tools/status", {**said, "reason": "Past due"}).content.decode().split())
    assert "To Suspended: 1 changed or planned, 1 refused." in told
    assert "Northgate Dental is Suspended. Its sending is held, receipt no." in told
    assert "The account is Suspended already." in told
    assert Hold.objects.get(account=world.account, lifted_at=None).name == "suspended"


def test_the_history_tells_every_change_and_the_account_as_it_was_on_a_day(world: World, operator: Client) -> None:
    at = f"/operator/accounts/{world.account.pk}"
    StatusReason.objects.create(text="Past due")
    BillingSetup.objects.create(usage_while_suspended=False)
    operator.post(f"{at}/status", {"type": of("suspended").pk, "reason": "Past due", "charge": "none", "when": "now"})
    BillingSetup.objects.update(usage_while_suspended=True)  # of suspensions from then on
    shown = words(operator, f"{at}/history")
    assert "Change status" in shown and "Dot Fontaine" in shown and "Past due" in shown
    assert "active to suspended" in shown
    today = timezone.now().astimezone(ZoneInfo(world.account.zone)).date()
    now = words(operator, f"{at}/history?on={today}")
    assert "<b>Suspended</b>" in now and "suspended, by Dot Fontaine since" in now
    for page in (now, words(operator, at)):
        assert page.split("Usage bills in a bill run</dt>")[1].startswith("<dd>no<")
    Account.objects.filter(pk=world.account.pk).update(created_at=timezone.now() - timedelta(days=3))
    before = words(operator, f"{at}/history?on={today - timedelta(days=1)}")
    assert "<b>Active</b>" in before and "<dt>What stood</dt><dd>nothing</dd>" in before
    assert "did not exist yet" in words(operator, f"{at}/history?on=2020-01-01")
    for day in ("x", "9999-12-31", "0001-01-01"):
        assert operator.get(f"{at}/history?on={day}").status_code == 422
    assert logged_in(world.ada).get(f"{at}/history").status_code == 404


def test_an_uploaded_image_is_shown_as_what_it_is_and_only_to_operators(world: World, operator: Client) -> None:
    """002-16, 002-18: beside an address; by its bytes, whatever it is called."""
    kind = of("suspended")
    at = f"/operator/status-types/{kind.pk}"
    said = {"name": "Suspended", "status": "suspended", "image_url": "", "is_counted": "on"}
    assert operator.get(f"{at}/image").status_code == 404
    for wrong in (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", PNG[:-4], b"x" * 300_000):
        answer = operator.post(at, {**said, "image": SimpleUploadedFile("sun.png", wrong, "image/png")})
        assert answer.status_code == 422
    assert operator.post(at, {**said, "image": SimpleUploadedFile("sun.html", PNG, "text/html")}).status_code == 302
    Account.objects.filter(pk=world.account.pk).update(status_type=kind)
    shown = operator.get(f"{at}/image")
    assert (shown.content, shown["Content-Type"], shown["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    page = operator.get("/operator/accounts")
    assert f'src="{at}/image?v=' in page.content.decode()
    assert "img-src 'self' data:;" in page["Content-Security-Policy"]
    assert logged_in(world.ada).get(f"{at}/image").status_code == 404
    assert operator.post(at, {**said, "drop_image": "on"}).status_code == 302
    assert operator.get(f"{at}/image").status_code == 404
    acts = LedgerEntry.objects.filter(account=None, subject=f"status_type:{kind.pk}").order_by("number")
    assert list(acts.values_list("act", flat=True)) == ["set_status_image", "remove_status_image"]
