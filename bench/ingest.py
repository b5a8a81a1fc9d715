"""
How fast events become durable charges, against the floor of the same rows inserted by hand.

    python -m bench.ingest [--events 200000] [--batch 10000] [--rounds 3]

Three sides, in turn, on fresh databases of the same engine with the same settings: a running server that takes batches
over HTTP from two clients; the same service called in this process; and the floor, which inserts the rows that the
service wrote, from tuples that were ready before the clock started, in transactions of the same size.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench._server import wait_until_ready

TABLES = ("records_event", "records_use", "records_charge", "records_entry", "records_window")
PEOPLE = 5_000
DAYS = 120
CLIENTS = 2
PORT = 8977


def main() -> None:
    """Run the sides and print events a second and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="farebox-bench-")
    os.environ["FAREBOX_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "farebox.settings"
    import django

    django.setup()
    ratios = []
    for nth in range(options.rounds):
        batches = _bodies(options.events, options.batch, seed=nth)
        served = _served(batches, options.events)
        called, floor = _called_and_floor(batches, options.events, Path(folder, str(nth)))
        ratios.append((floor / served, floor / called))
        print(
            f"round {nth + 1}: over HTTP {served:,.0f}, called {called:,.0f}, floor {floor:,.0f} events/s; "
            f"floor/HTTP {floor / served:.1f}, floor/called {floor / called:.1f}",
            flush=True,
        )
    over_http, in_process = (statistics.median(side) for side in zip(*ratios, strict=True))
    print(f"median: the floor is {over_http:.1f} times as fast as the server, {in_process:.1f} times as the service")


def _bodies(events: int, batch: int, *, seed: int) -> list[list[bytes]]:
    """Return batches of events in the order of time: people at work for four months, a machine each."""
    from tests.world import START

    from farebox.domain.clock import DAY, MINUTE, as_iso

    chance = random.Random(seed)
    texts = []
    for n in range(events):
        start = START + n * DAYS // events * DAY + chance.randrange(24 * 60) * MINUTE
        end = start + chance.randrange(1, 600) * MINUTE
        person, product = chance.randrange(PEOPLE), chance.choice("ABZ")
        texts.append(
            f'{{"specversion":"1.0","id":"{seed}-{n}","source":"bench","type":"farebox.session",'
            f'"time":"{as_iso(start)}","subject":"person{person}@example.com","data":{{"product":"{product}",'
            f'"start":"{as_iso(start)}","end":"{as_iso(end)}","version":"2026","machine":"WS-{person}",'
            f'"server":"LIC-1","utcOffset":"+1:00"}}}}'.encode()
        )
    return [texts[first : first + batch] for first in range(0, events, batch)]


def _fresh(path: Path) -> None:
    """Point the records at a new file and fill it with the world that is charged."""
    from django.core.management import call_command
    from django.db import connection

    connection.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.settings_dict["NAME"] = path
    call_command("migrate", verbosity=0)


def _served(batches: Sequence[Sequence[bytes]], events: int) -> float:
    """Return events a second of a server process, from the first byte sent to the last answer."""
    from django.db import connection
    from tests.world import START, World

    from farebox.services import sources

    with tempfile.TemporaryDirectory(prefix="farebox-bench-") as folder:
        _fresh(Path(folder, "farebox.sqlite3"))
        World().give("100000000")
        key = sources.add("bench", team="flex", now=START)
        connection.close()
        environment = os.environ | {"FAREBOX_DATA": folder, "FAREBOX_PORT": str(PORT)}
        server = subprocess.Popen(
            [sys.executable, "-m", "farebox", "serve"], env=environment, stdout=subprocess.DEVNULL
        )
        try:
            wait_until_ready(PORT)
            bodies = [b"[" + b",".join(batch) + b"]" for batch in batches]
            began = time.perf_counter()
            senders = [threading.Thread(target=_send, args=(bodies[nth::CLIENTS], key)) for nth in range(CLIENTS)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            return events / (time.perf_counter() - began)
        finally:
            server.terminate()
            server.wait(timeout=60)


def _send(bodies: Sequence[bytes], key: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/cloudevents-batch+json"}
    for body in bodies:
        connection.request("POST", "/v1/events", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        assert b'"rejected":0,"quarantined":0' in text, text[:500]


def _called_and_floor(batches: Sequence[Sequence[bytes]], events: int, folder: Path) -> tuple[float, float]:
    """Return events a second of the service called here, and of the same rows inserted by hand."""
    from django.db import connection
    from tests.world import NOW, World

    from farebox import collector
    from farebox.records import db
    from farebox.services.ingest import SourceKey, ingest

    _fresh(folder / "called.sqlite3")
    world = World()
    world.give("100000000")
    collector.calm()
    began = time.perf_counter()
    for batch in batches:
        ingest(batch, key=SourceKey(0, world.flex.pk), now=NOW)
    called = events / (time.perf_counter() - began)
    rows = {table: db.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
    columns = {
        table: [name for (name,) in db.rows(f"SELECT name FROM pragma_table_info('{table}')")] for table in TABLES
    }
    _fresh(folder / "floor.sqlite3")
    db.execute("PRAGMA foreign_keys=OFF")
    began = time.perf_counter()
    for nth in range(len(batches)):
        with db.atomic():
            for table, all_rows in rows.items():
                size = -(-len(all_rows) // len(batches))
                db.insert(table, columns[table], all_rows[nth * size : (nth + 1) * size])
    floor = events / (time.perf_counter() - began)
    connection.close()
    return called, floor


if __name__ == "__main__":
    main()
