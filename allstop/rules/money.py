"""Money: a Decimal with its currency, never a float, rounded half up to the currency's smallest coin.

Amounts of two currencies are never added: that is an error of the program, and it says so.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_DIGITS = {  # after the point, of ISO 4217; all others have two
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_SHARED = {"XAF", "XCD", "XCG", "XOF", "XPF"}  # money of several countries; any other X... is metal, a unit or a test
_FUNDS = {
    "BOV",
    "CHE",
    "CHW",
    "CLF",
    "COU",
    "MXV",
    "USN",
    "USS",
    "UYI",
    "UYW",
}  # units of account, in ISO 4217 too

_LETTERS = 3
_LONGEST = 9  # digits before the point
_IN_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str  # three letters of ISO 4217

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"{self} and {other} are of two currencies and cannot be added.")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:,.{digits_of(self.currency)}f} {self.currency}"


def currency_fault(code: str) -> str:
    """Why a bill cannot be paid in it; "" if it can. Whether a country has it is not asked: countries change."""
    if len(code) != _LETTERS or not code.isascii() or not code.isalpha():
        return "Give the currency in three letters, like USD or EUR."
    if code in _FUNDS or (code.startswith("X") and code not in _SHARED):
        return f"{code} is no money that anybody can pay in. Give the currency of a country, like USD or EUR."
    return ""


def digits_of(currency: str) -> int:
    return _DIGITS.get(currency, 2)


def rounded(exact: Fraction | Decimal | int, currency: str) -> Money:
    """Half up, away from zero, so that a credit is the mirror of its charge."""
    digits = digits_of(currency)
    above, below = exact.as_integer_ratio()
    coins = (2 * abs(above) * 10**digits + below) // (2 * below)
    return Money(Decimal(coins if above >= 0 else -coins).scaleb(-digits), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    whole = rounded(0, currency)
    for amount in amounts:
        whole += amount
    return whole


def parsed(said: str, currency: str, digits: int | None = None) -> Decimal | str:
    """What a person typed, such as 1,250.50; or what is wrong with it. `digits`: finer than coins, as rates are."""
    most = digits_of(currency) if digits is None else digits
    whole, _, part = said.strip().partition(".")
    if _IN_THOUSANDS.fullmatch(whole):  # any other comma may be meant as the point: 5,00 was read as 500
        whole = whole.replace(",", "")
    if not (whole + part).isascii() or not (whole + part).isdigit() or len(whole) > _LONGEST:
        return f"{said!r} is not an amount. Write it like {'30' if not most else '30.00'}."
    if len(part.rstrip("0")) > most:
        return f"An amount of {currency} has at most {most} digits after the point."
    return Decimal(f"{whole or '0'}.{part or '0'}")
