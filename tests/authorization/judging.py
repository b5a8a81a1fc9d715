"""What is wrong with a route: each cell of the matrix held against what somebody got, and what that left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tests.authorization.matrix import MATRIX, expected
from tests.authorization.principals import House, Who
from tests.authorization.things import KINDS, Things
from tests.authorization.walking import TEAMS, Got, Walker, undone

NO_TEAM = "999999999"
METHODS = ("get", "post")
REFUSED = ("403", "404")
Row = Mapping[str, Any]


@dataclass
class Judge:
    """One of the principals with both browsers; what they get is held against the matrix, and told where it differs."""

    house: House
    who: Who

    def __post_init__(self) -> None:
        """Open the browsers, and make the teams that are another's, unknown and gone."""
        self.old = Walker(self.house, self.who)
        self.new = Walker(self.house, self.who, fresh=self.who is not Who.ANONYMOUS)
        self.new.made = self.old.made
        self.teams = self.old.things("team")

    @property
    def cells(self) -> int:
        """How many requests were sent."""
        return self.old.cells + self.new.cells

    def route(self, name: str, row: Row) -> Iterator[str]:
        """Yield what is wrong with a route."""
        with ExitStack() as stack:
            for kind in (row.get("thing"), row.get("needs")):
                if kind is not None and KINDS[kind].once:
                    stack.enter_context(undone())
                    stack.callback(self.old.made.pop, kind, None)
                if kind is not None:
                    self.old.things(kind)
            for method in METHODS:
                told = self._method(row, method) if method in row else self._closed(row, method)
                for one in told:
                    yield f"{method} {name} as {self.who}: {one}"

    def _method(self, row: Row, method: str) -> Iterator[str]:
        """Judge a method that the matrix has: after a fresh sign-in, and, where that is told apart, without."""
        stale = row.get(f"stale_{method}")
        is_same = stale is not None and expected(stale, self.who) == expected(row[method], self.who)
        yield from self._cells(self.new if stale else self.old, row, method, row[method])
        if stale and not is_same:  # who is refused by a session that is fresh is not let in by one that is not
            yield from self._cells(self.old, row, method, stale, is_stale=True)

    def _closed(self, row: Row, method: str) -> Iterator[str]:
        """Judge a method that the matrix has not: nobody gets anything, and nothing is changed."""
        got = self.old.ask(row, method.upper(), thing=self._things(row).own, team=self._asked(row))
        if not got.is_refusal or got.changed - got.sessions:
            yield f"the matrix has no such method, and it was answered {got.word}"

    def _cells(self, by: Walker, row: Row, method: str, cells: str, *, is_stale: bool = False) -> Iterator[str]:
        told, things = expected(cells, self.who), self._things(row)
        team, home = self._asked(row), self._home(row)
        got = by.ask(row, method.upper(), thing=things.own, team=team)
        yield from self._judged("own", got, told, row, method)
        if things.others and f"others_{method}" in row and not is_stale:
            theirs = by.ask(row, method.upper(), thing=things.others, team=team)
            yield from self._judged("another's", theirs, expected(row[f"others_{method}"], self.who), row, method)
        if "thing" in row:
            absent = {
                label: by.ask(row, method.upper(), thing=thing, team=home)
                for label, thing in (("foreign", things.foreign), ("unknown", things.unknown), ("gone", things.gone))
                if thing
            }
            wanted = expected(row.get(f"missing_{method}") or row["missing"], self.who)
            if is_stale and {got.word for got in absent.values()} == {"again"}:
                wanted = "again"  # whether it is there is looked at afterwards
            yield from self._alike(absent, wanted, row, method)
        if team is not None:
            strange = {
                f"{label} team": by.ask(row, method.upper(), thing=things.own, team=int(number))
                for label, number in self.teams._asdict().items()
                if label in ("foreign", "unknown", "gone")
            }
            yield from self._alike(strange, expected(MATRIX["elsewhere"], self.who), row, method)

    def _alike(self, answers: Mapping[str, Got], told: str, row: Row, method: str) -> Iterator[str]:
        """Judge what is not there, or not there for who asks: in the same bytes, with the same row of the log (T2)."""
        for label, got in answers.items():
            yield from self._judged(label, got, told, row, method)
        if len({(got.word, got.body, repr(got.note)) for got in answers.values()}) > 1:
            yield f"{', '.join(answers)} are told apart"

    def _judged(self, label: str, got: Got, told: str, row: Row, method: str) -> Iterator[str]:
        """Judge one answer: its word, that a refusal changed nothing, that what was done is written down."""
        if got.word != told:
            yield f"{label}: {told} wanted, got {got.word}"
            return
        changed = got.changed - got.sessions
        if got.is_refusal:
            noted = int(got.word in REFUSED and self.who is not Who.ANONYMOUS and not _is_unnoted(row, method))
            if (got.noted, changed) != (noted, 0):
                yield f"{label}: {got.word} left {got.noted} rows in the log, and {changed} elsewhere"
        elif method == "get":
            if (got.noted, changed) != (0, 0) and not _is_unnoted(row, method):
                yield f"{label}: looking left {got.noted} rows in the log, and {changed} elsewhere"
        else:
            yield from self._done(label, got, row)

    def _done(self, label: str, got: Got, row: Row) -> Iterator[str]:
        """Judge what was done: that it is written down as often as it should, and that it changed something else."""
        rows = row.get("rows", 1)
        rows = int(expected(rows, self.who)) if isinstance(rows, str) else rows
        if got.noted != rows:
            yield f"{label}: was done, and left {got.noted} rows in the log"
        elif rows and not got.changed and "only_noted" not in row and got.word != "200":
            yield f"{label}: changed nothing"
        elif not rows and got.changed - got.sessions and "unnoted" not in row:
            yield f"{label}: changed something, and nothing is in the log"

    def _things(self, row: Row) -> Things:
        return self.old.things(row["thing"]) if "thing" in row else Things("", "", "", "", "")

    def _asked(self, row: Row) -> int | None:
        return self.house.world.flex.pk if row["action"] in TEAMS and row.get("marked", True) else None

    def _home(self, row: Row) -> int | None:
        return None if self._asked(row) is None else self.house.team(self.who).pk


def _is_unnoted(row: Row, method: str) -> bool:
    return "unnoted" in row or f"unnoted_{method}" in row
