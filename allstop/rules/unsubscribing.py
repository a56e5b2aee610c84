"""Which emails offer a link by which whoever got them gets no more (RFC 2369, RFC 8058).

Whatever goes to many does: reminders, bills and promotions, and everything that was sent to more than one. An email
that one person wrote to one other, and an answer of the service, has none: nobody has subscribed to it.
"""

from allstop.rules.words import Purpose

TO_MANY = frozenset({Purpose.REMINDER, Purpose.BILLING, Purpose.PROMOTION})
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058: what the header says, and what mail providers post


def offers_link(purpose: str, recipients: int) -> bool:
    return purpose in TO_MANY or recipients > 1


def headers_for(url: str) -> dict[str, str]:
    """One click only over HTTPS: without it mail providers must not use it."""
    headers = {"List-Unsubscribe": f"<{url}>"}
    if url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = ONE_CLICK
    return headers
