"""The client for programs that run an event loop; it does what the plain one does, with `await`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import httpx

from farebox.client.answers import Answer, Quotes, Receipt, answer_of, quotes_of, read
from farebox.client.plain import HEARTBEAT_SECONDS
from farebox.client.running import Opening, Running, begin
from farebox.client.spool import Spool
from farebox.client.steps import Patience, Steps, deliver, exchange, send_events
from farebox.client.wire import Call, Event, Launch, Lost, Pause, Reply, authorisation, batch, closing, heartbeat

T = TypeVar("T")


class AsyncFarebox:
    """A connection to a Farebox server, for one source key and one event loop; see `Farebox`."""

    def __init__(
        self,
        server: str,
        key: str,
        *,
        spool: Path | str | None = None,
        patience: Patience | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=server, timeout=timeout_seconds, headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )
        self._patience = patience or Patience()
        self.spool = None if spool is None else Spool(Path(spool))

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncFarebox:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def authorize(
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
        """Ask whether a person may open a product; see `Farebox.authorize`."""
        launch = Launch(person=person, product=product, version=version, machine=machine, team=team)
        return answer_of(await self._told(authorisation(launch, mode, agreed=agreed, key=key)))

    async def quote(self, person: str, product: str, *, version: str = "", team: str = "") -> Answer:
        """Say what a launch would cost now, without effect."""
        return await self.authorize(person, product, mode="quote", version=version, team=team)

    async def heartbeat(self, session: str, *, active: bool = True) -> Answer:
        """Tell that a session runs on, and hear whether it may."""
        return answer_of(await self._told(heartbeat(session, active=active)))

    async def close_session(self, session: str) -> Answer:
        """Tell that a session ended; telling it twice changes nothing."""
        return answer_of(await self._told(closing(session)))

    async def quotes(
        self,
        people: Sequence[str] = (),
        products: Sequence[str] = (),
        *,
        pairs: Sequence[tuple[str, str]] = (),
        team: str = "",
    ) -> Quotes:
        """Quote every product for every person, or pairs of them, at one reading of the balance."""
        return quotes_of(await self._told(batch(people, products, pairs, team)))

    async def send_events(self, events: Iterable[Event]) -> Receipt:
        """Send usage events in batches; see `Farebox.send_events`."""
        return await self._run(send_events(events, self._patience))

    async def deliver(self) -> Receipt:
        """Send what waits in the spool. Raises `Unreachable` while the server is away."""
        return Receipt() if self.spool is None else await self._run(deliver(self.spool, self._patience))

    @asynccontextmanager
    async def session(
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
    ) -> AsyncIterator[Running]:
        """Run a session, with heartbeats from a task beside the block; see `Farebox.session`."""
        launch = Launch(person=person, product=product, version=version, machine=machine, team=team)
        opening = Opening(launch=launch, mode=mode, agreed=agreed, offline=offline, activity=activity)
        running = await self._run(begin(opening, _now(), self.spool, self._patience))
        beats = asyncio.create_task(self._beat(running, heartbeat_seconds, on_answer))
        try:
            yield running
        finally:
            beats.cancel()
            with suppress(asyncio.CancelledError):
                await beats
            await self._run(running.end(_now(), self.spool, self._patience))

    async def _beat(self, running: Running, seconds: float, on_answer: Callable[[Answer], None] | None) -> None:
        while True:
            await asyncio.sleep(seconds)
            answer = await self._run(running.beat(_now()))
            if answer is not None and on_answer is not None:
                on_answer(answer)

    async def _told(self, call: Call) -> dict[str, object]:
        return dict(read((await self._run(exchange(call, self._patience))).body))

    async def _run(self, steps: Steps[T]) -> T:
        """Carry out steps until they return."""
        came: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                came = None
            else:
                came = await self._send(step)

    async def _send(self, call: Call) -> Reply | Lost:
        headers = {"Content-Type": "application/json", **call.headers}
        try:
            got = await self._http.post(call.path, content=call.body, headers=headers)
        except httpx.TransportError as error:
            return Lost(f"{type(error).__name__}: {error}")
        return Reply(got.status_code, got.headers, got.content)


def _now() -> datetime:
    return datetime.now(UTC)
