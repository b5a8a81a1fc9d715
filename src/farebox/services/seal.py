"""The hash chain is closed over what was booked, and its head is told to whoever keeps it elsewhere (domain L7)."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.chain import following, genesis
from farebox.domain.clock import Instant, as_iso
from farebox.domain.errors import NotFound
from farebox.records import chain
from farebox.records.chain import Head, LinkRow


class Exported(NamedTuple):
    """The head of a team's chain, to be kept where this program cannot reach it (invariant L9)."""

    team: str
    number: int
    hash: str
    sealed: str
    moved: str
    """The sum of what all entries up to the number moved, in tokens."""


def seal(*, now: Instant) -> int:
    """
    Close the chain over every entry that no link covers yet; return how many entries were sealed (domain L7).

    Any number of sealers may run at once: each link is appended by one of them, and the others leave it to that one. A
    ledger whose links or entries do not follow each other is left alone, for `verify` to name.
    """
    return sum(_seal(head, now=now) for head in chain.heads() if head.number > head.sealed)


def _seal(head: Head, *, now: Instant) -> int:
    sealed = 0
    while sealed < head.number - head.sealed:
        span = _seal_page(head.team, now=now)
        if span == 0:
            break
        sealed += span
    return sealed


def _seal_page(team: int, *, now: Instant) -> int:
    """Append one link of at most a page; return how many entries it covers, 0 for none."""
    before = chain.last_link(team) or LinkRow(0, 0, 0, genesis(team), now)
    page = chain.entries(team, after=before.last)
    expected = range(before.last + 1, before.last + 1 + len(page))
    if not page or [entry.number for entry in page] != list(expected):
        return 0
    link = LinkRow(before.number + 1, page[0].number, page[-1].number, following(before.hash, page), now)
    return len(page) if chain.add_link(team, link, sealed_before=before.last) else 0


def heads(*, team: str = "") -> list[Exported]:
    """Return the head of the chain of one team, or of all that have one. Raises `NotFound` for an unknown team."""
    found = [head for head in chain.heads() if team in ("", head.slug)]
    if team and not found:
        raise NotFound(f"no team {team} with a ledger")
    return [_export(head, link) for head in found if (link := chain.last_link(head.team)) is not None]


def _export(head: Head, link: LinkRow) -> Exported:
    moved = as_text(Tokens(chain.moved(head.team, until=link.last)))
    return Exported(head.slug, link.last, link.hash.hex(), as_iso(link.sealed), moved)
