"""Values of which hundreds of thousands are made: frozen for the type checker, and cheap to make.

A really frozen dataclass sets each field by a call of its own, which takes four times as long.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def made_often(of: type[T]) -> type[T]:
    return dataclass(slots=True, unsafe_hash=True)(of)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def made_often_by_name(of: type[T]) -> type[T]:
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(of)
