"""What every page for operators shows beside its own content: the Account Statistics and where else to go.

The rule that it guards: a picture from another host is shown only where its type is, and only as a picture.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.packages import bills_usage_while_suspended
from allstop.console.access import Desk
from allstop.console.frame import page
from allstop.console.security import show_images
from allstop.rules.lifecycle import AREA_WORDS, STATUS_WORDS, AccountStatus, Area, cell_words
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
    ("Tickets", "operator-tickets"),
    ("Support visits", "support-visits"),
    ("Tools: Status", "tools-status"),
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


def badge(of: StatusType, images: Mapping[int, str] | None = None) -> dict[str, str]:
    """How a status is shown: the type's own picture, else one for its back-end status. `images`: what
    lists.status_images() has, read once for a list."""
    icon, tone = ICONS[AccountStatus(of.status)]
    words = STATUS_WORDS[AccountStatus(of.status)]
    return {
        "name": of.name,
        "status": words if words.casefold() != of.name.casefold() else "",
        "icon": icon,
        "tone": tone,
        "image": image_of(of, lists.status_images() if images is None else images),
    }


def image_of(of: StatusType, images: Mapping[int, str]) -> str:
    """Its address: of the uploaded picture, else the one that was typed; "" for none."""
    digest = images.get(of.pk)
    return f"{reverse('status-image', args=[of.pk])}?v={digest[:12]}" if digest else of.image_url


def effects_of(status: AccountStatus, bills_usage: bool | None = None) -> list[tuple[str, str]]:
    """The areas of an account's life, and in words what the status does in each. `bills_usage`: the setting with which
    its suspension began; None: that of now, with which one would begin."""
    said = bills_usage_while_suspended() if bills_usage is None else bills_usage
    return [(AREA_WORDS[area], cell_words(status, area, said)) for area in Area]


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
        "waiting_tickets": lists.open_tickets(),
    }
    answer = page(request, desk, template, context | beside, status=status)
    return show_images(request, answer, images)


def _places(places: Iterable[tuple[str, str]], at: str) -> list[dict[str, object]]:
    return [{"name": name, "url": reverse(to), "current": to == at} for name, to in places]
