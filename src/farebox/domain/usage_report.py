"""
What a usage report says, read back: who holds which product since when, and what was used of it (exports, 19 columns).

A report is about a range that it does not name, and has sums and no uses: nothing in it can be rated or charged. What
it does tell for good is who there is and what each holds; the sums are counted, so that they can be compared.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens, tokens
from farebox.domain.clock import Instant, day, midnight, read_instant
from farebox.domain.errors import FareboxError, InvalidTime, Problem, Rejected
from farebox.domain.teams import canonical

ROWS_MAX = 100_000
"""Rows that one report may have."""

PROBLEMS_MAX = 1_000
"""Problems of one report that are told."""

NAME_LENGTH_MAX = 200
HIDDEN = "*****"
"""What a report has in the place of a name that is hidden."""

BY_TOKENS = frozenset({"flex", "token flex"})
TRIALS = frozenset({"trial"})
EVERYTHING = "all products"
"""How Farebox names the offering of somebody who was given all that there is (domain A2)."""


class Row(NamedTuple):
    """What a line of a report says, as it stands there; a `fault` is why it says nothing."""

    pointer: str
    person: str = ""
    pseudonym: str = ""
    name: str = ""
    offering: str = ""
    code: str = ""
    assignment: str = ""
    assigned: str = ""
    access: str = ""
    days_used: str = ""
    tokens_used: str = ""
    fault: str = ""


class Kind(StrEnum):
    """What a line says that somebody has."""

    NOTHING = "nothing"
    ASSIGNMENT = "assignment"
    SEAT = "seat"
    TRIAL = "trial"
    HIDDEN = "hidden"
    """What they used is told, and not what they hold."""


class Said(NamedTuple):
    """A line that means something; `person` is a canonical name, or empty where names are hidden."""

    pointer: str
    person: str
    pseudonym: str
    name: str
    product: str
    """How the product is called, in lower case: its code where the report has it, else its name."""
    everything: bool
    kind: Kind
    since: Instant | None
    days_used: int
    tokens_used: Tokens


def read(row: Row) -> Said:
    """Return what a line means. Raises `Rejected` with every problem of it."""
    problems = [Problem(row.pointer, "invalid_csv", row.fault)] if row.fault else []
    if not row.fault:
        reader = _Reader(row, problems)
        said = reader.said()
    if problems:
        raise Rejected(problems)
    return said


class _Reader:
    """Reads the fields of a line, and collects what is wrong with them."""

    def __init__(self, row: Row, problems: list[Problem]) -> None:
        self._row = row
        self._problems = problems

    def said(self) -> Said:
        """Return what the line means, as far as it means anything."""
        row = self._row
        offering = (row.code or row.offering).strip().casefold()
        if not offering and not self._is_booked():
            self._note("offering", "missing_field", "the line names no product")
        return Said(
            pointer=row.pointer,
            person=self._person(),
            pseudonym=row.pseudonym.strip(),
            name="" if HIDDEN in row.name else " ".join(row.name.split())[:NAME_LENGTH_MAX],
            product=offering,
            everything=not row.code and offering == EVERYTHING,
            kind=self._kind(),
            since=self._since(),
            days_used=self._days(),
            tokens_used=self._tokens(),
        )

    def _is_booked(self) -> bool:
        """Tell whether a line only has tokens, like what was adjusted by hand: it is nobody's, or of no product."""
        row = self._row
        is_anybodys = bool(row.person.strip() or row.pseudonym.strip())
        return not row.assignment.strip() and not (is_anybodys and (row.code or row.offering).strip())

    def _person(self) -> str:
        """Return the canonical name; one that is the pseudonym is hidden."""
        text = self._row.person.strip()
        if text in ("", HIDDEN, self._row.pseudonym.strip()):
            return ""
        try:
            return canonical(text, pointer=f"{self._row.pointer}/email")
        except Rejected as error:
            self._problems += error.problems
            return ""

    def _kind(self) -> Kind:
        said = self._row.assignment.strip().casefold()
        if said == HIDDEN:
            return Kind.HIDDEN
        if said not in ("assigned", "unassigned") and not self._is_booked():
            self._note("seat_assignment", "invalid_value", "a seat assignment is assigned or unassigned")
        access = self._row.access.strip().casefold()
        if said != "assigned":
            return Kind.NOTHING
        if access in BY_TOKENS:
            return Kind.ASSIGNMENT
        return Kind.TRIAL if access in TRIALS else Kind.SEAT

    def _since(self) -> Instant | None:
        text = self._row.assigned.strip()
        if not text:
            return None
        try:
            return midnight(day(date.fromisoformat(text))) if len(text) == len("2026-03-31") else read_instant(text)
        except (InvalidTime, ValueError):
            self._note("assigned_date", "invalid_value", "a date is written like 2026-03-31 or 2026-03-31T08:00:00Z")
            return None

    def _days(self) -> int:
        text = self._row.days_used.strip()
        if not text.isascii() or not (text.isdecimal() or not text):
            self._note("days_used", "invalid_value", "days are a whole number")
            return 0
        return int(text[:9] or 0)

    def _tokens(self) -> Tokens:
        text = self._row.tokens_used.strip()
        try:
            return tokens(text) if text else ZERO
        except FareboxError:
            self._note("tokens_used", "invalid_value", "tokens are a number like 12 or 0.5")
            return ZERO

    def _note(self, column: str, code: str, message: str) -> None:
        self._problems.append(Problem(f"{self._row.pointer}/{column}", code, message))
