"""
Every report page over a contract of many sessions: the server's time, against the page's own questions asked alone.

    python -m bench.pages [--sessions 1000000] [--rounds 9] [--only "by user"] [--folder DIR] [--profile]

So many sessions of one contract in the 730 days up to today, of 20,000 people with 60 products, and a fifth more of
others'; the records have the people, the products, and the charges of the last 90 days, from which a pace is taken.
`asked` is what the warehouse takes for the page's plans, one snapshot after another as the page had them, every row
fetched; `read` what the records take for its statements. `page` is the whole view through Django's client, signed in,
written out and packed as a browser asks for it. Both in milliseconds on the clock and, after the stroke, of CPU of both
cores, which other work on the machine changes less; in interleaved rounds, medians. The aim is a page within 1.5 times
its questions. `--profile` prints where the time of each page goes instead; a `--folder` is kept, and used again.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, time_ns
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from bench import _estate
from bench._estate import LARGE, large, with_others

if TYPE_CHECKING:
    from django.test import Client

    from farebox.domain.clock import Instant
    from farebox.query.plan import Plan
    from farebox.warehouse import Answer, Snapshot

PACE_DAYS = 90

USAGE = "/reporting/token-usage"
PAGES = {
    "home": "/",
    "summary": f"{USAGE}",
    "by product, 30 days": f"{USAGE}?tab=product",
    "by product, 12 months": f"{USAGE}?tab=product&range=12m",
    "product, 30 days": f"{USAGE}/products/P7",
    "product, 12 months": f"{USAGE}/products/P7?range=12m",
    "by user, 30 days": f"{USAGE}?tab=user",
    "by user, 12 months": f"{USAGE}?tab=user&range=12m",
    "by user, by name": f"{USAGE}?tab=user&sort=userName",
    "by user, searched": f"{USAGE}?tab=user&q=user123",
    "user, 30 days": f"{USAGE}/users/p-7",
    "user, 12 months": f"{USAGE}/users/p-7?range=12m",
    "balances": "/reporting/balances",
    "token events": "/reporting/balances?tab=events",
}
HEADS = ("rows", "asked", "read", "page", "to asked", "to both", "KB")
WIDTHS = (8, 12, 12, 12, 12, 12, 6)

EMAIL = "admin@example.com"


class Took(NamedTuple):
    """Seconds on the clock, and of CPU in all threads."""

    clock: float
    cpu: float


@dataclass
class Asked:
    """What a page asks: its plans, those of one snapshot together, and its statements to the records."""

    plans: list[list[Plan]] = field(default_factory=list)
    statements: list[tuple[str, Any]] = field(default_factory=list)


def main() -> None:
    """Build facts and records, measure every page, and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sessions", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--only", default="", help="measure the pages whose name has this")
    options.add_argument("--profile", action="store_true")
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="farebox-bench-") as folder:
        run(chosen, chosen.folder or Path(folder))


def run(chosen: argparse.Namespace, folder: Path) -> None:
    """Fill the folder, unless that was done before, and measure the pages that were chosen."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "farebox.settings", "FAREBOX_DATA": str(folder)}
    from farebox import collector
    from farebox.house import open_house
    from farebox.warehouse import current

    is_new = not (folder / "warehouse.duckdb").exists()
    open_house()
    if is_new:
        took = timed(lambda: build(folder / "warehouse.duckdb", chosen.sessions)).clock
        took_records = timed(lambda: fill(chosen.sessions)).clock
        print(f"{with_others(chosen.sessions):,} facts made in {took:.0f} s, the records in {took_records:.0f} s")
    collector.calm()
    client = signed_in()
    if not chosen.profile:
        print(f"{'page':22}" + "".join(f"{head:>{width}}" for head, width in zip(HEADS, WIDTHS, strict=True)))
    for name, address in PAGES.items():
        if chosen.only in name:
            (profile if chosen.profile else measure)(client, name, address, chosen.rounds)
    current.close()
    collector.thaw()


def build(path: Path, sessions: int) -> None:
    """Make the facts, up to today."""
    from farebox.warehouse import engine

    ago = f"hash(i + 1) % {LARGE.days}"
    dates = {"usage_date": f"current_date - CAST({ago} AS INTEGER)", "contract_year": f"2 - {ago} // 365"}
    _estate.build(path, with_others(sessions), large(sessions) | dates)
    connection = engine.connect(path, "1GB", 2)
    connection.execute("UPDATE meta SET position = 1, as_of_us = ?", [time_ns() // 1000])
    connection.close()


def fill(sessions: int) -> None:
    """Make the team, its contract, pack, people and administrator, and the charges that a pace is taken from."""
    from farebox.domain.amounts import tokens
    from farebox.domain.clock import DAY, Instant, day_of
    from farebox.domain.packs import Pool
    from farebox.domain.rights import Role
    from farebox.records.models import Membership, Person, User
    from farebox.records.models.contracts import Scheme
    from farebox.services import catalogue
    from farebox.services.give import Purchase, give

    now = Instant(time_ns() // 1000)
    start = Instant(now - LARGE.days * DAY)
    made = [
        catalogue.add_product(catalogue.NewProduct(code=f"P{nth}", name=f"Product {nth}", family=f"F{nth}"))
        for nth in range(1, LARGE.products + 1)
    ]
    catalogue.open_offer("all", made, since=start)
    catalogue.set_rate("card", made[0], tokens("7"), since=start)
    team = catalogue.add_team("large", "Large team", now=start)
    contract = catalogue.add_contract(team, Scheme.FLEX, offer="all", card="card", start=day_of(start))
    assert contract.pk == 1, "the facts are those of the first contract"
    for nth in range(4):
        bought = Instant(now - (9 - nth) * DAY)
        give(Purchase(contract=contract.number, pool=Pool.FLEX, tokens=tokens("1000000"), since=bought), now=now)
    people = [
        Person(team=team, key=f"user{nth}@example.com", name=f"Person {nth}", pseudonym=f"p-{nth}", created_us=start)
        for nth in range(1, LARGE.people + 1)
    ]
    Person.objects.bulk_create(people, batch_size=5_000)
    user = User.objects.create_user(EMAIL, None, name="Administrator")
    Membership.objects.create(team=team, user=user, role=Role.PRIMARY)
    charge(sessions * PACE_DAYS // LARGE.days, now)


def charge(count: int, now: Instant) -> None:
    """Make the charges of the last days, without the uses and events that they come from."""
    from django.db import connection

    from farebox.domain.clock import day_of

    columns = (
        "id, use_id, contract_id, person_id, product_id, since_us, until_us, usage_day, usage_category, category, "
        "reason, funding, tokens_micro, shortfall_micro, over_micro, at_us, rate_id, booked_us"
    )
    values = (
        f"i, i, 1, 1 + i % {LARGE.people}, 1 + i % {LARGE.products}, {now}, {now}, {day_of(now)} - i % {PACE_DAYS}, "
        f"'DESKTOP_PRODUCT', 'CHARGED', 'opened', 'TOKENS', 100000 * (i % 100), 0, 0, {now}, 0, {now}"
    )
    numbers = f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {count})"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute(f"INSERT INTO records_charge ({columns}) {numbers} SELECT {values} FROM s")
        cursor.execute("PRAGMA foreign_keys=ON")


def signed_in() -> Client:
    """Return the client of the team's administrator, who asks as a browser does."""
    from django.test import Client

    from farebox.records.models import User

    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_ENCODING="gzip, deflate", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(User.objects.get(email=EMAIL))
    return client


