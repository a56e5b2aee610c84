"""A file from its upload to the moment it is confirmed: read, guessed, corrected by a person, previewed, queued.

The rule that it guards: until it is confirmed nothing of it can leave, and what cannot work is said before that.
Files are taken while STOPPED as well: their messages wait. import_run.py does what is confirmed here.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.attachments import problem_of
from allstop.actions.import_file import OpenFile, open_file, table_of
from allstop.actions.import_options import (
    MOST_DAYS_BEFORE,
    ImportOptions,
    Start,
    Timing,
    options_from_json,
    options_to_json,
)
from allstop.actions.import_plan import placeholder_names
from allstop.actions.import_visits import plan_problems
from allstop.actions.templates import PLACEHOLDERS, Keep, Wording, check_wording, proposed_wording, save_template
from allstop.formats import mapping as mappings
from allstop.formats.delimited import DELIMITERS
from allstop.formats.delimited_writing import guarded
from allstop.formats.encodings import ENCODINGS
from allstop.formats.mapping import Field
from allstop.formats.opening import sample
from allstop.formats.sniff import Format, detect
from allstop.formats.table import Table, Unreadable
from allstop.rules.facts import Channel, Purpose
from allstop.rules.roles import Act
from allstop.store.models import (
    Account,
    FeedFile,
    FeedFileState,
    Import,
    ImportProblem,
    ImportState,
    JobSource,
    Location,
    Template,
)

LARGEST = 64 << 20  # bytes; 100,000 reminders take about 15 MB
_PHONES = frozenset({Field.PHONE, Field.MOBILE, Field.PHONE_2})
_OPEN_STATES = (ImportState.UPLOADED, ImportState.FAILED)


@transaction.atomic
def upload(actor: Actor, file_name: str, content: bytes, now: datetime, source: JobSource) -> Import:
    """Take a file in and guess how it is to be read. Invalid: the file cannot be read, with what to do."""
    require(actor, Act.IMPORT_REMINDERS)
    if len(content) > LARGEST:
        raise Invalid(file=f"This file is larger than {LARGEST >> 20} MB. Split it into several files.")
    account = Account.objects.get(pk=actor.account_id)
    found = detect(content, file_name)
    taken = Import(
        account=account,
        file_name=file_name[-200:],
        format=found.value if isinstance(found, Format) else "",
        content=content,
        source=source.value,
        state=ImportState.UPLOADED.value,
        created_by=actor.name,
        created_at=now,
    )
    table = table_of(taken, account, None, now)
    if isinstance(table, Unreadable):
        raise Invalid(file=table.reason)
    options = _proposed(table, file_name)
    file = open_file(taken, account, options, now)
    assert isinstance(file, OpenFile)  # the same bytes were read a moment ago
    if not file.rows_total:
        raise Invalid(file="There are no rows below the header of this file. Check that the export has finished.")
    taken.options = options_to_json(options)
    taken.rows_total = file.rows_total
    taken.save(force_insert=True)
    return taken


@transaction.atomic
def configure(actor: Actor, import_id: int, options: ImportOptions, now: datetime) -> Import:
    """Keep a person's choices. Another encoding, delimiter or sheet has other columns: these are guessed afresh."""
    require(actor, Act.IMPORT_REMINDERS)
    taken = import_of(actor, import_id, lock=True)
    _require_open(taken)
    account = Account.objects.get(pk=actor.account_id)
    before = options_of(taken)
    if (options.encoding, options.delimiter, options.sheet) != (before.encoding, before.delimiter, before.sheet):
        _check_opening(options)
        table = table_of(taken, account, options, now)
        if isinstance(table, Unreadable):
            raise Invalid(file=table.reason)
        options = replace(options, mapping=mappings.guess(table.columns, sample(table)))
    file = _opened(taken, account, options, now)
    problems = check_options(account, options, file.table)
    if problems:
        raise Invalid(**problems)
    Import.objects.filter(pk=taken.pk).update(
        options=options_to_json(options),
        location_id=options.location_id,
        rows_total=file.rows_total,
        state=ImportState.UPLOADED,
        failure="",
    )
    return import_of(actor, import_id)


