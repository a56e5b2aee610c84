"""Who is at the desk: every view behind the log-in gets a Desk, and with it the one account that it may touch.

The rule that it guards: a view is reached only by a member, only by the methods it names, and what an action refuses
becomes one status and one plain page here: 403 Forbidden, 404 NotThere, 409 Conflict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from allstop.actions.actor import Actor, Conflict, Forbidden, NotThere, Operator
from allstop.actions.support import as_support
from allstop.rules.roles import FOR_SUPPORT, Act, Role, allowed, roles_that_may
from allstop.store.lists import Membership, memberships, running_visit
from allstop.store.models import SupportVisit, User

ACCOUNT_IN_USE = "account_id"  # the session's keys
SUPPORT_VISIT = "support_visit"  # while an operator is inside another account

Rest = ParamSpec("Rest")


@dataclass(frozen=True, slots=True)
class Desk:
    """The person at the console, in the account that is in use."""

    user_id: int
    place: Membership
    places: tuple[Membership, ...]  # all accounts that the person belongs to
    support: SupportVisit | None = None  # the account in use is none of theirs: they are inside as support

    @property
    def actor(self) -> Actor:
        place = self.place
        if self.support is not None:
            return as_support(self.support)
        return Actor(
            place.account_id,
            place.name,
            place.role,
            via="console",
            is_operator=place.is_operator,
            member_id=place.member_id,
        )

    @property
    def account_id(self) -> int:
        return self.place.account_id

    @property
    def operator(self) -> Operator:
        """Under their own name, also while they are inside an account."""
        if not self.place.is_operator:
            raise NotThere("There is no such page.")
        return Operator(self.place.name, "console")

    def may(self, act: Act) -> bool:
        return allowed(self.place.role, act) and (self.support is None or act in FOR_SUPPORT)

    def why_not(self, act: Act) -> str:
        """Words beside a button that this role may not press; "" when it may."""
        if self.may(act):
            return ""
        who = " or ".join(role.value for role in roles_that_may(act))
        if self.support is not None:
            return f"You are here as support, which may not do this. A person of the account may: {who}."
        return f"You are a {self.place.role.value} here; this needs the role {who}."


View = Callable[Concatenate[HttpRequest, Desk, Rest], HttpResponseBase]
Screen = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def screen(*methods: str) -> Callable[[View[Rest]], Screen[Rest]]:
    """A page of the console. `methods`: those that it answers; every other gets 405."""

    def decorate(view: View[Rest]) -> Screen[Rest]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return _to_the_log_in(request)
            if request.method not in methods:
                return _not_so(request, methods)
            desk = desk_of(request.user.pk, request.session)
            if desk is None:
                return _nowhere(request, request.user)
            with timezone.override(ZoneInfo(desk.place.zone)):
                try:
                    return view(request, desk, *args, **kwargs)
                except Forbidden as refused:
                    return _refused(request, 403, "Your role does not allow this", refused)
                except NotThere as missing:
                    raise Http404(str(missing)) from missing
                except Conflict as conflict:
                    return _refused(request, 409, "This cannot be done now", conflict)

        return answer

    return decorate


OperatorView = Callable[Concatenate[HttpRequest, Desk, Operator, Rest], HttpResponseBase]


def operator_screen(*methods: str) -> Callable[[OperatorView[Rest]], Screen[Rest]]:
    """A page for operators, who act on every account. To everybody else it does not exist."""

    def decorate(view: OperatorView[Rest]) -> Screen[Rest]:
        def as_operator(
            request: HttpRequest, desk: Desk, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponseBase:
            return view(request, desk, desk.operator, *args, **kwargs)

        return screen(*methods)(wraps(view)(as_operator))

    return decorate


def desk_of(user_id: int, session: SessionBase) -> Desk | None:
    """With the account in use; without one, or when the person has left it, with the first. None: no account, or a
    support visit that is over: then no other account may quietly take its place."""
    places = tuple(memberships(user_id))
    visit_id = session.get(SUPPORT_VISIT)
    if visit_id is not None:
        visit = running_visit(user_id, visit_id, datetime.now(UTC))
        return None if visit is None else Desk(user_id, _place_of(visit), places, visit)
    if not places:
        return None
    place = next((one for one in places if one.account_id == session.get(ACCOUNT_IN_USE)), places[0])
    return Desk(user_id, place, places)


def _place_of(visit: SupportVisit) -> Membership:
    """As an admin's, who is no member: what support may not do is taken away by require() and Desk.may()."""
    account = visit.account
    return Membership(account.pk, account.name, account.zone, Role.ADMIN, visit.user.name, True, 0, False)


def _nowhere(request: HttpRequest, user: User) -> HttpResponse:
    """After a support visit nothing is done: it was meant for the account that was left."""
    if request.session.pop(SUPPORT_VISIT, None) is None:
        return render(request, "console/no_account.html", {"name": user.name}, status=403)
    messages.warning(request, "Your support visit is over. What you pressed was not done.")
    if request.headers.get("HX-Request") != "true":
        return redirect("operator-accounts")
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("operator-accounts")
    return answer


def _to_the_log_in(request: HttpRequest) -> HttpResponse:
    """Whoever only looks gets what they asked for afterwards; whoever pressed something, the page with the button."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    page = urlsplit(came_from)._replace(scheme="", netloc="", fragment="").geturl() if is_ours else reverse("home")
    answer = redirect_to_login(page)
    answer["Location"] += "&undone=1"  # the page of the log-in says so
    return answer


def _not_so(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """405. As a page, for somebody who has come to the address of a button by a reload or by Back."""
    words = Conflict("This is the address of a button. Go to the page with the button and press it there.")
    answer = _refused(request, 405, "There is no page here", words)
    answer["Allow"] = ", ".join(methods)
    return answer


def _refused(request: HttpRequest, status: int, heading: str, refusal: Exception) -> HttpResponse:
    context = {"heading": heading, "words": str(refusal), "status": status}
    return render(request, "console/refused.html", context, status=status)
