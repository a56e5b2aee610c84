"""Files of contacts that an account has handed in, and what was left out of the latest."""

from allstop.store.models import ContactImport, ContactImportProblem

SHOWN = 20


def contact_imports(account_id: int) -> list[ContactImport]:
    """The newest first (contact_import_list)."""
    return list(ContactImport.objects.filter(account_id=account_id).order_by("-pk")[:SHOWN])


def contact_import_left_out(import_id: int, limit: int) -> list[ContactImportProblem]:
    """Parts of rows that were left out although the row was taken (contact_import_problem_list)."""
    found = ContactImportProblem.objects.filter(source_id=import_id, is_refused=False)
    return list(found.order_by("row", "pk")[:limit])
