"""Visits of operators as support: the one that runs, and those that were. support_visit_of_account."""

from datetime import datetime

from allstop.store.models import SupportVisit

MOST_VISITS = 100


def running_visit(user_id: int, visit_id: int, now: datetime) -> SupportVisit | None:
    """None: it was ended, its hour has passed, or the person is no operator any more."""
    found = SupportVisit.objects.select_related("account", "user").filter(
        pk=visit_id, user_id=user_id, ended_at=None, until__gt=now, user__is_operator=True, user__is_active=True
    )
    return found.first()


def support_visits(account_id: int | None) -> list[SupportVisit]:
    """The newest first; of every account for operators (None)."""
    found = SupportVisit.objects.select_related("account").order_by("-began_at", "-pk")
    return list((found if account_id is None else found.filter(account_id=account_id))[:MOST_VISITS])
