"""What is wrong with a setup of sending, and what is allowed but worth a second thought.

Problems keep it from being saved; cautions never do. Both name their place as rules/sending_data.py does. What
providers ask of their own settings is checked where those are known, in actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from allstop.rules.files_out import MOST_MB
from allstop.rules.retry import RING_MINUTES_AT_MOST, RINGS_AT_MOST
from allstop.rules.sending import Settings, rhythm_of, windows_of
from allstop.rules.session_words import session_words
from allstop.rules.windows import MIDNIGHT, Session
from allstop.rules.words import Channel

MOST_SESSIONS = 100
MOST_TIMES = 24
LONGEST_MINUTES = 24 * 60
LONGEST_THRESHOLD = 365
LONGEST_PACE = timedelta(days=7)
CHANNELS = {Channel.EMAIL: "Emails", Channel.TEXT: "Texts", Channel.CALL: "Calls"}

INFLUX = (
    "Texts leave as soon as a list makes them. You decide less about when people answer, and many answers and calls "
    "may come at the same time."
)
PRESET = "Times of the day are not recommended: what is due in between waits for the next one."
OPENS = (
    "Attachments open at once, so nothing looks at them before. Leave this off unless your virus scanner looks at "
    "emails as they come in, and keep it up to date: new viruses come every day."
)
DEAF = (
    "This service sends no receipts and brings no replies: sent is the last that is heard of a text, and a STOP that "
    "somebody writes back does not reach Allstop. Give people another way to say no."
)
HALF_DEAF = "Without a callback address there are no receipts and no replies: a STOP does not reach Allstop."
WAITS = "Emails have no days and times and do not leave by themselves: each waits until somebody presses Send now."


@dataclass(frozen=True, slots=True)
class Caution:
    """What people see as a warning."""

    place: str
    words: str


def problems(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = {}
    for channel in Channel:
        of = settings.of(channel)
        if len(of.sessions) > MOST_SESSIONS:
            found[f"{channel.value}.sessions"] = f"Give at most {MOST_SESSIONS} sessions."
        if of.every > LONGEST_PACE:
            place = "every_minutes" if channel is Channel.TEXT else "per_minute"
            found[f"{channel.value}.{place}"] = "Leave at most a week between two messages."
    checks, backup = settings.checks, settings.backup
    limits = {
        "checks.every_minutes": (
            0 <= checks.every_minutes <= LONGEST_MINUTES,
            f"Give 0 to {LONGEST_MINUTES} minutes; 0 looks all the time.",
        ),
        "checks.at": (len(checks.at) <= MOST_TIMES, f"Give at most {MOST_TIMES} times of the day."),
        "backup.days": (
            backup is None or bool(backup.days),
            "Say on which days the backup begins, or leave the backup out.",
        ),
        "backup.ends": (
            backup is None or backup.starts != backup.ends,
            "A backup must end at another time than it begins.",
        ),
        "text.warn_after_days": (
            1 <= settings.warn_after_days <= LONGEST_THRESHOLD,
            f"Give 1 to {LONGEST_THRESHOLD} days.",
        ),
        "email.attachment_mb": (1 <= settings.attachment_mb <= MOST_MB, f"Give 1 to {MOST_MB} MB."),
        "call.rings": (1 <= settings.rings <= RINGS_AT_MOST, f"Let it ring 1 to {RINGS_AT_MOST} times."),
        "call.ring_minutes": (
            1 <= settings.ring_minutes <= RING_MINUTES_AT_MOST,
            f"Wait 1 to {RING_MINUTES_AT_MOST:,} minutes.",
        ),
    }
    return found | {place: words for place, (is_good, words) in limits.items() if not is_good}


def cautions(settings: Settings, zone: str) -> tuple[Caution, ...]:
    return (*_of_leaving(settings, zone), *_of_checks(settings), *_of_backup(settings, zone))


def _of_leaving(settings: Settings, zone: str) -> list[Caution]:
    found = []
    if settings.email.enabled and not settings.email.immediate and not settings.email.sessions:
        found.append(Caution("email.immediate", WAITS))
    if settings.text.immediate and settings.text.way.provider:
        found.append(Caution("text.immediate", INFLUX))
    if words := not_heard(settings.text.way.provider, settings.text.way.config):
        found.append(Caution("text.provider", words))
    if settings.opens_attachments:
        found.append(Caution("email.opens_attachments", OPENS))
    for channel in Channel:
        of = settings.of(channel)
        schedule = windows_of(rhythm_of(channel, of), of.sessions, zone)
        if of.every and schedule is not None and schedule.sessions:
            lengths = [timedelta(minutes=len(one.minutes_of_week())) for one in schedule.sessions]
            if max(lengths) < of.every:
                words = f"{CHANNELS[channel]} never leave: every session is shorter than the time between two messages."
                found.append(Caution(f"{channel.value}.sessions", words))
    return found


def not_heard(provider: str, config: Mapping[str, object]) -> str:
    """What never comes back from a provider of texts; "": everything does."""
    if provider == "apprise":
        return DEAF
    return HALF_DEAF if provider == "text_api" and not config.get("callback_url") else ""


def _of_checks(settings: Settings) -> list[Caution]:
    at = settings.checks.at
    if not at:
        return []
    found = [Caution("checks.at", PRESET)]
    for channel in (Channel.EMAIL, Channel.TEXT):
        of = settings.of(channel)
        if of.sessions and not (channel is Channel.TEXT and of.immediate):
            outside = [one for one in at if not any(_holds(session, one) for session in of.sessions)]
            if outside:
                times = ", ".join(f"{one:%H:%M}" for one in outside)
                words = f"{times} lies in no session of {CHANNELS[channel].lower()}, so nothing leaves then."
                found.append(Caution("checks.at", words))
    return found


def _holds(session: Session, at: time) -> bool:
    return session.start <= at and (at < session.end or session.end == MIDNIGHT)


def _of_backup(settings: Settings, zone: str) -> list[Caution]:
    """004-07."""
    if settings.backup is None:
        return []
    backup = settings.backup.sessions()
    found = []
    for channel in Channel:
        of = settings.of(channel)
        if not of.enabled or not of.way.provider:
            continue
        schedule = windows_of(rhythm_of(channel, of), of.sessions, zone)
        place = f"{channel.value}.sessions"
        if schedule is None:
            words = f"{CHANNELS[channel]} may leave at any time, also during the backup."
            found.append(Caution(place, f"{words} Choose days and times that keep clear of it."))
            continue
        for session in schedule.sessions:
            if any(overlap(session, other) for other in backup):
                words = f"{CHANNELS[channel]}: {session_words(session)} overlaps the backup."
                found.append(Caution(place, f"{words} Messages may wait or fail then."))
    return found


def overlap(one: Session, other: Session) -> bool:
    a, b = one.minutes_of_week(), other.minutes_of_week()
    return a.start < b.stop and b.start < a.stop
