"""Bands of tokens, into which a distribution sorts people: for each band how many they are (domain R5)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count, pairwise
from typing import NamedTuple

from farebox.domain.amounts import MICRO, ZERO, Tokens

_FIRST = Tokens(100 * MICRO)
_SPLIT = (Tokens(10 * MICRO), Tokens(50 * MICRO), _FIRST)


class Band(NamedTuple):
    """Whoever took more than `above` and no more than `through`; the first band also has those who took nothing."""

    above: Tokens
    through: Tokens
    members: int


def bands_of(amounts: Iterable[Tokens]) -> tuple[Band, ...]:
    """
    Count amounts by band, from the first band to the one with the largest amount; none where there is none.

    Upper bounds are 100, 500, 1,000, 5,000, 10,000 and so on; a lower bound is exclusive, so that 100.1 is in the
    second band. Where no amount is above 100 the first band splits at 10 and 50. An amount below zero, which an
    adjustment can leave, counts to the first band.  (domain R5)
    """
    held = tuple(amounts)
    if not held:
        return ()
    bounds = tuple(_bounds(max(held)))
    members = Counter(bisect_left(bounds, amount) for amount in held)
    edges = pairwise((ZERO, *bounds))
    return tuple(Band(above, through, members[at]) for at, (above, through) in enumerate(edges))


def _bounds(highest: Tokens) -> Iterator[Tokens]:
    """Yield the upper bounds up to the first one that is not below the highest amount."""
    if highest <= _FIRST:
        yield from _SPLIT
        return
    for power in count(2):
        for digit in (1, 5):
            bound = Tokens(digit * 10**power * MICRO)
            yield bound
            if bound >= highest:
                return
