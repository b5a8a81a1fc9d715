"""Series of numbers, and which of many are drawn: the largest, and the rest as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """A name and a value for each place; `rest` where it is what remains beside the named ones."""

    name: str
    values: tuple[int, ...]
    rest: bool = False


def largest(series: Sequence[Series], *, most: int = 6, other: str) -> tuple[Series, ...]:
    """
    Return the series with the largest sums, the largest first, and the others added up as `other`, last.

    Nothing is lost: place by place, what is returned adds up to what came. Equal sums keep their order.
    """
    ranked = sorted(series, key=lambda one: -sum(one.values))
    if len(ranked) <= most:
        return tuple(ranked)
    rest = tuple(sum(values) for values in zip(*(one.values for one in ranked[most:]), strict=True))
    return (*ranked[:most], Series(other, rest, rest=True))