def measure(client: Client, name: str, address: str, rounds: int) -> None:
    """Ask for a page and for what it asks in turn, and print the medians."""
    response = client.get(address)
    assert response.status_code == 200, f"{name}: {response.status_code}"
    with noted() as asked:
        client.get(address)
    rows = sum(len(answer.rows) for answer in replayed(asked.plans))
    found = [
        (
            timed(lambda: list(replayed(asked.plans))),
            timed(lambda: reread(asked.statements)),
            timed(lambda: client.get(address)),
        )
        for _ in range(rounds)
    ]
    columns = [Took(*(median(part) for part in zip(*took, strict=True))) for took in zip(*found, strict=True)]
    to_asked = Took(*(median(page[at] / ask[at] if ask[at] else 0 for ask, _, page in found) for at in (0, 1)))
    to_both = Took(*(median(page[at] / (ask[at] + read[at]) for ask, read, page in found) for at in (0, 1)))
    shown = [f"{rows:,}", *(f"{1000 * one.clock:.0f}/{1000 * one.cpu:.0f}" for one in columns)]
    shown += [f"{one.clock:.2f}/{one.cpu:.2f}" for one in (to_asked if rows else Took(0, 0), to_both)]
    shown.append(f"{len(response.content) / 1024:.0f}")
    print(f"{name:22}" + "".join(f"{text:>{width}}" for text, width in zip(shown, WIDTHS, strict=True)), flush=True)


def profile(client: Client, name: str, address: str, rounds: int) -> None:
    """Print where the time of a page goes."""
    client.get(address)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(rounds):
        client.get(address)
    profiler.disable()
    print(f"== {name}")
    pstats.Stats(profiler).sort_stats("cumulative").print_stats("farebox|duckdb|gzip|Template", 45)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


@contextmanager
def noted() -> Iterator[Asked]:
    """Note the plans and the statements that are asked inside."""
    from django.db import connection

    from farebox.records import db
    from farebox.warehouse import Snapshot

    asked, ask, seen, run_embedded = Asked(), Snapshot.ask, [], db._run_embedded

    def noting(snapshot: Snapshot, plan: Plan, **how: Any) -> Answer:
        if not seen or seen[-1] is not snapshot:
            seen.append(snapshot)
            asked.plans.append([])
        asked.plans[-1].append(plan)
        return ask(snapshot, plan, **how)

    def reading(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.statements.append((sql.replace("%s", "?"), params or ()))
        return execute(sql, params, many, context)

    def embedded(here: Any, sql: str, params: Any) -> Any:
        asked.statements.append((sql, params))
        return run_embedded(here, sql, params)

    with (
        patch.object(Snapshot, "ask", noting),
        patch.object(db, "_run_embedded", embedded),
        connection.execute_wrapper(reading),
    ):
        yield asked


def replayed(plans: list[list[Plan]]) -> Iterator[Answer]:
    """Ask the plans again, in as many snapshots as before."""
    from farebox.warehouse.current import warehouse

    for together in plans:
        with warehouse().snapshot() as snapshot:
            for plan in together:
                yield snapshot.ask(plan)


def reread(statements: list[tuple[str, Any]]) -> None:
    """Execute the statements again and fetch their rows."""
    from django.db import connection

    for sql, params in statements:
        connection.connection.execute(sql, params).fetchall()


def timed(run: Callable[[], object]) -> Took:
    """Return how long a call takes."""
    since, worked = perf_counter(), process_time()
    run()
    return Took(perf_counter() - since, process_time() - worked)


if __name__ == "__main__":
    main()
