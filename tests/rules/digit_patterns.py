"""Patterns of numbering plans, walked digit by digit: do the last digits of a number matter to them?

A pattern becomes an automaton over the ten digits, and every state that a number's first digits can lead to is asked
whether all ways to go on end the same. So the answer is a proof for every number, not a sample.
"""

import re._constants as c  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

DIGITS = frozenset("0123456789")
State = tuple[Any, ...]  # () = the end of the pattern, else (what comes next, the rest)
States = frozenset[State]


def last_digits_are_free(pattern: str, lengths: Collection[int], last: int) -> bool:
    """Whether, of numbers of these lengths, either all or none match as a whole that differ in the last digits only."""
    at = {_start(pattern)}
    for length in range(max(lengths) - last + 1):
        if length + last in lengths and any(_all_or_none(states, last) is None for states in at):
            return False
        at = {after for states in at for after in _steps(states)}
    return True


def reads(pattern: str) -> int:
    """Of a pattern for the beginning of a number: up to which digit it cares which digit that is."""
    at, place, reach = {_start(pattern)}, 0, 0
    while at:
        place += 1
        if any(state and state[0][0] == "set" and state[0][1] != DIGITS for states in at for state in states):
            reach = place
        at = {after for states in at for after in _steps(states)} - {frozenset()}
    return reach


def longest(pattern: str) -> int:
    """How many digits it can match."""
    at, length = {_start(pattern)}, -1
    while at:
        at, length = {after for states in at for after in _steps(states)} - {frozenset()}, length + 1
    return length


def _start(pattern: str) -> States:
    return _closure([_before(_frozen(parser.parse(pattern)), ())])


def _frozen(parsed: Any) -> tuple[Any, ...]:
    found: list[tuple[Any, ...]] = []
    for op, arg in parsed:
        if op is c.SUBPATTERN:
            found.append(("all", _frozen(arg[3])))
        elif op is c.BRANCH:
            found.append(("one", tuple(_frozen(branch) for branch in arg[1])))
        elif op is c.MAX_REPEAT:
            least, most, of = arg
            assert most is not c.MAXREPEAT, "a plan does not repeat without end"
            found.append(("some", least, int(most), _frozen(of)))
        elif op is c.AT:
            assert arg is c.AT_END
            found.append(("end",))
        else:
            found.append(("set", _digits(op, arg)))
    return tuple(found)


def _digits(op: Any, arg: Any) -> frozenset[str]:
    if op is c.LITERAL:
        return frozenset(chr(arg))
    if op is c.RANGE:
        return frozenset(map(chr, range(arg[0], arg[1] + 1)))
    if op is c.CATEGORY:
        assert arg is c.CATEGORY_DIGIT
        return DIGITS
    assert op is c.IN, op
    return frozenset().union(*(_digits(*one) for one in arg))


def _before(items: tuple[Any, ...], rest: State) -> State:
    for item in reversed(items):
        rest = (item, rest)
    return rest


def _closure(states: Iterable[State]) -> States:
    """Those that wait for a digit, or for the end."""
    todo, seen, found = list(states), set[State](), set[State]()
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        if state and state[0][0] in ("all", "one", "some"):
            todo += _opened(*state)
        else:
            found.add(state)
    return frozenset(found)


def _opened(item: tuple[Any, ...], rest: State) -> Iterator[State]:
    match item:
        case ("all", items):
            yield _before(items, rest)
        case ("one", branches):
            yield from (_before(branch, rest) for branch in branches)
        case ("some", least, most, items):
            if least == 0:
                yield rest
            if most > 0:
                yield _before(items, (("some", max(0, least - 1), most - 1, items), rest))
        case _:
            raise AssertionError(item)


@cache
def _steps(states: States) -> frozenset[States]:
    return frozenset(
        _closure(rest for item, rest in filter(None, states) if item[0] == "set" and digit in item[1])
        for digit in DIGITS
    )


def _matches(states: States) -> bool:
    return any(_is_end(state) for state in states)


def _is_end(state: State) -> bool:
    while state and state[0] == ("end",):
        state = state[1]
    return state == ()


@cache
def _all_or_none(states: States, digits: int) -> bool | None:
    """Of all ways to go on by so many digits: True: all match; False: none does; None: some do."""
    if digits == 0:
        return _matches(states)
    found = {_all_or_none(after, digits - 1) for after in _steps(states)}
    return found.pop() if len(found) == 1 else None
