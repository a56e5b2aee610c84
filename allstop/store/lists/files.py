"""Files that became jobs or are about to, and the wording that an account has saved."""

from allstop.store.models import Import, Template

SHOWN = 30


def imports(account_id: int) -> list[Import]:
    """The latest, newest first, without their contents (import_list)."""
    found = Import.objects.filter(account_id=account_id).select_related("job").defer("content", "options")
    return list(found.order_by("-created_at", "-pk")[:SHOWN])


def templates(account_id: int) -> list[Template]:
    return list(Template.objects.filter(account_id=account_id).order_by("channel", "name", "pk"))
