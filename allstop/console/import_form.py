"""The mapping screen's fields: from the options that are kept to what a page shows, and back.

The form only reads words; what they may be is checked by options_from_json and configure, whose problems come back by
field under the names used here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from allstop.actions.actor import Invalid
from allstop.actions.attachments import ids_in
from allstop.actions.import_options import (
    MOST_DAYS_BEFORE,
    ImportOptions,
    options_from_json,
    options_to_json,
)
from allstop.actions.import_preview import Preview
from allstop.actions.templates import LONGEST_NAME, Keep, Wording
from allstop.console import own_window_form
from allstop.formats.delimited import DELIMITERS
from allstop.formats.encodings import ENCODINGS
from allstop.formats.mapping import LABELS, Basis, Field
from allstop.formats.sniff import Format
from allstop.rules.facts import Channel
from allstop.rules.message_plan import CountsFrom
from allstop.rules.segments import segments
from allstop.rules.wallclock import typed_moment
from allstop.store import lists
from allstop.store.models import Template

PURPOSES = (
    ("reminder", "Appointment reminders"),
    ("billing", "Bills"),
    ("service", "Service"),
    ("personal", "Personal"),
)
ROUTES = (
    ("first", "One message a person: the first channel below on which they can be reached"),
    ("all", "One message on every channel below on which they can be reached"),
)
STARTS = (("before", "Before the date in the row"), ("now", "As soon as it is imported"), ("at", "At a day and time"))
ORDERS = (("", "As the file shows it"), ("day_first", "Day first, 31/12"), ("month_first", "Month first, 12/31"))
CHANNEL_WORDS = {"text": "Text", "call": "Call", "email": "Email"}


def chosen_options(posted: QueryDict, before: ImportOptions, zone: str) -> ImportOptions:
    """Raises Invalid where a word is not understood. How the file is read stays: another form changes that."""
    said = options_to_json(before)
    columns = {field.value: posted[name] for field in Field if posted.get(name := f"column.{field.value}")}
    kept = {field.value: str(index) for field, index in before.mapping.columns.items()}
    said |= {
        "name": posted.get("name", ""),
        "purpose": posted.get("purpose", ""),
        "columns": columns,
        "basis": {
            field: said["basis"][field] if kept.get(field) == index else Basis.CHOSEN.value
            for field, index in columns.items()
        },
        "channels": [channel.value for channel in Channel if channel.value in posted.getlist("channels")],
        "wording": {
            channel.value: {
                part: posted.get(f"{channel.value}_{part}", getattr(before.wording.get(channel, Wording("")), part))
                for part in ("subject", "body", "new_subject", "new_body")
            }
            | {"attachments": _files(posted, channel, before)}
            for channel in Channel
        },
        "route": posted.get("route", ""),
        "timing": {
            "start": posted.get("start", ""),
            "at": _moment(posted.get("at", ""), zone),
            "days": posted.get("days") or "0",
            "clock": posted.get("clock") or "10:00",
        },
        "plan_id": int(plan) if (plan := posted.get("plan_id", "")).isdecimal() and len(plan) < 19 else None,
        "location_id": int(place) if (place := posted.get("location_id", "")).isdecimal() else None,
        "order": posted.get("order") or None,
    }
    return replace(options_from_json(said), window=own_window_form.read(posted))


def reading_options(posted: QueryDict, before: ImportOptions) -> ImportOptions:
    delimiter = next((one for one, words in DELIMITERS.items() if words == posted.get("delimiter")), None)
    return replace(
        before, encoding=posted.get("encoding") or None, delimiter=delimiter, sheet=posted.get("sheet") or None
    )


@dataclass(frozen=True, slots=True)
class Form:
    words: QueryDict
    changed: tuple[Channel, ...] = ()  # where another saved wording was chosen since the page was drawn


def filled_in(posted: QueryDict, saved: Sequence[Template]) -> Form:
    """The form with the words of the saved wording that was chosen since it was drawn.

    CHANNEL_filled is what the page was drawn with. While it equals the choice, what a person typed over it stays.
    """
    form = posted.copy()
    changed = tuple(
        channel for channel in Channel if form.get(f"{channel}_template", "") != form.get(f"{channel}_filled", "")
    )
    for channel in changed:
        chosen = form.get(f"{channel}_template", "")
        form.setlist(f"{channel}_attachments", [])
        if chosen:
            template = _chosen(channel, chosen, saved)
            if template is None:
                raise Invalid(**{f"{channel}_template": "This wording does not exist any more."})
            words = {"subject": template.subject, "body": template.body, "new_subject": "", "new_body": ""}
            for part, text in words.items():
                form[f"{channel}_{part}"] = text
            files = ids_in(template.account_id, template.attachment_set_id)
            form.setlist(f"{channel}_attachments", [str(one) for one in files])
        form[f"{channel}_filled"] = chosen
    return Form(form, changed)


def _files(posted: QueryDict, channel: Channel, before: ImportOptions) -> list[int]:
    """Those that are ticked; of a form without this channel's wording, as before."""
    if f"{channel}_body" not in posted:
        return list(before.wording.get(channel, Wording("")).attachments)
    return [int(one) for one in posted.getlist(f"{channel}_attachments") if one.isdecimal() and len(one) < 19]


