"""Submit a question, wait for it a little, and look at how it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from farebox.domain.clock import HOUR, MINUTE, SECOND, Instant
from farebox.domain.errors import Problem, QueryRejected, QuotaExceeded, Rejected
from farebox.query.plan import Question
from farebox.records import answers, db
from farebox.records.answers import Stored, Submitted
from farebox.records.models.answers import QueryStatus
from farebox.records.reading import Readable
from farebox.records.tenancy import acting_for
from farebox.services.queries import asked, workers
from farebox.services.queries.running import CLAIM_US, PART_ROWS, RESULT_US, carry_out, rows_in
from farebox.services.queries.workers import Pool, Task
from farebox.warehouse.current import warehouse

Clock = Callable[[], Instant]

HANDED_US = 5 * MINUTE
"""For how long at least an answer can be read by whoever is handed it (usage-api 1.3)."""

FORGET_US = HOUR
"""How long the id of an answer that is kept no longer is still known."""

UNFINISHED_MAX = 50
"""Queries of one person that may wait or run."""

STORED_BYTES_MAX = 256 * 1024 * 1024
"""Bytes of answers that are kept for one person."""

RETRY_SECONDS = 60
HOLDERS_MAX = 6
"""Requests that wait for an answer at once; the others' threads are for everybody else."""

ELSEWHERE_SECONDS = 0.2
"""How often a query is looked at that another server carries out."""

