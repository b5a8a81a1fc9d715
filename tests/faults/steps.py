"""
Where a process can be made to die (X2): at named steps of the program, and before any statement of a piece of work.

A step is a function of the program and one of its sides. Nothing of it is in the program: a child of the zygote wraps
the function and then dies there, as a process dies that is killed (`os._exit`, no handler runs).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

from django.db import connection
from django.db.backends.signals import connection_created

EXIT_CODE = 9


class Step(NamedTuple):
    """A named step: the function, whether the process dies before or after it, and a scene that comes to it."""

    module: str
    name: str
    side: str = "after"
    scene: str = "events"


STEPS: dict[str, Step] = {
    "after_claim": Step("farebox.services.ingest.service", "claim"),
    "after_events": Step("farebox.records.events", "add"),
    "after_uses": Step("farebox.records.usage", "add_uses"),
    "after_windows": Step("farebox.records.usage", "move_windows"),
    "after_charges": Step("farebox.records.usage", "add_charges"),
    "after_entries": Step("farebox.records.ledger", "append"),
    "after_pack": Step("farebox.records.ledger", "change_pack"),
    "after_outbox": Step("farebox.records.outbox", "publish"),
    "after_intake": Step("farebox.records.events", "count"),
    "before_commit": Step("farebox.records.sqlite.base.DatabaseWrapper", "_commit", "before"),
    "after_commit": Step("farebox.records.sqlite.base.DatabaseWrapper", "_commit"),
    "before_answer": Step("farebox.services.ingest.service", "_receipt", "before"),
    "after_session": Step("farebox.records.live", "add", scene="launch"),
    "after_reservation": Step("farebox.records.ledger", "append_all", scene="launch"),
    "after_key": Step("farebox.records.idempotency", "remember", scene="launch"),
    "after_launch_commit": Step("farebox.records.sqlite.base.DatabaseWrapper", "_commit", scene="launch"),
    "after_release": Step("farebox.records.ledger", "append_all", scene="booking"),
    "after_live_charge": Step("farebox.records.usage", "add_charges", scene="booking"),
    "after_link": Step("farebox.records.chain", "add_links", scene="sealing"),
    "after_lapse": Step("farebox.records.ledger", "append", scene="expiry"),
    "after_purchase_key": Step("farebox.records.idempotency", "remember", scene="purchase"),
    "after_schedule_claim": Step("farebox.services.schedule.due", "_claim", scene="schedules"),
    "after_export_request": Step("farebox.records.exports", "add", scene="schedules"),
    "before_schedule_commit": Step("farebox.records.sqlite.base.DatabaseWrapper", "_commit", "before", "schedules"),
    "after_schedule_commit": Step("farebox.records.sqlite.base.DatabaseWrapper", "_commit", scene="schedules"),
    "before_facts": Step("farebox.warehouse.duck", "load", "before", scene="projection"),
    "after_facts": Step("farebox.warehouse.duck", "load", scene="projection"),
}
"""The named steps: of a request of events, of a launch and what becomes of it, and of the jobs."""


def die(*_: Any, **__: Any) -> NoReturn:
    """End the process as a kill does."""
    os._exit(EXIT_CODE)


def die_at(step: str) -> None:
    """Let this process die when it comes to a named step."""
    module, name, side, _ = STEPS[step]
    owner = _owner(module)
    honest = getattr(owner, name)
    setattr(owner, name, die if side == "before" else _then_die(honest))


def _owner(path: str) -> Any:
    """Return a module, or a class in one."""
    try:
        return import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(import_module(module), name)


def _then_die(honest: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(honest)
    def once_more(*args: Any, **named: Any) -> Any:
        honest(*args, **named)
        die()

    return once_more


class Counting:
    """Counts the statements of this process from now on, and dies before the n-th if there is one."""

    def __init__(self, deadly: int | None = None) -> None:
        self.seen = 0
        self._deadly = deadly
        connection_created.connect(self._watch, weak=False)
        if connection.connection is not None:
            connection.connection.set_trace_callback(self._count)

    def _watch(self, connection: Any, **_: Any) -> None:
        connection.connection.set_trace_callback(self._count)

    def _count(self, statement: str) -> None:
        self.seen += 1
        if self.seen == self._deadly:
            die()
