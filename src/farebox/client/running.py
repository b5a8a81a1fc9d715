"""
A session that runs, as its program knows it: when it began, when somebody worked in it, and how it is told.

Everything but the sending and the waiting is here, for the plain client and the async one alike.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from farebox.client.answers import Answer, answer_of, read
from farebox.client.errors import CallFailed, NotAllowed, Refused, Unreachable
from farebox.client.spool import Spool
from farebox.client.steps import Patience, Steps, deliver, exchange, report
from farebox.client.wire import LIVE_SOURCE, Launch, Span, authorisation, closing, heartbeat, session_event

OFFLINE_SOURCE = "farebox:client"
"""The source of sessions that began while the server could not be reached."""

ONCE = Patience(attempts=1)
"""For a heartbeat: another one follows anyway."""


@dataclass(slots=True, kw_only=True)
class Running:
    """One session: `code` is the server's name for it, or one of our own where it began offline."""

    launch: Launch
    code: str
    source: str
    start: datetime
    answer: Answer | None
    """The last answer about it; None while it runs offline."""
    activity: Callable[[], bool] | None = None
    seen: datetime | None = None
    active: list[Span] = field(default_factory=list)

    @property
    def is_offline(self) -> bool:
        """Whether the server has not heard of it."""
        return self.source == OFFLINE_SOURCE

    def note(self, now: datetime) -> bool:
        """Take note of whether somebody worked since the last time, and return it."""
        since, self.seen = self.seen or self.start, now
        if self.activity is None:
            return True
        worked = self.activity()
        if worked and now > since:
            self.active.append(Span(since, now))
        return worked

    def beat(self, now: datetime) -> Steps[Answer | None]:
        """
        Send a heartbeat and return the answer; None where the server could not be reached, or closed the session.

        What a heartbeat could not tell, the end of the session will.
        """
        active = self.note(now)
        if self.is_offline:
            return None
        try:
            reply = yield from exchange(heartbeat(self.code, active=active), ONCE)
        except CallFailed:
            return None
        self.answer = answer_of(read(reply.body))
        return self.answer

    def end(self, now: datetime, spool: Spool | None, patience: Patience) -> Steps[None]:
        """
        Tell that the session ended: by a close, or else by an event under its own id, now or later.

        Where it arrives, what waits in the spool is sent too. Raises `Unreachable` where there is no spool to keep it
        in, `Refused` where the server will not have it.
        """
        self.note(now)
        arrived = yield from self._tell_end(now, spool, patience)
        if arrived and spool is not None:
            with suppress(CallFailed):  # what waits goes on waiting
                yield from deliver(spool, ONCE)

    def _tell_end(self, now: datetime, spool: Spool | None, patience: Patience) -> Steps[bool]:
        if not self.is_offline:
            try:
                reply = yield from exchange(closing(self.code), patience)
            except Unreachable:
                if spool is None:
                    raise
                spool.keep(self.event(now))
                return False
            except Refused as refused:
                if refused.status not in _UNKNOWN_THERE:
                    raise
            else:
                self.answer = answer_of(read(reply.body))
                return True
        return (yield from report(self.event(now), spool, patience))

    def event(self, now: datetime) -> dict[str, object]:
        """Write the whole session as an event under its own id: sent beside a close, it counts once."""
        spans = None if self.activity is None else self.active
        return session_event(self.launch, self.code, self.start, now, source=self.source, active=spans)


_UNKNOWN_THERE = (404, 409)
"""The server does not know the session, or not as one that runs: the event tells all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a session is opened: with which mode and agreed price, and whether it may run without the server."""

    launch: Launch
    mode: str
    agreed: Decimal | None
    offline: bool
    activity: Callable[[], bool] | None


def begin(opening: Opening, now: datetime, spool: Spool | None, patience: Patience) -> Steps[Running]:
    """
    Launch a session; where the server cannot be reached and there is a spool, it runs offline, to be told later.

    Raises `NotAllowed` for a denial or a price that nobody agreed to, `Unreachable` where it may not run offline.
    """
    launch = opening.launch
    try:
        reply = yield from exchange(authorisation(launch, opening.mode, agreed=opening.agreed), patience)
    except Unreachable:
        if spool is None or not opening.offline:
            raise
        code, source, answer = f"off_{uuid4().hex}", OFFLINE_SOURCE, None
    else:
        answer = answer_of(read(reply.body))
        if not answer.allowed:
            raise NotAllowed(answer)
        code, source = answer.session, LIVE_SOURCE
    return Running(launch=launch, code=code, source=source, start=now, answer=answer, activity=opening.activity)
