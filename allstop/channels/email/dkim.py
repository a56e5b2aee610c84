"""Signs mails by DKIM (RFC 6376), and makes the keys: relaxed/relaxed, rsa-sha256 over a key of 2,048 bits.

Written here, because a worker signs thousands of mails a second: the headers are our own, so there is nothing to parse
but them. An independent verifier (dkimpy) reads what it signs in the tests.

Guards: the key is never part of what is printed or logged; List-Unsubscribe and List-Unsubscribe-Post are always signed
where they are there, without which mail providers ignore them (RFC 8058); From is signed once more than it is there, so
that nobody can add another one.
"""

import hashlib
import re
from base64 import b64encode
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_BITS = 2048
SIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
LONGEST_STRING = 255  # of one string in a DNS record
_SPACES = re.compile(rb"[ \t]+")
_SPACES_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_FOLDS = re.compile(rb"\r\n(?=[ \t])")
_LINE = 72
_PADDING = padding.PKCS1v15()
_SHA256 = hashes.SHA256()


def make_key() -> str:
    """A private key, as PEM. It is a secret: it belongs into a setting that is never shown."""
    key = rsa.generate_private_key(65537, KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def record_name(selector: str, domain: str) -> str:
    return f"{selector}._domainkey.{domain}"


def record_of(private_key: str) -> str:
    """What the TXT record says: the public key."""
    public = _loaded(private_key).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(der).decode()}"


def as_strings(record: str) -> str:
    """As a zone file wants it: in quotes, in strings of at most 255 characters."""
    return " ".join(f'"{record[at : at + LONGEST_STRING]}"' for at in range(0, len(record), LONGEST_STRING))


@lru_cache(maxsize=256)
def _loaded(private_key: str) -> rsa.RSAPrivateKey:
    """Raises ValueError, whose words never hold the key."""
    try:
        key = serialization.load_pem_private_key(private_key.encode(), None)
    except (ValueError, TypeError) as wrong:
        raise ValueError("it is no private key in PEM") from wrong
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 1024:
        raise ValueError("it is no RSA key of 1,024 bits or more")
    return key


def is_key(private_key: str) -> bool:
    try:
        _loaded(private_key)
    except ValueError:
        return False
    return True


class Signer:
    def __init__(self, domain: str, selector: str, private_key: str) -> None:
        self._key = _loaded(private_key)
        self._begin = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; t=".encode()

    def signed(self, content: bytes, at: int, more: bytes = b"") -> bytes:
        """`content` with its signature in front; lines end with CRLF. `at`: Unix time. `more`: the rest of the body."""
        head, gap, body = content.partition(b"\r\n\r\n")
        if not gap:
            head, body = content.removesuffix(b"\r\n"), b""
        found: dict[bytes, bytes] = {}
        for line in _FOLDS.sub(b"", head).split(b"\r\n"):
            name, _, value = line.partition(b":")
            found[name.rstrip().lower()] = value
        names = [name for name in SIGNED if name in found]
        canonical = [b"%s:%s\r\n" % (name, _SPACES.sub(b" ", found[name]).strip()) for name in names]
        digest = b64encode(_digest(body, more))
        listed = b":".join((*names, b"from"))
        fields = b"%s%d; h=%s; bh=%s; b=" % (self._begin, at, listed, digest)
        canonical.append(b"dkim-signature:" + fields)
        made = b64encode(self._key.sign(b"".join(canonical), _PADDING, _SHA256))
        pieces = b"\r\n\t".join(made[i : i + _LINE] for i in range(0, len(made), _LINE))
        # folded only where a space stands, which is one space again when it is read
        folded = fields.replace(b"; h=", b";\r\n\th=").replace(b"; bh=", b";\r\n\tbh=").replace(b"; b=", b";\r\n\tb=")
        return b"DKIM-Signature: %s%s\r\n%s" % (folded, pieces, content)


def _digest(body: bytes, more: bytes) -> bytes:
    if not more:
        return hashlib.sha256(relaxed_body(body)).digest()
    # Empty lines go at the very end only; no line reaches from the one into the other, since `body` ends with CRLF.
    begun = hashlib.sha256(_relaxed_lines(body))
    begun.update(relaxed_body(more))
    return begun.digest()


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4."""
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    body = _relaxed_lines(body)
    while body.endswith(b"\r\n\r\n"):
        body = body[:-2]
    return b"" if body == b"\r\n" else body


def _relaxed_lines(body: bytes) -> bytes:
    if b"  " in body or b"\t" in body:
        body = _SPACES.sub(b" ", body)
    if b" \r\n" in body:
        body = _SPACES_AT_END.sub(b"", body)
    return body
