"""
The account of one reading: every line is of one kind, every licence line ends in a use, a denial or a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, NamedTuple

from farebox.domain.clock import Instant, as_iso
from farebox.importers.flexnet.dates import Dated, DateFormat
from farebox.importers.flexnet.facts import Line, LineKind
from farebox.importers.flexnet.sessions import ClosedBy, Session

NOTES_MAX: Final = 100
"""How many notes a summary keeps; the rest are counted."""


class Skip(StrEnum):
    """Why a licence line led to no use."""

    CHECK_IN_WITHOUT_CHECK_OUT = "check_in_without_check_out"
    UNDATED = "undated"


class Note(NamedTuple):
    """Something an operator should know before trusting the numbers: where, a stable code, and a sentence."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was read, what became of it, and what was not certain."""

    lines: int
    kinds: Mapping[LineKind, int]
    sessions: int
    people: int
    machines: int
    products: Mapping[str, int]
    """Uses by product."""
    unmapped: Mapping[str, int]
    """Uses by feature that neither the product map nor the convention names."""
    merged: int
    """How many uses are a package and a version taken as one."""
    inactive: int
    borrowed: int
    denied: int
    unsupported: int
    restarts: int
    closed_by: Mapping[ClosedBy, int]
    skipped: Mapping[Skip, int]
    server: str
    zone: str
    zone_in_log: str
    """What the server calls its own zone, for comparison."""
    date_format: DateFormat | None
    """The order of day and month; None when no date needed it."""
    recoded: int
    """Lines that are not UTF-8 and were read as Windows-1252."""
    first: Instant | None
    last: Instant | None
    notes: tuple[Note, ...]
    notes_left_out: int


class Tally:
    """Counts while a log is read."""

    def __init__(self) -> None:
        self.kinds: Counter[LineKind] = Counter()
        self.restarts = 0
        self.recoded = 0
        self._skipped: Counter[Skip] = Counter()
        self._products: Counter[str] = Counter()
        self._unmapped: Counter[str] = Counter()
        self._closed_by: Counter[ClosedBy] = Counter()
        self._flags: Counter[str] = Counter()
        self._people: set[str] = set()
        self._machines: set[str] = set()
        self._zone_in_log = ""
        self._first: Instant | None = None
        self._last: Instant | None = None
        self._notes: list[Note] = []
        self._notes_left_out = 0

    def line(self, line: Line) -> None:
        """Count a line by its kind."""
        self.kinds[line.kind] += 1

    def skip(self, reason: Skip, number: int) -> None:
        """Count a licence line that leads to nothing; note the first of each reason."""
        if not self._skipped[reason]:
            self._note(number, reason, f"line {number} is the first to be skipped: {reason.replace('_', ' ')}")
        self._skipped[reason] += 1

    def session(self, session: Session, *, mapped: bool) -> None:
        """Count a use."""
        self._products[session.product] += 1
        self._closed_by[session.closed_by] += 1
        self._people.add(session.user.casefold())
        self._machines.add(session.machine.casefold())
        self._flags.update(name for name in ("merged", "inactive", "borrowed") if getattr(session, name))
        if not mapped:
            self._unmapped[session.feature] += 1

    def anchored(self, written: Dated, number: int, skew_days: int) -> None:
        """Take note of what a date told: the server's zone, and by how many days it contradicts the count."""
        self._zone_in_log = self._zone_in_log or written.zone_words
        if skew_days > 0:
            self._note(number, "days_of_silence", f"the date in line {number} is {skew_days} days later than counted")
        elif skew_days < 0:
            self._note(number, "days_back", f"the date in line {number} is {-skew_days} days earlier than counted")

    def date_unreadable(self, number: int, numbers: tuple[int, int, int]) -> None:
        """Note a date that is none in this log's order."""
        written = "/".join(map(str, numbers))
        self._note(number, "impossible_date", f"line {number} is dated {written}, which is no date in this log's order")

    def placed(self, at: Instant, number: int, *, real: bool) -> None:
        """Widen the range of the log; note a time that the zone's clocks never show."""
        self._first = at if self._first is None else min(self._first, at)
        self._last = at if self._last is None else max(self._last, at)
        if not real:
            message = f"line {number} shows a time that the zone skips; is it the server's zone?"
            self._note(number, "impossible_time", message)

    def summary(self, *, server: str, zone: str, date_format: DateFormat | None) -> Summary:
        """Return the account so far."""
        return Summary(
            lines=self.kinds.total(),
            kinds=dict(sorted(self.kinds.items())),
            sessions=self._products.total(),
            people=len(self._people),
            machines=len(self._machines),
            products=dict(sorted(self._products.items())),
            unmapped=dict(sorted(self._unmapped.items())),
            merged=self._flags["merged"],
            inactive=self._flags["inactive"],
            borrowed=self._flags["borrowed"],
            denied=self._flags["denied"],
            unsupported=self._flags["unsupported"],
            restarts=self.restarts,
            closed_by=dict(sorted(self._closed_by.items())),
            skipped=dict(sorted(self._skipped.items())),
            server=server,
            zone=zone,
            zone_in_log=self._zone_in_log,
            date_format=date_format,
            recoded=self.recoded,
            first=self._first,
            last=self._last,
            notes=tuple(self._notes),
            notes_left_out=self._notes_left_out,
        )

    def denial(self, *, unsupported: bool) -> None:
        """Count a licence that was asked for and not given."""
        self._flags["unsupported" if unsupported else "denied"] += 1

    def _note(self, number: int, code: str, message: str) -> None:
        if len(self._notes) < NOTES_MAX:
            self._notes.append(Note(number, code, message))
        else:
            self._notes_left_out += 1


def as_json(summary: Summary) -> dict[str, object]:
    """Write a summary for `--json`."""
    plain: dict[str, object] = {field.name: getattr(summary, field.name) for field in fields(summary)}
    return plain | {
        "first": None if summary.first is None else as_iso(summary.first),
        "last": None if summary.last is None else as_iso(summary.last),
        "notes": [note._asdict() for note in summary.notes],
    }
