"""The keys of the names that emails carry, made from the installation's secret: another one each, so that whoever sees
a Message-ID (everybody whom a mail is forwarded to) has not seen the links in it.
"""

import hmac
from functools import cache

from django.conf import settings

from allstop.rules.tags import LONG, read_tag, tag_of

PREFIX = "allstop."  # of a tag in a Message-ID and in a return path


@cache  # a process has one secret, and to look it up takes as long as the MAC
def _key(what: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"allstop {what}".encode(), "sha256")


def mail_tag(account_id: int, message_id: int) -> str:
    """In a Message-ID, and in the address that bounces go to."""
    return PREFIX + tag_of(_key("mail"), account_id, message_id)


def read_mail_tag(word: str) -> tuple[int, int] | None:
    """Of the part before the @: account and message."""
    word = word.lower()
    if not word.startswith(PREFIX):
        return None
    return read_tag(_key("mail"), word.removeprefix(PREFIX))


def link_tag(account_id: int, message_id: int) -> str:
    return tag_of(_key("unsubscribe"), account_id, message_id, LONG)


def read_link_tag(tag: str) -> tuple[int, int] | None:
    return read_tag(_key("unsubscribe"), tag, LONG)


def link_of(account_id: int, message_id: int) -> str:
    """By it, whoever got the message gets no more emails."""
    return f"{settings.URL}/unsubscribe/{link_tag(account_id, message_id)}"


def answer_tag(account_id: int, message_id: int) -> str:
    return tag_of(_key("answer"), account_id, message_id, LONG)


def read_answer_tag(tag: str) -> tuple[int, int] | None:
    return read_tag(_key("answer"), tag, LONG)


def answer_link_of(account_id: int, message_id: int) -> str:
    """By it, whoever got the reminder says whether they come."""
    return f"{settings.URL}/answer/{answer_tag(account_id, message_id)}"
