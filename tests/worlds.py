"""
The small world, made by the services once and from then on written as they wrote it.

Half of the tests begin with it, and the services take longer over it than most tests over what they test.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NamedTuple

from django.db import connection

from farebox.records import db
from farebox.records.catalogue import announce_change
from tests import world
from tests.world import World

READING = ("SELECT", "SAVEPOINT", "RELEASE")
NUMBERS = "SELECT name, seq FROM sqlite_sequence ORDER BY name"
TABLES = [f"records_{name}" for name in ("account", "contract", "family", "offer", "offerproduct")]
TABLES += [f"records_{name}" for name in ("product", "productcode", "rate", "ratecard", "team")]
FILLED = "SELECT " + " OR ".join(f"EXISTS (SELECT FROM {table})" for table in TABLES)
FIRST = "SELECT " + ", ".join(f"(SELECT min(id) FROM {table})" for table in TABLES)
BACK = "SELECT " + ", ".join(f"setval(pg_get_serial_sequence('{table}', 'id'), %s, false)" for table in TABLES)

Statement = tuple[str, Sequence[Any]]


class _Made(NamedTuple):
    world: World
    written: list[Statement]
    first: Sequence[Any]


_made: dict[object, _Made] = {}
"""Worlds by the moment at which they begin, and, in a file, by the numbers that were given before them."""


def a_world() -> World:
    """Return the small world; its contracts have numbers of their own, and the catalogue a state of its own."""
    on_server = connection.vendor == "postgresql"
    if on_server and db.rows(FILLED)[0][0]:
        return World()
    before = (world.START, *([] if on_server else db.rows(NUMBERS)))
    if before not in _made:
        with _noted() as written:
            made = World()
        _made[before] = _Made(deepcopy(made), written, db.rows(FIRST)[0] if on_server else ())
        return made
    return _written_again(_made[before])


def _written_again(made: _Made) -> World:
    found = deepcopy(made.world)
    numbers: dict[str, str] = {}
    for contract in (found.flex_contract, found.ent_contract):
        numbers[contract.number] = contract.number = f"9{secrets.randbelow(10**11):011d}"
    with connection.cursor() as cursor:
        if made.first:
            cursor.execute(BACK, made.first)  # a server does not take back with its rows the numbers that it gave
        for sql, params in made.written:
            cursor.execute(sql, [numbers.get(one, one) if isinstance(one, str) else one for one in params])
    announce_change()
    return found


@contextmanager
def _noted() -> Iterator[list[Statement]]:
    """Keep what the block writes."""
    written: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert not many
        if not sql.startswith(READING):
            written.append((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written
