"""
What daemons have out, while they have it out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from farebox.domain.clock import SECOND, Instant
from farebox.importers.flexnet.products import Resolved

TOGETHER_SECONDS: Final = 5
"""How far apart a package and its version may be checked out to be one use."""


@dataclass(slots=True, eq=False)
class CheckOut:
    """Licences of one feature that are out."""

    feature: str
    means: Resolved
    since: Instant
    label: str
    left: int
    use: Use

    def half_back(self) -> bool:
        """Return whether the other half of its use is back already."""
        return self.use.out < len(self.use.parts)


@dataclass(slots=True, eq=False, kw_only=True)
class Use:
    """A use in the making."""

    id: str
    user: str
    host: str
    server: str
    utc_offset_seconds: int
    licenses: int
    borrowed: bool
    parts: list[CheckOut] = field(default_factory=list)
    out: int = 0
    until: Instant | None = None
    """The last check-in so far."""
    inactive: bool = False


@dataclass(slots=True, eq=False)
class Daemon:
    """What one daemon has out, by person and machine, then by feature in the order of check-out."""

    name: str
    heard: Instant
    worked: bool = False
    out: dict[tuple[str, str], dict[str, deque[CheckOut]]] = field(default_factory=dict)


def companion(features: dict[str, deque[CheckOut]], means: Resolved, at: Instant) -> Use | None:
    """Find the use that a check-out joins: the oldest lone package of a version, or lone version of a package."""
    for queue in features.values():
        if not queue or not _belong(queue[0].means, means):
            continue
        together = [part for part in _latest(queue, at) if len(part.use.parts) == 1]
        if together:
            return together[-1].use
    return None


def _latest(queue: deque[CheckOut], at: Instant) -> Iterator[CheckOut]:
    """Give the check-outs of the last few seconds, newest first."""
    for part in reversed(queue):
        if abs(at - part.since) > TOGETHER_SECONDS * SECOND:
            return
        yield part


def _belong(one: Resolved, other: Resolved) -> bool:
    """Return whether one is a package and the other a version that it holds."""
    if bool(one.package_of) == bool(other.package_of):
        return False
    package, version = (one, other) if one.package_of else (other, one)
    return version.product in package.package_of


def open_uses(daemon: Daemon) -> list[Use]:
    """Return the uses that a daemon has out, in the order in which they began."""
    parts = [part for features in daemon.out.values() for queue in features.values() for part in queue]
    return sorted({id(part.use): part.use for part in parts}.values(), key=lambda use: (use.parts[0].since, use.id))


def tidy(daemon: Daemon, who: tuple[str, str], feature: str) -> None:
    """Forget a feature, and a person, with nothing out, so that memory follows what is out."""
    features = daemon.out.get(who)
    if features is not None and not features.get(feature):
        features.pop(feature, None)
        if not features:
            del daemon.out[who]
