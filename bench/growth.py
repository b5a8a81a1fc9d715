"""
What charging costs as history and teams grow: it must not grow with them.

    python -m bench.growth [--past 1000,10000,100000,1000000] [--teams 1,4,16,64] [--measured 10000]

`past` is how many events are kept and charged already when the measured ones arrive, of the same people and products;
`teams` over how many teams one request is spread. Ratios to the first of each row are what to quote.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

BATCH = 5_000
PEOPLE = 2_000


def main() -> None:
    """Print events a second at each size, and the ratio to the smallest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--past", default="1000,10000,100000,1000000")
    parser.add_argument("--teams", default="1,4,16,64")
    parser.add_argument("--measured", type=int, default=10_000)
    options = parser.parse_args()
    os.environ["FAREBOX_DATA"] = tempfile.mkdtemp(prefix="farebox-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "farebox.settings"
    import django

    django.setup()
    from farebox import collector

    collector.calm()
    _history([int(size) for size in options.past.split(",")], options.measured)
    _spread([int(size) for size in options.teams.split(",")], options.measured)


def _history(sizes: Sequence[int], measured: int) -> None:
    teams = _fresh("history", 1)
    kept, first = 0, 0.0
    for size in sizes:
        _ingest(_events(kept, size, teams))
        past = max(kept, size)
        rate = _timed(_events(past, past + measured, teams), measured)
        kept, first = past + measured, first or rate
        print(f"after {past:,} events: {rate:,.0f} events/s, cost {first / rate:.2f} times the first", flush=True)


def _spread(sizes: Sequence[int], measured: int) -> None:
    first = 0.0
    for size in sizes:
        teams = _fresh(f"teams-{size}", size)
        _ingest(_events(0, BATCH, teams))
        rate = _timed(_events(BATCH, BATCH + measured, teams), measured)
        first = first or rate
        print(f"over {size} teams: {rate:,.0f} events/s, {first / rate:.2f} times the cost of one team", flush=True)


def _fresh(name: str, teams: int) -> list[str]:
    """Point the records at a new file with so many teams, each with tokens enough."""
    from django.core.management import call_command
    from django.db import connection
    from tests.world import START, World

    from farebox.domain.amounts import tokens
    from farebox.domain.clock import day_of
    from farebox.domain.packs import Pool
    from farebox.records.models.contracts import Scheme
    from farebox.services import catalogue
    from farebox.services.give import Purchase, give

    connection.close()
    connection.settings_dict["NAME"] = Path(os.environ["FAREBOX_DATA"], f"{name}.sqlite3")
    call_command("migrate", verbosity=0)
    World()
    for nth in range(teams):
        team = catalogue.add_team(f"team-{nth}", f"Team {nth}", now=START)
        contract = catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
        give(Purchase(contract=contract.number, pool=Pool.FLEX, tokens=tokens("100000000"), since=START), now=START)
    return [f"team-{nth}" for nth in range(teams)]


def _events(since: int, until: int, teams: Sequence[str]) -> Iterator[bytes]:
    """Yield events in the order of time, ten seconds between two of them."""
    from tests.world import START

    from farebox.domain.clock import MINUTE, SECOND, as_iso

    for n in range(since, until):
        chance = random.Random(n)
        start = START + n * 10 * SECOND
        end = start + chance.randrange(1, 600) * MINUTE
        head = f'"specversion":"1.0","id":"{n}","source":"bench","type":"farebox.session","time":"{as_iso(start)}"'
        whose = f'"team":"{teams[n % len(teams)]}","subject":"person{chance.randrange(PEOPLE)}@example.com"'
        used = f'"product":"{chance.choice("ABZ")}","start":"{as_iso(start)}","end":"{as_iso(end)}"'
        yield f'{{{head},{whose},"data":{{{used},"machine":"WS-{n % PEOPLE}"}}}}'.encode()


def _ingest(events: Iterator[bytes]) -> None:
    from tests.world import START

    from farebox.domain.clock import DAY, Instant
    from farebox.services.ingest import SourceKey, ingest

    batch: list[bytes] = []
    late = Instant(START + 5_000 * DAY)
    for event in events:
        batch.append(event)
        if len(batch) == BATCH:
            assert ingest(batch, key=SourceKey(0, None), now=late).tally.accepted == len(batch)
            batch = []
    if batch:
        assert ingest(batch, key=SourceKey(0, None), now=late).tally.accepted == len(batch)


def _timed(events: Iterator[bytes], count: int) -> float:
    ready = list(events)
    began = time.perf_counter()
    _ingest(iter(ready))
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
