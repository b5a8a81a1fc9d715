"""The client against a server in a process of its own: launches, sessions, events, and the time without a server."""

from __future__ import annotations

import asyncio
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.cli.house import count, set_up
from tests.demo.served import Served, serving

from farebox.client import (
    Answer,
    AsyncFarebox,
    Decision,
    Farebox,
    NotAllowed,
    Patience,
    Receipt,
    Refused,
    Running,
    Unreachable,
)
from farebox.client.wire import Launch, session_event

QUICK = Patience(attempts=2, first_seconds=0.01)
"""For where no server is."""
STEADY = Patience(attempts=8, first_seconds=0.05)
"""For a server that shares its machine with other tests."""

SETTING_UP = """
from farebox.domain.amounts import tokens
from farebox.domain.packs import Pool
from farebox.records.models import Assignment, Contract, Team
from farebox.services import catalogue
from farebox.services.give import Purchase, give
from farebox.wallclock import now
bought = Purchase(contract=Contract.objects.get().number, pool=Pool.FLEX, tokens=tokens("1000"), since=None, until=None)
give(bought, now=now())
for name in ("ann", "ben", "cem", "dan", "eve", "fay", "gil"):
    person = catalogue.add_person(Team.objects.get(), f"{name}@example.com", name, now=now())
    Assignment.objects.create(person=person, product=None, since_us=now())
"""
"""A thousand tokens, and people who may open every product."""


class Installation(NamedTuple):
    """A data folder and the key of its team's programs."""

    folder: Path
    key: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Set up a team, its tokens and its people, once."""
    folder = tmp_path_factory.mktemp("client") / "data"
    printed = set_up(folder, ("source", "add", "app", "--team", "design"), then=SETTING_UP)
    return Installation(folder, next(line for line in printed if line.startswith("fbs_")))


@pytest.fixture(scope="module")
def served(made: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the server on a copy, so that what was set up stays as it was."""
    folder = Path(shutil.copytree(made.folder, tmp_path_factory.mktemp("served") / "data"))
    with serving(folder, "serve") as server:
        yield server


@pytest.fixture
def farebox(served: Served, made: Installation) -> Iterator[Farebox]:
    """Return a connected client."""
    with Farebox(served.base, made.key, patience=STEADY) as client:
        yield client


def an_event(name: str, person: str) -> dict[str, object]:
    """Return a session of an hour that ended just now."""
    end = datetime.now(UTC)
    launch = Launch(person=person, product="ACD")
    return session_event(launch, name, end - timedelta(hours=1), end, source="test")


def test_a_quote_changes_nothing_and_a_launch_reserves(farebox: Farebox) -> None:
    """A quote says the price; a launch makes a session and reserves it; the next launch costs nothing (F7)."""
    quoted = farebox.quote("ann@example.com", "ACD")
    launched = farebox.authorize("ann@example.com", "ACD")
    again = farebox.quote("ann@example.com", "ACD")

    assert (quoted.decision, quoted.cost, quoted.session) == (Decision.ALLOW, Decimal(7), "")
    assert launched.session.startswith("ses_")
    assert launched.reserved - quoted.reserved == Decimal(7)
    assert again.cost == 0


def test_the_same_launch_twice_is_one(farebox: Farebox) -> None:
    """A launch that is sent again with its key, after a lost answer, gives the same session (domain L8)."""
    once, twice = (farebox.authorize("ben@example.com", "ACD", key="launch-1") for _ in range(2))

    assert once.session == twice.session != ""


def test_a_price_that_nobody_agreed_to_is_asked_for(farebox: Farebox) -> None:
    """With `confirm` the person is asked first, and nothing is reserved; with the agreed price it is launched."""
    asked = farebox.authorize("cem@example.com", "ACD", mode="confirm")
    agreed = farebox.authorize("cem@example.com", "ACD", mode="confirm", agreed=asked.cost)

    assert (asked.decision, asked.session, asked.cost) == (Decision.ASK, "", Decimal(7))
    assert agreed.allowed


def test_many_people_are_quoted_at_once(farebox: Farebox) -> None:
    """One request quotes every product for every person, and says who is unknown."""
    quotes = farebox.quotes(["dan@example.com", "nobody@example.com"], ["ACD"])
    pairs = farebox.quotes(pairs=[("dan@example.com", "ACD")])

    assert [(one.person, one.decision) for one in quotes.decisions] == [
        ("dan@example.com", Decision.ALLOW),
        ("nobody@example.com", Decision.DENY),
    ]
    assert [(one.person, one.cost) for one in pairs.decisions] == [("dan@example.com", Decimal(7))]


def test_a_denied_session_does_not_start(farebox: Farebox) -> None:
    """The block is not entered, and the reason is told."""
    with pytest.raises(NotAllowed) as denied, farebox.session("nobody@example.com", "ACD"):
        raise AssertionError("the session ran")

    assert denied.value.answer.reason == "unknown_person"


def test_a_session_sends_heartbeats_and_closes(farebox: Farebox) -> None:
    """While the block runs, heartbeats go out and their answers come in; at its end the session is closed."""
    heard: list[Answer] = []
    enough = threading.Event()

    def hear(answer: Answer) -> None:
        heard.append(answer)
        if len(heard) == 2:
            enough.set()

    with farebox.session("eve@example.com", "ACD", heartbeat_seconds=0.01, on_answer=hear) as running:
        assert enough.wait(60)

    assert all(answer.allowed for answer in heard)
    with pytest.raises(Refused) as refused:
        farebox.heartbeat(running.code)
    assert refused.value.status == 409
    assert farebox.close_session(running.code).session == running.code


