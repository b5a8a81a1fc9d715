"""
How fast events become durable charges, against the floor of the same rows inserted by hand.

    python -m bench.ingest [--events 200000] [--batch 10000] [--rounds 3]

Both sides write to the same engine with the same settings, in the same run, in turn: the product reads JSON texts,
claims identities, rates, draws and commits; the floor inserts the rows that the product wrote, in batches of the same
size, from tuples that were ready before the clock started.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

TABLES = ("records_event", "records_use", "records_charge", "records_entry", "records_window")


def main() -> None:
    """Run both sides and print events a second and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    for nth in range(options.rounds):
        product, floor = one_round(options.events, options.batch, seed=nth)
        ratios.append(floor / product)
        speeds = f"charged {product:,.0f} events/s, floor {floor:,.0f} events/s, ratio {floor / product:.1f}"
        print(f"round {nth + 1}: {speeds}")
    print(f"median: the floor is {statistics.median(ratios):.1f} times as fast as ingest")


def one_round(events: int, batch: int, *, seed: int) -> tuple[float, float]:
    """Return events a second of the product and of the floor, on fresh databases."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FAREBOX_DATA"] = folder
        import django
        from django.conf import settings

        if not settings.configured:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farebox.settings")
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        connection.close()
        connection.settings_dict["NAME"] = Path(folder, "product.sqlite3")
        call_command("migrate", verbosity=0)
        product = _product(events, batch, seed)
        rows = {table: _rows(table) for table in TABLES}
        columns = {table: _columns(table) for table in TABLES}
        connection.close()
        connection.settings_dict["NAME"] = Path(folder, "floor.sqlite3")
        call_command("migrate", verbosity=0)
        floor = _floor(rows, columns, events, batch)
        connection.close()
    return product, floor


def _product(events: int, batch: int, seed: int) -> float:
    from tests.world import NOW, START, World

    from farebox import collector
    from farebox.domain.clock import MINUTE, as_iso
    from farebox.services.ingest import SourceKey, ingest

    collector.calm()
    world = World()
    for _ in range(5):
        world.give("10000000")
    chance = random.Random(seed)
    texts = []
    for n in range(events):
        start = START + (n * 120 * 24 * 60 // events) * MINUTE + chance.randrange(60) * MINUTE
        person, product = chance.randrange(5_000), chance.choice("ABZ")
        texts.append(
            (
                '{"specversion":"1.0","id":"%d","source":"bench","type":"farebox.session","time":"%s",'
                '"subject":"person%d@example.com","data":{"product":"%s","start":"%s","end":"%s","version":"2026",'
                '"machine":"WS-%d","server":"LIC-1","utcOffset":"+1:00"}}'
                % (n, as_iso(start), person, product, as_iso(start),
                   as_iso(start + chance.randrange(1, 600) * MINUTE), person)
            ).encode()
        )  # fmt: skip
    key = SourceKey(0, world.flex.pk)
    began = time.perf_counter()
    for first in range(0, events, batch):
        receipt = ingest(texts[first : first + batch], key=key, now=NOW)
        assert receipt.tally.accepted == len(texts[first : first + batch])
    return events / (time.perf_counter() - began)


def _rows(table: str) -> list[tuple[object, ...]]:
    from farebox.records import db

    return db.rows(f"SELECT * FROM {table} ORDER BY id")


def _columns(table: str) -> int:
    from farebox.records import db

    return len(db.rows(f"SELECT name FROM pragma_table_info('{table}')"))


def _floor(rows: dict[str, list[tuple[object, ...]]], columns: dict[str, int], events: int, batch: int) -> float:
    from farebox.records import db

    db.execute("PRAGMA foreign_keys=OFF")
    batches = -(-events // batch)
    began = time.perf_counter()
    for nth in range(batches):
        with db.atomic():
            for table, all_rows in rows.items():
                size = -(-len(all_rows) // batches)
                marks = ", ".join(["%s"] * columns[table])
                db.many(f"INSERT INTO {table} VALUES ({marks})", all_rows[nth * size : (nth + 1) * size])
    return events / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