@transaction.atomic
def keep_wording(actor: Actor, import_id: int, keeps: Iterable[Keep], now: datetime) -> None:
    """Save wording as it was configured; it may name the columns of this file. Problems are named by channel."""
    taken = import_of(actor, import_id)
    options = options_of(taken)
    known = _known(_opened(taken, Account.objects.get(pk=actor.account_id), options, now).table)
    for keep in keeps:
        words = options.wording.get(keep.channel, Wording(""))
        template = Template(
            name=keep.name,
            channel=keep.channel.value,
            purpose=options.purpose.value,
            subject=words.subject if keep.channel is Channel.EMAIL else "",
            body=words.body,
        )
        try:
            save_template(actor, template, now, known, replaces=keep.replaces)
        except Invalid as invalid:
            fields = {"name": "keep"}
            problems = {f"{keep.channel}_{fields.get(name, name)}": text for name, text in invalid.problems.items()}
            raise Invalid(**problems) from invalid


@transaction.atomic
def confirm(actor: Actor, import_id: int, now: datetime) -> Import:
    """Queue it: a worker makes its messages. A file that failed may be confirmed again."""
    require(actor, Act.IMPORT_REMINDERS)
    taken = import_of(actor, import_id, lock=True)
    _require_open(taken)
    account = Account.objects.get(pk=actor.account_id)
    options = options_of(taken)
    problems = check_options(account, options, _opened(taken, account, options, now).table)
    if problems:
        raise Invalid(**problems)
    _take_up_again(taken)
    Import.objects.filter(pk=taken.pk).update(state=ImportState.QUEUED, failure="", rows_done=0, taken_at=None)
    return import_of(actor, import_id)


def _take_up_again(taken: Import) -> None:
    """One that came by a feed and failed is a file of the feed again, unless the same has come and was imported."""
    file = FeedFile.objects.filter(source=taken).first()
    if file is None:
        return
    same = FeedFile.objects.filter(feed_id=file.feed_id, digest=file.digest).exclude(pk=file.pk)
    if same.filter(state__in=(FeedFileState.TAKEN, FeedFileState.DONE)).exists():
        raise Conflict("The same file has come by its feed again, and was imported then.")
    FeedFile.objects.filter(pk=file.pk).update(state=FeedFileState.TAKEN)


@transaction.atomic
def discard(actor: Actor, import_id: int, now: datetime) -> None:
    """Forget a file that was not imported."""
    require(actor, Act.IMPORT_REMINDERS)
    taken = import_of(actor, import_id, lock=True)
    _require_open(taken)
    taken.delete()


def problems_csv(actor: Actor, import_id: int) -> bytes:
    """The list of problems for a spreadsheet program: UTF-8 with the mark that Excel needs to see it."""
    require(actor, Act.VIEW)
    taken = import_of(actor, import_id)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("Row", "Column", "Value", "Problem"))
    writer.writerows(problem_rows(taken))
    return text.getvalue().encode("utf-8-sig")


def problem_rows(taken: Import) -> Iterator[tuple[int, str, str, str]]:
    """Safe in a spreadsheet program."""
    rows = ImportProblem.objects.filter(source=taken).order_by("row", "pk")
    for row, column, value, problem in rows.values_list("row", "column", "value", "problem").iterator():
        yield row, column, guarded(value), problem


def options_of(taken: Import) -> ImportOptions:
    return replace(options_from_json(taken.options), location_id=taken.location_id)


def import_of(actor: Actor, import_id: int, lock: bool = False) -> Import:
    found = Import.objects.filter(account_id=actor.account_id, pk=import_id)
    taken = (found.select_for_update(of=("self",)) if lock else found).first()
    if taken is None:
        raise NotThere("There is no such import.")
    return taken


