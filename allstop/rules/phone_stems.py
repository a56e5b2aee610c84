"""What numbers have in common that differ in their last three digits only: everything else.

The library takes 75 microseconds over a number, most of them to find out by patterns which country, kind and place it
is of. Numbering plans decide that by the first digits, and a file of a million numbers has some ten thousand
beginnings. So what one number was found to be, all with its stem are: the same signs before the last three digits.

That no plan looks at the last three digits is proven for each country code by tests/rules/test_phone_stems.py, from the
library's own patterns. Those where it is not so are named here and are asked number by number.
"""

import re

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, country_code_for_region

LAST = 3
FEWEST = 10  # digits as written; in shorter ones a prefix may reach into the last three
FEWEST_NATIONAL = 9  # digits without the country code
UNDECIDED = frozenset({34, 54, 57, 81, 995})  # country codes whose plans look further
LONGER = frozenset({44, 61, 598})  # those where it takes one digit more as written

_PLAIN = re.compile(r"[0-9 ()+.-]{1,40}[0-9]{3}")
_NO_DIGIT = re.compile(r"[^0-9]+")


def stem(text: str, region: str) -> str | None:
    """What others like it have in common with it. None: it will most likely have to be read as a whole."""
    if not _PLAIN.fullmatch(text):
        return None
    digits = _NO_DIGIT.sub("", text)
    code = _code(digits) if "+" in text else country_code_for_region(region)
    national = len(digits.lstrip("0")) - (len(str(code)) if "+" in text else 0)
    return text[:-LAST] if code is not None and _is_decided(code, len(digits), national) else None


def decides(text: str, e164: str) -> bool:
    """Whether all numbers with the stem of this text are like this number."""
    code = _code(e164[1:])
    if code is None or not _PLAIN.fullmatch(text) or not e164.endswith(text[-LAST:]):
        return False
    return _is_decided(code, len(_NO_DIGIT.sub("", text)), len(e164) - 1 - len(str(code)))


def _is_decided(code: int, written: int, national: int) -> bool:
    return code not in UNDECIDED and written >= FEWEST + (code in LONGER) and national >= FEWEST_NATIONAL


def _code(digits: str) -> int | None:
    """The country code that they begin with."""
    return next((int(digits[:end]) for end in (1, 2, 3) if int(digits[:end]) in COUNTRY_CODE_TO_REGION_CODE), None)
