"""Documentation is under test, both ways: what it names exists, and what exists is named."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from django.urls import Resolver404, resolve

from allstop.actions.templates import PLACEHOLDERS
from allstop.channels.configuration import Config
from allstop.channels.email.config import SmtpConfig
from allstop.channels.sandbox.conduct import BY_LOCAL_PART, BY_PHONE_ENDING
from allstop.channels.sandbox.config import SandboxConfig
from allstop.channels.sip.config import SipConfig
from allstop.channels.smpp.config import SmppConfig
from allstop.channels.text_api.config import TextApiConfig
from allstop.cli.app import app
from allstop.cli.demo import PASSWORD, PEOPLE
from allstop.console.frame import EVENTS_URL
from allstop.console.urls import urlpatterns
from allstop.doors.api.errors import no_such_operation
from allstop.doors.api.urls import api
from allstop.formats.mapping import LABELS
from allstop.rules.leads import REASON_WORDS
from allstop.rules.lifecycle import AREA_WORDS, STATUS_WORDS, AccountStatus, Area, cell_words, change_words, may_become
from allstop.rules.quiet_law import NOT_CHECKED
from allstop.rules.reasons import CHECKS, REASONS
from allstop.rules.words import Channel
from allstop.store.quiet_laws import law

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PICTURES = DOCS / "pictures"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LARGEST_PICTURE = 150_000  # bytes

API = "/api/v1"  # what all its addresses begin with

_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(
    r"(?:^|\| )(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\./run |python -m )?allstop ([a-z][a-z-]*)"
    r"(?: (channel (?:call|text|email)|[a-z][a-z-]*))?"
)
_ADDRESS = re.compile(r"^(?:(GET|POST|PUT|PATCH|DELETE) )?(/[\w./{}-]*)(?:\?\S*)?$")
_OWN_URL = re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?(/[\w./{}-]*)")
_VARIABLE = re.compile(r"\bALLSTOP_[A-Z]+(?:_[A-Z]+)*\b|\bDATABASE_URL\b")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(r"^(?:allstop|docs|tests|tools|\.ci)/[\w./-]*$")
_OF_THE_MACHINE = ("/var/", "/tmp", "/etc/", "/usr/", "/proc/")  # files, not addresses


def words_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> Iterator[str]:
    """What stands in backticks, and each line of a block of code."""
    inside = False
    for line in words_of(page).splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif inside or line.startswith("    "):
            yield line.strip()
        else:
            yield from _SPAN.findall(line)


def prose_of(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", words_of(page), flags=re.MULTILINE | re.DOTALL)


def table(page: str, *heading: str) -> list[list[str]]:
    """The rows of the table with these columns, without their backticks."""
    lines = iter(words_of(DOCS / page).splitlines())
    wanted = f"| {' | '.join(heading)} |"
    assert wanted in lines, f"docs/{page} has no table with the columns {', '.join(heading)}"
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def short(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- settings


def test_every_variable_that_the_program_reads_is_in_the_settings_and_no_other() -> None:
    sources = [ROOT / "run", *(ROOT / "allstop").rglob("*.py")]
    read = {name for source in sources for name in _VARIABLE.findall(words_of(source))}
    assert read == set(_VARIABLE.findall(words_of(DOCS / "settings.md")))


def test_no_page_names_a_variable_that_the_settings_lack() -> None:
    known = set(_VARIABLE.findall(words_of(DOCS / "settings.md"))) | {"ALLSTOP_TEST_HOME"}
    assert not [
        (short(page), name) for page in PAGES for name in _VARIABLE.findall(words_of(page)) if name not in known
    ]


# --- commands


def commands() -> set[str]:
    def below(command: Any, *words: str) -> Iterator[str]:
        if isinstance(command, click.Group) or hasattr(command, "commands"):
            for name, one in command.commands.items():
                yield from below(one, *words, name)
        else:
            yield " ".join(words)

    return set(below(typer.main.get_command(app)))


def named_commands(page: Path) -> Iterator[tuple[str, str]]:
    for code in code_of(page):
        yield from _COMMAND.findall(code)


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    known = commands()
    families = {command.split()[0] for command in known if " " in command}
    named = {f"{first} {second}" if first in families and second else first for first, second in named_commands(page)}
    assert named <= known | families


def test_every_command_is_described() -> None:
    named = {command for pair in named_commands(DOCS / "commands.md") for command in (pair[0], " ".join(pair))}
    assert commands() <= named


# --- addresses


def named_addresses(page: Path) -> Iterator[tuple[str, str]]:
    """(method or "", path with 1 in the place of every id)."""
    for code in code_of(page):
        found = [("", path) for path in _OWN_URL.findall(code)]
        if (match := _ADDRESS.match(code)) and not match[2].startswith(_OF_THE_MACHINE):
            found = [(match[1] or "", match[2])]
        for method, path in found:
            yield method, re.sub(r"\{\w+\}|\b[A-Z][A-Z_]*\b", "1", path)


def is_answered(path: str) -> bool:
    if path in (EVENTS_URL, API):  # the stream is beside Django, in asgi.py
        return True
    try:
        return resolve(path).func is not no_such_operation
    except Resolver404:
        return False


@cache
def operations() -> frozenset[tuple[str, str]]:
    """(method, pattern of its path)."""
    paths: dict[str, Any] = api.get_openapi_schema()["paths"]
    return frozenset((method.upper(), re.sub(r"\{\w+\}", "[^/]+", path)) for path, of in paths.items() for method in of)


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_address_that_a_page_names_is_answered(page: Path) -> None:
    named = set(named_addresses(page))
    assert not [path for _, path in named if not is_answered(path)]
    of_the_api = {(method, path) for method, path in named if method and path.startswith("/api/v1/")}
    # /api/v1/contacts/1/markers/stop_all is an operation with a value in it
    known = [(method, re.compile(shape)) for method, shape in operations()]
    assert not [one for one in of_the_api if not any(one[0] == how and shape.fullmatch(one[1]) for how, shape in known)]


def test_every_page_of_the_console_is_named_somewhere() -> None:
    named = {path for page in PAGES for _, path in named_addresses(page)}
    addresses = {"/" + re.sub(r"<\w+:\w+>", "1", str(one.pattern)) for one in urlpatterns}
    assert addresses <= named


# --- links and pictures


def anchors(page: Path) -> set[str]:
    """As GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose_of(page), flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose_of(page)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_pictures_are_linked_and_small() -> None:
    links = [(page.parent / link).resolve() for page in PAGES for link in _LINK.findall(prose_of(page))]
    pictures = {link for link in links if link.suffix in (".png", ".svg", ".jpg")}
    assert set(PICTURES.iterdir()) == pictures
    assert not [(short(one), one.stat().st_size) for one in pictures if one.stat().st_size > LARGEST_PICTURE]


