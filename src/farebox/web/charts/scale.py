"""Round scales, places on them, and how wide a text will be: whole numbers only, heights in tenths of a pixel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

GRID_LINES_MAX = 5
_STEPS = tuple(digit * 10**power for power in range(19) for digit in (1, 2, 5))
_SLIM = frozenset(" .,:;'’il|\u00a0\u2009\u202f")


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical scale: round values from the floor of a plot to its ceiling, `height` pixels below `top`."""

    lines: tuple[int, ...]
    top: int
    height: int

    @property
    def floor(self) -> int:
        """The pixel at which the plot ends."""
        return self.top + self.height

    def y(self, value: int) -> int:
        """Return how far down a value stands, in tenths of a pixel."""
        low, high = self.lines[0], self.lines[-1]
        return self.top * 10 + self.height * 10 * (high - value) // (high - low)


def grid(lowest: int, highest: int, *, unit: int = 1) -> tuple[int, ...]:
    """
    Return round values from below `lowest` to above `highest`, zero among them, at most one more than fits.

    Steps are 1, 2 or 5 times a power of ten, in `unit`s and never smaller than one.
    """
    low, high = min(lowest, 0), max(highest, 0)
    step = unit
    for factor in _STEPS:
        step = factor * unit
        if -(-high // step) - low // step <= GRID_LINES_MAX:
            break
    first, last = low // step, max(-(-high // step), low // step + 1)
    return tuple(at * step for at in range(first, last + 1))


def rolling_means(values: Sequence[int], width: int = 7) -> tuple[int | None, ...]:
    """Return the mean of each value and the `width` − 1 before it, half up; none where they are too few."""
    means: list[int | None] = [None] * min(width - 1, len(values))
    total = sum(values[: width - 1])
    for at in range(width - 1, len(values)):
        total += values[at]
        means.append((2 * total + width) // (2 * width))
        total -= values[at - width + 1]
    return tuple(means)


def tenths(number: int) -> str:
    """Write tenths as a number: 125 is 12.5."""
    whole, tenth = divmod(number, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def percent(part: int, whole: int) -> str:
    """Write `part` of `whole` as a place or width in an SVG, rounded down to a hundredth."""
    hundredths = 10_000 * part // max(whole, 1)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def width_of(text: str) -> int:
    """Return how many pixels a label of 12 pixels may take: an estimate on the safe side, whatever the font."""
    return sum(_letter(sign) for sign in text)


def shortened(text: str, width: int) -> str:
    """Return a label cut to a width in pixels; what is cut is told by an ellipsis."""
    if width_of(text) <= width:
        return text
    room, kept = width - _letter("…"), 0
    for at, sign in enumerate(text):
        kept += _letter(sign)
        if kept > room:
            return text[:at].rstrip() + "…"
    return text


def widest(labels: Iterable[str]) -> int:
    """Return the width of the widest label in pixels; zero where there is none."""
    return max((width_of(label) for label in labels), default=0)


def _letter(sign: str) -> int:
    if east_asian_width(sign) in "WF":
        return 13
    return 4 if sign in _SLIM else 8
