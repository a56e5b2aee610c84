"""Fields for days and times of our time: a slip of the year, such as 0026 or 20266, is said at its field.

The rule that it guards: no page adds days to the ends of the calendar, where there are none.
"""

from datetime import date, datetime
from typing import Any

from django import forms

from allstop.rules.wallclock import OneDay, of_our_time


class DayField(forms.DateField):
    def to_python(self, value: Any) -> date | None:
        return _checked(super().to_python(value))


class MomentField(forms.DateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        try:
            return _checked(super().to_python(value))
        except OverflowError as odd:  # on its way to the account's clock
            raise forms.ValidationError("Check the year.") from odd


def _checked(said: OneDay | None) -> OneDay | None:
    if said is None:
        return None
    try:
        return of_our_time(said)
    except ValueError as odd:
        raise forms.ValidationError(str(odd)) from odd
