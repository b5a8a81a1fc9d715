"""
Group commit: requests that arrive while one transaction runs share the next.

One disk write then carries many decisions, so that their number does not depend on how fast the disk writes one.
Whoever finds nobody at work leads: it carries out all that wait, its own among them, and hands the lead to the first
that came meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")


class _Waiting(Generic[Request, Outcome]):
    """A request with the place where its outcome is put."""

    __slots__ = ("error", "is_done", "outcome", "request", "woken")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.woken = threading.Event()
        self.is_done = False
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None

    def finish(self, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Exception):
            self.error = outcome
        else:
            self.outcome = outcome
        self.is_done = True
        self.woken.set()


class Lane(Generic[Request, Outcome]):
    """
    Gathers requests of many threads into batches of at most `most`.

    `work` commits a batch and returns one outcome, or one refusal, for each request. If it raises, each request is
    tried alone, so that one that cannot be carried out does not take the others with it.
    """

    def __init__(self, work: Callable[[Sequence[Request]], Sequence[Outcome | Exception]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[Request, Outcome]] = []
        self._is_led = False

    def ask(self, request: Request) -> Outcome:
        """Have a request carried out, and return its outcome or raise its refusal; it is committed by then."""
        mine: _Waiting[Request, Outcome] = _Waiting(request)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.woken.wait()
        if not mine.is_done:
            self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.outcome is not None, "a batch has an outcome for each request"
        return mine.outcome

    def _lead(self) -> None:
        """Carry out what waits; then wake the first that came meanwhile, to lead in turn."""
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            self._carry_out(batch)
        finally:
            with self._lock:
                self._is_led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].woken.set()

    def _carry_out(self, batch: Sequence[_Waiting[Request, Outcome]]) -> None:
        try:
            outcomes: Sequence[Outcome | Exception] = self._work([waiting.request for waiting in batch])
        except Exception as error:
            if len(batch) > 1:
                for waiting in batch:
                    self._carry_out([waiting])
                return
            outcomes = [error]
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.finish(outcome)
