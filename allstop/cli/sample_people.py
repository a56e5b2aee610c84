"""Invented people for the demo and for sample files: the same ones every time.

Phone numbers are those that are set aside for fiction (555-01xx in North America, the numbers that Ofcom and ACMA
reserve for drama, and their like), addresses end in example.org: nobody is ever written to by accident.
"""

from dataclasses import dataclass

_GIVEN = """
    Amara Bruno Chloe Diego Elena Farid Grace Hiro Ines Jonas Kira Liam Maya Nils Olga Pavel Quinn Rosa Sami
    Tara Umar Vera Wanda Xavier Yara Zoe Anton Bianca Cyrus Delia
"""
_FAMILY = """
    Adeyemi Brandt Castillo Dubois Eriksen Fischer Gallo Hansen Ivanov Jansen Kowalski Larsen Marino Novak
    Okafor Petrov Quist Rossi Schmidt Tanaka Ueda Vargas Weber Xu Yilmaz Zhang Ashworth Bellamy Carver
    Dalton Ellery Fenwick Garland Hollis Ingram Jarvis Kendall
"""

_AREA_CODES = """
    212 305 312 404 415 503 602 617 702 713 720 801 808 907 206 214 216 215 303 313 314 317 402 412 504 505
    512 513 515 614 615 619 704 813 816 901 916 918 971 973
"""

GIVEN = _GIVEN.split()
FAMILY = _FAMILY.split()
AREA_CODES = _AREA_CODES.split()


@dataclass(frozen=True, slots=True)
class SamplePerson:
    given_name: str
    family_name: str
    phone: str
    email: str
    country: str
    language: str


def sample_person(number: int) -> SamplePerson:
    given = GIVEN[number % len(GIVEN)]
    family = FAMILY[number * 7 % len(FAMILY)]
    country, language, phone = _home(number)
    return SamplePerson(given, family, phone, f"{given}.{family}.{number}@example.org".lower(), country, language)


def us_phone(number: int) -> str:
    """4,000 different ones, then they repeat."""
    area = AREA_CODES[number % len(AREA_CODES)]
    return f"({area}) 555-01{number // len(AREA_CODES) % 100:02}"


def _home(number: int) -> tuple[str, str, str]:
    """Three in four live in the USA."""
    within = number // 20
    match number % 20:
        case 3:
            return "CA", "fr", f"+1 514-555-01{within % 100:02}"
        case 7 | 11:
            return "GB", "en", f"+44 7700 900{within % 1000:03}"
        case 13:
            return "DE", "de", f"+49 30 23125{within % 1000:03}"
        case 17:
            return "AU", "en", f"+61 491 570 {156 + within % 4:03}"
        case _:
            return "US", "es" if number % 9 == 0 else "en", us_phone(number)
