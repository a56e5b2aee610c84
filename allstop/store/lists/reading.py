"""One statement, its rows as named tuples or dataclasses by position."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import connection

Row = TypeVar("Row")


def rows(make: Callable[..., Row], sql: str, values: Mapping[str, Any]) -> list[Row]:
    """Each row's columns are the arguments of `make`, in order."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [make(*row) for row in cursor.fetchall()]


def scalar(sql: str, values: Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        assert row is not None
        return row[0]
