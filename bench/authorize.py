"""
Check-and-charge over HTTP: how many a second, and how long each takes.

    python -m bench.authorize [--requests 20000] [--clients 16] [--teams 1000]

Sides, in one run: launches spread over many teams; launches of one hot team; the same server's empty answer (`/livez`);
the bare guarded UPDATE, one durable commit each, without anything around it. Quote ratios: the machine's speed drifts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench._server import wait_until_ready

PORT = 8978
PEOPLE = 40
SECONDS_A_FLOOR = 3.0


def main() -> None:
    """Run the sides and print requests a second, the median and the 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--teams", type=int, default=1_000)
    parser.add_argument("--database-url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="farebox-bench-") as folder:
        os.environ["FAREBOX_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "farebox.settings"
        if options.database_url:
            os.environ["FAREBOX_DATABASE_URL"] = options.database_url
        key = _fill(options.teams, hot_people=options.requests)
        server = subprocess.Popen(
            [sys.executable, "-m", "farebox", "serve"],
            env=os.environ | {"FAREBOX_PORT": str(PORT)},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until_ready(PORT)
            _measure(options, key, Path(folder))
        finally:
            server.terminate()
            server.wait(timeout=40)


def _measure(options: Any, key: str, folder: Path) -> None:
    floor = 0.0 if options.database_url else _bare_update(folder)
    empty = _drive("empty answer", [_request("GET", "/livez", key, b"")] * options.requests, options.clients)
    spread = _drive("many teams", list(_launches(options.requests, options.teams, key)), options.clients)
    hot = _drive("one hot team", list(_hot(options.requests, key)), options.clients)
    print(f"empty / many teams {empty / spread:.2f}, empty / one hot team {empty / hot:.2f}")
    if floor:
        print(
            f"bare guarded UPDATE {floor:,.0f}/s; bare / many teams {floor / spread:.2f}, bare / hot {floor / hot:.2f}"
        )
    _batch(key)


def _fill(teams: int, *, hot_people: int) -> str:
    """Make the teams, their people, packs and one key for all of them."""
    from farebox.house import open_house

    open_house()
    from tests.world import START

    from farebox.domain.amounts import tokens
    from farebox.domain.clock import DAY, Instant, day_of
    from farebox.domain.packs import Pool
    from farebox.records.models import Assignment, Person
    from farebox.records.models.contracts import Scheme
    from farebox.services import catalogue, sources
    from farebox.services.give import Purchase, give

    products = [
        catalogue.add_product(catalogue.NewProduct(code=code, name=code, family=code)) for code in ("A", "B", "Z")
    ]
    catalogue.open_offer("all", products, since=START)
    for product, rate in zip(products, ("7", "10", "0.1"), strict=True):
        catalogue.set_rate("card", product, tokens(rate), since=START)
    now = Instant(time.time_ns() // 1000)
    for nth in range(teams + 1):
        team = catalogue.add_team(f"team-{nth}", f"Team {nth}", now=START)
        contract = catalogue.add_contract(team, Scheme.FLEX, offer="all", card="card", start=day_of(START))
        for pack in range(2):
            bought = Purchase(
                contract=contract.number,
                pool=Pool.FLEX,
                tokens=tokens("10000000"),
                since=Instant(now - (9 - pack) * DAY),
            )
            give(bought, now=now)
        count = hot_people if nth == 0 else PEOPLE
        people = [
            Person(team=team, key=f"p{one}@example.com", pseudonym=f"u-{nth}-{one}", created_us=START, member_us=START)
            for one in range(count)
        ]
        Person.objects.bulk_create(people, batch_size=5_000)
        made = Person.objects.filter(team=team)
        Assignment.objects.bulk_create([Assignment(person=one, since_us=START) for one in made], batch_size=5_000)
    key = sources.add("bench", now=START)
    from django.db import connection

    connection.close()
    return key


def _request(method: str, path: str, key: str, body: bytes) -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _launches(count: int, teams: int, key: str) -> Iterator[bytes]:
    chance = random.Random(1)
    for _ in range(count):
        team, person = 1 + chance.randrange(teams), chance.randrange(PEOPLE)
        body = f'{{"team":"team-{team}","person":"p{person}@example.com","product":"{chance.choice("ABZ")}"}}'
        yield _request("POST", "/v1/authorizations", key, body.encode())


def _hot(count: int, key: str) -> Iterator[bytes]:
    for nth in range(count):
        body = f'{{"team":"team-0","person":"p{nth}@example.com","product":"{"ABZ"[nth % 3]}"}}'
        yield _request("POST", "/v1/authorizations", key, body.encode())


def _drive(name: str, requests: Sequence[bytes], clients: int) -> float:
    """Send the requests over so many connections, and return answers a second."""
    began = time.perf_counter()
    taken = sorted(asyncio.run(_send_all(requests, clients)))
    rate = len(requests) / (time.perf_counter() - began)
    half, most = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.95)] * 1000
    print(
        f"{name}: {rate:,.0f}/s, median {half:.1f} ms, p95 {most:.1f} ms, worst {taken[-1] * 1000:.0f} ms", flush=True
    )
    return rate


async def _send_all(requests: Sequence[bytes], clients: int) -> list[float]:
    waiting = iter(requests)
    taken: list[float] = []
    await asyncio.gather(*(_client(waiting, taken) for _ in range(clients)))
    return taken


async def _client(waiting: Iterator[bytes], taken: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head[:16], head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        assert b'"deny"' not in body, body
        taken.append(time.perf_counter() - began)
    writer.close()


def _batch(key: str) -> None:
    """A hundred people by a hundred products in one request."""
    people = ",".join(f'"p{one}@example.com"' for one in range(100))
    products = ",".join(f'"{code}"' for code in (["A", "B", "Z", "N"] * 25))
    body = f'{{"team":"team-0","people":[{people}],"products":[{products}]}}'.encode()
    began = time.perf_counter()
    asyncio.run(_one(_request("POST", "/v1/authorizations/batch", key, body)))
    print(f"100 x 100 decisions in one request: {time.perf_counter() - began:.2f} s")


async def _one(request: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head[:16], head
    await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
    writer.close()


def _bare_update(folder: Path) -> float:
    """Commit guarded UPDATEs of one row, one by one and durably, with nothing around them."""
    import pysqlite3

    database = pysqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE pack (id INTEGER PRIMARY KEY, left_micro INTEGER)")
    database.execute("INSERT INTO pack VALUES (1, 1000000000)")
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS_A_FLOOR:
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE pack SET left_micro = left_micro - 7 WHERE id = 1 AND left_micro >= 7")
        database.execute("COMMIT")
        done += 1
    database.close()
    return done / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
