"""The client for programs with threads: every call waits for its answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import httpx

from farebox.client.answers import Answer, Quotes, Receipt, answer_of, quotes_of, read
from farebox.client.running import Opening, Running, begin
from farebox.client.spool import Spool
from farebox.client.steps import Patience, Steps, deliver, exchange, send_events
from farebox.client.wire import Call, Event, Launch, Lost, Pause, Reply, authorisation, batch, closing, heartbeat

T = TypeVar("T")
HEARTBEAT_SECONDS = 300.0
"""How often a session tells that it runs; it is closed after half an hour of silence."""


class Farebox:
    """
    A connection to a Farebox server, for one source key.

    `spool` is a folder for sessions that could not be sent; what is in it is sent after the next session whose end
    reaches the server, or by `deliver`. May be used by many threads.
    """

    def __init__(
        self,
        server: str,
        key: str,
        *,
        spool: Path | str | None = None,
        patience: Patience | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        self._http = httpx.Client(
            base_url=server, timeout=timeout_seconds, headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )
        self._patience = patience or Patience()
        self.spool = None if spool is None else Spool(Path(spool))

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Farebox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def authorize(
        self,
        person: str,
        product: str,
        *,
        mode: str = "charge",
        agreed: Decimal | None = None,
        version: str = "",
        machine: str = "",
        team: str = "",
        key: str = "",
    ) -> Answer:
        """
        Ask whether a person may open a product.

        The mode `quote` has no effect, `charge` launches, `confirm` launches unless it costs more than `agreed`. `key`
        is the launch's idempotency key, made anew if left out. Raises `Refused`, `Unreachable`.
        """
        launch = Launch(person=person, product=product, version=version, machine=machine, team=team)
        return answer_of(self._told(authorisation(launch, mode, agreed=agreed, key=key)))

    def quote(self, person: str, product: str, *, version: str = "", team: str = "") -> Answer:
        """Say what a launch would cost now, without effect."""
        return self.authorize(person, product, mode="quote", version=version, team=team)

    def heartbeat(self, session: str, *, active: bool = True) -> Answer:
        """Tell that a session runs on, and hear whether it may."""
        return answer_of(self._told(heartbeat(session, active=active)))

    def close_session(self, session: str) -> Answer:
        """Tell that a session ended; telling it twice changes nothing."""
        return answer_of(self._told(closing(session)))

    def quotes(
        self,
        people: Sequence[str] = (),
        products: Sequence[str] = (),
        *,
        pairs: Sequence[tuple[str, str]] = (),
        team: str = "",
    ) -> Quotes:
        """Quote every product for every person, or pairs of them, at one reading of the balance."""
        return quotes_of(self._told(batch(people, products, pairs, team)))

    def send_events(self, events: Iterable[Event]) -> Receipt:
        """
        Send usage events, in batches as large as the server takes; each counts once, however often it is sent.

        Raises `Refused`, and `Unreachable` where the server went away: send the same events again.
        """
        return self._run(send_events(events, self._patience))

    def deliver(self) -> Receipt:
        """Send what waits in the spool. Raises `Unreachable` while the server is away."""
        return Receipt() if self.spool is None else self._run(deliver(self.spool, self._patience))

    @contextmanager
    def session(
        self,
        person: str,
        product: str,
        *,
        mode: str = "charge",
        agreed: Decimal | None = None,
        version: str = "",
        machine: str = "",
        team: str = "",
        offline: bool = True,
        activity: Callable[[], bool] | None = None,
        on_answer: Callable[[Answer], None] | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> Iterator[Running]:
        """
        Run a session: launch, send heartbeats from a thread, and close it at the end of the block.

        `activity` tells whether somebody worked since it was last asked; without it, somebody always did. `on_answer`
        hears what each heartbeat is answered, in that thread: a denial means to save and close. Where the server cannot
        be reached and there is a spool, the session runs offline, unless `offline` is false, and is told later.
        Raises `NotAllowed`, `Refused`, `Unreachable`.
        """
        launch = Launch(person=person, product=product, version=version, machine=machine, team=team)
        opening = Opening(launch=launch, mode=mode, agreed=agreed, offline=offline, activity=activity)
        running = self._run(begin(opening, _now(), self.spool, self._patience))
        over = threading.Event()
        beats = threading.Thread(
            target=self._beat, args=(running, over, heartbeat_seconds, on_answer), name="farebox heartbeat", daemon=True
        )
        beats.start()
        try:
            yield running
        finally:
            over.set()
            beats.join()
            self._run(running.end(_now(), self.spool, self._patience))

    def _beat(
        self, running: Running, over: threading.Event, seconds: float, on_answer: Callable[[Answer], None] | None
    ) -> None:
        while not over.wait(seconds):
            answer = self._run(running.beat(_now()))
            if answer is not None and on_answer is not None:
                on_answer(answer)

    def _told(self, call: Call) -> dict[str, object]:
        return dict(read(self._run(exchange(call, self._patience)).body))

    def _run(self, steps: Steps[T]) -> T:
        """Carry out steps until they return."""
        came: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                came = None
            else:
                came = self._send(step)

    def _send(self, call: Call) -> Reply | Lost:
        headers = {"Content-Type": "application/json", **call.headers}
        try:
            got = self._http.post(call.path, content=call.body, headers=headers)
        except httpx.TransportError as error:
            return Lost(f"{type(error).__name__}: {error}")
        return Reply(got.status_code, got.headers, got.content)


def _now() -> datetime:
    return datetime.now(UTC)
