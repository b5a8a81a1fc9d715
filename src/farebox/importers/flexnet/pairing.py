"""
Check-outs and check-ins, paired into uses.

Each daemon is on its own. A package and a version that it holds, checked out within `TOGETHER_SECONDS` of each
other and out at the same time, are one use: from the first check-out to the last check-in.

A check-in closes the oldest check-out of that feature by that person on that machine (first out, first in).
Before age go: the same label, where lines carry one, and a use whose other half is back already. When a daemon
ends or starts anew, what it had out is cut at the last instant it was heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from farebox.domain.clock import MINUTE, Instant
from farebox.importers.flexnet.checkouts import CheckOut, Daemon, Use, companion, open_uses, tidy
from farebox.importers.flexnet.dating import Placed
from farebox.importers.flexnet.facts import Exit, Line, Movement, Refusal, Reread, Start
from farebox.importers.flexnet.products import ProductMap
from farebox.importers.flexnet.sessions import SERVER_UNKNOWN, ClosedBy, Denial, Identities, Session
from farebox.importers.flexnet.tally import Skip, Tally

_REREAD_WITHIN: Final = MINUTE
"""A list of features this soon after a reread is not a start."""


class Pairing:
    """Follows the lines of a log and gives uses as they end."""

    def __init__(self, products: ProductMap, server: str | None, tally: Tally) -> None:
        self.server = server or SERVER_UNKNOWN
        self._products = products
        self._tally = tally
        self._identities = Identities()
        self._daemons: dict[str, Daemon] = {}
        self._reread: Instant | None = None

    def feed(self, placed: Placed) -> Iterator[Session | Denial]:
        """Take one line with its instant; give the uses it ends and the denial it tells."""
        line, at, _ = placed
        if isinstance(line.fact, Start):
            yield from self._start(line.fact, at)
        daemon = self._daemon(line.daemon, at)
        match line.fact:
            case Movement(out=True) as movement:
                self._check_out(daemon, movement, placed)
            case Movement() as movement:
                yield from self._check_in(daemon, movement, line, at)
            case Refusal() as refusal:
                yield self._deny(daemon, refusal, at)
            case Exit(name):
                yield from self._restart(name)
            case Reread():
                self._reread = at
            case Start() | None:
                pass

    def finish(self) -> Iterator[Session]:
        """Give the uses that are still open at the end of the log."""
        for daemon in self._daemons.values():
            for use in open_uses(daemon):
                yield self._session(daemon, use, ClosedBy.OPEN)
            daemon.out.clear()

    def _daemon(self, name: str, at: Instant) -> Daemon:
        daemon = self._daemons.setdefault(name, Daemon(name, at))
        daemon.heard = max(daemon.heard, at)
        return daemon

    def _check_out(self, daemon: Daemon, movement: Movement, placed: Placed) -> None:
        daemon.worked = True
        features = daemon.out.setdefault((movement.user, movement.host), {})
        means = self._products.resolve(movement.feature)
        use = companion(features, means, placed.at) or self._begin(daemon, movement, placed)
        part = CheckOut(movement.feature, means, placed.at, movement.label, movement.licenses, use)
        use.parts.append(part)
        use.out += 1
        use.licenses = max(use.licenses, movement.licenses)
        use.borrowed = use.borrowed or movement.borrowed
        features.setdefault(movement.feature, deque()).append(part)

    def _begin(self, daemon: Daemon, movement: Movement, placed: Placed) -> Use:
        names = (self.server, daemon.name, movement.user, movement.host, movement.feature)
        return Use(
            id=self._identities.next(placed.at, "session", *names),
            user=movement.user,
            host=movement.host,
            server=self.server,
            utc_offset_seconds=placed.offset_seconds,
            licenses=movement.licenses,
            borrowed=movement.borrowed,
        )

    def _check_in(self, daemon: Daemon, movement: Movement, line: Line, at: Instant) -> Iterator[Session]:
        daemon.worked = True
        features = daemon.out.get((movement.user, movement.host), {})
        queue = features.get(movement.feature, deque())
        licenses = movement.licenses
        while queue and licenses:
            part = min(queue, key=lambda part: (part.label != movement.label, not part.half_back()))
            returned = min(licenses, part.left)
            licenses -= returned
            part.left -= returned
            if not part.left:
                queue.remove(part)
                yield from self._return(daemon, part, at, inactive=movement.inactive)
        if licenses:
            self._tally.skip(Skip.CHECK_IN_WITHOUT_CHECK_OUT, line.number)
        tidy(daemon, (movement.user, movement.host), movement.feature)

    def _return(self, daemon: Daemon, part: CheckOut, at: Instant, *, inactive: bool) -> Iterator[Session]:
        use = part.use
        use.out -= 1
        use.until, use.inactive = max(at, part.since, use.until or at), inactive
        if not use.out:
            yield self._session(daemon, use, ClosedBy.CHECK_IN)

    def _deny(self, daemon: Daemon, refusal: Refusal, at: Instant) -> Denial:
        means = self._products.resolve(refusal.feature)
        names = (self.server, daemon.name, refusal.user, refusal.host, refusal.feature)
        self._tally.denial(unsupported=refusal.unsupported)
        return Denial(
            id=self._identities.next(at, "unsupported" if refusal.unsupported else "denied", *names),
            user=refusal.user,
            machine=refusal.host,
            product=means.product,
            feature=refusal.feature,
            version=means.version,
            at=at,
            server=self.server,
            daemon=daemon.name,
            reason=refusal.reason,
            code=refusal.code,
            unsupported=refusal.unsupported,
        )

    def _start(self, start: Start, at: Instant) -> Iterator[Session]:
        self.server = self.server or start.server or SERVER_UNKNOWN
        reread = start.listing and self._reread is not None and at - self._reread <= _REREAD_WITHIN
        if not reread:
            yield from self._restart(start.daemon)

    def _restart(self, name: str | None) -> Iterator[Session]:
        """Cut what the daemon of this name, or every daemon, had out."""
        for daemon in self._daemons.values():
            if name is None or name in (daemon.name, daemon.name.partition("[")[0]):
                for use in open_uses(daemon):
                    yield self._session(daemon, use, ClosedBy.RESTART)
                self._tally.restarts += daemon.worked
                daemon.worked = False
                daemon.out.clear()

    def _session(self, daemon: Daemon, use: Use, closed_by: ClosedBy) -> Session:
        main = min(use.parts, key=lambda part: bool(part.means.package_of))
        since = min(part.since for part in use.parts)
        match closed_by:
            case ClosedBy.CHECK_IN:
                ended = use.until
            case ClosedBy.RESTART:
                ended = max(daemon.heard, *(part.since for part in use.parts))
            case ClosedBy.OPEN:
                ended = None
        session = Session(
            id=use.id,
            user=use.user,
            machine=use.host,
            product=main.means.product,
            feature=main.feature,
            version=main.means.version,
            since=since,
            until=ended,
            heard=daemon.heard if ended is None else ended,
            server=use.server,
            daemon=daemon.name,
            utc_offset_seconds=use.utc_offset_seconds,
            closed_by=closed_by,
            inactive=use.inactive and closed_by is ClosedBy.CHECK_IN,
            borrowed=use.borrowed,
            merged=len(use.parts) > 1,
            licenses=use.licenses,
        )
        self._tally.session(session, mapped=main.means.known)
        return session
