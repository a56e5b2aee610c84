"""Closed sets that the database holds by check constraints, taken from the rules so that each word has one home."""

from enum import StrEnum

from django.db.models import CheckConstraint, Q


def one_of(column: str, words: type[StrEnum], name: str) -> CheckConstraint:
    """`column` holds one of `words`, or NULL where the column allows it (a check passes on NULL)."""
    return CheckConstraint(condition=Q(**{f"{column}__in": [word.value for word in words]}), name=name)
