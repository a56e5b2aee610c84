"""Which rows a form means: ids, or everything up to an id except some (select.js sends `all` and `except`)."""

from dataclasses import dataclass

from django.http import QueryDict

from allstop.actions.actor import NotThere
from allstop.store.lists import open_job_ids


@dataclass(frozen=True, slots=True)
class Selection:
    ids: list[int]
    fields: list[tuple[str, str]]  # what a form carries on, so that the next step means the same rows


def chosen_ids(posted: QueryDict, name: str = "id") -> list[int]:
    return [_id(word) for word in posted.getlist(name)]


def chosen_jobs(account_id: int, posted: QueryDict) -> Selection:
    if posted.get("all") != "1":
        ids = chosen_ids(posted)
        return Selection(ids, [("id", str(one)) for one in ids])
    without = chosen_ids(posted, "except")
    ids = open_job_ids(account_id, without)
    # A job that comes in while the person reads the question was not meant.
    until = _id(posted.get("until", "")) if "until" in posted else max(ids, default=0)
    fields = [("all", "1"), ("until", str(until)), *(("except", str(one)) for one in without)]
    return Selection([one for one in ids if one <= until], fields)


def _id(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) < 19):
        raise NotThere("One of the selected rows does not exist.")
    return int(word)
