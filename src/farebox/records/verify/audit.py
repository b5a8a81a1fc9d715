"""
The audit log is proven: every chain walked from its start, and held against heads that were kept elsewhere.

A row that is edited, taken away, put in or moved is named; so is one that was kept from being sealed.  (T5, L9)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.audit_chain import INSTALLATION, Walked, walk
from farebox.records import audit_chain, db
from farebox.records.verify.check import SHOWN, Check, Line

NAME = "T5 audit chain"


ONE_PRIMARY = Check(
    rule="T4",
    name="one primary",
    holds="A team has one primary administrator at most, and one where the role was ever handed over.",
    counted="SELECT COUNT(*) FROM records_membership WHERE role = 'PRIMARY'",
    counts="{} primary administrators",
    broken=(
        "SELECT t.id, COUNT(m.id) FROM records_team t LEFT JOIN records_membership m ON m.team_id = t.id "
        "AND m.role = 'PRIMARY' GROUP BY t.id HAVING COUNT(m.id) > 1 OR (COUNT(m.id) = 0 AND EXISTS "
        "(SELECT 1 FROM records_handover h WHERE h.team_id = t.id AND h.state = 'ACCEPTED'))"
    ),
    says="team {0} has {1} primary administrators",
)

CHECKS = (ONE_PRIMARY,)


class KeptAudit(NamedTuple):
    """A head of a log's chain as it was exported earlier: the log must still contain it; no team: the installation."""

    team: str
    number: int
    hash: str


def lines(kept: Sequence[KeptAudit] = ()) -> list[Line]:
    """Walk every chain; with heads from elsewhere, say on a second line whether the logs still contain them."""
    names = {INSTALLATION: ""} | dict(db.rows("SELECT id, slug FROM records_team"))
    chains = sorted({chain for (chain,) in db.rows("SELECT DISTINCT chain FROM records_auditlink")})
    walked = [walk(chain, audit_chain.links(chain), _wanted(kept, names.get(chain, "?"))) for chain in chains]
    found = [_chains(walked)]
    if kept:
        found.append(_kept(kept, {names.get(one.chain, "?"): one for one in walked}))
    return found


def _wanted(kept: Sequence[KeptAudit], slug: str) -> frozenset[int]:
    return frozenset(one.number for one in kept if one.team == slug)


def _chains(walked: Sequence[Walked]) -> Line:
    faults = [f"{_called(one.chain)}: {one.fault}" for one in walked if one.fault]
    loose, first_loose = audit_chain.loose(SHOWN)
    gone, first_gone = audit_chain.gone(SHOWN)
    breaks = len(faults) + loose + gone
    faults += [f"row {row} has no link and waits for none" for row in first_loose]
    faults += [f"row {row} was taken away before it was sealed" for row in first_gone]
    told = f"{sum(one.sound for one in walked)} rows of {len(walked)} logs sealed"
    waits = audit_chain.waiting()
    return Line("T5", "audit chain", f"{told}; not yet: {waits}" if waits else told, breaks, tuple(faults[:SHOWN]))


def _kept(kept: Sequence[KeptAudit], walked: dict[str, Walked]) -> Line:
    faults = [fault for one in kept if (fault := _differs(one, walked.get(one.team)))]
    return Line("T5", "kept audit heads", f"{len(kept)} heads", len(faults), tuple(faults[:SHOWN]))


def _differs(kept: KeptAudit, now: Walked | None) -> str:
    """Say how a log differs from what was kept of it; nothing where it does not."""
    whose = f"log of {kept.team or 'the installation'}"
    if now is None:
        return f"{whose}: it is gone; {kept.number} rows were kept"
    found = now.hashes.get(kept.number)
    if found == kept.hash:
        return ""
    if found is None:
        return f"{whose}: it ends or breaks at {now.sound}, before the kept {kept.number}"
    return f"{whose}: the hash of link {kept.number} is not the one that was kept"


def _called(chain: int) -> str:
    return f"team {chain}" if chain else "the installation"
