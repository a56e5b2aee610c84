"""Setup, message plans: the list, the editor with what a sample appointment would get; and a contact's answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions import message_plans as actions
from allstop.actions.actor import Invalid, require
from allstop.actions.templates import PLACEHOLDERS
from allstop.actions.visits import answer_appointment
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, done, is_htmx, leads_on, page
from allstop.console.meanwhile import ALL_OF_IT, WAS, mark_of
from allstop.console.message_plan_form import (
    CHANNELS,
    CONDITION_WORDS,
    CONDITIONS,
    FORWARD_WORDS,
    LATER_CONDITIONS,
    read_form,
    read_thanks,
    rearranged,
    rearranged_thanks,
    shown,
    shown_thanks,
)
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.family import FIELDS as FAMILY_FIELDS
from allstop.rules.message_plan import MOST_DAYS, MOST_STEPS, CountsFrom, PlannedStep
from allstop.rules.roles import Act
from allstop.rules.wallclock import typed_moment
from allstop.store import lists
from allstop.store.models import Account, AnswerKind, MessagePlan

ON_A_LIST = {name: PLACEHOLDERS[name] for name in ("first_name", "last_name", "name", "account", "location")} | {
    "names": "First name, or those of a family that gets one message",
    "answer_link": "Link by which they say whether you may contact them; emails only",
}
TOKENS = "tokens"  # the place of the navigation that Setup is
ANSWERED = {
    AnswerKind.CONFIRMED: "Noted: confirmed.",
    AnswerKind.CANCELLED: "Noted: they do not come. Nothing more leaves about this appointment.",
    AnswerKind.WRONG: "Noted: a wrong number or address. Correct it with the contact.",
    AnswerKind.OTHER: "Noted.",
}


@screen("GET")
def plans(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = [
        {
            "plan": plan,
            "steps": [(step, _words_of(plan.counts_from)[step.condition]) for step in actions.steps_of(plan)],
        }
        for plan in lists.message_plans(desk.account_id)
    ]
    context = {"rows": rows, "tabs": setup_tabs("message-plans"), "why_not": desk.why_not(Act.EDIT_SETUP)}
    return page(request, desk, "console/message_plans/list.html", context, at=TOKENS)


@screen("GET", "POST")
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """`?for=list`: counted from the sending."""
    if (request.POST.get("counts_from") or request.GET.get("for")) in (CountsFrom.SENDING, "list"):
        forward = actions.PlanChoice(name="", steps=actions.usual_follow_up(), counts_from=CountsFrom.SENDING)
        return _editor(request, desk, None, forward)
    return _editor(request, desk, None, actions.PlanChoice(name="", steps=actions.usual_steps()))


def _words_of(counts_from: str) -> dict[str, str]:
    return FORWARD_WORDS if counts_from == CountsFrom.SENDING else CONDITION_WORDS


@screen("GET", "POST")
def one(request: HttpRequest, desk: Desk, plan_id: int) -> HttpResponse:
    plan = actions.plan_of(desk.actor, plan_id)
    return _editor(request, desk, plan, actions.choice_of(plan))


def _editor(request: HttpRequest, desk: Desk, plan: MessagePlan | None, choice: actions.PlanChoice) -> HttpResponse:
    """A POST saves, or only draws the editor again with what its other buttons ask for."""
    stands = mark_of(choice)
    if request.method == "GET":
        return _show(request, desk, plan, choice, {}, stands)
    was = request.POST.get(WAS, stands)  # of when the editor was opened, however often it was drawn again since
    wish = request.POST.get("do", "save")
    choice = replace(choice, name=request.POST.get("name", ""))
    if not is_htmx(request):
        require(desk.actor, Act.EDIT_SETUP)  # before what is typed is looked at
    try:
        steps, thanks = read_form(request.POST, choice.counts_from), read_thanks(request.POST)
        choice = replace(choice, thanks=thanks)
        if is_htmx(request) or wish != "save":
            choice = replace(
                choice, steps=rearranged(steps, wish, choice.counts_from), thanks=rearranged_thanks(thanks, wish)
            )
            return _show(request, desk, plan, choice, {}, was)
        choice = replace(choice, steps=steps)
        if was != stands:
            return _show(request, desk, plan, choice, {"steps": ALL_OF_IT}, stands)
        saved = actions.save_plan(desk.actor, choice, datetime.now(UTC), plan.pk if plan else None)
    except Invalid as invalid:
        return _show(request, desk, plan, choice, invalid.problems, was)
    return leads_on(request, f"The message plan {saved.name} is saved.", reverse("message-plan", args=[saved.pk]))


def _show(
    request: HttpRequest,
    desk: Desk,
    plan: MessagePlan | None,
    choice: actions.PlanChoice,
    problems: dict[str, str],
    was: str,
) -> HttpResponse:
    status = 422 if problems else 200
    context = {
        **_rehearsal(desk.account_id, choice, request.POST.get("sample", ""), datetime.now(UTC)),
        **_choices(desk.account_id, choice),
        "plan": plan,
        "name": choice.name,
        "was": was,
        "steps": shown(choice.steps, problems),
        "problems": problems,
        "thanks": shown_thanks(choice.thanks, problems),
        "is_thanking": bool(choice.thanks),
        "tabs": setup_tabs("message-plans"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    if is_htmx(request):
        return render(request, "console/message_plans/dates.html", context | {"desk": desk}, status=status)
    return page(request, desk, "console/message_plans/form.html", context, at=TOKENS, status=status)


def _rehearsal(account_id: int, choice: actions.PlanChoice, sample: str, now: datetime) -> dict[str, Any]:
    """When each step would leave; of a plan that cannot be kept yet, why not."""
    account = Account.objects.get(pk=account_id)
    appointment = _appointment(sample, account, now)
    found = actions.problems_of(account_id, replace(choice, name=choice.name or "new"))
    dates: Sequence[PlannedStep] = ()
    if not found and _is_forward(choice):
        dates = actions.rehearse_sending(account, choice.steps, now)
    elif not found:
        dates = actions.rehearse(account, choice.steps, appointment, now)
    return {
        "dates": [(one, _words_of(choice.counts_from)[one.condition]) for one in dates],
        "incomplete": next(iter(found.values()), ""),
        "sample": appointment.strftime("%Y-%m-%dT%H:%M"),
    }


def _choices(account_id: int, choice: actions.PlanChoice) -> dict[str, Any]:
    """What a plan that is counted so may have in it."""
    is_forward = _is_forward(choice)
    return {
        "is_forward": is_forward,
        "counts_from": choice.counts_from.value,
        "channels": CHANNELS,
        "conditions": LATER_CONDITIONS if is_forward else CONDITIONS,
        "locations": lists.locations(account_id),
        "placeholders": ON_A_LIST if is_forward else PLACEHOLDERS,
        "family_fields": tuple(FAMILY_FIELDS),
        "most_days": MOST_DAYS,
        "is_full": len(choice.steps) >= MOST_STEPS,
    }


def _is_forward(choice: actions.PlanChoice) -> bool:
    return choice.counts_from is CountsFrom.SENDING


def _appointment(written: str, account: Account, now: datetime) -> datetime:
    """What a browser's field says is the account's wall clock; a sample where it says nothing that can be read."""
    try:
        return typed_moment(written).replace(tzinfo=ZoneInfo(account.zone))
    except ValueError:
        return actions.sample_moment(account, now)


@screen("GET", "POST")
def delete(request: HttpRequest, desk: Desk, plan_id: int) -> HttpResponse:
    """GET asks, POST deletes."""
    if request.method == "POST":
        gone = actions.delete_plan(desk.actor, plan_id, datetime.now(UTC))
        return done(request, f"The message plan {gone.name} is deleted.", reverse("message-plans"))
    plan = actions.plan_of(desk.actor, plan_id)
    context = {
        "heading": f"Delete the message plan {plan.name}?",
        "kind": "stop",
        "plan": plan,
        "action_url": reverse("delete-message-plan", args=[plan_id]),
        "back": reverse("message-plan", args=[plan_id]),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return ask(request, desk, "console/message_plans/delete.html", context)


@screen("POST")
def answer(request: HttpRequest, desk: Desk, message_id: int) -> HttpResponse:
    said = request.POST.get("answer", "")
    if said not in list(AnswerKind):
        raise Http404("There is no such answer.")
    answer_appointment(desk.actor, message_id, AnswerKind(said), datetime.now(UTC))
    return leads_on(request, ANSWERED[AnswerKind(said)], reverse("message", args=[message_id]))
