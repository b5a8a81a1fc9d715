"""
Rating where books are closed: the closed part of a key stays, the open part is rated, late uses carry the difference.

The closed part of a chain ends with the last window that began in closed books; of an enterprise key whole dates are
closed. A part of a use that lies in it and was not counted there makes one late row (domain L5a, invariant I6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.charging.enterprise import Piece
from farebox.domain.charging.flex import WINDOW_US, Denial, rate_flex
from farebox.domain.charging.flex import Chain as Rated
from farebox.domain.charging.late import late_row, owed, receipt_day, shares, with_share
from farebox.domain.clock import Day, Instant, midnight
from farebox.domain.rates import Rate
from farebox.domain.usage import ChargeCategory, Funding, Reason, Row, Use
from farebox.records import late, usage
from farebox.records.catalogue import Catalogue
from farebox.records.differences import Differences, Key, NewRow
from farebox.records.late import LateUse
from farebox.records.usage import Booked, Chain, Date, EndedUse, UseRow

Pieces = Sequence[tuple[Piece, int]]
"""Pieces of a day, each with the offset of its clock in seconds."""


def through_of(catalogue: Catalogue, contract: int) -> Day | None:
    """Return the last closed day of a contract, if any is."""
    return catalogue.contracts[contract].closed_through


def staying(removed: Sequence[EndedUse], booked: Mapping[int, Sequence[Booked]], catalogue: Catalogue) -> list[int]:
    """Return which of the uses that end have charges in closed books, which stay."""
    return [
        gone.id for gone in removed if any(_is_closed(gone.contract, one.row, catalogue) for one in booked[gone.id])
    ]


class Edge(NamedTuple):
    """Where the closed part of a chain ends: the last closed day, and the start of the last window there (0: none)."""

    through: Day
    window: Instant
    has_shares: bool

    @property
    def standing(self) -> Instant | None:
        """The border from which the chain is rated: the end of the last closed window."""
        return Instant(self.window + WINDOW_US) if self.window else None

    @property
    def since(self) -> Instant:
        """The first instant of the open part."""
        return Instant(max(midnight(Day(self.through + 1)), self.standing or 0))


def edges(touched: dict[Chain, Instant], catalogue: Catalogue) -> dict[Chain, Edge]:
    """
    Return the edges of the chains under contracts with closed books.

    What is `touched` in the closed part, or shares what is owed, is rated from the edge on: the instant is moved there.
    """
    closed = {key: day for key in touched if (day := through_of(catalogue, key.contract)) is not None}
    if not closed:
        return {}
    windows = late.last_windows({key: midnight(Day(day + 1)) for key, day in closed.items()})
    shared = late.with_shares(closed)
    found = {key: Edge(day, windows[key], key in shared) for key, day in closed.items()}
    for key, edge in found.items():
        if edge.has_shares or touched[key] < edge.since:
            touched[key] = midnight(Day(edge.through + 1))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPart:
    """A chain whose last window lies in closed books: its uses that reach beyond that, and what is booked of them."""

    key: Chain
    edge: Edge
    uses: Sequence[Use]
    booked: Sequence[Booked]
    rates: Sequence[Rate]
    denials: Sequence[Denial] = ()

    def rate(self, found: Differences) -> Rated:
        """Rate the part in open books, and take note of what differs there."""
        counted = _counted_until(self.booked, self.edge.through)
        uses = list(_in_open_books(self.uses, self.edge, counted))
        rated = rate_flex(uses, self.rates, self.key.product, standing=self.edge.standing, denials=self.denials)
        rows = tuple(_beyond(row, counted) for row in rated.rows if _is_new(row, self.edge.through, counted))
        standing = [one for one in self.booked if one.row.day > self.edge.through and one.row.reason != Reason.LATE]
        ties = {use.id: use.tie for use in self.uses}
        found.compare(Key(self.key.contract, self.key.person), standing, rows, ties)
        windows = tuple(start for start in rated.windows if start >= midnight(Day(self.edge.through + 1)))
        found.move_windows(self.key, windows_of(standing), windows)
        return Rated(rows, windows)


def windows_of(standing: Iterable[Booked]) -> list[Instant]:
    """Return the windows that stand: each has the one row that was charged for it."""
    return [
        charge.row.window
        for charge in standing
        if charge.row.window is not None and charge.row.category == ChargeCategory.CHARGED
    ]


def _counted_until(booked: Iterable[Booked], through: Day) -> dict[int, Instant]:
    """Return up to when each use is counted in closed books, of those that are."""
    found: dict[int, Instant] = {}
    for charge in booked:
        if charge.row.day <= through and charge.row.reason != Reason.LATE:
            found[charge.row.use] = max(charge.row.until, found.get(charge.row.use, charge.row.until))
    return found


def _in_open_books(uses: Iterable[Use], edge: Edge, counted: Mapping[int, Instant]) -> Iterable[Use]:
    """Yield the uses as the open part sees them: what is late begins at the edge."""
    for use in uses:
        if use.since >= edge.since or use.id in counted:
            yield use
        elif use.until > edge.since:
            yield use if edge.standing == edge.since else use._replace(since=edge.since)


def _is_new(row: Row, through: Day, counted: Mapping[int, Instant]) -> bool:
    """Tell whether a row lies in open books, and not in what its use counts in closed ones."""
    return row.day > through and (row.use not in counted or row.until > counted[row.use])


def _beyond(row: Row, counted: Mapping[int, Instant]) -> Row:
    """Cut from a row what its use counts in closed books already; a row that is charged keeps its start."""
    since = counted.get(row.use, row.since)
    return row if row.since >= since or row.category == ChargeCategory.CHARGED else row._replace(since=since)


def share_chain(
    part: OpenPart, rated: Rated, new: Sequence[Use], out: set[int], found: Differences, *, now: Instant
) -> None:
    """Charge what late uses add to the total of their chain, over all its uses (domain L5a)."""
    key, edge = part.key, part.edge
    fresh = sorted((use for use in new if use.since < edge.since), key=lambda use: (use.since, use.tie))
    if not fresh and not edge.has_shares:
        return
    counting = usage.kept_from({key: Instant(1)}).get(key, usage.Kept(Instant(0), [])).uses
    past = [one.use for one in late.uses_of([key[:2]])[key[:2]] if one.product == key.product and one.ended]
    booked = usage.charges_of([use.id for use in (*counting, *past)])
    uses = [use for use in counting if use.id not in out] + list(new)
    total = sum(row.tokens for row in rate_flex(uses, part.rates, key.product, denials=part.denials).rows)
    frozen = sum(one.row.tokens for one in booked if one.row.day <= edge.through)
    due = owed(total, frozen + sum(row.tokens for row in rated.rows))
    standing = [one for one in booked if one.row.day > edge.through and one.row.reason == Reason.LATE]
    day = receipt_day(now, edge.through)
    rows = [late_row(use.id, key.product, use.since, min(use.until, edge.since), at=now, day=day) for use in fresh]
    found.late |= {use.id for use in fresh}
    ties = {use.id: use.tie for use in (*counting, *new)}
    _share(Key(key.contract, key.person), due, standing, rows, out, ties, found)


def _share(
    key: Key,
    due: Tokens,
    standing: Sequence[Booked],
    fresh: Sequence[Row],
    out: set[int],
    ties: Mapping[int, int],
    found: Differences,
) -> None:
    """Divide what is owed among the late rows that stand and those that are new."""
    rows = [one.row for one in sorted(standing) if one.row.use not in out] + list(fresh)
    divided = shares(due, [row.tokens for row in rows])
    found.compare(key, standing, [with_share(row, share) for row, share in zip(rows, divided, strict=True)], ties)


class LateOnDates:
    """The late uses of enterprise keys, by the dates that they touch."""

    def __init__(self, dates: set[Date], left: set[tuple[int, int]], out: set[int], catalogue: Catalogue) -> None:
        """
        Read them, those of the (contract, person) whose uses have `left` too.

        The closed dates of those that end now join `dates`, as their shares go to others, or come back.
        """
        touched = {date[:2] for date in dates} | left
        people = {one for one in touched if through_of(catalogue, one[0]) is not None}
        uses = [one for found in late.uses_of(people).values() for one in found] if people else []
        self._of: dict[Date, list[LateUse]] = {}
        for one in uses:
            through = through_of(catalogue, one.contract)
            for piece in one.pieces():
                date = Date(one.contract, one.person, catalogue.products[one.product].family, piece.day)
                self._of.setdefault(date, []).append(one)
                if one.use.id in out and through is not None and date.day <= through:
                    dates.add(date)

    def of(self, date: Date) -> Sequence[LateUse]:
        """Return the late uses that touch a date."""
        return self._of.get(date, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDate:
    """A closed date of a person and family: what is charged on it, its late uses and those that are new."""

    date: Date
    through: Day
    booked: Sequence[tuple[Booked, int, int]]
    """The charges on the date, each with the tie and the offset of its use."""
    late: Sequence[LateUse]
    fresh: Pieces

    def share(
        self, rate: Callable[[Pieces], Sequence[Row]], out: set[int], found: Differences, *, now: Instant
    ) -> None:
        """Charge what late uses add to the total of the date (domain L5a)."""
        gone = out | {one.use.id for one in self.late if one.ended}
        told = {(piece.use, piece.since): (piece, one) for one in self.late for piece in self._pieces(one)}
        counted = {(one.row.use, one.row.since): (piece_of(one.row, tie), offset) for one, tie, offset in self.booked}
        both = {key: (piece, one.offset_seconds) for key, (piece, one) in told.items()} | counted
        pieces = [*(found for found in both.values() if found[0].use not in gone), *self.fresh]
        shared = [
            one
            for one in usage.charges_of([one.use.id for one in self.late])
            if one.row.reason == Reason.LATE and (one.row.use, one.row.since) in told
        ]
        standing = [one for one in shared if one.row.day > self.through]
        counts = [one for one, _, _ in self.booked] + [one for one in shared if one.row.day <= self.through]
        due = owed(sum(row.tokens for row in rate(pieces)), sum(one.row.tokens for one in counts))
        ties = {one.use.id: one.use.tie for one in self.late} | {piece.use: piece.tie for piece, _ in self.fresh}
        found.late |= {piece.use for piece, _ in self.fresh}
        _share(Key(*self.date[:3]), due, standing, self._rows(now), out, ties, found)

    def _pieces(self, one: LateUse) -> list[Piece]:
        return [piece for piece in one.pieces() if piece.day == self.date.day]

    def _rows(self, now: Instant) -> list[Row]:
        day = receipt_day(now, self.through)
        ordered = sorted((piece for piece, _ in self.fresh), key=lambda piece: (piece.since, piece.tie))
        return [late_row(one.use, one.product, one.since, one.until, at=midnight(day), day=day) for one in ordered]


def piece_of(row: Row, tie: int) -> Piece:
    """Return the piece that a row of an enterprise day priced."""
    return Piece(row.use, row.product, row.since, row.until, tie, row.day)


def keep_closed(
    new: Sequence[UseRow],
    removed: Sequence[EndedUse],
    catalogue: Catalogue,
    found: Differences,
    *,
    now: Instant,
) -> None:
    """
    Keep what is charged in closed books, and date at receipt what would be booked there (domain L5a).

    Serves what has no key but itself: jobs, consumptions and adjustments, and uses that a seat or a trial pays for.
    """
    if all(contract.closed_through is None for contract in catalogue.contracts.values()):
        return
    staying = [(contract, one) for contract, one in found.ended if _is_closed(contract, one.row, catalogue)]
    moving = [one for one in found.added if _is_closed(one.contract, one.row, catalogue)]
    if not staying and not moving:
        return
    found.ended = [(contract, one) for contract, one in found.ended if not _is_closed(contract, one.row, catalogue)]
    event_of = {use.id: use.event for use in new} | {use.id: use.event for use in removed}
    charged = late.charged_before(sorted({event_of[one.row.use] for one in moving}))
    for _, one in staying:
        event = event_of[one.row.use]
        charged[event] = charged.get(event, 0) + one.row.tokens
    found.added = [one for one in found.added if not _is_closed(one.contract, one.row, catalogue)]
    found.added += [
        _dated_at_receipt(one, charged.get(event_of[one.row.use], 0), catalogue, found, now=now) for one in moving
    ]


def _is_closed(contract: int, row: Row, catalogue: Catalogue) -> bool:
    through = through_of(catalogue, contract)
    return through is not None and row.day <= through


def _dated_at_receipt(new: NewRow, charged: int, catalogue: Catalogue, found: Differences, *, now: Instant) -> NewRow:
    """Return the row as of its receipt, less what its event was charged in closed books; an adjustment to the sign."""
    row, through = new.row, through_of(catalogue, new.contract)
    assert through is not None
    tokens = Tokens(row.tokens - charged) if new.pool else owed(row.tokens, charged)
    found.late.add(row.use)
    day = receipt_day(now, through)
    category = row.category if tokens or new.funding is not Funding.TOKENS else ChargeCategory.FREE
    return new._replace(row=row._replace(day=day, at=now, tokens=tokens, category=category, reason=Reason.LATE))
