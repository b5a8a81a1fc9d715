"""Queries of many at once: each carried out once, by a few threads, and no contract or death holds up the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from tests.filed import Filed
from tests.services.querying import Desk, use
from tests.world import World

from farebox.domain.errors import QuotaExceeded
from farebox.query.plan import Asker, Question, make_plan
from farebox.records.models import StoredQuery
from farebox.services import queries
from farebox.services.queries import Pool, QueryStatus, Standing
from farebox.services.queries import service as limits
from farebox.services.queries.running import CLAIM_US
from farebox.services.queries.workers import Task
from farebox.warehouse.duck import Warehouse

PATIENCE_SECONDS = 120.0
MANY = 4_000


@contextmanager
def on(filed: Filed) -> Iterator[None]:
    """Lead the thread's connection to the test's database."""
    connections["default"] = filed.connect()
    try:
        yield
    finally:
        connections["default"].close()


@pytest.fixture
def pool(filed: Filed) -> Iterator[Pool]:
    """Return threads that work on the test's database."""
    made = Pool(3, within=lambda: on(filed))
    yield made
    made.stop()


@pytest.fixture
def desk(filed: Filed, house: Warehouse, pool: Pool) -> Desk:
    """Return somebody who asks about a contract that many use."""

    def make() -> Desk:
        world = World()
        use(world.flex_contract.pk, range(1, MANY), position=1)
        return Desk.of(world, pool=pool)

    return filed.run(make)


def held(desk: Desk, question: Question) -> Standing:
    """Submit, wait for the end, and look."""
    query = desk.submit(question)
    queries.hold(query, desk.contract, seconds=PATIENCE_SECONDS, clock=desk.clock, pool=desk.pool)
    return desk.look(query, limit=1)


WHO = Question(fields=("userName",), metrics=("tokensConsumed",))


def test_the_same_question_of_many_at_once_runs_once(filed: Filed, desk: Desk) -> None:
    """Five submit an equal question together: one run, and everybody has its answer."""
    standings = filed.run_together([lambda: held(desk, WHO)] * 5)

    assert {standing.status for standing in standings} == {QueryStatus.DONE}
    assert {standing.page.total for standing in standings if standing.page} == {MANY - 1}
    assert filed.run(lambda: list(StoredQuery.objects.values_list("run", "status"))) == [(1, "DONE")]


def test_different_questions_at_once_each_have_their_answer(filed: Filed, desk: Desk) -> None:
    """More questions than threads: all are answered, each with its own rows."""
    asked = [Question(fields=("userName",), metrics=("useCount",), where=f"contractYear < {n}") for n in range(1, 6)]

    standings = filed.run_together([lambda one=one: held(desk, one) for one in asked])

    totals = [standing.page.total for standing in standings if standing.page]
    assert totals == [0, *[MANY - 1] * 4]


class Blocked:
    """Surroundings that let nobody work on the test's database until they are opened."""

    def __init__(self, filed: Filed) -> None:
        self.opened = threading.Event()
        self.pool = Pool(1, within=self._within)
        self._filed = filed

    @contextmanager
    def _within(self) -> Iterator[None]:
        assert self.opened.wait(PATIENCE_SECONDS)
        with on(self._filed):
            yield

    def close(self) -> None:
        """Let everybody go, and end."""
        for task in self.pool.held():
            task.stopped.set()
        self.opened.set()
        self.pool.stop()


@pytest.fixture
def blocked(filed: Filed) -> Iterator[Blocked]:
    """Return one thread that does not begin to work before it is let."""
    made = Blocked(filed)
    yield made
    made.close()


