"""Time zones and countries as files write them."""

import re
from functools import lru_cache
from importlib.resources import files
from zoneinfo import available_timezones

from allstop.formats.months import folded

_ZONES = {name.casefold(): name for name in available_timezones()}
_US_ZONES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
}
"""What US files write. EST and CST are left out on purpose: wrong in summer, and CST has four meanings."""
_ZONE_TAIL = re.compile(r"(?:standard|daylight)?(?:time)?(?:zone)?$")

_OTHER_NAMES = {
    "usa": "US",
    "unitedstatesofamerica": "US",
    "uk": "GB",
    "greatbritain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "unitedkingdom": "GB",
    "deutschland": "DE",
    "osterreich": "AT",
    "schweiz": "CH",
    "suisse": "CH",
    "svizzera": "CH",
    "espana": "ES",
    "italia": "IT",
    "nederland": "NL",
    "thenetherlands": "NL",
    "belgique": "BE",
    "belgie": "BE",
    "brasil": "BR",
    "mexiko": "MX",
    "mexique": "MX",
    "frankreich": "FR",
    "francia": "FR",
    "alemania": "DE",
    "allemagne": "DE",
    "etatsunis": "US",
    "estadosunidos": "US",
    "vereinigtestaaten": "US",
    "turkey": "TR",
    "korea": "KR",
    "southkorea": "KR",
    "czechrepublic": "CZ",
}


@lru_cache(maxsize=1024)
def zone_named(written: str) -> str | None:
    """The IANA name; None for a word that is no zone."""
    zone = _ZONES.get(written.replace(" ", "_").casefold())
    return zone or _US_ZONES.get(_ZONE_TAIL.sub("", folded(written)))


@lru_cache(maxsize=1024)
def country_named(written: str) -> str | None:
    """Two letters; None for a word that is no country."""
    name = folded(written)
    return _countries().get(name) or _OTHER_NAMES.get(name)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """The codes themselves and the English names of the time zone database."""
    found: dict[str, str] = {}
    for line in files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, name = line.split("\t")
            found[code.lower()] = found[folded(name)] = code
    return found
