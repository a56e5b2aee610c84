"""What contacts said of appointments, told to the program that keeps them: in which words, and when it is tried again.

| said | in a file | as a FHIR AppointmentResponse |
|---|---|---|
| they come | confirmed | accepted |
| they do not come | cancelled | declined |
| a wrong number or address | wrong | needs-action |
| something that a person has to read | other | tentative |
"""

from datetime import timedelta

PARTICIPATION = {"confirmed": "accepted", "cancelled": "declined", "wrong": "needs-action", "other": "tentative"}
MOST_ATTEMPTS = 20  # about four days
LONGEST = timedelta(hours=6)


def is_news(last: str, kind: str) -> bool:
    """`last`: what was told of this appointment last; "" = nothing. The same word again says nothing."""
    return kind != last


def pause(attempts: int) -> timedelta:
    """After so many that did not work."""
    return min(timedelta(minutes=1 << min(max(0, attempts - 1), 12)), LONGEST)