_holders = threading.BoundedSemaphore(HOLDERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of an answer, each as JSON text, with what the whole answer is."""

    columns: tuple[str, ...]
    rows: tuple[msgspec.Raw, ...]
    total: int
    position: int
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a query stands, and a page of its answer where there is one."""

    status: QueryStatus
    page: Page | None = None


def submit(question: Question, contract: Readable, *, asker: int, clock: Clock, pool: Pool | None = None) -> str:
    """
    Have a question about a contract answered, unless the same was asked of the same usage; return the query's id.

    Raises `QueryRejected` with every problem of the question, before anything is stored, and `QuotaExceeded` where the
    person `asker` has too much under way.
    """
    statement = asked.statement_of(question, contract.asker)
    with acting_for(contract.team_id):
        wanted = Submitted(
            id=asked.query_id(statement, warehouse().position()),
            contract=contract.id,
            asked_by=asker,
            question=asked.as_json(question),
            statement=statement,
        )
        now = clock()
        if not _is_there(wanted, now):
            run = db.insist(partial(_claim, wanted, now))
            if run:
                _begin(wanted.id, run, question, contract, clock, pool)
        return wanted.id


def hold(query: str, contract: Readable, *, seconds: float, clock: Clock, pool: Pool | None = None) -> None:
    """Wait until a query has ended, for so long at most; not at all where many wait already."""
    if seconds <= 0 or not _holders.acquire(blocking=False):
        return
    try:
        task = (pool or workers.pool()).find(query)
        answers.rest()  # others may have the connection meanwhile
        if task is not None:
            task.ended.wait(seconds)
        else:
            _watch(query, contract, Instant(clock() + int(seconds * SECOND)), clock)
    finally:
        _holders.release()


def look(
    query: str, contract: Readable, *, asker: int, offset: int, limit: int, clock: Clock, pool: Pool | None = None
) -> Standing:
    """
    Return how a query stands, with a page of its answer if that is kept.

    A query that nobody carries out any more is begun anew. One that would mean something else to who asks now, because
    names were hidden meanwhile, counts as expired (quality P1). Raises `Rejected` for one that is not known.
    """
    with acting_for(contract.team_id):
        now = clock()
        found = answers.find(query, contract.id, now=now)
        if found is None:
            raise Rejected([Problem("/query_id", "unknown_query", "no such query; submit it again")])
        if not _means_the_same(found, contract):
            return Standing(status=QueryStatus.EXPIRED)
        if found.is_abandoned(now=now):
            _take_up(found, contract, asker, clock, pool)
        if found.status is not QueryStatus.DONE:
            return Standing(status=found.status)
        page = _page(found, offset, limit)
        return Standing(status=QueryStatus.EXPIRED if page is None else QueryStatus.DONE, page=page)


def tend(*, now: Instant, pool: Pool | None = None) -> int:
    """Say which queries are still being carried out here, and remove what is kept no longer; return how many parts."""
    until = Instant(now + CLAIM_US)
    held = [task for task in (pool or workers.pool()).held() if task.claimed_until - now < CLAIM_US // 2]
    answers.renew([(task.query, task.run) for task in held], claimed_until=until)
    for task in held:
        task.claimed_until = until
    return answers.purge(now=now, forgotten_before=Instant(now - FORGET_US))


def _is_there(wanted: Submitted, now: Instant) -> bool:
    """Tell whether a query is answered already, or being answered; an answer is then kept for long enough to read."""
    found = answers.find(wanted.id, wanted.contract, now=now)
    if found is None or found.is_abandoned(now=now):
        return False
    if found.status is not QueryStatus.DONE:
        return found.status in answers.UNFINISHED
    if found.expires is None or found.expires - now >= HANDED_US:
        return True
    return answers.keep_longer(found.id, found.run, now=now, until=Instant(now + RESULT_US))


def _claim(wanted: Submitted, now: Instant) -> int:
    """Put a query on record as its first or next run and return which; 0 where somebody else just did."""
    until = Instant(now + CLAIM_US)
    with db.atomic():
        _hold_to_quota(wanted.asked_by, now)
        if answers.add(wanted, now=now, claimed_until=until):
            return 1
        found = answers.find(wanted.id, wanted.contract, now=now)
        if found is None or (found.status in answers.UNFINISHED and not found.is_abandoned(now=now)):
            return 0
        if found.status is QueryStatus.DONE:
            return 0
        again = answers.begin_again(found.id, found.run, asked_by=wanted.asked_by, now=now, claimed_until=until)
        return found.run + 1 if again else 0


def _hold_to_quota(asker: int, now: Instant) -> None:
    burden = answers.burden_of(asker, now=now)
    if burden.unfinished >= UNFINISHED_MAX:
        raise QuotaExceeded(f"at most {UNFINISHED_MAX} queries of one person run", retry_seconds=RETRY_SECONDS)
    if burden.stored_bytes >= STORED_BYTES_MAX:
        raise QuotaExceeded("too many large answers of one person are kept", retry_seconds=RETRY_SECONDS)


def _begin(query: str, run: int, question: Question, contract: Readable, clock: Clock, pool: Pool | None) -> None:
    plan = asked.plan_of(question, contract.asker)
    until = Instant(clock() + CLAIM_US)
    task = Task(query=query, run=run, team=contract.team_id, plan=plan, claimed_until=until)
    here = pool or workers.pool()
    here.put(task, partial(carry_out, clock=clock, run_seconds=here.run_seconds))


def _take_up(found: Stored, contract: Readable, asker: int, clock: Clock, pool: Pool | None) -> None:
    """Begin a query anew whose process died."""
    now = clock()
    until = Instant(now + CLAIM_US)
    with db.atomic():
        again = answers.begin_again(found.id, found.run, asked_by=asker, now=now, claimed_until=until)
    if again:
        _begin(found.id, found.run + 1, asked.from_json(found.question), contract, clock, pool)


def _means_the_same(found: Stored, contract: Readable) -> bool:
    try:
        return asked.statement_of(asked.from_json(found.question), contract.asker) == found.statement
    except QueryRejected:
        return False


def _watch(query: str, contract: Readable, until: Instant, clock: Clock) -> None:
    """Look again and again whether a query has ended that is carried out elsewhere."""
    pause = threading.Event()
    while (now := clock()) < until:
        with acting_for(contract.team_id):
            found = answers.find(query, contract.id, now=now)
        if found is None or found.status not in answers.UNFINISHED:
            return
        answers.rest()
        pause.wait(ELSEWHERE_SECONDS)


def _page(found: Stored, offset: int, limit: int) -> Page | None:
    """Return a page of an answer, or None where its rows were removed a moment ago."""
    first, last = min(offset, found.total), min(offset + limit, found.total)
    rows: list[msgspec.Raw] = []
    if first < last:
        begin, end = first // PART_ROWS, (last - 1) // PART_ROWS
        bodies = answers.parts(found.id, found.run, begin, end)
        if len(bodies) != end - begin + 1:
            return None
        rows = [row for body in bodies for row in rows_in(body)][first - begin * PART_ROWS :][: last - first]
    return Page(columns=found.columns, rows=tuple(rows), total=found.total, position=found.position, as_of=found.as_of)
