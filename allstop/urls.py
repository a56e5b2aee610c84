"""Every address of the program, by door."""

from django.urls import URLPattern, URLResolver, include, path

from allstop.console.views.answer_link import answer_link
from allstop.console.views.stop_link import stop_link
from allstop.console.views.styleguide import styleguide
from allstop.console.views.unsubscribe import unsubscribe

handler500 = "allstop.doors.failure.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("allstop.console.urls")),
    path("api/v1/", include("allstop.doors.api.urls")),
    path("hooks/", include("allstop.doors.text_hooks")),
    path("accounts/", include("allauth.urls")),
    path("stop/<str:key>", stop_link, name="stop-link"),
    path("unsubscribe/<str:tag>", unsubscribe, name="unsubscribe"),
    path("answer/<str:tag>", answer_link, name="answer-link"),
    path("styleguide", styleguide, name="styleguide"),
]
