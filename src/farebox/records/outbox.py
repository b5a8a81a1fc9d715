"""Batches: what each transaction changed, for the warehouse to learn in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.records import db
from farebox.records.tenancy import everyone

CHARGES_AT_ONCE = 50_000
"""Charges that one batch announces again at most."""


def publish(*, since: int, until: int, ended: Sequence[int], booked: Instant) -> None:
    """
    Announce that charges `since` ≤ id < `until` are new and that `ended` count no longer.

    Where one writer follows another it gets its position at once, else when it is collected.
    """
    batch = (since, until, json.dumps(list(ended)), booked)
    if db.commits_in_order():
        _append([batch])
    else:
        db.insert("records_batchdraft", _BATCH, [batch])


_BATCH = ("charges_since", "charges_until", "ended", "booked_us")
_COLLECTING = 7202
"""The number of the lock that who collects holds."""

DRAFTS_AT_ONCE = 1_000


def collect() -> None:
    """
    Give every committed batch its position, in an order in which no reader ever misses one (invariant L8).

    A batch that another one builds on was committed before it, in the same team's turn, and so comes before it.
    """
    while not db.commits_in_order() and db.rows("SELECT 1 FROM records_batchdraft LIMIT 1"):
        with everyone(), db.atomic():
            db.rows("SELECT pg_advisory_xact_lock(%s)", (_COLLECTING,))
            drafts = db.rows(
                f"DELETE FROM records_batchdraft WHERE id IN (SELECT id FROM records_batchdraft ORDER BY id LIMIT %s) "
                f"RETURNING id, {', '.join(_BATCH)}",
                (DRAFTS_AT_ONCE,),
            )
            _append([batch for _, *batch in sorted(drafts)])


def _append(batches: Sequence[Sequence[Any]]) -> None:
    """Record batches at the next positions; none is booked earlier than the one before, whatever the clocks do."""
    if not batches:
        return
    first = db.reserve("batch", len(batches))
    before = db.rows("SELECT booked_us FROM records_batch WHERE id = %s", (first - 1,))
    latest = before[0][0] if before else 0
    rows = []
    for position, (since, until, ended, booked) in enumerate(batches, start=first):
        latest = max(booked, latest)
        rows.append((position, since, until, ended, latest))
    db.insert("records_batch", ("id", *_BATCH), rows)


class Published(NamedTuple):
    """A batch as it was announced; one without charges says that names or the catalogue changed."""

    position: int
    since: int
    until: int
    ended: tuple[int, ...]
    booked: Instant


_LAST = Instant(0)
"""Booked when the batch before was, as no batch is booked earlier than the one before it."""


def announce_names() -> None:
    """Announce that names of people or products changed, though no charge did; the first batch brings all names."""
    if last_position():
        publish(since=0, until=0, ended=(), booked=_LAST)


def publish_again() -> None:
    """Announce every charge once more: what the warehouse makes of them changed."""
    last = int(db.rows("SELECT COALESCE(MAX(id), 0) FROM records_charge")[0][0])
    for since in range(1, last + 1, CHARGES_AT_ONCE):
        until = min(since + CHARGES_AT_ONCE, last + 1)
        ended = db.rows(
            "SELECT id FROM records_charge WHERE id >= %s AND id < %s AND ended_us IS NOT NULL ORDER BY id",
            (since, until),
        )
        publish(since=since, until=until, ended=[charge for (charge,) in ended], booked=_LAST)


def after(position: int, *, limit: int) -> list[Published]:
    """Return the batches after a position, in order."""
    collect()
    return [
        Published(number, since, until, tuple(json.loads(ended)), Instant(booked))
        for number, since, until, ended, booked in db.rows(
            "SELECT id, charges_since, charges_until, ended, booked_us FROM records_batch WHERE id > %s "
            "ORDER BY id LIMIT %s",
            (position, limit),
        )
    ]


def last_position() -> int:
    """Return the position of the last batch; 0 before the first."""
    collect()
    return int(db.rows("SELECT COALESCE(MAX(id), 0) FROM records_batch")[0][0])


_FACT = (
    "SELECT c.id, c.contract_id, c.person_id, c.product_id, c.usage_day, c.usage_category, c.category, c.funding, "
    "c.tokens_micro, c.since_us, c.until_us, u.offset_seconds, u.usage_type, u.version_label, u.feature_label, "
    "u.machine_label, u.server_label, u.extra, u.since_us FROM records_charge c JOIN records_use u ON u.id = c.use_id "
    "WHERE c.id >= %s AND c.id < %s ORDER BY c.id"
)


class Charged(NamedTuple):
    """A charge with what its use says of where and how, for the warehouse."""

    charge: int
    contract: int
    person: int
    product: int
    day: Day
    usage_category: str
    category: str
    funding: str
    tokens_micro: Tokens
    since: Instant
    until: Instant
    offset_seconds: int
    usage_type: str
    version: int
    feature: int
    machine: int
    server: int
    extra: str | None
    used: Instant
    """When the use began."""

    @property
    def entered_on(self) -> Day:
        """The transaction date of what was entered by hand; one that came late is charged on another day (L5a)."""
        return day_of(self.used)


def charged(since: int, until: int) -> list[Charged]:
    """Return the charges `since` ≤ id < `until`, whether or not they still count."""
    return [Charged._make(row) for row in db.rows(_FACT, (since, until))]


def people_after(person: int, *, used: Iterable[int] = ()) -> list[tuple[int, str, str]]:
    """Return people with a larger id, and those `used` that another's commit may have hidden: (id, key, pseudonym)."""
    return _named("id, key, pseudonym FROM records_person", person, used)


def labels_after(label: int, *, used: Iterable[int] = ()) -> list[tuple[int, str, str]]:
    """Return labels with a larger id, and those `used` that another's commit may have hidden: (id, text, pseudonym)."""
    return _named("id, text, pseudonym FROM records_label", label, used)


def _named(what: str, after: int, used: Iterable[int]) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    if not db.commits_in_order():  # a smaller number may be committed after a larger one
        for chunk in db.chunks(sorted({number for number in used if 0 < number <= after}), db.CHUNK_ROWS):
            found += db.rows(f"SELECT {what} WHERE id IN ({db.marks(chunk)}) ORDER BY id", chunk)
    return found + db.rows(f"SELECT {what} WHERE id > %s ORDER BY id", (after,))


def products() -> list[tuple[int, str, str]]:
    """Return every product: (id, code, name)."""
    return db.rows("SELECT id, code, name FROM records_product ORDER BY id")
