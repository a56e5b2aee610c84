"""What every page for operators shows beside its own content: the Account Statistics and where else to go.

The rule that it guards: a picture from another host is shown only where its type is, and only as a picture.
"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.console.access import Desk
from allstop.console.frame import page
from allstop.console.security import show_images
from allstop.rules.lifecycle import STATUS_WORDS, AccountStatus
from allstop.store import lists
from allstop.store.models import StatusType

ICONS = {
    AccountStatus.ACTIVE: ("circle-check", "good"),
    AccountStatus.CANCELLED: ("circle-x", "bad"),
    AccountStatus.SUSPENDED: ("clock-pause", "wait"),
    AccountStatus.PROSPECT: ("eye", "calm"),
}
PLACES = (
    ("Accounts", "operator-accounts"),
    ("Account Status Types", "status-types"),
    ("Account Status Reasons", "status-reasons"),
)
BILLING_PLACES = (
    ("Packages", "packages"),
    ("Bill runs", "bill-runs"),
    ("Invoices", "operator-invoices"),
    ("Missed periods", "missed-periods"),
    ("Billing setup", "billing-setup"),
)


def badge(of: StatusType) -> dict[str, str]:
    """How a status is shown: the type's own picture, else one for its back-end status."""
    icon, tone = ICONS[AccountStatus(of.status)]
    words = STATUS_WORDS[AccountStatus(of.status)]
    return {
        "name": of.name,
        "status": words if words.casefold() != of.name.casefold() else "",
        "icon": icon,
        "tone": tone,
        "image": of.image_url,
    }


def operator_page(  # noqa: PLR0913 - as frame.page
    request: HttpRequest,
    desk: Desk,
    template: str,
    context: dict[str, Any],
    *,
    at: str,
    images: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    beside = {
        "statistics": [(STATUS_WORDS[one.status], one.accounts) for one in lists.account_statistics()],
        "side": _places(PLACES, at),
        "billing_side": _places(BILLING_PLACES, at),
    }
    answer = page(request, desk, template, context | beside, status=status)
    return show_images(request, answer, images)


def _places(places: Iterable[tuple[str, str]], at: str) -> list[dict[str, object]]:
    return [{"name": name, "url": reverse(to), "current": to == at} for name, to in places]