def test_every_page_is_listed() -> None:
    listed = {(DOCS / link).resolve() for link in _LINK.findall(words_of(DOCS / "README.md"))}
    assert {page for page in DOCS.rglob("*.md") if page.parent.name != "notes"} - {DOCS / "README.md"} <= listed
    notes = {(DOCS / "notes" / link).resolve() for link in _LINK.findall(words_of(DOCS / "notes" / "README.md"))}
    assert set((DOCS / "notes").glob("*.md")) - {DOCS / "notes" / "README.md"} == notes


def test_every_file_that_a_page_names_exists() -> None:
    named = {(short(page), code) for page in PAGES for code in code_of(page) if _FILE.match(code)}
    assert not [(page, file) for page, file in named if "NAME" not in file and not (ROOT / file).exists()]


# --- tables


def test_the_reasons_are_those_of_the_rules_in_their_order() -> None:
    assert table("why.md", "Code", "In words") == [[code, words] for code, words in REASONS.items()]


def test_what_a_status_does_is_as_the_rules_have_it() -> None:
    statuses = (STATUS_WORDS[status] for status in AccountStatus)
    assert table("accounts.md", "What it decides", *statuses) == [
        [AREA_WORDS[area], *(cell_words(status, area) for status in AccountStatus)] for area in Area
    ]
    changes = [(old, new) for old in AccountStatus for new in AccountStatus if new is not old and may_become(old, new)]
    drawn = re.findall(r"^    (\w+) --> (\w+): (\w+)$", words_of(DOCS / "accounts.md"), flags=re.MULTILINE)
    assert drawn == [(old, new, change_words(old, new)) for old, new in changes]


def test_the_reasons_of_leads_are_those_of_the_rules() -> None:
    assert table("leads.md", "Reason", "Means") == [[reason.value, words] for reason, words in REASON_WORDS.items()]


def test_the_laws_are_those_of_the_files() -> None:
    assert table("quiet-hours.md", "Rule", "Place", "From", "Channels", "Allowed", "Source", "Checked") == [
        [
            rule.key,
            rule.name,
            rule.since.isoformat(),
            ", ".join(channel for channel in Channel if channel in rule.channels),
            rule.hours,
            rule.source,
            NOT_CHECKED if rule.checked is None else f"[{rule.checked.isoformat()}]({rule.seen})",
        ]
        for rule in law().rules
    ]


