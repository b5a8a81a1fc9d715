"""
What a check is: a sentence that holds, a query that counts what it is about, and one that finds what breaks it.

Every query groups; none asks once for each row. All are written so that both engines run them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from farebox.domain.errors import FareboxError
from farebox.records import db
from farebox.records.postgres import grants
from farebox.records.tenancy import everyone

SHOWN = 10
"""Offending rows that a line names; it counts all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One line of `verify`: an invariant, by its number in quality or domain, and how the database tells.

    `counted` returns one row, which `counts` puts into words. `broken` returns a row for each offence, which `says`
    puts into words. `sqlite` and `postgresql` fill the place `{engine}` of `broken`, where the engines differ.
    """

    rule: str
    name: str
    holds: str
    counted: str
    counts: str
    broken: str
    says: str
    sqlite: str = ""
    postgresql: str = ""


class Line(NamedTuple):
    """What a check found: how much it looked at, how many offences there are, and the first of them."""

    rule: str
    name: str
    looked_at: str
    breaks: int
    offences: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether the invariant holds."""
        return self.breaks == 0


def run(check: Check) -> Line:
    """Run a check on the records."""
    counted = db.rows(check.counted)[0]
    sql = check.broken.replace("{engine}", check.postgresql if connection.vendor == "postgresql" else check.sqlite)
    found = db.rows(f"SELECT COUNT(*) OVER (), x.* FROM ({sql}) x ORDER BY 2, 3 LIMIT {SHOWN}")
    offences = tuple(check.says.format(*row[1:]) for row in found)
    return Line(check.rule, check.name, check.counts.format(*counted), int(found[0][0]) if found else 0, offences)


@contextmanager
def one_position() -> Iterator[None]:
    """
    Let everything that is read inside be of one commit, while others go on writing.

    Inside a transaction it is that one's. Otherwise it is a transaction that only reads, and makes nobody wait. Raises
    `FareboxError` where rows may be hidden from whoever reads.
    """
    with everyone(), db.reading():
        _insist_on_seeing_all()
        yield


def _insist_on_seeing_all() -> None:
    """Refuse to prove books of which rows may be hidden: what is not seen would count as sound."""
    hidden = grants.unseen() if connection.vendor == "postgresql" else []
    if hidden:
        raise FareboxError(f"rows may be hidden from the proof: the policies of {', '.join(hidden)} were changed")
