"""
Submitted usage queries and their answers, as rows that several threads and servers share.

Everything is guarded by the number of the run: who lost a query to another writes nothing to it any more.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import close_old_connections, connection
from django.db.models import F, Q, QuerySet, Sum

from farebox.domain.clock import Instant
from farebox.records import db
from farebox.records.models import StoredPart, StoredQuery, User
from farebox.records.models.answers import QueryStatus

PURGED_PARTS = 50
"""Parts that one transaction removes: some megabytes."""

_ADD = """
INSERT INTO records_storedquery (
    id, contract_id, asked_by_id, question, statement, status, claimed_until_us, submitted_us,
    run, columns, total, stored_bytes, position, as_of_us
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1, '[]', 0, 0, 0, 0)
ON CONFLICT (id) DO NOTHING
"""
_SPENT = """
SELECT p.id FROM records_storedquery q INNER JOIN records_storedpart p ON p.query_id = q.id WHERE q.expires_us <= %s
UNION ALL
SELECT p.id FROM records_storedquery q INNER JOIN records_storedpart p ON p.query_id = q.id AND p.run < q.run
WHERE q.run > 1
ORDER BY 1 LIMIT %s
"""
"""Parts that nobody is to see: of an answer that is kept no longer, or of a run before the last."""

UNFINISHED = (QueryStatus.QUEUED, QueryStatus.PROCESSING)
ENDED = (QueryStatus.DONE, QueryStatus.FAILED, QueryStatus.TIMEOUT, QueryStatus.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A query to be put on record, and whose it is."""

    id: str
    contract: int
    asked_by: int
    question: Mapping[str, object]
    statement: str


class Stored(NamedTuple):
    """A query as it stands at a moment: one whose rows are kept no longer is EXPIRED."""

    id: str
    status: QueryStatus
    run: int
    claimed_until: Instant
    question: Mapping[str, object]
    statement: str
    columns: tuple[str, ...]
    total: int
    position: int
    as_of: Instant
    expires: Instant | None

    def is_abandoned(self, *, now: Instant) -> bool:
        """Tell whether nobody carries it out any more, though it has not ended."""
        return self.status in UNFINISHED and self.claimed_until <= now


class Outcome(NamedTuple):
    """What a finished query found: its columns, how many rows and bytes are stored, and the moment that they show."""

    columns: tuple[str, ...]
    total: int
    stored_bytes: int
    position: int
    as_of: Instant


class Burden(NamedTuple):
    """What one person's queries take: how many have not ended, and the bytes of answers that are kept."""

    unfinished: int
    stored_bytes: int


def find(query: str, contract: int, *, now: Instant) -> Stored | None:
    """Return a query of a contract as it stands now, if there is one."""
    if not query.isalnum():  # no id is; PostgreSQL refuses to look some of them up
        return None
    row = StoredQuery.objects.filter(pk=query, contract_id=contract).first()
    if row is None:
        return None
    gone = row.status == QueryStatus.DONE and row.expires_us is not None and row.expires_us <= now
    return Stored(
        id=row.pk,
        status=QueryStatus.EXPIRED if gone else QueryStatus(row.status),
        run=row.run,
        claimed_until=Instant(row.claimed_until_us),
        question=row.question,
        statement=row.statement,
        columns=tuple(row.columns),
        total=row.total,
        position=row.position,
        as_of=Instant(row.as_of_us),
        expires=None if row.expires_us is None else Instant(row.expires_us),
    )


def burden_of(user: int, *, now: Instant) -> Burden:
    """Return what a person's queries take; until the transaction ends nobody else submits in their name."""
    list(User.objects.select_for_update().filter(pk=user).values_list("pk"))
    theirs = StoredQuery.objects.filter(asked_by_id=user)
    kept = theirs.filter(status=QueryStatus.DONE, expires_us__gt=now).aggregate(taken=Sum("stored_bytes"))["taken"]
    waiting = theirs.filter(status__in=UNFINISHED, claimed_until_us__gt=now).count()
    return Burden(waiting, int(kept or 0))


def add(asked: Submitted, *, now: Instant, claimed_until: Instant) -> bool:
    """Put a query on record as its first run; False where another did so at the same time."""
    values = (
        *(asked.id, asked.contract, asked.asked_by, json.dumps(asked.question), asked.statement),
        *(db.word(QueryStatus.QUEUED), claimed_until, now),
    )
    return db.execute(_ADD, values) == 1


