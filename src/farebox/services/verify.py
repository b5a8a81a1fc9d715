"""
The books are proven: every invariant that the database can tell, a line each, and the hash chain walked from its start.

Nothing is changed, nobody waits, and all lines are of one commit. What is found is named by numbers, never by people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.chain import Chained, following, genesis
from farebox.records import chain
from farebox.records import verify as records
from farebox.records.chain import Head
from farebox.records.verify import Line, audit
from farebox.records.verify.audit import KeptAudit

__all__ = ["RULES", "KeptAudit", "KeptHead", "verify"]

RULES = (*(f"{check.rule} {check.name}" for check in records.CHECKS), "L9 chain", audit.NAME)
"""The lines, in order; a line about heads that are kept elsewhere comes after its chain, where any are given."""


class KeptHead(NamedTuple):
    """A head of a team's chain as it was exported earlier: the ledger must still contain it (invariant L9)."""

    team: str
    number: int
    hash: str


class _Walked(NamedTuple):
    """What walking a chain found: how far it is sealed, what is wrong, and the hashes asked for."""

    head: Head
    sealed: int
    faults: tuple[str, ...]
    hashes: Mapping[int, str]


def verify(kept: Sequence[KeptHead] = (), kept_audit: Sequence[KeptAudit] = ()) -> Iterator[Line]:
    """Prove the books line by line; `kept` are heads from elsewhere that the chains are held against."""
    with records.one_position():
        for check in records.CHECKS:
            yield records.run(check)
        walked = [_walk(head, {one.number for one in kept if one.team == head.slug}) for head in chain.heads()]
        yield _chain_line(walked)
        if kept:
            yield _kept_line(kept, walked)
        yield from audit.lines(kept_audit)


def _walk(head: Head, wanted: set[int]) -> _Walked:
    """
    Compute the chain of one team anew, link by link, up to the first that is not what its entries add up to.

    A link that is wrong makes every later one wrong as well; only the first says where.
    """
    hashed, before, number, faults = genesis(head.team), 0, 0, list[str]()
    found: dict[int, str] = {}
    for link in _links(head.team):
        if (link.number, link.first) != (number + 1, before + 1):
            faults.append(f"team {head.team} link {link.number} follows link {number} but covers {link.first} on")
            break
        for page in _pages(head.team, link):
            hashed, told = _follow(hashed, page, wanted)
            found |= told
        if hashed != link.hash:
            faults.append(
                f"team {head.team} entry {link.first}: {_span(link)} not what was sealed as link {link.number}"
            )
            break
        number, before = link.number, link.last
    else:
        faults += _ends(head, before)
        found |= _beyond(head.team, before, hashed, wanted)
    return _Walked(head, before, tuple(faults), found)


def _span(link: chain.LinkRow) -> str:
    return "this entry is" if link.first == link.last else f"entries {link.first} to {link.last} are"


def _links(team: int) -> Iterator[chain.LinkRow]:
    after = 0
    while page := chain.links(team, after=after):
        yield from page
        after = page[-1].number


def _pages(team: int, link: chain.LinkRow) -> Iterator[list[Chained]]:
    """Yield the entries of a link, a page at a time."""
    after = link.first - 1
    while after < link.last and (page := chain.entries(team, after=after, limit=min(chain.PAGE, link.last - after))):
        inside = [entry for entry in page if entry.number <= link.last]
        if inside:
            yield inside
        after = page[-1].number


def _follow(hashed: bytes, page: Sequence[Chained], wanted: set[int]) -> tuple[bytes, dict[int, str]]:
    """Return the hash after a page, and the hashes on the way that were asked for."""
    found: dict[int, str] = {}
    start = 0
    for stop in [nth for nth, entry in enumerate(page, start=1) if entry.number in wanted]:
        hashed = following(hashed, page[start:stop])
        found[page[stop - 1].number] = hashed.hex()
        start = stop
    return following(hashed, page[start:]), found


def _beyond(team: int, sealed: int, hashed: bytes, wanted: set[int]) -> dict[int, str]:
    """Return the hashes asked for that no link of this ledger covers, as its entries stand."""
    found: dict[int, str] = {}
    last = max(wanted, default=0)
    while sealed < last and (page := chain.entries(team, after=sealed)):
        hashed, told = _follow(hashed, page, wanted)
        found |= told
        sealed = page[-1].number
    return found


def _ends(head: Head, sealed: int) -> list[str]:
    """Name a chain that ends elsewhere than the ledger's head says."""
    if sealed == head.sealed <= head.number:
        return []
    return [f"team {head.team} entry {sealed + 1}: links end at {sealed}; {head.sealed} of {head.number} were sealed"]


def _chain_line(walked: Sequence[_Walked]) -> Line:
    faults = [fault for one in walked for fault in one.faults]
    tails = [
        f"{one.head.slug} from {one.sealed + 1} to {one.head.number}"
        for one in walked
        if not one.faults and one.sealed < one.head.number
    ]
    told = f"{sum(one.sealed for one in walked)} entries of {sum(one.sealed > 0 for one in walked)} teams sealed"
    told += f"; not yet: {', '.join(tails)}" if tails else ""
    return Line("L9", "chain", told, len(faults), tuple(faults[: records.SHOWN]))


def _kept_line(kept: Sequence[KeptHead], walked: Sequence[_Walked]) -> Line:
    of_team = {one.head.slug: one for one in walked}
    faults = [fault for one in kept if (fault := _differs(one, of_team.get(one.team)))]
    return Line("L9", "kept heads", f"{len(kept)} heads", len(faults), tuple(faults[: records.SHOWN]))


def _differs(kept: KeptHead, now: _Walked | None) -> str:
    """Say how a ledger differs from what was kept of it; nothing where it does not."""
    if now is None:
        return f"team {kept.team} entry 1: the ledger is gone; {kept.number} entries were kept"
    found = now.hashes.get(kept.number)
    if found == kept.hash:
        return ""
    if kept.number > now.head.number:
        return f"team {kept.team} entry {now.head.number + 1}: the ledger ends before the kept {kept.number}"
    return f"team {kept.team} entry {kept.number}: the hash is not the one that was kept"
