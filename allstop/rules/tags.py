"""Names for a message that nobody can make up. They leave in an email (Message-ID, return path, unsubscribe link) and
come back from anywhere: in a reply, a bounce, a request.

The rule that it guards: whoever was not given the name of a message cannot speak of that message. A tag is
ACCOUNT.MESSAGE.MAC in lower case and digits, since servers on the way may change the case of an address.
"""

from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

SHORT = 8  # bytes of the MAC where a whole address has 64 characters
LONG = 16


def tag_of(key: bytes, account_id: int, message_id: int, size: int = SHORT) -> str:
    name = f"{account_id}.{message_id}"
    return f"{name}.{_mac(key, name, size)}"


def read_tag(key: bytes, tag: str, size: int = SHORT) -> tuple[int, int] | None:
    """Account and message; None: nobody here has made it."""
    name, _, mac = tag.lower().rpartition(".")
    account, dot, message = name.partition(".")
    if not (dot and _is_number(account) and _is_number(message) and mac.isascii()):
        return None
    if not compare_digest(mac, _mac(key, name, size)):
        return None
    return int(account), int(message)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 20 and int(word) < 2**63


def _mac(key: bytes, name: str, size: int) -> str:
    """Keyed BLAKE2: a worker makes two of these for each email."""
    mac = _keyed(key, size).copy()
    mac.update(name.encode())
    return mac.hexdigest()


@lru_cache(maxsize=16)  # two for an installation
def _keyed(key: bytes, size: int) -> blake2b:
    return blake2b(key=key, digest_size=size)
