"""Messages: the list, and one message with everything that is known of it and why it may or may not leave."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from allstop.actions.actor import NotThere
from allstop.console.access import Desk, screen
from allstop.console.filters import FilterForm
from allstop.console.frame import page
from allstop.console.lamp import jobs_topic
from allstop.console.paging import page_of, pager, position
from allstop.rules.facts import Channel
from allstop.rules.reasons import in_words
from allstop.rules.roles import Act
from allstop.rules.segments import segments
from allstop.store import lists
from allstop.store.models import Status

CHOOSE = {  # of which list something may be chosen, and what
    Status.UNKNOWN: {
        "title": "Outcome unknown",
        "url": reverse_lazy("settle-ask"),
        "buttons": "console/parts/settle_buttons.html",
    },
    Status.FAILED: {
        "title": "Failed",
        "url": reverse_lazy("failed-ask"),
        "buttons": "console/parts/failed_buttons.html",
    },
}
WITHOUT_RECEIPTS = ("apprise",)


@screen("GET")
def messages(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = FilterForm(request.GET)
    shown = page_of(lambda limit: lists.messages(desk.account_id, form.filters(), after=position(request), limit=limit))
    context = {
        "form": form,
        "rows": shown.rows,
        "pager": pager(request, shown, "messages", form.kept()),
        "choose": CHOOSE.get(form.filters().status or Status.WAITING) if desk.may(Act.SEND_MESSAGE) else None,
        "may_send_now": desk.may(Act.SEND_MESSAGE),
    }
    return page(request, desk, "console/messages.html", context, at="messages")


@screen("GET")
def message(request: HttpRequest, desk: Desk, message_id: int) -> HttpResponse:
    found = lists.message(desk.account_id, message_id)
    if found is None:
        raise NotThere("There is no such message.")
    record = found.message
    waits = found.row.status is Status.WAITING
    context = {
        "found": found,
        "message": record,
        "row": found.row,
        "reason": in_words(record.reason),
        "instead": "" if waits else lists.instead_words(record),  # of what waits, its why says it
        "parts": segments(record.body) if record.channel == Channel.TEXT.value else None,
        "may_settle": found.row.status is Status.UNKNOWN and desk.may(Act.SEND_MESSAGE),
        "may_reset": found.row.status is Status.FAILED and desk.may(Act.SEND_MESSAGE),
        "without_receipts": bool(found.attempts) and found.attempts[-1].adapter in WITHOUT_RECEIPTS,
        "why": lists.why(desk.account_id, message_id, datetime.now(UTC)) if waits else None,
        "asks_answer": record.appointment_at is not None and record.contact_id is not None,
        "answer": lists.answer_to(desk.account_id, message_id),
        "why_not_answer": desk.why_not(Act.HANDLE_INBOX),
        "jobs_version": jobs_topic(lists.switch_state(desk.account_id)),
    }
    return page(request, desk, "console/message.html", context, at="messages")
