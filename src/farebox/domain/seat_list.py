"""
Lists of seats and trials: `Email address, Product code, Kind, Start, End`, and what would become of each line.

A day is written 2026-12-31; a start is that day at 00:00 UTC, or now where it is left out or today, and an end includes
its day. Who is named has to be in the team; people are imported by a list of their own.  (product B6, domain F9)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from farebox.domain import seats
from farebox.domain.clock import FIRST, Day, Instant, day
from farebox.domain.errors import Problem, Rejected
from farebox.domain.seats import Held
from farebox.domain.teams import canonical
from farebox.domain.usage import Funding

ROWS_MAX = 5_000


class SeatColumn(StrEnum):
    """What a list of seats tells, in the order of its columns."""

    EMAIL = "email"
    PRODUCT = "product"
    KIND = "kind"
    START = "start"
    END = "end"


class SeatVerdict(StrEnum):
    """What becomes of a line."""

    GIVEN = "given"
    HELD = "held"
    """The same is held already: nothing changes."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SeatSaid:
    """A line as it stands in the list; `fault` is what keeps it from being read at all."""

    line: int
    email: str = ""
    product: str = ""
    kind: str = ""
    start: str = ""
    end: str = ""
    fault: str = ""


class Asked(NamedTuple):
    """What a line asks for: days as they are written, and the problems of the line so far."""

    line: int
    email: str
    product: str
    kind: Funding
    start: Day | None
    end: Day | None
    problems: tuple[Problem, ...]


class Team(NamedTuple):
    """
    What lines are judged against: people by address, products by code, and what is held of each pair.

    `judged` is when the last use began of each pair that has one from now on: what is given begins after it.
    """

    people: Mapping[str, int]
    products: Mapping[str, int]
    held: Mapping[tuple[int, int], Sequence[Held]]
    judged: Mapping[tuple[int, int], Instant]


def asked_pairs(
    asked: Iterable[Asked], people: Mapping[str, int], products: Mapping[str, int]
) -> list[tuple[int, int]]:
    """Return the people and products that lines are about, as far as they are known, each pair once."""
    found = ((people.get(one.email, 0), products.get(one.product.casefold(), 0)) for one in asked)
    return sorted({pair for pair in found if all(pair)})


@dataclass(frozen=True, slots=True)
class SeatJudged:
    """A line and its verdict; what is given to whom, and over which span."""

    line: int
    email: str
    product: str
    kind: Funding
    verdict: SeatVerdict
    problems: tuple[Problem, ...] = ()
    person_id: int = 0
    product_id: int = 0
    since: Instant = FIRST
    until: Instant | None = None


KIND_WORDS: Mapping[str, Funding] = {
    "seat": Funding.SEAT,
    "subscription": Funding.SEAT,
    "prenumeration": Funding.SEAT,
    "användarplats": Funding.SEAT,
    "abonnement": Funding.SEAT,
    "poste": Funding.SEAT,
    "サブスクリプション": Funding.SEAT,
    "シート": Funding.SEAT,
    "trial": Funding.TRIAL,
    "testperiod": Funding.TRIAL,
    "version d’évaluation": Funding.TRIAL,
    "version d'évaluation": Funding.TRIAL,
    "essai": Funding.TRIAL,
    "体験版": Funding.TRIAL,
}
"""Kinds by what they are called in the four languages."""

_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_NO_KIND = Funding.SEAT


def read(said: SeatSaid) -> Asked:
    """Read a line, with every problem of its form."""
    if said.fault:
        return Asked(said.line, "", "", _NO_KIND, None, None, (Problem("/line", "wrong_columns", said.fault),))
    problems: list[Problem] = []
    email = said.email.strip()
    try:
        email = canonical(email, pointer="/email")
    except Rejected as error:
        problems += error.problems
    kind = KIND_WORDS.get(said.kind.strip().casefold())
    if kind is None:
        problems.append(Problem("/kind", "invalid_kind", "the kind is seat or trial"))
    start, end = (_day(said.start, "/start", problems), _day(said.end, "/end", problems))
    return Asked(said.line, email, said.product.strip(), kind or _NO_KIND, start, end, tuple(problems))


def judge(asked: Sequence[Asked], team: Team, *, now: Instant) -> list[SeatJudged]:
    """Return the verdict on each line; a line is held against the ones before it as against what is held already."""
    held = {pair: list(rows) for pair, rows in team.held.items()}
    return [_judged(one, team, held, now) for one in asked]


def digest(judged: Sequence[SeatJudged]) -> str:
    """Return what tells one judgement of one list from others; to begin “now” is the same whenever it is looked at."""
    told = [(one.email, one.product, one.kind.value, one.verdict.value, one.until) for one in judged]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


def _judged(one: Asked, team: Team, held: dict[tuple[int, int], list[Held]], now: Instant) -> SeatJudged:
    person, product = team.people.get(one.email, 0), team.products.get(one.product.casefold(), 0)
    problems = list(one.problems)
    if not person and not any(problem.pointer in ("/email", "/line") for problem in problems):
        problems.append(Problem("/email", "unknown_person", "nobody of this address is in the team"))
    if not product and not any(problem.pointer == "/line" for problem in problems):
        problems.append(Problem("/product", "unknown_product", "the catalogue has no product of this code"))
    since, until = seats.begins(one.start, judged=team.judged.get((person, product)), now=now), seats.ends(one.end)
    found = held.setdefault((person, product), [])
    if not problems and _is_held(one, found, since, until):
        return SeatJudged(one.line, one.email, one.product, one.kind, SeatVerdict.HELD)
    if not problems:
        problems += seats.problems_of(one.kind, since, until, found, now)
    if problems:
        return SeatJudged(one.line, one.email, one.product, one.kind, SeatVerdict.REFUSED, tuple(problems))
    found.append(Held(0, one.kind, since, until))
    return SeatJudged(one.line, one.email, one.product, one.kind, SeatVerdict.GIVEN, (), person, product, since, until)


def _is_held(one: Asked, found: Sequence[Held], since: Instant, until: Instant | None) -> bool:
    """Tell whether somebody holds all that a line asks for: from then or before, and until exactly then."""
    return any(held.kind == one.kind and held.since <= since and held.until == until for held in found)


def _day(text: str, pointer: str, problems: list[Problem]) -> Day | None:
    written = text.strip()
    if not written:
        return None
    match = _DATE.fullmatch(written)
    try:
        found = day(date(*map(int, match.groups()))) if match else None
    except ValueError:
        found = None
    if found is None:
        problems.append(Problem(pointer, "invalid_date", "a date is written like 2026-12-31"))
    return found
