"""The files of an email that is being written: those that a page names by their ids, and those just chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from allstop.actions.actor import Invalid
from allstop.actions.attachments import most_mb, upload
from allstop.console.access import Desk
from allstop.rules.files_out import MEGABYTE, MOST_MB
from allstop.store import lists
from allstop.store.models import Template

READ = MOST_MB * MEGABYTE + 1  # bytes of one file: more is refused whatever it is


@dataclass(frozen=True, slots=True)
class Taken:
    ids: tuple[int, ...]
    problems: tuple[str, ...] = ()  # why a file was not taken, in words


NOTHING = Taken(())


def taken(desk: Desk, request: HttpRequest, now: datetime) -> Taken:
    """What the form names, without what it takes out, and the files that came with it, which are kept now."""
    gone = request.POST.get("detach", "")
    named = [words for words in request.POST.getlist("attachment") if words.isdecimal() and len(words) < 19]
    there = lists.attachments(desk.account_id, [int(words) for words in dict.fromkeys(named) if words != gone])
    ids = [one.id for one in there]
    problems: list[str] = []
    for file in request.FILES.getlist("file"):
        try:
            ids.append(upload(desk.actor, file.name or "", file.read(READ), now).id)
        except Invalid as wrong:
            problems += wrong.problems.values()
    return Taken(tuple(ids), tuple(problems))


def attached(account_id: int, ids: Sequence[int], problems: Sequence[str] = ()) -> dict[str, Any]:
    """What parts/attach.html and parts/attached.html are drawn from."""
    return {
        "attached": lists.attachments(account_id, ids),
        "attached_problems": problems,
        "most_mb": most_mb(account_id),
    }


@dataclass(frozen=True, slots=True)
class WordingWithFiles:
    template: Template
    files: str  # ids with a space between them

    @property
    def number(self) -> int:
        return len(self.files.split())


def with_files(account_id: int, templates: Sequence[Template]) -> list[WordingWithFiles]:
    found = lists.attachments_in_sets(account_id, [one.attachment_set_id for one in templates])
    return [WordingWithFiles(one, " ".join(map(str, found.get(one.attachment_set_id, ())))) for one in templates]
