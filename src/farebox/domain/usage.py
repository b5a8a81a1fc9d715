"""
What is metered and what reports count: uses, and the rows that a use is divided into.

A use is one metered session of one person and product. A row is the part of a use that falls in one window
(Flex) or on one day (enterprise), with its price. Both are plain tuples of integers, because millions of them
pass through the rules. Nothing here decides a price; that is `farebox.domain.charging`.  (domain T2)
"""

from __future__ import annotations

from enum import StrEnum, auto
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant, Span


class ChargeCategory(StrEnum):
    """How a row was charged: the four words that queries and exports use."""

    CASUAL = "CASUAL"
    INCREMENTAL = "INCREMENTAL"
    CHARGED = "CHARGED"
    FREE = "FREE"


class UsageCategory(StrEnum):
    """What kind of thing was used: the five words that queries and exports use."""

    DESKTOP_PRODUCT = "DESKTOP_PRODUCT"
    CLOUD_PRODUCT = "CLOUD_PRODUCT"
    CLOUD_SERVICE = "CLOUD_SERVICE"
    MANUAL_ADJUSTMENT = "MANUAL_ADJUSTMENT"
    MANUAL_CONSUMPTION = "MANUAL_CONSUMPTION"


class UsageType(StrEnum):
    """Whether a licence was used at the server, or borrowed from it."""

    NORMAL = "Normal"
    BORROWED = "Borrowed"


class Funding(StrEnum):
    """What pays for a use: tokens, a named subscription, or a trial (domain F9)."""

    TOKENS = "TOKENS"
    SEAT = "SEAT"
    TRIAL = "TRIAL"


class Reason(StrEnum):
    """Why a row has its category: stable words, for the explanation of a charge."""

    WINDOW_OPENED = auto()
    """CHARGED: a launch outside every window opened one (domain F1)."""
    WINDOW_ROLLED = auto()
    """CHARGED: in use at the end of a window, so that a new one began there (domain F2)."""
    WINDOW_RESUMED = auto()
    """CHARGED: activity came back after an idle stretch and opened a window (domain F4)."""
    IN_WINDOW = auto()
    """FREE: a window that is already paid for covers it (domain F1)."""
    WITHIN_GRACE = auto()
    """CASUAL: the whole session was no longer than the grace, outside every window (domain F3)."""
    IDLE = auto()
    """FREE: running without activity, outside every window (domain F4)."""
    GRACE_AFTER_DENIAL = auto()
    """FREE: the time to save and close after a denial (domain F7a)."""
    FIRST_OF_DAY = auto()
    """CHARGED: the first chargeable product of the family that day (domain N2)."""
    DEARER_PRODUCT = auto()
    """INCREMENTAL: dearer than everything charged in the family that day (domain N2)."""
    NOT_DEARER = auto()
    """FREE: chargeable, but no dearer than what was charged in the family that day (domain N2)."""
    ALREADY_CHARGED = auto()
    """FREE: a later piece of a product that already counted that day (domain N2)."""
    BELOW_MINIMUM = auto()
    """CASUAL: the product's time that day had not reached the minimum (domain N2)."""
    SEAT = auto()
    """FREE: the person has a named subscription to the product (domain F9)."""
    TRIAL = auto()
    """FREE: the person has a trial of the product (domain F9)."""
    LATE = auto()
    """CHARGED or FREE: dated in closed books, and charged what that adds to the total of its key (domain L5a)."""
    JOB_SUCCEEDED = auto()
    """CHARGED: a job that gave its result (domain S1)."""
    JOB_FAILED = auto()
    """FREE: a job that failed, was cancelled or timed out (domain S1)."""
    JOB_RUNNING = auto()
    """FREE: a job that is not done yet (domain S1)."""
    ENTERED_BY_HAND = auto()
    """CHARGED: a consumption that somebody entered by hand (domain T2)."""
    ADJUSTED = auto()
    """CHARGED: an adjustment, which consumes minus what it changed its pool by (domain N6)."""


class Use(NamedTuple):
    """One metered session of one person and product."""

    id: int
    """The internal id; it never decides an order, because it depends on what arrived first."""
    since: Instant
    until: Instant
    """The end, outside the session; equal to `since` for a session of no length."""
    tie: int
    """63 bits from the event's own identity: they order equal starts the same way in any arrival order."""
    grace_us: int
    """The grace in force at the start (domain F3)."""
    active: tuple[Span, ...] | None = None
    """When there was activity (domain F4); None for a product version that does not tell."""


class Row(NamedTuple):
    """The part of a use that falls in one window or on one day, priced: what reports count."""

    use: int
    product: int
    since: Instant
    until: Instant
    day: Day
    """The usageDate (domain T2)."""
    category: ChargeCategory
    tokens: Tokens
    at: Instant
    """The charge's own instant: start of the window, 00:00 of the day, or the row's own start (domain T7)."""
    reason: Reason
    window: Instant | None
    """The start of the Flex window that covers the row, if one does."""
    rate: int
    """The id of the rate that priced the row; 0 where nothing was priced."""
