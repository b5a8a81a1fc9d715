"""
Lists of people: what each line says, and what would become of it in a team as it stands.

A line names one person: first name, last name, e-mail address [S 003]. What is wrong with it is told in full, column by
column, and the line is left out; the others are not held up by it. What was judged is fixed by a digest, so that what
is done later is what was shown.  (product B5, domain A3)
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.errors import Problem, Rejected
from farebox.domain.invitations import name_problems
from farebox.domain.teams import canonical, is_email

ROWS_MAX = 5_000
"""How many people one list names [S 003]."""

FILE_BYTES_MAX = 4 * 1024 * 1024
"""More than that many people need."""

_BLANKS = " \t\u00a0\u3000"


class Column(StrEnum):
    """What a list has to tell, in the order in which lists usually do."""

    FIRST = "first"
    LAST = "last"
    EMAIL = "email"


class Verdict(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    """Nobody of that address is known: a person is added."""
    KNOWN = "known"
    """Known from usage alone: becomes a member, and keeps what was used (domain M1)."""
    MEMBER = "member"
    """A member already: is given what is given to all."""
    INVITED = "invited"
    """Was invited and has not accepted: what is given can be opened from then on."""
    BACK = "back"
    """Left the team once, and comes back."""
    DUPLICATE = "duplicate"
    """An earlier line is about the same person: left out."""
    REFUSED = "refused"
    """Something is wrong with the line: left out."""


LEFT_OUT = (Verdict.REFUSED, Verdict.DUPLICATE)
"""What is not imported, the worse first."""

_BECOMES_MEMBER = (Verdict.NEW, Verdict.KNOWN)


@dataclass(frozen=True, slots=True)
class Said:
    """A line as it stands in the list; `fault` is what keeps it from being read at all."""

    line: int
    first: str = ""
    last: str = ""
    email: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line that was read: whom it names, and all that is wrong with it, at `/first`, `/last`, `/email` or `/line`."""

    line: int
    name: str
    email: str
    """The canonical address, or what stands there in a line that is refused."""
    problems: tuple[Problem, ...] = ()


class Known(NamedTuple):
    """Somebody whom the team knows by an address: the number, what a line about them means, and the name."""

    person: int
    verdict: Verdict
    name: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line and its verdict; a duplicate is `of` an earlier line, and `known` is the name that the team has."""

    row: Row
    verdict: Verdict
    of: int = 0
    known: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the line is imported."""
        return self.verdict not in LEFT_OUT


class Choice(NamedTuple):
    """What everybody of a list is given: products by number or all of the offer, and a group to join (0: none)."""

    products: frozenset[int] = frozenset()
    every: bool = False
    group: int = 0


def read(said: Said) -> Row:
    """Read a line, with every problem of it."""
    if said.fault:
        return Row(said.line, "", "", (Problem("/line", "wrong_columns", said.fault),))
    first, last = _single_spaced(said.first), _single_spaced(said.last)
    problems = [*name_problems(first, "/first"), *name_problems(last, "/last")]
    name = full_name(first, last)
    if not name:
        problems.append(Problem("/first", "no_name", "a name is missing"))
    elif not problems:
        problems += name_problems(name, "/last")
    email, wrong = _address(said.email)
    return Row(said.line, name, email, (*problems, *wrong))


def full_name(first: str, last: str) -> str:
    """Put a name together: the family name first where both are written in Chinese, Japanese or Korean signs."""
    parts = (last, first) if _is_eastern(first) and _is_eastern(last) else (first, last)
    return " ".join(part for part in parts if part)


def judge(rows: Iterable[Row], known: Mapping[str, Known]) -> list[Judged]:
    """
    Return the verdict on each line, given whom the team knows by these addresses.

    Two lines are about one person also where the team knows that person by both addresses.
    """
    met: dict[str | int, int] = {}
    return [_judged(row, known.get(row.email), met) for row in rows]


def _judged(row: Row, known: Known | None, met: dict[str | int, int]) -> Judged:
    if row.problems:
        return Judged(row, Verdict.REFUSED)
    who = known.person if known else row.email
    if who in met:
        return Judged(row, Verdict.DUPLICATE, of=met[who])
    met[who] = row.line
    return Judged(row, known.verdict, known=known.name) if known else Judged(row, Verdict.NEW)


def still_stands(shown: Verdict, now: Verdict) -> bool:
    """Tell whether a line is still what was shown; who turned up in usage meanwhile becomes a member all the same."""
    return shown is now or (shown in _BECOMES_MEMBER and now in _BECOMES_MEMBER)


def counts(judged: Iterable[Judged]) -> dict[Verdict, int]:
    """Return how many lines got each verdict."""
    found = Counter(one.verdict for one in judged)
    return {verdict: found[verdict] for verdict in Verdict}


def problems_first(judged: Iterable[Judged]) -> list[Judged]:
    """Return the lines in the order in which they are shown: refused, duplicates, then the others, by line."""
    place = {verdict: at for at, verdict in enumerate(LEFT_OUT)}
    return sorted(judged, key=lambda one: (place.get(one.verdict, len(place)), one.row.line))


def digest(judged: Sequence[Judged]) -> str:
    """Return what tells one judgement of one list from every other."""
    told = [(one.row.line, one.row.name, one.row.email, one.verdict.value, one.of) for one in judged]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


def _address(text: str) -> tuple[str, list[Problem]]:
    """Return the canonical form of an address, or the text as it stands and what is wrong with it."""
    typed = text.strip(_BLANKS)
    if not typed:
        return "", [Problem("/email", "no_address", "an e-mail address is missing")]
    try:
        form = canonical(typed, pointer="/email")
    except Rejected as error:
        return typed, list(error.problems)
    if not is_email(form):
        return typed, [Problem("/email", "no_address", "this is no e-mail address")]
    return form, []


def _single_spaced(text: str) -> str:
    """Return a name without the blanks around it, with single ones inside; ends of lines stay, and are refused."""
    return " ".join(part for part in text.strip(_BLANKS).replace("\u3000", " ").split(" ") if part)


_EASTERN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "BOPOMOFO")


def _is_eastern(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and all(unicodedata.name(sign, "").startswith(_EASTERN) for sign in letters)
