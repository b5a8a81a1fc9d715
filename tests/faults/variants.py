"""
Builds that are broken on purpose, for the canaries: a test of faults that does not catch its canary proves nothing.

Two are honest, and only let the world be broken: its disk, its clock. They exist only here: a child of the zygote
breaks itself before it serves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from tests.faults.clocks import stepped_clock

GAP_SECONDS = 0.03
"""How long a broken build leaves between the two halves of what should be one step."""

PAGES_MAX = 2**32 - 2
"""How many pages SQLite lets a file have."""


def acknowledge_first() -> None:
    """Answer with what will be recorded, and record it a moment later."""
    from django.db import close_old_connections, transaction

    from farebox.api import events

    honest = events.ingest

    def ingest(raws: Sequence[bytes], **facts: Any) -> Any:
        with transaction.atomic():
            receipt = honest(raws, **facts)
            transaction.set_rollback(True)
        threading.Thread(target=record, args=(raws, facts), daemon=True).start()
        return receipt

    def record(raws: Sequence[bytes], facts: dict[str, Any]) -> None:
        time.sleep(GAP_SECONDS)
        honest(raws, **facts)
        close_old_connections()

    events.ingest = ingest


def two_transactions() -> None:
    """Commit the charges first, and in a second transaction the identities by which a repetition is known."""
    from django.db import connection, connections, transaction

    from farebox.records import events

    honest = events.add
    connections.settings["default"]["OPTIONS"]["init_command"] += " PRAGMA foreign_keys=OFF;"

    def add(rows: Sequence[events.EventRow]) -> None:
        def later() -> None:
            time.sleep(GAP_SECONDS)
            honest(rows)

        if rows:
            assert connection.in_atomic_block
            transaction.on_commit(later)

    events.add = add


def claimed_apart() -> None:
    """Commit that a schedule was run before its exports are requested, each step by itself."""
    from contextlib import nullcontext
    from types import SimpleNamespace

    from farebox.records import db
    from farebox.services.schedule import due

    due.db = SimpleNamespace(atomic=nullcontext, insist=db.insist)  # type: ignore[assignment]


def new_identities() -> None:
    """Take each delivery for something new, as a memory of ids does that is too short."""
    from farebox.api import events

    honest = events.ingest
    deliveries = count(1)

    def ingest(raws: Sequence[bytes], **facts: Any) -> Any:
        new = b'"source": "faults %d"' % next(deliveries)
        return honest([raw.replace(b'"source": "faults"', new) for raw in raws], **facts)

    events.ingest = ingest


def full_on_request() -> None:
    """Be honest, but let the disk be full for as long as there is a file `full` in the data folder."""
    from django.db.backends.signals import connection_created

    from farebox import settings

    def fill(connection: Any, **_: Any) -> None:
        def follow(execute: Any, *statement: Any) -> Any:
            pages = 1 if (settings.DATA / "full").exists() else PAGES_MAX
            connection.connection.execute(f"PRAGMA max_page_count = {pages}")
            return execute(*statement)

        connection.execute_wrappers = [follow]  # connections stay open from request to request

    connection_created.connect(fill, weak=False)


VARIANTS: dict[str, Callable[[], None]] = {
    "acknowledge_first": acknowledge_first,
    "two_transactions": two_transactions,
    "claimed_apart": claimed_apart,
    "new_identities": new_identities,
    "stepped_clock": stepped_clock,
    "full_on_request": full_on_request,
}
