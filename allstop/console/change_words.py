"""Bulk changes of contacts in words: what is about to happen, and what has."""

from dataclasses import dataclass

from allstop.store.models import BulkChange, ChangeKind, ChangeState

MARKER_WORDS = {"flag": "Flag", "stop_all": "Stop All", "stop_promotions": "Stop Promotions"}


def kind_words(marker: str) -> str:
    return MARKER_WORDS[marker]


@dataclass(frozen=True, slots=True)
class Words:
    heading: str  # {} is "12 contacts"
    button: str
    icon: str
    colour: str  # of the dialog
    paragraphs: tuple[str, ...]
    done: str  # {} is "12 contacts"
    refused: str = ""  # of those who were refused; {} is their number


# Asked first, also for one contact
ASKED = frozenset({ChangeKind.DELETE, ChangeKind.OK_FOR_SALES})

_UNDO = "You can undo this for ten minutes."
WORDS: dict[ChangeKind, Words] = {
    ChangeKind.FLAG: Words(
        "Flag {}",
        "Flag",
        "flag",
        "",
        ("A flag means what your team wants it to mean. It never stops a message.", _UNDO),
        "Flagged {}.",
    ),
    ChangeKind.UNFLAG: Words("Take the flag off {}", "Take flags off", "flag", "", (_UNDO,), "Took the flag off {}."),
    ChangeKind.STOP_ALL: Words(
        "Stop All for {}",
        "Stop All",
        "hand-stop",
        "bad",
        ("Nothing goes out to them any more, whatever waits already, until somebody marks them OK to Send.", _UNDO),
        "Stop All is in force for {}.",
    ),
    ChangeKind.OK_TO_SEND: Words(
        "OK to Send to {}",
        "OK to Send",
        "check",
        "wait",
        (
            "This takes away the Stop All that your team has set.",
            "Whoever has opted out by their own word stays opted out: only they can take that back.",
            _UNDO,
        ),
        "OK to Send again: {}.",
        "{} opted out by their own word, which only they can take back.",
    ),
    ChangeKind.STOP_PROMOTIONS: Words(
        "Stop Promotions for {}",
        "Stop Promotions",
        "currency-dollar-off",
        "wait",
        (
            "They leave every sales group and are skipped in sends to six or more. Personal texts still reach them.",
            "Put yourself, your colleagues and all employees in Stop Promotions too.",
            _UNDO,
        ),
        "Stop Promotions is in force for {}.",
    ),
    ChangeKind.OK_FOR_SALES: Words(
        "OK to put {} into Sales Groups",
        "OK to put into Sales Groups",
        "check",
        "wait",
        (
            "Never do this, except when the number now belongs to a new customer who asks to be in a sales group.",
            "It adds nobody to a group.",
            _UNDO,
        ),
        "OK to put into Sales Groups: {}.",
    ),
    ChangeKind.ASSIGN: Words("Assign {} to %s", "Assign", "user", "", (_UNDO,), "Assigned {}."),
    ChangeKind.ADD_TO_GROUP: Words(
        "Add {} to %s",
        "Add to group",
        "users-group",
        "",
        (_UNDO,),
        "Added {} to the group.",
        "{} not added: they have Stop Promotions and this is a sales group.",
    ),
    ChangeKind.REMOVE_FROM_GROUP: Words(
        "Remove {} from %s", "Remove from group", "users-group", "", (_UNDO,), "Removed {} from the group."
    ),
    ChangeKind.DELETE: Words(
        "Delete {}",
        "Delete",
        "trash",
        "bad",
        (
            "They leave the Phonebook. A search still finds them, with their messages, and can bring them back.",
            "Messages that wait for them still leave: choose Stop All to prevent that. What is set on them stays set.",
            _UNDO,
        ),
        "Deleted {} from the Phonebook.",
    ),
    ChangeKind.RESTORE: Words(
        "Bring back {}", "Bring back", "arrow-back-up", "", (_UNDO,), "Brought {} back into the Phonebook."
    ),
    ChangeKind.UNDO: Words(
        "Undo", "Undo", "arrow-back-up", "", (), "Undone for {}.", "{} not: somebody has changed them since."
    ),
}


def asked_words(kind: ChangeKind, what: str) -> Words:
    found = WORDS[kind]
    if "%s" not in found.heading:
        return found
    return Words(
        found.heading.replace("%s", what), found.button, found.icon, found.colour, found.paragraphs, found.done
    )


def done_words(change: BulkChange) -> str:
    words = WORDS[ChangeKind(change.kind)]
    if change.state in (ChangeState.QUEUED, ChangeState.RUNNING):
        return f"{words.button}: {change.done:,} of {change.total:,} contacts are done."
    if change.state == ChangeState.CONFIRMING:
        return f"{words.button}: written for {contacts(change.changed)}; waiting for the workers."
    parts = [words.done.format(contacts(change.changed))] if change.changed else []
    unchanged = change.done - change.changed - change.refused
    if unchanged and change.kind != ChangeKind.UNDO:
        parts.append(f"{unchanged:,} {'was' if unchanged == 1 else 'were'} so already.")
    if change.refused:
        parts.append(words.refused.format(f"{change.refused:,}"))
    if change.state == ChangeState.FAILED:
        parts.append(change.failure)
    return " ".join(parts) or "Nothing was changed."


def contacts(number: int) -> str:
    return f"{number:,} contact{'' if number == 1 else 's'}"