def test_one_too_many_at_once_is_refused(
    filed: Filed, desk: Desk, blocked: Blocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four submitted together where two are allowed, two are refused, in whatever order they come."""
    monkeypatch.setattr(limits, "UNFINISHED_MAX", 2)
    desk.pool = blocked.pool

    def submit(year: int) -> bool:
        try:
            desk.submit(Question(metrics=("useCount",), where=f"contractYear = {year}"))
        except QuotaExceeded:
            return False
        return True

    let = filed.run_together([lambda year=year: submit(year) for year in range(1, 5)])

    assert sorted(let) == [False, False, True, True]


def test_nobody_waits_for_longer_than_the_hold(filed: Filed, desk: Desk, blocked: Blocked) -> None:
    """A query that is not ready is QUEUED for who asked, and DONE for who asks when it is."""
    desk.pool = blocked.pool

    def ask() -> tuple[str, Standing]:
        query = desk.submit(WHO)
        queries.hold(query, desk.contract, seconds=0.01, clock=desk.clock, pool=desk.pool)
        return query, desk.look(query, limit=0)

    query, standing = filed.run(ask)
    assert (standing.status, standing.page) == (QueryStatus.QUEUED, None)

    (task,) = desk.pool.held()
    blocked.opened.set()
    assert task.ended.wait(PATIENCE_SECONDS)
    assert filed.run(lambda: desk.look(query, limit=0)).status is QueryStatus.DONE


def test_what_another_server_carries_out_is_waited_for(filed: Filed, desk: Desk) -> None:
    """Whoever holds for a query of another server sees its end in the records."""

    def elsewhere() -> Standing:
        other = Desk(desk.world, desk.clock, desk.asker, desk.contract, Pool(3, within=lambda: on(filed)))
        return held(other, WHO)

    standings = filed.run_together([lambda: held(desk, WHO), elsewhere])

    assert [standing.status for standing in standings] == [QueryStatus.DONE] * 2
    assert filed.run(lambda: StoredQuery.objects.get().run) == 1


def test_what_is_carried_out_here_stays_claimed(filed: Filed, desk: Desk, blocked: Blocked) -> None:
    """As long as the process lives and says so, nobody takes its queries up; it says nothing of what has ended."""
    desk.pool = blocked.pool
    query = filed.run(lambda: desk.submit(WHO))
    for _ in range(4):
        desk.clock.move(CLAIM_US - 1)
        filed.run(lambda: queries.tend(now=desk.clock(), pool=desk.pool))

    assert filed.run(lambda: desk.look(query)).status is QueryStatus.QUEUED
    assert filed.run(lambda: StoredQuery.objects.get().run) == 1


def test_a_server_that_stops_leaves_its_queries_to_the_next(filed: Filed, desk: Desk) -> None:
    """What runs is interrupted and what waits is given up; the next who asks has them carried out at once."""
    asked = [Question(fields=("userName",), metrics=("useCount",), where=f"contractYear < {n}") for n in range(2, 8)]
    ids = filed.run(lambda: [desk.submit(one) for one in asked])
    desk.pool.stop()
    assert desk.pool.held() == []
    assert not set(filed.run(lambda: list(StoredQuery.objects.values_list("status", flat=True)))) - {"QUEUED", "DONE"}

    desk.pool = Pool(0)
    for query in ids:
        filed.run(lambda query=query: desk.look(query, limit=0))
        assert filed.run(lambda query=query: desk.look(query, limit=0)).status is QueryStatus.DONE


def a_task(contract: int, name: str) -> Task:
    """Make a task about a contract."""
    plan = make_plan(Question(metrics=("useCount",)), Asker(contract_id=contract, names_hidden=False))
    return Task(query=name, run=1, team=1, plan=plan, claimed_until=0)  # type: ignore[arg-type]


def test_no_contract_has_all_the_threads() -> None:
    """Slow questions about one contract wait for each other; a question about another contract does not."""
    released = threading.Event()
    pool = Pool(2)
    slow = [a_task(1, f"slow {nth}") for nth in range(3)]
    quick = a_task(2, "quick")

    def wait(task: Task) -> None:
        assert released.wait(PATIENCE_SECONDS)

    for task in slow:
        pool.put(task, wait)
    pool.put(quick, lambda task: None)

    assert quick.ended.wait(PATIENCE_SECONDS)
    assert not any(task.ended.is_set() for task in slow)
    released.set()
    assert all(task.ended.wait(PATIENCE_SECONDS) for task in slow)
    pool.stop()


def test_questions_of_a_contract_begin_in_their_order() -> None:
    """First come, first served, within a contract; a task that fails leaves the threads to the others."""
    begun: list[str] = []
    pool = Pool(1)

    def note(task: Task) -> None:
        begun.append(task.query)
        raise ValueError("a fault of the task")

    tasks = [a_task(1, str(nth)) for nth in range(5)]
    for task in tasks:
        pool.put(task, note)

    assert all(task.ended.wait(PATIENCE_SECONDS) for task in tasks)
    assert begun == ["0", "1", "2", "3", "4"]
    pool.stop()


def test_a_stopped_pool_gives_up_what_waits() -> None:
    """Each task is told that it was stopped and comes to its end; nobody waits for ever."""
    pool = Pool(1)
    running, seen = threading.Event(), list[bool]()
    works: list[Callable[[Task], None]] = [
        lambda task: (running.set(), task.stopped.wait(PATIENCE_SECONDS))[0],
        lambda task: seen.append(task.stopped.is_set()),
    ]
    tasks = [a_task(1, "first"), a_task(1, "second")]
    for task, work in zip(tasks, works, strict=True):
        pool.put(task, work)
    assert running.wait(PATIENCE_SECONDS)

    pool.stop()

    assert (seen, pool.held()) == ([True], [])
    assert all(task.ended.is_set() for task in tasks)


def test_only_so_many_requests_wait(filed: Filed, desk: Desk, blocked: Blocked) -> None:
    """When all places to wait are taken, a reply is given at once; the threads of requests are for everybody."""
    desk.pool = blocked.pool
    query = filed.run(lambda: desk.submit(WHO))
    (task,) = desk.pool.held()
    places = [limits._holders.acquire(blocking=False) for _ in range(limits.HOLDERS_MAX)]
    try:
        queries.hold(query, desk.contract, seconds=PATIENCE_SECONDS, clock=desk.clock, pool=desk.pool)
        assert not task.ended.is_set()
    finally:
        for taken in places:
            if taken:
                limits._holders.release()
