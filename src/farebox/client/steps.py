"""
What the client does, step by step, without doing it: what to send, when to wait, and what the answer means.

Each function is a generator that yields calls and pauses and is sent what came back, so that the plain client and the
async one do the same. Every call may be made twice: launches carry an idempotency key, events are known by their
identity, a heartbeat or a close that is repeated changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from random import SystemRandom
from typing import TypeVar

from farebox.client.answers import Receipt, faults_of, read, receipt_of
from farebox.client.errors import Refused, Unreachable
from farebox.client.spool import Spool
from farebox.client.wire import Call, Event, Lost, Pause, Reply, batches

T = TypeVar("T")
Steps = Generator[Call | Pause, Reply | Lost | None, T]
"""Calls and pauses to carry out; a call is sent its reply, a pause nothing."""

TOO_MANY, SERVER_FAILS = 429, 500
_RANDOM = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """
    How often a call is tried, and how long to wait between: twice as long each time, less a random part.

    The random part keeps many programs from coming back at the same moment.
    """

    attempts: int = 5
    first_seconds: float = 0.5
    most_seconds: float = 30.0

    def pauses(self) -> Iterator[float]:
        """Return the seconds to wait after each attempt but the last."""
        for nth in range(self.attempts - 1):
            most = min(self.most_seconds, self.first_seconds * 2.0**nth)
            yield _RANDOM.uniform(most / 2, most)


def exchange(call: Call, patience: Patience) -> Steps[Reply]:
    """
    Make a call until it is answered.

    Raises `Refused` where the server says no, `Unreachable` where patience ran out: without an answer, or with the
    server busy.
    """
    pauses = patience.pauses()
    while True:
        reply = yield call
        assert reply is not None, "a call is sent what came back"
        if isinstance(reply, Reply) and reply.status < 300:
            return reply
        if isinstance(reply, Reply) and not (reply.status == TOO_MANY or reply.status >= SERVER_FAILS):
            raise refusal(reply)
        pause = next(pauses, None)
        if pause is None:
            raise Unreachable(reply.why if isinstance(reply, Lost) else str(refusal(reply)))
        asked = _retry_after(reply) if isinstance(reply, Reply) else 0.0
        yield Pause(min(patience.most_seconds, max(pause, asked)))


def refusal(reply: Reply) -> Refused:
    """Read a problem document; what is none is told by its status."""
    try:
        told = read(reply.body)
    except ValueError:
        told = {}
    code, detail = told.get("code", "refused"), told.get("detail", "the server gave no reason")
    return Refused(reply.status, str(code), str(detail), faults_of(told))


def _retry_after(reply: Reply) -> float:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdecimal() else 0.0


def send_events(events: Iterable[Event], patience: Patience) -> Steps[Receipt]:
    """
    Send events in batches and add up what became of them.

    Raises `Unreachable` between batches where the server is gone: what was sent before is kept there, and all of it may
    be sent again.
    """
    total = Receipt()
    for call in batches(events):
        reply = yield from exchange(call, patience)
        total += receipt_of(read(reply.body))
    return total


def deliver(spool: Spool, patience: Patience) -> Steps[Receipt]:
    """
    Send what was kept while the server was away, and forget what it took.

    An event that the server rejects is put aside in the spool's folder `rejected`, with nothing lost. Raises
    `Unreachable` where the server is away still, and keeps everything.
    """
    total = Receipt()
    while kept := spool.kept():
        receipt = yield from send_events([one.event for one in kept], patience)
        wrong = {verdict.index for verdict in receipt.events if verdict.state == "rejected"}
        for nth, one in enumerate(kept):
            spool.put_aside(one) if nth in wrong else spool.forget(one)
        total += receipt
    return total


def report(event: Event, spool: Spool | None, patience: Patience) -> Steps[bool]:
    """
    Send one event, or keep it for later; tell whether it arrived.

    Raises `Unreachable` where there is no spool to keep it in.
    """
    try:
        yield from send_events([event], patience)
    except Unreachable:
        if spool is None:
            raise
        spool.keep(event)
        return False
    return True
