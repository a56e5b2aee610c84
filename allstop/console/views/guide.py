"""Help that a screen links to."""

from django.http import HttpRequest, HttpResponse

from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.console.requests import request_link


@screen("GET")
def remove_jobs(request: HttpRequest, desk: Desk) -> HttpResponse:
    return page(request, desk, "console/help/remove_jobs.html", {"request_url": request_link(desk)})
