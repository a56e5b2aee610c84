"""The template tags of the console: icons, fields, states, times and counts, drawn the same way on every screen.

A name that is not known here (an icon, a channel, a state) raises instead of drawing nothing: a state that a page
cannot name is a state that somebody would not see.
"""

import re
from datetime import datetime
from functools import cache
from pathlib import Path

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from allstop.rules.answer_link import in_words

register = template.Library()

SPRITE = Path(__file__).parent.parent / "static" / "console" / "icons.svg"

CHANNELS = {  # channel: (icon, word)
    "text": ("message-2", "Text"),
    "call": ("phone", "Call"),
    "email": ("mail", "Email"),
}

STATES = {  # state: (colour, icon, word). Jobs and messages share the words that mean the same
    "scheduled": ("plan", "calendar-time", "scheduled"),
    "sending": ("good", "send", "sending"),
    "held": ("wait", "clock-pause", "held"),
    "done": ("calm", "check", "done"),
    "waiting": ("plan", "clock", "waiting"),
    "sent": ("good", "check", "sent"),
    "delivered": ("good", "circle-check", "delivered"),
    "failed": ("bad", "circle-x", "failed"),
    "refused": ("bad", "ban", "refused"),
    "unknown": ("wait", "help-circle", "outcome unknown"),
    "confirmed": ("good", "circle-check", "confirmed"),
    "cancelled": ("bad", "x", "cancelled (NO)"),
    "wrong": ("wait", "alert-triangle", "wrong number"),
    "replied": ("plan", "message-2", "replied"),
    "do_not_contact": ("bad", "ban", "do not contact"),
    "busy_or_no_answer": ("wait", "phone", "busy or no answer"),
    "removed": ("calm", "trash", "removed"),
    "running": ("good", "player-play", "RUNNING"),
    "stopping": ("wait", "clock-pause", "STOPPING"),
    "stopped": ("bad", "hand-stop", "STOPPED"),
    "canceled": ("calm", "x", "cancelled by rules"),
}


@cache
def _icon_names() -> frozenset[str]:
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))


@register.simple_tag
def icon(name: str, label: str = "", extra_class: str = "") -> SafeString:
    """With a label the icon is an image that is read out; without, it is decoration beside words."""
    if name not in _icon_names():
        raise template.TemplateSyntaxError(f"no icon {name!r} in the sprite; tools/make_icons.py adds one")
    css = f"icon {extra_class}".strip()
    target = f"{static('console/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, target)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, target)


@register.simple_tag
def channel(name: str) -> SafeString:
    picture, word = CHANNELS[name]
    return format_html('<span class="channel">{}{}</span>', icon(picture), word)


@register.simple_tag
def state(name: str) -> SafeString:
    colour, picture, word = STATES[name]
    return format_html('<span class="tag {}">{}{}</span>', colour, icon(picture), word)


@register.simple_tag
def moment(at: datetime | None, absent: str = "") -> SafeString:
    """Weekday, day, month and minute in the current zone; the full date is the tooltip. None draws `absent`."""
    if at is None:
        return format_html('<span class="dim">{}</span>', absent)
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        date_format(local, "l j F Y, H:i:s T"),
        date_format(local, "D j M H:i"),
    )


@register.filter
def count(number: int) -> str:
    """1984 is 1,984, as the live figures write it."""
    return f"{number:,}"


@register.filter
def links_in_words(body: str) -> str:
    """A message as people read it: its links are made when it leaves."""
    return in_words(body)


@register.filter
def initials(name: str) -> str:
    words = name.replace(",", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, object]:
    """One form field with its label, hint and errors. A label given here replaces the form's."""
    return {"field": bound, "label": label or bound.label, "kind": bound.widget_type}
