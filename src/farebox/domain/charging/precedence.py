"""
Who pays for a use: a named subscription, then a trial, then tokens.

Judged once, at the start of the use, for the same product and the same identity. Whose entitlements they are is
the caller's to know.  (domain F9)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from farebox.domain.amounts import ZERO
from farebox.domain.clock import Instant, Span, day_of
from farebox.domain.usage import ChargeCategory, Funding, Reason, Row, Use


class Entitlement(NamedTuple):
    """A seat or a trial of one product, held by one person for a time."""

    kind: Funding
    span: Span


def funding_at(entitlements: Iterable[Entitlement], at: Instant) -> Funding:
    """Return what pays for a use that starts `at` that instant: a seat beats a trial, a trial beats tokens."""
    held = {kind for kind, (since, until) in entitlements if since <= at < until}
    for kind in (Funding.SEAT, Funding.TRIAL):
        if kind in held:
            return kind
    return Funding.TOKENS


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
