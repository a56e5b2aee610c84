"""The recall and contact lists of an account."""

from allstop.store.models import ContactList


def contact_lists(account_id: int) -> list[ContactList]:
    """By name (contact_list_name_once)."""
    return list(ContactList.objects.filter(account_id=account_id).order_by("name"))
