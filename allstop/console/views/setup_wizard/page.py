"""What a page of the setup wizard is: a form that reads settings and writes them, and what else it shows.

The rule that it guards: a page knows its own settings only, and checks nothing that the action checks: what is wrong
comes back by the place of the setting, and is shown at the field that `places` names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from allstop.console.access import Desk
from allstop.rules.facts import Channel
from allstop.rules.sending import Settings


@dataclass(frozen=True, slots=True)
class Look:
    """What a page is drawn from."""

    desk: Desk
    settings: Settings
    form: "SetupForm"
    zone: str
    now: datetime
    has_password: Mapping[Channel, bool]  # typed in the draft, or kept


class SetupForm(forms.Form):
    places: ClassVar[Mapping[str, str]] = {}  # place of the setting -> field
    hides_optional = True  # which fields are needed depends on the provider: it is said when one is missing

    @property
    def is_final(self) -> bool:
        """Not while the page is still being filled in: then something may be missing."""
        return self.data.get("go") == "next" or self.prefix is not None

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        """What the fields show of the settings."""
        return {}

    def onto(self, settings: Settings) -> Settings:
        """The settings with what was typed. Only of a valid form."""
        return settings

    def passing(self) -> dict[str, Any]:
        """What was typed and is no setting: fields of the page as it is drawn anew."""
        return {}

    def passwords(self) -> dict[Channel, str]:
        """What was typed; none: as it was."""
        return {}

    def tell(self, problems: Mapping[str, str]) -> bool:
        """Those that belong to this page, at their fields. True: there are some."""
        mine = {field: problems[place] for place, field in self.places.items() if place in problems}
        for field, words in mine.items():
            self.add_error(field if field in self.fields else None, words)
        return bool(mine)


def nothing_more(look: Look) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPage:
    slug: str
    name: str  # among the steps
    title: str
    template: str
    form: type[SetupForm] = SetupForm
    more: Callable[[Look], dict[str, Any]] = nothing_more
    sessions: Channel | None = None  # whose days and times it shows
    rehearses: Channel | None = None  # on whose waiting messages its settings are tried
    warns: tuple[str, ...] = ()  # places whose warnings it shows, by their beginning
