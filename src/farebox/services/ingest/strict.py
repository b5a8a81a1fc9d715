"""
JSON as RFC 8259 has it and nothing more: UTF-8, no member twice, no NaN, no half of a character.

The standard library reads more than that. What it lets through is refused here, with every fault named.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple, NoReturn

from farebox.domain.errors import Problem

DIGITS_MAX = 40
_HUGE = 10**DIGITS_MAX
"""Stands for every whole number of more digits; no member of anything takes either."""


class Plain(NamedTuple):
    """What a text says, as far as it can be read, and what keeps it from being JSON."""

    value: object
    problems: tuple[Problem, ...] = ()


def read_strictly(raw: bytes) -> Plain:
    """Read a JSON text. A text that only repeats members, or breaks a character, still has a value."""
    repeated: Counter[str] = Counter()

    def pairs(members: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(members)
        if len(found) < len(members):
            repeated.update(name for name, count in Counter(name for name, _ in members).items() if count > 1)
        return found

    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant, parse_int=_whole)
        value, broken = _with_whole_characters(value) if b"\\u" in raw else (value, False)
    except (ValueError, RecursionError) as error:
        return Plain(None, (Problem("", "invalid_json", f"not JSON: {str(error)[:120]}"),))
    problems = [Problem("", "invalid_json", "not JSON: half of a surrogate pair")] if broken else []
    problems += [
        Problem("", "duplicate_key", f"the member {_shown(name)} stands twice in one object") for name in repeated
    ]
    return Plain(value, tuple(problems))


def _with_whole_characters(value: object) -> tuple[object, bool]:
    """Return the value with a question mark for each half of a surrogate pair, and whether there was one."""
    text = json.dumps(value, ensure_ascii=False)
    clean = text.encode("utf-8", "replace").decode()
    return (value, False) if clean == text else (json.loads(clean), True)


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= DIGITS_MAX else _HUGE


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _shown(name: str) -> str:
    return repr(name[:60].encode("utf-8", "replace").decode())
