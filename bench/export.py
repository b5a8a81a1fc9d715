"""
Sessions to CSV: rows a second, against floors measured in the same run, and the memory that it takes.

    python -m bench.export [--rows 1000000] [--rounds 3] [--memory-mb 384]

Every desktop field and metric of single sessions is exported (usage-api 6.2), through the service's own file: made by
the engine, hashed, synced, renamed. Beside it the engine's own COPY of the very same statement by a connection of its
own, and the same answer turned into lines by the presenter, cell by cell. The aim is 150,000 rows a second, with
memory that does not grow with the rows; each measurement is a process of its own, whose peak is its own. Sorting a
million rows of thirty columns needs room for one piece of 64 MB beside the others: with 256 MB the engine gives up.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import django
import duckdb

from bench import _estate
from bench._estate import SESSION, Size
from farebox.query.fields import CUSTOM_FIELDS
from farebox.query.lines import render_csv
from farebox.query.plan import Asker, Plan, Question, make_plan
from farebox.query.present import csv_lines
from farebox.query.rules import Surface
from farebox.warehouse import Warehouse

SIZE = Size(people=3_000, products=60, labels=4_000, days=730)
FIELDS = (
    "usageMonth", "usageDate", "contractYear", "productName", "productLineCode", "productVersion",
    "productFeatureCode", "userName", "machineName", "sessionStartDate", "sessionEndDate",
    "licenseServerTimeZoneOffset", "chargedItemID", "chargeCategory", "licenseServerName", "usageType",
    "usageCategory", *(field.name for field in CUSTOM_FIELDS),
)  # fmt: skip
QUESTION = Question(
    fields=FIELDS,
    metrics=("tokensConsumed", "usageMinutes", "usageHours"),
    usage_categories=("DESKTOP_PRODUCT",),
)


def plan() -> Plan:
    """Plan the export of all sessions of the contract."""
    return make_plan(QUESTION, Asker(contract_id=1, names_hidden=False), Surface.EXPORT)


def ours(path: Path, memory_mb: int) -> int:
    """Write the file as the service does, and return its rows."""
    from farebox.services.export.ahead import Ahead
    from farebox.services.export.files import Part

    warehouse = Warehouse.open(path, memory=f"{memory_mb}MB")
    rows = 0
    with Part(1, 1) as part:
        with warehouse.snapshot() as snapshot, Ahead(snapshot.csv(plan()).parts, snapshot.interrupt) as ahead:
            for found in ahead.items(pause_seconds=1):
                if found is not None:
                    rows += found[0]
                    part.write(found[1])
        part.keep()
    warehouse.close()
    return rows


def copied(path: Path, memory_mb: int) -> int:
    """Let the engine copy the lines into a file itself, on two threads like ours."""
    connection = duckdb.connect(str(path), config={"memory_limit": f"{memory_mb}MB", "threads": 2})
    lines = render_csv(plan())
    options = "(FORMAT csv, HEADER false, QUOTE '', DELIMITER '\x1f')"
    sql = f"COPY ({lines.sql}) TO '{path.with_suffix('.copy')}' {options}"
    found = connection.execute(sql, lines.values).fetchall()
    connection.close()
    return int(found[0][0])


def presented(path: Path, memory_mb: int) -> int:
    """Turn every cell into an object of the program and write that."""
    warehouse = Warehouse.open(path, memory=f"{memory_mb}MB")
    rows = -1  # the first line is none
    with path.with_suffix(".lines").open("w", encoding="utf-8", newline="") as file, warehouse.stream(plan()) as stream:
        for line in csv_lines(plan(), stream.rows):
            file.write(line)
            rows += 1
    warehouse.close()
    return rows


WAYS: dict[str, Callable[[Path, int], int]] = {"ours": ours, "COPY": copied, "cell by cell": presented}


def main() -> None:
    """Build the facts, measure every way in turn, and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--memory-mb", type=int, default=384)
    options.add_argument("--way", help="measure one way in this process, over the file at --path")
    options.add_argument("--path", type=Path)
    chosen = options.parse_args()
    if chosen.way:
        measure(chosen.way, chosen.path, chosen.memory_mb)
        return
    for rows in sorted({chosen.rows // 10, chosen.rows}):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.duckdb"
            build(path, rows)
            compare(path, rows, chosen.rounds, chosen.memory_mb)


def compare(path: Path, rows: int, rounds: int, memory_mb: int) -> None:
    """Measure every way in interleaved rounds, each in a process of its own."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            line = [sys.executable, "-m", "bench.export", "--way", way, "--path", path, "--memory-mb", str(memory_mb)]
            took, peak = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
            found[way].append((float(took), float(peak)))
    floor = [took for took, _ in found["COPY"]]
    print(f"{rows:,} sessions, {len(FIELDS) + 3} columns, memory limit {memory_mb} MB")
    for way, measured in found.items():
        took, peak = (median(column) for column in zip(*measured, strict=True))
        ratio = median(our / least for (our, _), least in zip(measured, floor, strict=True))
        print(f"  {way:14}{rows / took:>12,.0f} rows/s{ratio:>8.2f} of COPY{peak:>8.0f} MB at most")


def measure(way: str, path: Path, memory_mb: int) -> None:
    """Run one way, and print its seconds and the most memory that the process had, in megabytes."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "farebox.settings", "FAREBOX_DATA": str(path.parent)}
    django.setup()
    since = perf_counter()
    WAYS[way](path, memory_mb)
    print(perf_counter() - since, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def build(path: Path, rows: int) -> None:
    """Make the sessions of one contract, with all that is told of each."""
    begun = "1700000000000000 + CAST(hash(i + 22) % 60000000 AS BIGINT) * 1000000"
    given = SESSION | {
        "contract_id": "1",
        "usage_date": f"DATE '2024-06-01' + CAST(hash(i + 1) % {SIZE.days} AS INTEGER)",
        "contract_year": "1",
        "usage_category": "1",
        "funding": "1",
        "person_id": f"1 + hash(i + 6) % {SIZE.people}",
        "product_id": f"1 + hash(i + 7) % {SIZE.products}",
        "charge_category": "1 + hash(i + 20) % 4",
        "usage_type": "1 + hash(i + 21) % 2",
        "since_us": begun,
        "until_us": f"{begun} + 7000000000",
        "offset_seconds": "3600",
        "version_id": "1 + hash(i + 8) % 12",
        "feature_id": "1 + hash(i + 30) % 100",
        "machine_id": f"1 + hash(i + 9) % {SIZE.labels}",
        "server_id": "1 + hash(i + 31) % 6",
        **{f"custom_{place}": f"1 + hash(i + {40 + place}) % 30" for place in range(1, 11)},
    }
    _estate.build(path, rows, given, SIZE, memory="1GB")


if __name__ == "__main__":
    main()
