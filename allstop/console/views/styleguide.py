"""The page that shows every part of the console in each of its states, with made-up contents.

A part that is changed is looked at here first, in both themes and at the width of a phone; the end-to-end tests
check this page for accessibility. It reads nothing from the database and belongs to no account.
"""

import math
from datetime import UTC, datetime

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from allstop.console.bars import bars

THEMES = {"light", "dark"}
FRAGMENTS = {
    "stop": ("styleguide/stop_dialog.html", "bad"),
    "start": ("styleguide/start_dialog.html", "good"),
}

LAMPS = (
    {"state": "running", "line": "Messages may leave", "url": "?part=stop"},
    {"state": "stopping", "line": "2 workers to confirm", "url": "?part=stop"},
    {"state": "stopped", "line": "Nothing new leaves", "url": "?part=start"},
)
PLACES = (
    ("Home", "home"),
    ("Messages", "message"),
    ("Contacts", "address-book"),
    ("Import", "upload"),
    ("Outbox", "inbox"),
    ("Setup", "adjustments"),
)
STATES = [
    "scheduled",
    "sending",
    "held",
    "done",
    "waiting",
    "sent",
    "delivered",
    "failed",
    "refused",
    "unknown",
    "removed",
    "canceled",
    "running",
    "stopping",
    "stopped",
]

