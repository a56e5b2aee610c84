"""A browser without a screen: a member who is logged in, and what answers look like."""

from django.test import Client

from allstop.store.models import Member


def logged_in(member: Member) -> Client:
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


HTMX = {"HX-Request": "true"}
