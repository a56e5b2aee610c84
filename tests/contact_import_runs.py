"""The way of a file of contacts into the Phonebook, for tests."""

from dataclasses import replace

from allstop.actions import contact_imports
from allstop.actions.actor import Actor
from allstop.actions.contact_import_options import options_from_json
from allstop.actions.contact_import_run import run_here
from allstop.store.models import ContactImport, ContactImportProblem
from tests.world import World

HEADER = "First name,Last name,Phone,Email,Own ID"


def uploaded(world: World, text: str | bytes, name: str = "people.csv", actor: Actor | None = None) -> ContactImport:
    content = text.encode() if isinstance(text, str) else text
    return contact_imports.upload(actor or world.member, name, [content], world.now)


def imported(
    world: World, text: str | bytes, name: str = "people.csv", *, overwrite: bool = False, actor: Actor | None = None
) -> ContactImport:
    who = actor or world.member
    source = uploaded(world, text, name, who)
    if overwrite:
        options = replace(options_from_json(source.options), overwrite=True)
        contact_imports.configure(who, source.pk, options, world.now)
    contact_imports.confirm(who, source.pk, world.now)
    return run_here(source.pk)


def people(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def refused(source: ContactImport) -> list[tuple[int, str]]:
    found = ContactImportProblem.objects.filter(source=source, is_refused=True).order_by("row")
    return list(found.values_list("row", "problem"))


def numbers(source: ContactImport) -> tuple[int, int, int, int]:
    """Rows: added, completed, unchanged, refused."""
    return source.added, source.completed, source.unchanged, source.refused
