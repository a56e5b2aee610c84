"""Who is called: what a call depends on beside its words."""

from typing import NamedTuple


class Callee(NamedTuple):
    language: str  # BCP 47; "" = not known
    rung: int  # attempts that the trunk took and nobody answered


CALLEES = "SELECT id, language, rung FROM queue_callees($1::bigint[], $2::bigint[])"
