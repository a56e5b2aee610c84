"""The signature of callbacks of Twilio's shape: that a request comes from who knows the account's token.

It covers the address as the provider was given it, and every field of the form. Pure; comparing takes the same time
wherever the two differ.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha1


def signature(token: str, url: str, form: Mapping[str, Sequence[str]]) -> str:
    """`form`: every value of each field; a value that is there twice counts once, as the provider does it."""
    signed = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    return b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


def is_signed(token: str, url: str, form: Mapping[str, Sequence[str]], said: str) -> bool:
    return bool(token) and hmac.compare_digest(signature(token, url, form).encode(), said.encode("utf-8", "replace"))
