"""The hash chain is closed over what was booked, and its head is told to whoever keeps it elsewhere (domain L7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.chain import Chained, following, genesis
from farebox.domain.clock import Instant, as_iso
from farebox.domain.errors import NotFound
from farebox.records import chain
from farebox.records.chain import Head, LinkRow, Tail


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
    sealed = 0
    for some in _portions(chain.unsealed()):
        sealed += (done := _seal(some, now=now))
        while done == chain.PAGE:  # a single ledger with a long tail
            sealed += (done := _seal(some, now=now))
    return sealed


def _portions(tails: Iterable[Tail]) -> Iterator[list[Tail]]:
    """Put ledgers together whose tails make at most a page; one with a longer tail stays alone."""
    some: list[Tail] = []
    size = 0
    for tail in tails:
        if some and size + tail.length > chain.PAGE:
            yield some
            some, size = [], 0
        some.append(tail)
        size += tail.length
    if some:
        yield some


def _seal(tails: Sequence[Tail], *, now: Instant) -> int:
    """Append one link to each of these ledgers, in one transaction; return how many entries they cover."""
    before = chain.last_links([tail.team for tail in tails])
    pages = chain.tails([(tail.team, before[tail.team].last if tail.team in before else 0) for tail in tails])
    links = []
    for tail in tails:
        link = _link(before.get(tail.team) or LinkRow(0, 0, 0, genesis(tail.team), now), pages[tail.team], now)
        if link is not None:
            links.append((tail.team, link))
    return chain.add_links(links)


def _link(before: LinkRow, page: Sequence[Chained], now: Instant) -> LinkRow | None:
    """Return the link that follows another over a page of entries; None where there is nothing, or something lacks."""
    expected = range(before.last + 1, before.last + 1 + len(page))
    if not page or [entry.number for entry in page] != list(expected):
        return None
    return LinkRow(before.number + 1, page[0].number, page[-1].number, following(before.hash, page), now)


def heads(*, team: str = "") -> list[Exported]:
    """Return the head of the chain of one team, or of all that have one. Raises `NotFound` for an unknown team."""
    found = [head for head in chain.heads() if team in ("", head.slug)]
    if team and not found:
        raise NotFound(f"no team {team} with a ledger")
    return [_export(head, link) for head in found if (link := chain.last_link(head.team)) is not None]


def _export(head: Head, link: LinkRow) -> Exported:
    moved = as_text(Tokens(chain.moved(head.team, until=link.last)))
    return Exported(head.slug, link.last, link.hash.hex(), as_iso(link.sealed), moved)
