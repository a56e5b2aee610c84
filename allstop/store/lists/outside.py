"""What stops without a log-in: emergency links, and phones that may stop."""

from django.db.models import QuerySet

from allstop.store.models import StopLink, StopPhone


def stop_links(account_id: int | None) -> list[StopLink]:
    """Of an account, or those of the whole installation; also those that are used or revoked, the newest first."""
    return list(links_of(account_id).order_by("-made_at", "-pk"))


def links_of(account_id: int | None) -> QuerySet[StopLink]:
    every = StopLink.objects.all()
    return every.filter(account__isnull=True) if account_id is None else every.filter(account_id=account_id)


def stop_phones(account_id: int) -> list[StopPhone]:
    found = StopPhone.objects.filter(member__account_id=account_id).select_related("member__user")
    return list(found.order_by("member__user__name", "pk"))