def test_the_checks_are_those_of_the_gate_in_their_order() -> None:
    assert table("why.md", "Check", "What it looks at") == [[check, words] for check, words in CHECKS.items()]
    assert [row[0] for row in table("why.md", "Check", "It refuses or holds when")] == list(CHECKS)


def test_the_sandbox_behaves_as_its_page_says() -> None:
    phones = table("channels/sandbox.md", "Number ends in", "What it does")
    mails = table("channels/sandbox.md", "Email begins with", "What it does")
    assert phones == [[ending, conduct.words] for ending, conduct in BY_PHONE_ENDING.items()]
    assert mails == [[local_part, conduct.words] for local_part, conduct in BY_LOCAL_PART.items()]


@pytest.mark.parametrize(
    ("page", "config"),
    [
        ("channels/email.md", SmtpConfig),
        ("channels/sandbox.md", SandboxConfig),
        ("channels/sip.md", SipConfig),
        ("channels/smpp.md", SmppConfig),
        ("channels/text_api.md", TextApiConfig),
    ],
)
def test_the_settings_of_a_channel_are_those_that_it_reads(page: str, config: type[Config]) -> None:
    def default(value: object) -> str:
        return "none: must be set" if value is MISSING else str(value) or "empty"

    told = [row[:2] for row in table(page, "Setting", "Default", "What it does")]
    assert told == [[field.name, default(field.default)] for field in fields(config)]


def test_importing_names_every_field_and_every_placeholder() -> None:
    assert [row[0] for row in table("importing.md", "What it is", "A few names that are understood")] == [
        *LABELS.values()
    ]
    told = table("importing.md", "In braces", "Value")
    assert told == [[name, words] for name, words in PLACEHOLDERS.items()]


def test_the_recipe_for_a_backup_takes_the_packaged_programs_before_those_of_the_machine(tmp_path: Path) -> None:
    """An older pg_dump of the machine refuses, and leaves an empty file that looks like a backup."""
    (tmp_path / "pg_dump").touch(mode=0o755)
    [line] = re.findall(r"^    (PATH=.*)$", words_of(DOCS / "operating.md"), re.MULTILINE)
    told = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["bash", "-c", f"{line}; command -v pg_dump"], cwd=ROOT, env=told, capture_output=True, check=True
    )
    assert b"/pginstall/bin/" in ran.stdout


def test_the_demo_log_ins_are_those_that_the_readme_tells() -> None:
    readme = words_of(ROOT / "README.md")
    assert f"`{PASSWORD}`" in readme
    assert re.findall(r"^\| `(\S+@\S+)` \| (\w+) \|", readme, flags=re.MULTILINE) == [
        (email, role.value) for email, _, role in PEOPLE
    ]


# --- what must not be in any file

# Written in pieces, so that this file passes too.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"https?://(?:files\.|test\.)?py" + r"(?:pi\.org|thonhosted\.org)",
            r"https?://registry\.np" + r"mjs\.",
            r"https?://(?:static\.)?cra" + r"tes\.io",
            r"https?://deb\.deb" + r"ian\.org",
            r"https?://proxy\.gol" + r"ang\.org",
            r"(?<![\w.~-])/wo" + r"rk/",
            r"(?<![\w.~-])/ro" + r"ot/",
            r"/tmp/pl" + r"an",
        )
    )
)
NOT_OURS = {"__pycache__", "dist", "build"}


def files_of_the_repository() -> Iterator[Path]:
    def below(folder: Path) -> Iterator[Path]:
        for one in folder.iterdir():
            if one.name in NOT_OURS or one.name.endswith(".egg-info"):
                continue
            if one.name.startswith(".") and one.name not in (".ci", ".gitignore"):
                continue
            if one.is_dir():
                yield from below(one)
            else:
                yield one

    return below(ROOT)


def text_of(file: Path) -> str:
    """Nothing, of what is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_registry_or_a_place_on_somebody_s_machine() -> None:
    assert not [
        (short(file), FORBIDDEN.findall(text_of(file)))
        for file in files_of_the_repository()
        if FORBIDDEN.search(text_of(file))
    ]


def test_pages_and_screens_use_no_long_dashes() -> None:
    written = [*PAGES, *(ROOT / "allstop" / "console" / "templates").rglob("*.html")]
    assert not [short(file) for file in written if "\u2014" in text_of(file)]
