"""
Who pays for a use: a named subscription, then a trial, then tokens.

Judged once, at the start of the use, for the same product and the same identity. Whose seats and trials they
are is the caller's to know.  (domain F9)
"""

from __future__ import annotations

from collections.abc import Iterable

from farebox.domain.amounts import ZERO
from farebox.domain.clock import LAST, Instant, day_of
from farebox.domain.seats import Held
from farebox.domain.usage import ChargeCategory, Funding, Reason, Row, Use


def paying(held: Iterable[Held], at: Instant) -> Held | None:
    """Return what pays for a use that starts `at` that instant, if not tokens: a seat, else a trial; the longest."""
    standing = [one for one in held if one.stands(at)]
    return max(standing, key=lambda one: (one.kind is Funding.SEAT, one.until or LAST), default=None)


def funding_at(held: Iterable[Held], at: Instant) -> Funding:
    """Return what pays for a use that starts `at` that instant: a seat beats a trial, a trial beats tokens."""
    one = paying(held, at)
    return Funding.TOKENS if one is None else one.kind


def entitled_row(use: Use, product: int, funding: Funding) -> Row:
    """
    Make the one row of a use that a seat or a trial pays for: FREE, on the UTC day of its start (domain T2).

    Such a use neither opens a window nor lies in one.
    """
    assert funding is not Funding.TOKENS, "a use that tokens pay for is rated, not entitled"
    reason = Reason.SEAT if funding is Funding.SEAT else Reason.TRIAL
    return Row(
        use.id, product, use.since, use.until, day_of(use.since),
        ChargeCategory.FREE, ZERO, use.since, reason, None, 0,
    )  # fmt: skip