DUE = datetime(2026, 11, 21, 13, 26, tzinfo=UTC)
JOBS = tuple(
    {
        "id": number,
        "name": name,
        "url": "#jobs",
        "location": location,
        "note": note,
        "channel": channel,
        "state": state,
        "done": done,
        "total": total,
        "due_at": DUE.replace(day=21 + number // 2, hour=8 + number),
    }
    for number, (name, location, note, channel, state, done, total) in enumerate(
        (
            ("Appointment reminders, Monday", "Northgate", "", "call", "sending", 173, 420),
            ("Billing notice, November", "all locations", "", "email", "scheduled", 0, 1280),
            ("Back-ordered part arrived", "Riverside", "", "text", "scheduled", 0, 96),
            ("Recall list, 6 months", "Northgate", "", "text", "sending", 1811, 2400),
            ("Whitening offer, spring", "all locations", "214 days old", "email", "held", 0, 5200),
            ("Waitlist opening, Thursday", "Riverside", "", "call", "done", 38, 38),
        )
    )
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(max_length=60, help_text="Shown in the list of jobs.")
    reply_to = forms.EmailField(label="Answers go to", required=False)
    minutes = forms.IntegerField(label="Minutes between messages", min_value=1, max_value=120)
    location = forms.ChoiceField(choices=[("1", "Northgate"), ("2", "Riverside")])
    channel = forms.ChoiceField(
        choices=[("text", "Text"), ("call", "Call"), ("email", "Email")], widget=forms.RadioSelect
    )
    words = forms.CharField(label="Message", widget=forms.Textarea(attrs={"rows": 3}))
    quiet = forms.BooleanField(label="Keep quiet hours", required=False, help_text="In the zone of each contact.")


def styleguide(request: HttpRequest) -> HttpResponse:
    if part := request.GET.get("part"):
        return fragment(request, part)
    theme = request.GET.get("theme", "")
    if theme and theme not in THEMES:
        raise Http404(f"no theme {theme!r}")
    context = {
        "theme": theme,
        "themes": sorted(THEMES, reverse=True),
        "lamp": LAMPS[0],
        "lamps": LAMPS,
        "nav": [{"name": name, "url": "#", "icon": icon, "current": name == "Home"} for name, icon in PLACES],
        "shell": {"account": "Northgate Dental", "member": "Ada Okafor", "role": "leader", "switch_url": "#"},
        "states": STATES,
        "jobs": JOBS,
        "jobs_total": len(JOBS),
        "jobs_filter": "",
        "jobs_version": 1,
        "jobs_url": "?part=jobs",
        "remove_url": "?part=remove",
        **forms_of_the_page(),
        **figures_of_the_page(),
        **bars_of_the_page(),
        **wayfinding_of_the_page(),
    }
    return render(request, "styleguide.html", context)


def fragment(request: HttpRequest, part: str) -> HttpResponse:
    if part not in FRAGMENTS:
        raise Http404(f"no part {part!r}")
    totals = [
        {"channel": "call", "jobs": 2, "notifications": 247},
        {"channel": "text", "jobs": 2, "notifications": 685},
        {"channel": "email", "jobs": 1, "notifications": 6480},
    ]
    template, kind = FRAGMENTS[part]
    context = {"kind": kind, "totals": totals, "jobs": 5, "notifications": 7412}
    return render(request, template, context)


def forms_of_the_page() -> dict[str, object]:
    return {
        "fresh_form": SampleForm(prefix="fresh"),
        "wrong_form": SampleForm(
            {"wrong-minutes": "500", "wrong-reply_to": "ada@", "wrong-location": "1"}, prefix="wrong"
        ),
        "drop": {
            "id": "drop-file",
            "name": "file",
            "title": "Drop a file of reminders here, or choose one",
            "line": "CSV, Excel, iCalendar or FHIR, up to 50 MB",
            "accept": ".csv,.tsv,.txt,.xlsx,.ics,.json",
            "max_bytes": 50_000_000,
            "errors": [],
        },
    }


def figures_of_the_page() -> dict[str, object]:
    seconds = range(120)
    start = int(DUE.timestamp())
    lines = (("text", "Texts", 40, 9.0), ("call", "Calls", 18, 14.0), ("email", "Emails", 64, 21.0))
    return {
        "meters": {
            "title": "Today",
            "topic": "figures",
            "rows": [
                {"name": "sent", "label": "Sent", "value": 1992},
                {"name": "waiting", "label": "Waiting to leave", "value": 6888},
                {"name": "rate", "label": "Per minute", "value": 42},
                {"name": "failed", "label": "Failed", "value": 3, "kind": "bad"},
                {
                    "name": "unknown",
                    "label": "Outcome unknown",
                    "value": 1,
                    "kind": "wait",
                    "note": "Handed over, but the provider did not answer",
                },
            ],
        },
        "plot": {
            "id": "throughput",
            "title": "Throughput, last two minutes",
            "about": "Lines of messages a minute, by channel, for the last two minutes",
            "unit": "a minute",
            "topic": "",
            "keep": 120,
            "lines": {
                "x": [start + second for second in seconds],
                "series": [
                    {
                        "name": name,
                        "label": label,
                        "y": [round(level + level / 3 * math.sin(second / wave)) for second in seconds],
                    }
                    for name, label, level, wave in lines
                ],
            },
        },
    }


def bars_of_the_page() -> dict[str, object]:
    rows = [(f"Mon 23 Nov 09:{minute:02}", round(60 + 55 * math.sin(minute / 8))) for minute in range(60)]
    about = "Bars of messages that leave, by the minute"
    return {"plotted": bars("bars", "When they leave, by the minute", about, "by the minute", rows)}


def wayfinding_of_the_page() -> dict[str, object]:
    return {
        "tabs": [
            {"name": "All", "url": "#", "current": True, "count": 6888},
            {"name": "Texts", "url": "#", "current": False, "count": 685},
            {"name": "Calls", "url": "#", "current": False, "count": 247},
            {"name": "Rules", "url": "#", "current": False, "count": None},
        ],
        "steps": [
            {"name": "File", "at": "done"},
            {"name": "Columns", "at": "current"},
            {"name": "Preview", "at": "ahead"},
            {"name": "Import", "at": "ahead"},
        ],
        "pager": {"newer": "", "older": "#", "shown": 50, "total": 6888, "things": "messages"},
        "facts": [
            {"term": "To", "value": "+1 555 084 8302", "note": ""},
            {"term": "Channel", "value": "Text, 2 parts", "note": "Appointment reminders, Monday"},
            {"term": "Earliest", "value": "Mon 23 Nov 08:00", "note": "quiet hours in America/Chicago end"},
        ],
    }