def begin_again(query: str, run: int, *, asked_by: int, now: Instant, claimed_until: Instant) -> bool:
    """Give a query that ended, or that nobody carries out any more, its next run; False where another did."""
    free = Q(status__in=ENDED) | Q(claimed_until_us__lte=now)
    again = StoredQuery.objects.filter(free, pk=query, run=run).update(
        status=QueryStatus.QUEUED,
        run=F("run") + 1,
        asked_by_id=asked_by,
        claimed_until_us=claimed_until,
        submitted_us=now,
        started_us=None,
        finished_us=None,
        expires_us=None,
        stored_bytes=0,
    )
    return again == 1


def start(query: str, run: int, *, now: Instant, claimed_until: Instant) -> bool:
    """Note that a run is being carried out; False where it is no longer this one's turn."""
    mine = StoredQuery.objects.filter(pk=query, run=run, status__in=UNFINISHED)
    with db.atomic():
        return mine.update(status=QueryStatus.PROCESSING, started_us=now, claimed_until_us=claimed_until) == 1


def renew(held: Collection[tuple[str, int]], *, claimed_until: Instant) -> None:
    """Say of several runs that they are still being carried out."""
    for query, run in held:
        with db.atomic():
            mine = StoredQuery.objects.filter(pk=query, run=run, status__in=UNFINISHED)
            mine.update(claimed_until_us=claimed_until)


def let_go(query: str, run: int) -> None:
    """Leave a run to whoever is asked for it next."""
    with db.atomic():
        StoredQuery.objects.filter(pk=query, run=run, status__in=UNFINISHED).update(
            status=QueryStatus.QUEUED, claimed_until_us=0
        )


def add_parts(query: str, run: int, first: int, bodies: Sequence[bytes]) -> None:
    """Append parts of an answer, numbered from `first`."""
    StoredPart.objects.bulk_create(
        [StoredPart(query_id=query, run=run, number=first + nth, body=body) for nth, body in enumerate(bodies)]
    )


def end(
    query: str, run: int, status: QueryStatus, *, now: Instant, expires: Instant, outcome: Outcome | None = None
) -> bool:
    """Note what became of a run; False where it is no longer this one's turn."""
    found = outcome or Outcome((), 0, 0, 0, now)
    changed = StoredQuery.objects.filter(pk=query, run=run, status__in=UNFINISHED).update(
        status=status,
        finished_us=now,
        expires_us=expires,
        columns=list(found.columns),
        total=found.total,
        stored_bytes=found.stored_bytes,
        position=found.position,
        as_of_us=found.as_of,
    )
    return changed == 1


def keep_longer(query: str, run: int, *, now: Instant, until: Instant) -> bool:
    """Keep an answer until a later moment; False where it is kept no longer already."""
    kept = StoredQuery.objects.filter(pk=query, run=run, status=QueryStatus.DONE, expires_us__gt=now)
    with db.atomic():
        return kept.update(expires_us=until) == 1


def parts(query: str, run: int, first: int, last: int) -> list[bytes]:
    """Return the parts from `first` to `last`, both included, in order; those that are not there are left out."""
    wanted = StoredPart.objects.filter(query_id=query, run=run, number__gte=first, number__lte=last)
    return [bytes(body) for body in wanted.order_by("number").values_list("body", flat=True)]


def purge(*, now: Instant, forgotten_before: Instant) -> int:
    """
    Remove the rows of answers that are kept no longer, and queries that ended before a moment; return how many parts.

    Each transaction removes a bounded number; the next call finds what is left.
    """
    removed = 0
    while spent := [part for (part,) in db.rows(_SPENT, (now, PURGED_PARTS))]:
        with db.atomic():
            StoredPart.objects.filter(pk__in=spent).delete()
        removed += len(spent)
    while old := list(_ended(forgotten_before).values_list("pk", flat=True)[:PURGED_PARTS]):
        with db.atomic():
            _remove(old, forgotten_before)
    return removed


def _ended(before: Instant) -> QuerySet[StoredQuery]:
    """Return the queries that ended before a moment, or were left by whoever carried them out."""
    lost = Q(expires_us__isnull=True, claimed_until_us__lte=before)
    return StoredQuery.objects.filter(Q(expires_us__lte=before) | lost)


def _remove(queries: Sequence[str], before: Instant) -> None:
    """Remove queries with what is left of their parts, unless somebody has begun one anew meanwhile."""
    still = _ended(before).select_for_update().filter(pk__in=queries)
    StoredQuery.objects.filter(pk__in=list(still.values_list("pk", flat=True))).delete()


def rest() -> None:
    """Give the connection back while this thread waits or computes, where connections are few."""
    if not connection.in_atomic_block:
        close_old_connections()
