"""A file that somebody sent us."""

from django.http import HttpRequest, HttpResponse

from allstop.actions.inbound_files import file_to_see
from allstop.console.access import Desk, screen
from allstop.console.saving import saved


@screen("GET")
def inbound_file(request: HttpRequest, desk: Desk, file_id: int) -> HttpResponse:
    return saved(file_to_see(desk.actor, file_id))
