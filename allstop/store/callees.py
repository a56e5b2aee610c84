"""Who is called: what a call depends on beside its words."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from allstop.rules.calling import CANCEL, CONFIRM
from allstop.rules.visit_thanks import read_thanks, text_for

USUAL_THANKS: Mapping[str, str] = MappingProxyType({})
_SAYS = {CONFIRM: "confirmed", CANCEL: "cancelled"}


class Callee(NamedTuple):
    language: str  # BCP 47; "" = not known
    rung: int  # attempts since its last reset that the trunk took and nobody answered
    thanks: Mapping[str, str] = USUAL_THANKS  # a key -> what the message plan says to it


CALLEES = "SELECT id, language, rung, thanks, account FROM queue_callees($1::bigint[], $2::bigint[])"


def callee_of(language: str, rung: int, thanks: str, account: str) -> Callee:
    if thanks == "[]":
        return Callee(language, rung)
    wording = read_thanks(json.loads(thanks))
    said = {key: text_for(wording, answer, language, account) for key, answer in _SAYS.items()}
    return Callee(language, rung, {key: words for key, words in said.items() if words})
