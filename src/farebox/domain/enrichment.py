"""
Values told of people, each from a date on: whose value is in force when, and what of a list cannot mean anything.

A list says of a person, by name, which value holds from a date on until the next one that it says of the same
person; an empty value ends the one before. Names are compared in their canonical form (domain A3). Whether anybody
of that name is known is not asked here: a list usually names people who have used nothing yet.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from farebox.domain.clock import Day, day
from farebox.domain.errors import Problem, Rejected
from farebox.domain.teams import canonical

ROWS_MAX = 100_000
"""Rows that one list may have."""

VALUE_LENGTH_MAX = 200
CATEGORIES_MAX = 10
PROBLEMS_MAX = 1_000
"""Problems of one list that are told; the last one says how many more there are."""

BEGINNING = day(date.min)
"""From when a value holds of which no date is told."""

END = day(date.max)
FIRST_DAY, LAST_DAY = day(date(1990, 1, 1)), day(date(2100, 1, 1))
"""The dates from which a value can be told to hold."""

NO_VALUE = 0
"""The label of an empty text."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of characters that are not seen, or turn what stands after them: two values would look alike."""

_JOINERS = "\u200c\u200d"
"""Unseen characters that some scripts are not written without."""


class Row(NamedTuple):
    """
    What a list says in one place: of whom, which value, and from when (an empty text: from the beginning).

    A `fault` is why the place says nothing: it is no row at all.
    """

    pointer: str
    person: str = ""
    value: str = ""
    since: str = ""
    fault: str = ""


Statements = dict[tuple[str, Day], str]
"""Values by canonical name and by the date from which they hold."""


class Since(NamedTuple):
    """A value, as the number of its text, that holds from a date on."""

    since: Day
    label: int


Told = tuple[Since, ...]
"""What is told of one name, by ascending date."""


class Stretch(NamedTuple):
    """A value that holds on `since` ≤ date < `until`."""

    since: Day
    until: Day
    label: int


class Named(NamedTuple):
    """A name of somebody whose use is metered; one that turned out to be another person's is `joined` to it."""

    id: int
    key: str
    joined: int | None = None


def read(rows: Iterable[Row]) -> Statements:
    """
    Return what a list says. Raises `Rejected` with every problem of every row, up to `PROBLEMS_MAX` of them.

    The same said twice counts once; two values of one person from the same date contradict each other.
    """
    reader = _Reader()
    for number, row in enumerate(rows, 1):
        if number > ROWS_MAX:
            reader.note(row.pointer, "too_many_rows", f"a list has at most {ROWS_MAX:,} rows")
            break
        reader.take(row)
    if reader.found:
        raise Rejected(reader.problems)
    return reader.statements


class _Reader:
    """Takes rows in, and notes what is wrong with them."""

    def __init__(self) -> None:
        self.statements: Statements = {}
        self.found = 0
        self._noted: list[Problem] = []
        self._places: dict[tuple[str, Day], str] = {}
        self._names: dict[str, str] = {}

    @property
    def problems(self) -> list[Problem]:
        """The problems that are told."""
        more = self.found - len(self._noted)
        closing = [Problem("", "more_problems", f"{more:,} more problems are not listed")] if more else []
        return [*self._noted, *closing]

    def note(self, pointer: str, code: str, message: str) -> None:
        """Count a problem, and keep it as long as there is room."""
        self.found += 1
        if len(self._noted) < PROBLEMS_MAX:
            self._noted.append(Problem(pointer, code, message))

    def take(self, row: Row) -> None:
        """Keep what a row says, if it can be understood whole."""
        if row.fault:
            self.note(row.pointer, "wrong_columns", row.fault)
            return
        person, value, since = self._person(row), self._value(row), self._since(row)
        if person is None or value is None or since is None:
            return
        place = (person, since)
        if self.statements.setdefault(place, value) != value:
            message = f"another value of the same person from the same date stands at {self._places[place]}"
            self.note(row.pointer, "contradiction", message)
        self._places.setdefault(place, row.pointer)

    def _person(self, row: Row) -> str | None:
        try:
            return self._names.get(row.person) or self._names.setdefault(row.person, canonical(row.person))
        except Rejected as error:
            for problem in error.problems:
                self.note(f"{row.pointer}/person", problem.code, problem.message)
            return None

    def _value(self, row: Row) -> str | None:
        text = unicodedata.normalize("NFC", row.value.strip(" "))
        if len(text) > VALUE_LENGTH_MAX:
            message = f"a value has at most {VALUE_LENGTH_MAX} characters; this one has {len(text):,}"
            self.note(f"{row.pointer}/value", "value_too_long", message)
        elif not is_plain(text):
            self.note(f"{row.pointer}/value", "invalid_value", "a value is one line, without control characters")
        else:
            return text
        return None

    def _since(self, row: Row) -> Day | None:
        text = row.since.strip()
        if not text:
            return BEGINNING
        on = read_date(text)
        if on is None or not FIRST_DAY <= on < LAST_DAY:
            message = f"{text[:20]!r} is not a date like 2026-03-31, between 1990 and 2100"
            self.note(f"{row.pointer}/from", "invalid_time", message)
            return None
        return on


def is_plain(text: str) -> bool:
    """Tell whether a text is one line that shows all that it says."""
    return text.isprintable() or not any(
        unicodedata.category(character) in _UNSEEN and character not in _JOINERS for character in text
    )


def read_date(text: str) -> Day | None:
    """Return the day of a date written as 2026-03-31, or None for any other text."""
    if len(text) != len("2026-03-31"):
        return None
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return None


def in_force(told: Told, on: Day) -> int:
    """Return the label of the value that holds on a usage date; 0 where none does."""
    place = bisect_right(told, on, key=_since)
    return told[place - 1].label if place else NO_VALUE


def _since(one: Since) -> Day:
    return one.since


def stretches(told: Told) -> Iterator[Stretch]:
    """Yield the stretches of dates on which a value holds, in order."""
    for one, after in pairwise((*told, Since(END, NO_VALUE))):
        if one.label != NO_VALUE:
            yield Stretch(one.since, after.since, one.label)


def told_of(said: Mapping[str, Told], people: Sequence[Named]) -> dict[int, Told]:
    """
    Return what is told of each person, by number.

    What a list says under somebody's own name holds. Else holds what it says under another name of the same human
    being (domain M1): the one that the name was joined to, and then the one that was known first.
    """
    human: dict[int, list[Named]] = defaultdict(list)
    for one in people:
        human[one.joined or one.id].append(one)
    found: dict[int, Told] = {}
    for names in human.values():
        names.sort(key=lambda one: (one.joined is not None, one.id))
        default = next((said[one.key] for one in names if one.key in said), ())
        found |= {one.id: said.get(one.key, default) for one in names}
    return found
