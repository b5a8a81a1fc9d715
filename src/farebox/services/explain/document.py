"""
An explanation as it is shown: texts and plain values, in the order in which they are read.

Amounts are decimal texts, moments RFC 3339 in UTC, dates ISO. Where a team hides names, `person` is a pseudonym and the
ids of events are left out, because a program may have written a name into them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRule:
    """The rule that decided, by its number in the page of rules, and what it said."""

    number: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedProduct:
    """The product that was used; empty where an adjustment names none."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRate:
    """The row of the rate card that priced the charge."""

    card: str
    since: str
    tokens: str
    complexity: str
    unit_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedSpan:
    """A window, or a day of the licence server: from when until when."""

    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedUse:
    """The use that the charge is a part of, as its source last told it."""

    kind: str
    since: str
    until: str
    open: bool
    usage_type: str
    offset_seconds: int
    late: bool
    unassigned: bool | None
    source: str
    event: str | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRow:
    """A charge beside the explained one, and what the rule did with it."""

    charged_item_id: str
    since: str
    until: str
    category: str
    tokens: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedSession:
    """A use that the rule looked at, in order, with the rows that it was divided into there."""

    source: str
    event: str | None
    product: str
    since: str
    until: str
    counts: bool
    """Whether it is long enough to open or roll a window, or to reach the minimum alone."""
    explained: bool
    """Whether it is the use that this explanation is about."""
    rows: tuple[ExplainedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPayment:
    """A ledger entry of the charge: a draw, a cover of what was short, or a reversal."""

    entry: int
    kind: str
    pool: str
    source: str
    target: str
    tokens: str
    at: str
    booked: str
    pack: ExplainedPack | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPack:
    """The pack on the other side of an entry, and what it had left just before it."""

    number: int
    order_number: str
    since: str
    until: str
    size: str
    had: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedHold:
    """Tokens that were reserved before they were charged."""

    kind: str
    since: str
    due: str
    tokens: str
    ended: str | None
    booked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedCause:
    """What was received when a charge ended: the event and its revision by now."""

    source: str
    event: str | None
    revision: int
    same_event: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedEarlier:
    """A charge for the same event that no longer counts, until when it did, and what ended it."""

    charged_item_id: str
    since: str
    until: str
    category: str
    tokens: str
    reason: str
    booked: str
    ended: str
    revision: int | None
    """The revision of the event that it was made from, where a later one replaced that."""
    ended_by: tuple[ExplainedCause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedWhatIf:
    """What the charge would have been had one thing been otherwise, rated by the same rule."""

    change: str
    says: str
    category: str | None
    tokens: str
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What rating again gives from the stored uses, rates and settings, and whether it is what was charged."""

    category: str | None
    tokens: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that made a charge what it is (product E7, quality L7)."""

    charged_item_id: str
    contract: str
    scheme: str
    counts: bool
    ended: str | None
    person: str
    product: ExplainedProduct
    usage_category: str
    usage_date: str
    since: str
    until: str
    at: str
    booked: str
    category: str
    tokens: str
    shortfall: str
    over_consumption: str
    funding: str
    reason: str
    rule: ExplainedRule
    rate: ExplainedRate | None
    window: ExplainedSpan | None
    day: ExplainedSpan | None
    settings: dict[str, int]
    details: dict[str, str]
    """What the event says that decided the price: of a job, or of an entry by hand."""
    use: ExplainedUse
    considered_total: int
    considered: tuple[ExplainedSession, ...]
    payments: tuple[ExplainedPayment, ...]
    holds: tuple[ExplainedHold, ...]
    before: tuple[ExplainedEarlier, ...]
    instead: tuple[str, ...]
    """The charges that stand for the same part of the use now, where this one no longer counts."""
    what_if: tuple[ExplainedWhatIf, ...]
    replayed: Replayed | None
