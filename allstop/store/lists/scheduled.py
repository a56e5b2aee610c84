"""Scheduled stops of an account, with those of the whole installation."""

from datetime import datetime, timedelta

from django.db.models import Q

from allstop.store.models import Plan, ScheduledStop

SHOWN_AFTER = timedelta(days=30)  # how long one that is over stays in the list


def scheduled_stops(account_id: int, now: datetime) -> list[ScheduledStop]:
    """Those that come or stand by their time, then the past ones, the newest first."""
    mine = ScheduledStop.objects.filter(Q(account_id=account_id) | Q(account=None)).select_related("location")
    open_ones = mine.filter(state__in=(Plan.COMING, Plan.STANDING)).order_by("starts_at", "pk")
    past = mine.exclude(state__in=(Plan.COMING, Plan.STANDING)).filter(ends_at__gte=now - SHOWN_AFTER)
    return [*open_ones, *past.order_by("-starts_at", "-pk")[:50]]


def what_is_stopped(one: ScheduledStop) -> str:
    """In words, as the list of what stands has it."""
    if one.account_id is None:
        return "Every account of the installation"
    if one.location is not None:
        return f"The location {one.location.name}"
    return {"text": "Texts", "call": "Calls", "email": "Emails", None: "The whole account"}[one.channel]
