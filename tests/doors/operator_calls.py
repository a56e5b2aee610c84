"""The operations that only an operator's token may call: a call that works for each."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from allstop.actions.actor import Operator
from allstop.actions.status_images import set_image
from allstop.actions.status_plans import plan_change
from allstop.actions.statuses import Wish
from allstop.store.models import Account, StatusReason, StatusType
from tests.rules.test_pictures import PNG

if TYPE_CHECKING:
    from tests.doors.operations import Things

OPS = Operator("Olu", "api")
LATER = "2999-12-24"
PICTURE = base64.b64encode(PNG).decode()


def status_things(account: Account, now: datetime) -> dict[str, int]:
    """Reasons and types are the installation's: whoever comes second finds them."""
    reason, _ = StatusReason.objects.get_or_create(text="Past due")
    spare, _ = StatusType.objects.get_or_create(name="Spare", defaults={"status": "suspended"})
    set_image(OPS, spare.pk, PNG, now)
    suspended = StatusType.objects.get(name="Suspended")
    on = now.date() + timedelta(days=30)
    planned = plan_change(OPS, account.pk, Wish(suspended.pk, reason.text), on, now)
    return {
        "account": account.pk,
        "reason": reason.pk,
        "spare_type": spare.pk,
        "suspended": suspended.pk,
        "planned_status": planned.pk,
    }


def wish(t: "Things", **more: Any) -> dict[str, Any]:
    return {"type_id": t.suspended, "reason": "Past due", **more}


OPERATOR_CALLS: dict[str, Callable[["Things"], tuple[str, str, Any]]] = {
    "list_accounts": lambda t: ("GET", "/operator/accounts?words=north&status=active", None),
    "get_one_account": lambda t: ("GET", f"/operator/accounts/{t.account}", None),
    "account_as_of": lambda t: ("GET", f"/operator/accounts/{t.account}/as-of?at=2999-01-01T00:00:00Z", None),
    "change_statuses": lambda t: (
        "POST",
        "/operator/status-changes",
        wish(t, account_ids=[t.account], when="date", on=LATER),
    ),
    "plan_status": lambda t: ("POST", f"/operator/accounts/{t.account}/planned", wish(t, on=LATER)),
    "change_planned_status": lambda t: (
        "PUT",
        f"/operator/accounts/{t.account}/planned/{t.planned_status}",
        wish(t, on=LATER),
    ),
    "take_back_status": lambda t: ("DELETE", f"/operator/accounts/{t.account}/planned/{t.planned_status}", None),
    "list_status_types": lambda t: ("GET", "/operator/status-types", None),
    "add_status_type": lambda t: ("POST", "/operator/status-types", {"name": "Vacation", "status": "suspended"}),
    "change_status_type": lambda t: (
        "PUT",
        f"/operator/status-types/{t.spare_type}",
        {"name": "Away", "status": "suspended"},
    ),
    "delete_status_type": lambda t: ("DELETE", f"/operator/status-types/{t.spare_type}", None),
    "set_status_image": lambda t: ("PUT", f"/operator/status-types/{t.spare_type}/image", {"content": PICTURE}),
    "get_status_image": lambda t: ("GET", f"/operator/status-types/{t.spare_type}/image", None),
    "remove_status_image": lambda t: ("DELETE", f"/operator/status-types/{t.spare_type}/image", None),
    "list_status_reasons": lambda t: ("GET", "/operator/status-reasons", None),
    "add_status_reason": lambda t: ("POST", "/operator/status-reasons", {"text": "Asked for it"}),
    "delete_status_reason": lambda t: ("DELETE", f"/operator/status-reasons/{t.reason}", None),
    "list_all_tickets": lambda t: ("GET", "/operator/tickets?only_open=true", None),
    "write_to_account": lambda t: (
        "POST",
        f"/operator/accounts/{t.account}/tickets",
        {"subject": "Welcome", "text": "Hello"},
    ),
    "get_any_ticket": lambda t: ("GET", f"/operator/tickets/{t.ticket}", None),
    "answer_any_ticket": lambda t: ("POST", f"/operator/tickets/{t.ticket}/answers", {"text": "For two months"}),
    "close_any_ticket": lambda t: ("POST", f"/operator/tickets/{t.ticket}/close", None),
}
