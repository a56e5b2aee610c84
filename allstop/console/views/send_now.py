"""Send now (of emails: Send/Receive): what waits on a channel leaves by hand, at once. It says before what it skips."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.mailbox import mailbox_setup
from allstop.actions.send_now import MOST, send_now
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import lists

CHANNELS = {Channel.EMAIL: "emails", Channel.TEXT: "texts", Channel.CALL: "calls"}


@screen("GET", "POST")
def ask_or_send(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    if name not in list(Channel):
        raise Http404("There is no such channel.")
    channel = Channel(name)
    what = CHANNELS[channel]
    if request.method == "POST":
        sent = send_now(desk.actor, channel, datetime.now(UTC))
        count = sent.messages
        words = f"{count:,} {what} leave by hand now." if count else f"No {what} were waiting for their time."
        if count >= MOST:
            words += " More wait: press it again."
        if sent.fetches:
            words += " New mail is being fetched."
        return leads_on(request, words, reverse("messages"))
    fetches = channel is Channel.EMAIL and mailbox_setup(desk.account_id) is not None
    context = {
        "heading": f"Send waiting {what} now, and fetch new ones?" if fetches else f"Send waiting {what} now?",
        "fetches": fetches,
        "kind": "wait",
        "what": what,
        "waiting": lists.totals(desk.account_id).by_channel[channel],
        "action_url": reverse("send-now", args=[name]),
        "back": reverse("messages"),
        "why_not": desk.why_not(Act.SEND_MESSAGE),
    }
    return ask(request, desk, "console/send_now.html", context)