def check_options(account: Account, options: ImportOptions, table: Table) -> dict[str, str]:
    """Field -> what keeps these options from making messages, in words."""
    problems: dict[str, str] = {}
    if not options.name.strip() or len(options.name) > 200:
        problems["name"] = "Give the job a name of at most 200 characters."
    if any(not 0 <= index < len(table.columns) for index in options.mapping.columns.values()):
        problems["columns"] = "A column is chosen that is not in the file. Choose the columns again."
    elif lacks := mappings.problems(options.mapping, options.purpose is Purpose.REMINDER):
        problems["columns"] = " ".join(lacks)
    if options.plan_id is None and not options.channels:
        problems["channels"] = "Choose at least one of text, call and email."
    location = options.location_id
    if location is not None and not Location.objects.filter(account=account, pk=location).exists():
        problems["location_id"] = "There is no such location in this account."
    timing = options.timing
    if timing.start is Start.AT and timing.at is None:
        problems["timing"] = "Say at which day and time the messages should leave."
    if not 0 <= timing.days <= MOST_DAYS_BEFORE:
        problems["timing"] = f"Choose a number of days from 0 to {MOST_DAYS_BEFORE}."
    if options.plan_id is not None:
        return problems | plan_problems(account.pk, options)
    return {**problems, **_wording_problems(account.pk, options, table)}


def _wording_problems(account_id: int, options: ImportOptions, table: Table) -> dict[str, str]:
    known = _known(table)
    problems: dict[str, str] = {}
    for channel in options.channels:
        words = options.wording.get(channel)
        if words is None:
            problems[f"{channel}_body"] = "Write what the message says."
            continue
        for field, text in check_wording(channel, options.purpose, words.subject, words.body, known).items():
            problems[f"{channel}_{field}"] = text
        new = check_wording(channel, options.purpose, words.new_subject or "-", words.new_body or "-", known)
        for field, text in new.items():
            problems[f"{channel}_new_{field}"] = text
        if why := problem_of(account_id, words.attachments, [channel]):
            problems[f"{channel}_attachments"] = why
    return problems


def _known(table: Table) -> tuple[str, ...]:
    return (*PLACEHOLDERS, *placeholder_names(table.columns))


def _check_opening(options: ImportOptions) -> None:
    if options.encoding is not None and options.encoding not in ENCODINGS:
        raise Invalid(encoding=f"{options.encoding} is not an encoding that can be read.")
    if options.delimiter is not None and options.delimiter not in DELIMITERS:
        raise Invalid(delimiter="Columns can be divided by a tab, semicolon, vertical bar or comma.")


def _opened(taken: Import, account: Account, options: ImportOptions, now: datetime) -> OpenFile:
    file = open_file(taken, account, options, now)
    if isinstance(file, Unreadable):
        raise Invalid(file=file.reason)
    return file


def _require_open(taken: Import) -> None:
    if taken.state not in _OPEN_STATES:
        raise Conflict("This file is being imported or has been imported already. Upload it again to change it.")


def _proposed(table: Table, file_name: str) -> ImportOptions:
    mapping = mappings.guess(table.columns, sample(table))
    has = mapping.columns.keys()
    is_bill = Field.AMOUNT in has and not has & {Field.APPOINTMENT_AT, Field.APPOINTMENT_DATE}
    purpose = Purpose.BILLING if is_bill else Purpose.REMINDER
    channels = (Channel.TEXT, Channel.CALL) if has & _PHONES else ()
    return ImportOptions(
        name=PurePath(file_name).stem[:200] or "Upload",
        purpose=purpose,
        mapping=mapping,
        channels=(*channels, Channel.EMAIL) if Field.EMAIL in has else channels,
        wording={channel: proposed_wording(purpose, channel, has) for channel in Channel},
        timing=Timing(Start.NOW if is_bill else Start.BEFORE),
    )
