"""
The invariants of the books as the database itself can tell them: one named query each.

Nothing that is stored as a result is believed: it is compared with what the ledger and the events add up to. The hash
chain needs more than SQL and is walked by the service (quality L1 to L10, E2, E4, I2 to I4, R2; domain F8).
"""

from farebox.records.verify import audit, charges, guards, ingest, packs, transfers
from farebox.records.verify.check import SHOWN, Check, Line, one_position, run

CHECKS: tuple[Check, ...] = (
    *transfers.CHECKS,
    *packs.CHECKS,
    *guards.CHECKS,
    *charges.CHECKS,
    *ingest.CHECKS,
    *audit.CHECKS,
)
"""Every check, in the order in which they are run."""

__all__ = ["CHECKS", "SHOWN", "Check", "Line", "one_position", "run"]
