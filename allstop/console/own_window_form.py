"""The window of one list, as console/parts/own_window.html asks for it."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from allstop.actions.actor import Invalid
from allstop.actions.own_windows import STRAIGHT_AWAY, Proposal, change_of, read_every, read_sessions
from allstop.rules.facts import Channel
from allstop.rules.session_words import session_words

ACCOUNT, AT_ONCE, OWN = "account", "at_once", "own"
WAYS = (
    (ACCOUNT, "As the account is set up"),
    (AT_ONCE, "Straight away, all at once"),
    (OWN, "In other sessions, or at another pace:"),
)


def read(said: QueryDict) -> Proposal | None:
    """Raises Invalid under the name `window`."""
    way = said.get("window", "")
    if way not in (AT_ONCE, OWN):
        return None
    if way == AT_ONCE:
        return STRAIGHT_AWAY
    lines = [line for line in said.get("window_sessions", "").splitlines() if line.strip()]
    every = said.get("window_every", "").strip()
    try:
        minutes = float(every) if every else 0.0
        return Proposal(sessions=read_sessions(lines), every=read_every(minutes, None))
    except ValueError as wrong:
        raise Invalid(window=f"{every!r} is no number of minutes.") from wrong
    except Invalid as wrong:
        raise Invalid(window=" ".join(wrong.problems.values())) from wrong


def shown(
    account_id: int, channel: Channel, chosen: Proposal | None, said: QueryDict | None, problems: Mapping[str, str]
) -> dict[str, Any]:
    """What the part shows: what was typed, else what was chosen, else what the account has on this channel."""
    change = change_of(account_id, channel, chosen or Proposal())
    sessions = change.windows.sessions if change.windows is not None else ()
    every = f"{change.pace.interval.total_seconds() / 60:g}" if change.pace is not None else ""
    way = ACCOUNT if chosen is None else AT_ONCE if chosen.is_straight_away else OWN
    if said is not None and "window" in said:
        way, every = str(said["window"]), said.get("window_every", "")
    lines = "\n".join(map(session_words, sessions))
    return {
        "ways": [{"value": value, "words": words, "chosen": value == way} for value, words in WAYS],
        "sessions": said.get("window_sessions", lines) if said is not None else lines,
        "every": every,
        "problem": problems.get("window", ""),
    }
