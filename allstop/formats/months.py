"""Month names in the languages of the files we meet, and the folding that all word tables share.

Folding makes "Février", "FEVRIER" and "fevrier" one word; every table of words in this folder is folded.
"""

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")

_NAMES = (
    "january jan januar jaen jaenner janner janvier janv enero ene januari gennaio gen janeiro",
    "february feb februar feber fevrier fevr fev febrero februari febbraio fevereiro",
    "march mar maerz marz mrz mars marzo maart mrt marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo mei maggio mag maio",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout agosto ago augustus",
    "september sep sept septembre septiembre set settembre setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)


def folded(text: str) -> str:
    """Lower case, without accents, spaces and punctuation: "Cell_Phone #" becomes "cellphone"."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        text = "".join(character for character in text if not unicodedata.combining(character))
    return _NOT_WORD.sub("", text).lower()


MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