def wording_to_keep(form: QueryDict, saved: Sequence[Template]) -> tuple[Keep, ...]:
    return tuple(
        Keep(channel, name, template.pk if template else None)
        for channel in Channel
        if (name := form.get(f"{channel}_keep", "").strip())
        for template in [_chosen(channel, form.get(f"{channel}_template", ""), saved)]
    )


def _chosen(channel: Channel, chosen: str, saved: Sequence[Template]) -> Template | None:
    return next((one for one in saved if one.channel == channel.value and str(one.pk) == chosen), None)


def _moment(written: str, zone: str) -> str | None:
    """What a browser's date and time field says is the account's wall clock."""
    if not written:
        return None
    try:
        return typed_moment(written).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError as wrong:
        raise Invalid(timing="This day and time cannot be read.") from wrong


def choices(
    seen: Preview, account_id: int, zone: str, posted: QueryDict | None, errors: Mapping[str, str]
) -> dict[str, Any]:
    """All fields with what is chosen; after a refusal with what the person had written."""
    options = seen.options
    saved = lists.templates(account_id)
    said = _written(options, zone, saved) | ({name: str(posted[name]) for name in posted} if posted is not None else {})
    chosen = posted.getlist("channels") if posted is not None else [channel.value for channel in options.channels]
    return {
        "said": said,
        "fields": [_field(field, seen, said.get(f"column.{field.value}", "")) for field in Field],
        "channels": [
            _channel(channel, said, channel.value in chosen, saved, errors)
            | {"files": lists.attachments(account_id, _files(posted or QueryDict(), channel, options))}
            for channel in Channel
        ],
        "purposes": PURPOSES,
        "routes": ROUTES,
        "starts": STARTS,
        "orders": ORDERS,
        "most_days": MOST_DAYS_BEFORE,
        "locations": lists.locations(account_id),
        "plans": lists.message_plans(account_id, CountsFrom.APPOINTMENT),
        "longest_name": LONGEST_NAME,
        "encodings": ENCODINGS.items(),
        "delimiters": DELIMITERS.values(),
        "encoding": options.encoding or "",
        "delimiter": DELIMITERS.get(options.delimiter or "", ""),
        "is_delimited": seen.source.format == Format.CSV.value,
    }


def _written(options: ImportOptions, zone: str, saved: Sequence[Template]) -> dict[str, str]:
    timing = options.timing
    said = {
        "name": options.name,
        "purpose": options.purpose.value,
        "route": options.route.value,
        "start": timing.start.value,
        "at": timing.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if timing.at else "",
        "days": str(timing.days),
        "clock": timing.clock.strftime("%H:%M"),
        "location_id": str(options.location_id or ""),
        "order": options.order.value if options.order else "",
        "plan_id": str(options.plan_id or ""),
    }
    said |= {f"column.{field.value}": str(index) for field, index in options.mapping.columns.items()}
    for channel in Channel:
        words = options.wording.get(channel, Wording(""))
        for part in ("subject", "body", "new_subject", "new_body"):
            said[f"{channel.value}_{part}"] = getattr(words, part)
        same = (one for one in saved if one.channel == channel.value and _says(one, words))
        said[f"{channel.value}_template"] = str(next((one.pk for one in same), ""))
    return said


def _says(template: Template, words: Wording) -> bool:
    return (template.body, template.subject) == (words.body, words.subject)


def _field(field: Field, seen: Preview, index: str) -> dict[str, Any]:
    basis = seen.options.mapping.basis.get(field)
    return {
        "name": f"column.{field.value}",
        "id": f"column-{field.value}",
        "label": LABELS[field],
        "chosen": index,
        "guessed": basis is not None and basis is not Basis.CHOSEN,
        "columns": [(str(place), _column_words(name, seen.samples[place])) for place, name in enumerate(seen.columns)],
    }


def _column_words(name: str, samples: Sequence[str]) -> str:
    first = ", ".join(sample for sample in samples[:2] if sample)
    return f"{name}: {first[:50]}" if first else name


def _channel(
    channel: Channel, said: Mapping[str, str], is_chosen: bool, saved: Sequence[Template], errors: Mapping[str, str]
) -> dict[str, Any]:
    name = channel.value
    return {
        "name": name,
        "words": CHANNEL_WORDS[name],
        "chosen": is_chosen,
        "has_subject": channel is Channel.EMAIL,
        "parts": [
            {"name": f"{name}_{part}", "value": said.get(f"{name}_{part}", ""), "part": part}
            for part in ("subject", "body", "new_subject", "new_body")
        ],
        "said": {part: said.get(f"{name}_{part}", "") for part in ("subject", "body", "new_subject", "new_body")},
        "saved": [(str(one.pk), one.name) for one in saved if one.channel == name],
        "template": said[f"{name}_template"],
        "template_problem": errors.get(f"{name}_template") or errors.get(f"{name}_attachments", ""),
        "keep": said.get(f"{name}_keep", ""),
        "keep_problem": errors.get(f"{name}_keep", ""),
        "sms_parts": len(segments(said.get("text_body", "")).parts) if channel is Channel.TEXT else 0,
    }
