"""How calls sound, as WAV files for the player of a page. Their words may have a name in them: no cache keeps them."""

from django.http import HttpRequest, HttpResponse

from allstop.actions.actor import Invalid
from allstop.actions.audio import message_audio, template_audio
from allstop.console.access import Desk, screen


@screen("GET")
def message(request: HttpRequest, desk: Desk, message_id: int) -> HttpResponse:
    try:
        return sound(message_audio(desk.actor, message_id))
    except Invalid as why:
        return HttpResponse(str(why), status=422, content_type="text/plain; charset=utf-8")


@screen("GET")
def template(request: HttpRequest, desk: Desk, template_id: int) -> HttpResponse:
    try:
        return sound(template_audio(desk.actor, template_id))
    except Invalid as why:
        return HttpResponse(str(why), status=422, content_type="text/plain; charset=utf-8")


def sound(wav: bytes) -> HttpResponse:
    return HttpResponse(wav, content_type="audio/wav", headers={"Cache-Control": "private, no-store"})
