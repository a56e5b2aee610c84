"""What a call says, and what its keys mean.

| key | means |
|---|---|
| 1 | yes: it is confirmed |
| 2 | no: it should be cancelled |
| 9 | no more calls: the contact's own stop |
| * | say it again |
| any other | nothing: it is kept, and the keys are named again |

Nobody must be able to miss key 9: a message that does not name it gets the closing words, which do.
"""

import re
from enum import StrEnum


class CallEventKind(StrEnum):
    DIALLED = "dialled"  # or about to be, when the process that dials has died
    RINGING = "ringing"
    ANSWERED = "answered"
    DIGIT = "digit"  # its data is the key
    SPEECH_DONE = "speech_done"
    HANGUP = "hangup"  # its data are words: how it ended


CONFIRM = "1"
CANCEL = "2"
NO_MORE_CALLS = "9"
AGAIN = "*"

MEANINGS = {CONFIRM: "confirm", CANCEL: "cancel", NO_MORE_CALLS: "no more calls", AGAIN: "say it again"}

CLOSING = "Press 1 to confirm, 2 to cancel, or 9 to get no more calls. To hear this again, press the star key."
LONGEST_CLOSING = 400

_PRESS = (
    "press|push|dial|key|button|tapez|appuyez|touche|pulse|oprima|presione|marque|tecla|drück\\w*|wähl\\w*|taste|"
    "prema|premere|premi|tasto|druk|toets"
)
_NINE = "9|nine|neuf|nueve|neun|nove|negen"
_NAMES_NINE = re.compile(rf"\b(?:{_PRESS})\b\W+(?:\w+\W+){{0,5}}?(?:{_NINE})\b(?![:.,]?\d)", re.IGNORECASE)

# language -> (after 1 or 2, after 9): said only in a language in which somebody has written them
_THANKS = {
    "en": ("Thank you, that is noted. Goodbye.", "You will get no more calls from us. Goodbye."),
    "es": ("Gracias, queda anotado. Adiós.", "No recibirá más llamadas nuestras. Adiós."),
    "fr": ("Merci, c'est noté. Au revoir.", "Vous ne recevrez plus d'appels de notre part. Au revoir."),
    "de": ("Danke, das ist notiert. Auf Wiederhören.", "Sie bekommen keine Anrufe mehr von uns. Auf Wiederhören."),
}


def script(body: str, closing: str) -> str:
    """All that is spoken when somebody has picked up."""
    words = " ".join(body.split())
    closing = " ".join(closing.split())
    if not closing or names_the_way_out(words):
        return words
    return f"{words}{'' if words.endswith(('.', '!', '?')) else '.'} {closing}"


def names_the_way_out(words: str) -> bool:
    return _NAMES_NINE.search(words) is not None


def thanks(key: str, language: str) -> str:
    """The answer to a key; "": none is given, the call just ends."""
    words = _THANKS.get(language.partition("-")[0])
    if words is None or key not in (CONFIRM, CANCEL, NO_MORE_CALLS):
        return ""
    return words[key == NO_MORE_CALLS]
