"""What a program chooses for a file, over what was guessed: every field may be left out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from allstop.actions.actor import Actor, Invalid
from allstop.actions.import_options import ImportOptions, Route, Start, options_from_json, options_to_json
from allstop.actions.import_preview import preview
from allstop.actions.imports import configure, options_of
from allstop.actions.own_windows import as_json
from allstop.actions.templates import Wording, proposed_wording
from allstop.doors.api.attachments import IDS, Attached
from allstop.doors.api.own_window import WindowIn
from allstop.doors.api.request import Clock, Id, Line, Strict, Text, Timestamp
from allstop.formats.dates import Order
from allstop.formats.mapping import Basis
from allstop.formats.mapping import Field as Column
from allstop.rules.facts import Channel, Purpose
from allstop.store.models import Import

OPENING = ("encoding", "delimiter", "sheet")
Words = Annotated[Text, Field(max_length=100_000)]


class WordingIn(Strict):
    body: Words
    subject: Line = ""
    new_body: Words = ""
    new_subject: Line = ""
    attachments: Attached = Field([], description=f"{IDS} Emails only.")


class TimingIn(Strict):
    start: Start
    at: Timestamp | None = None
    days: Annotated[int, Field(ge=0, le=365)] = 1
    clock: Clock = "10:00"


class ImportChoices(Strict):
    name: Annotated[Text, Field(max_length=200)] | None = Field(None, description="Of the job.")
    purpose: Purpose | None = None
    channels: list[Channel] | None = Field(None, description="In the order in which they are tried.")
    route: Route | None = Field(None, description="first: one message a row; all: one on every channel.")
    wording: dict[Channel, WordingIn] | None = None
    timing: TimingIn | None = Field(None, description="now, at a time, or days before the appointment.")
    columns: dict[Column, int | Line] | None = Field(
        None, description="Field -> column, by its heading or its number from 0. Replaces the whole guess."
    )
    location_id: Id | None = Field(None, description="For rows that name none.")
    order: Order | None = Field(None, description="Of day and month.")
    window: WindowIn | None = Field(None, description="For this list alone; null: the account's window and pace.")
    plan_id: Id | None = Field(None, description="A message plan, in place of channels, wording and timing.")
    encoding: Line | None = None
    delimiter: Line | None = None
    sheet: Line | None = None


def choose(actor: Actor, taken: Import, choices: ImportChoices, now: datetime) -> Import:
    """The caller opens the transaction: choices that cannot be used leave no file behind."""
    said = choices.model_dump(mode="json", include=choices.model_fields_set)
    opening = {name: said.pop(name) for name in OPENING if name in said}
    if opening:
        taken = configure(actor, taken.pk, _merged(options_of(taken), opening), now)
    if not said:
        return taken
    if "window" in said:
        said["window"] = as_json(choices.window.proposal()) if choices.window else None
    if "columns" in said:
        said["columns"] = _numbers(said["columns"], preview(actor, taken.pk, now).columns)
        said["basis"] = dict.fromkeys(said["columns"], Basis.CHOSEN.value)
    return configure(actor, taken.pk, _reworded(_merged(options_of(taken), said), choices), now)


def _merged(options: ImportOptions, said: dict[str, Any]) -> ImportOptions:
    before = options_to_json(options)
    if "wording" in said:
        said = {**said, "wording": {**before["wording"], **said["wording"]}}
    return options_from_json({**before, **said})


def _reworded(options: ImportOptions, choices: ImportChoices) -> ImportOptions:
    """Another purpose with no words of its own gets the words proposed for it, not those of a reminder."""
    if choices.purpose is None:
        return options
    said = choices.wording or {}
    has = options.mapping.columns.keys()
    wording: dict[str, Wording] = {
        channel.value: options.wording[channel] if channel in said else proposed_wording(options.purpose, channel, has)
        for channel in Channel
    }
    return _merged(options, {"wording": {channel: _json(words) for channel, words in wording.items()}})


def _json(words: Wording) -> dict[str, Any]:
    return {
        "subject": words.subject,
        "body": words.body,
        "new_subject": words.new_subject,
        "new_body": words.new_body,
        "attachments": list(words.attachments),
    }


def _numbers(columns: dict[str, int | str], headings: Sequence[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for field, column in columns.items():
        if isinstance(column, str) and column not in headings:
            known = ", ".join(headings)
            raise Invalid(columns=f"There is no column {column} in the file. It has: {known}.")
        numbers[field] = headings.index(column) if isinstance(column, str) else column
    return numbers