def test_events_are_counted_once(farebox: Farebox) -> None:
    """Events that are sent twice are duplicates, and what is wrong with one is told by its place."""
    events = [an_event("e-1", "dan@example.com"), an_event("e-2", "dan@example.com") | {"type": "farebox.unknown"}]

    once, twice = farebox.send_events(events), farebox.send_events(events)

    assert (once.accepted, once.rejected, twice.duplicate, twice.rejected) == (1, 1, 1, 1)
    assert [(one.index, one.faults[0].code) for one in once.events] == [(1, "unknown_type")]


def test_a_wrong_key_is_refused(served: Served) -> None:
    """A key that is not in force is refused at once."""
    with Farebox(served.base, "fbs_wrong", patience=QUICK) as client, pytest.raises(Refused) as refused:
        client.quote("ann@example.com", "ACD")

    assert refused.value.status == 401


def test_the_async_client_does_the_same(served: Served, made: Installation, tmp_path: Path) -> None:
    """Quotes, sessions with heartbeats, batches and events work from an event loop too."""

    async def use() -> tuple[Running, list[Answer], Receipt]:
        heard: list[Answer] = []
        enough = asyncio.Event()

        def hear(answer: Answer) -> None:
            heard.append(answer)
            enough.set()

        async with AsyncFarebox(served.base, made.key, patience=STEADY, spool=tmp_path / "spool") as client:
            assert (await client.quote("fay@example.com", "ACD")).cost == 7
            assert len((await client.quotes(["fay@example.com"], ["ACD"])).decisions) == 1
            async with client.session("fay@example.com", "ACD", heartbeat_seconds=0.01, on_answer=hear) as running:
                await asyncio.wait_for(enough.wait(), 60)
            await client.close_session(running.code)
            launched = await client.authorize("fay@example.com", "ACD")
            await client.heartbeat(launched.session, active=False)
            assert await client.deliver() == Receipt()
            return running, heard, await client.send_events([an_event("e-3", "fay@example.com")])

    with ThreadPoolExecutor(1) as apart:  # a browser of an earlier test may leave its loop running in this thread
        running, heard, receipt = apart.submit(asyncio.run, use()).result()

    assert running.code.startswith("ses_")
    assert heard
    assert all(answer.allowed for answer in heard)
    assert receipt.accepted == 1


def test_without_a_server_and_without_a_spool_nothing_starts(tmp_path: Path) -> None:
    """A program that must ask first learns that it could not, as does one that may run offline and has no spool."""
    with Farebox("http://127.0.0.1:9", "fbs_x", patience=QUICK, spool=tmp_path / "spool") as client:
        with pytest.raises(Unreachable), client.session("ann@example.com", "ACD", offline=False):
            raise AssertionError("the session ran")
        with pytest.raises(Unreachable):
            client.send_events([an_event("e-9", "ann@example.com")])
    with (
        Farebox("http://127.0.0.1:9", "fbs_x", patience=QUICK) as client,
        pytest.raises(Unreachable),
        client.session("ann@example.com", "ACD"),
    ):
        raise AssertionError("the session ran")


def test_sessions_without_a_server_are_told_later_and_charged_once(made: Installation, tmp_path: Path) -> None:
    """
    The server ends in the middle of one session, another runs without it: both are charged once, later.

    However often they are delivered, and although the first was known to the server already (domain I2).
    """
    folder, spool = Path(shutil.copytree(made.folder, tmp_path / "data")), tmp_path / "spool"
    with serving(folder, "serve") as server, Farebox(server.base, made.key, patience=QUICK, spool=spool) as client:
        with client.session("ann@example.com", "ACD", heartbeat_seconds=3600) as cut:
            server.end(signal.SIGTERM)
        with client.session("gil@example.com", "ACD", heartbeat_seconds=0.01, activity=lambda: True) as alone:
            assert alone.is_offline
    assert sorted(path.suffix for path in spool.iterdir()) == [".json", ".json"]
    copies = shutil.copytree(spool, tmp_path / "copies")

    with serving(folder, "serve") as server:
        with Farebox(server.base, made.key, patience=QUICK, spool=spool) as client:
            first = client.deliver()
        with Farebox(server.base, made.key, patience=QUICK, spool=copies) as client:
            again = client.deliver()
        server.end(signal.SIGTERM)

    assert not cut.is_offline
    assert (first.accepted, again.duplicate) == (2, 2)
    assert list(spool.iterdir()) == []
    assert count(folder, "records_use WHERE ended_us IS NULL") == 2
    assert count(folder, "records_hold WHERE ended_us IS NULL") == 0


def test_the_end_of_a_session_brings_what_waited(served: Served, made: Installation, tmp_path: Path) -> None:
    """What was kept in the spool is sent after the next session whose end reaches the server."""
    spool = tmp_path / "spool"
    with Farebox("http://127.0.0.1:9", made.key, patience=QUICK, spool=spool) as client, client.session(*GIL):
        pass
    assert len(list(spool.iterdir())) == 1

    with Farebox(served.base, made.key, patience=QUICK, spool=spool) as client, client.session(*GIL):
        pass

    assert list(spool.iterdir()) == []


GIL = ("gil@example.com", "ACD")
