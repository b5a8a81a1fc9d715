"""Writers queue in one lane of the process; whatever happens to one of them, the next one gets in."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.filed import Filed

from farebox.records.models import Counter
from farebox.records.sqlite import base


class Stopped(Exception):
    """Something that goes wrong inside a transaction."""


def count_up(times: int) -> None:
    """Add to one counter so often, reading it before each write as a careless program does."""
    for _ in range(times):
        with transaction.atomic():
            counter = Counter.objects.get(name="lane")
            Counter.objects.filter(name="lane").update(value=counter.value + 1)


def value() -> int:
    """Return what the counter stands at."""
    return Counter.objects.get(name="lane").value


def is_free() -> bool:
    """Tell whether nobody is in the lane."""
    free = base._LANE.acquire(blocking=False)
    if free:
        base._LANE.release()
    return free


@pytest.fixture
def counted(filed: Filed) -> Filed:
    """Return a database with a counter at 0."""
    filed.run(lambda: Counter.objects.create(name="lane", value=0))
    return filed


def test_every_writer_commits(counted: Filed) -> None:
    """Eight threads write side by side: nobody is refused, nothing is lost, nothing counts twice (L4)."""
    counted.run_together([lambda: count_up(25)] * 8)

    assert counted.run(value) == 200
    assert is_free()


def test_a_writer_waits_at_the_lane_and_not_at_the_file(counted: Filed) -> None:
    """While one thread is inside, another that has no patience with the file's lock gets in after it all the same."""
    inside, coming = threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        with transaction.atomic():
            inside.set()
            coming.wait()
            threading.Event().wait(0.05)  # long enough for the other to arrive; nothing is asserted about it
            order.append("first")

    def second() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
        inside.wait()
        coming.set()
        with transaction.atomic():
            order.append("second")

    counted.run_together([first, second])

    assert order == ["first", "second"]


class NoLane:
    """A lane in which nobody waits."""

    def acquire(self) -> bool:
        """Let everybody in."""
        return True

    def release(self) -> None:
        """Let nobody out, as nobody is in."""


def test_without_the_lane_the_file_refuses(counted: Filed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can see the fault: without a lane, the impatient writer is refused by the file's lock."""
    monkeypatch.setattr(base, "_LANE", NoLane())
    inside, refused = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            inside.set()
            refused.wait()

    def second() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
        inside.wait()
        try:
            with pytest.raises(DatabaseError), transaction.atomic():
                Counter.objects.update(value=7)
        finally:
            refused.set()

    counted.run_together([first, second])


@transaction.atomic
def change_and_stop() -> None:
    """Change the counter, and fail."""
    Counter.objects.update(value=7)
    raise Stopped


def rolled_back() -> None:
    """Roll a transaction back."""
    with pytest.raises(Stopped):
        change_and_stop()


def refused() -> None:
    """Have a statement refused in the middle of a transaction."""

    @transaction.atomic
    def twice() -> None:
        Counter.objects.update(value=7)
        Counter.objects.create(name="lane")

    with pytest.raises(IntegrityError):
        twice()


def rolled_back_inside() -> None:
    """Fail in a savepoint and go on outside it."""
    with transaction.atomic():
        with pytest.raises(Stopped):
            change_and_stop()
        assert not is_free()


def closed() -> None:
    """Lose the connection inside a transaction."""

    @transaction.atomic
    def lost() -> None:
        Counter.objects.update(value=7)
        connection.connection.close()
        Counter.objects.update(value=8)

    with pytest.raises(DatabaseError):
        lost()
    connection.close()


def given_up() -> None:
    """Mark a transaction as one to roll back."""
    with transaction.atomic():
        Counter.objects.update(value=7)
        transaction.set_rollback(True)


@pytest.mark.parametrize("mishap", [rolled_back, refused, rolled_back_inside, closed, given_up])
def test_the_lane_is_free_after(counted: Filed, mishap: Callable[[], None]) -> None:
    """After a mishap nothing of the transaction is kept, and the lane is free for the next writer."""
    counted.run(mishap)

    assert is_free()
    assert counted.run(value) == 0
    counted.run(lambda: count_up(1))
    assert counted.run(value) == 1


def test_a_commit_that_fails_leaves_the_lane(counted: Filed) -> None:
    """A commit that the database refuses (a broken reference, checked at the end) is rolled back, and the lane free."""

    def tables() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE parent (id integer PRIMARY KEY)")
            cursor.execute(
                "CREATE TABLE child (id integer PRIMARY KEY, "
                "of integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
            )

    @transaction.atomic
    def broken() -> None:
        Counter.objects.update(value=7)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO child VALUES (1, 99)")

    def refused_at_the_end() -> None:
        tables()
        with pytest.raises(IntegrityError):
            broken()

    counted.run(refused_at_the_end)

    assert is_free()
    assert counted.run(value) == 0


def test_a_transaction_that_cannot_begin_leaves_the_lane(counted: Filed) -> None:
    """Where another process holds the file for too long, the writer is refused and the lane is free."""
    other = connection.Database.connect(counted.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def impatient() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(DatabaseError), transaction.atomic():
            Counter.objects.update(value=7)

    counted.run(impatient)
    other.close()

    assert is_free()
    assert counted.run(value) == 0


def test_reading_needs_no_lane(counted: Filed) -> None:
    """A reader outside a transaction sees the last commit while a writer is busy."""

    def write_and_look() -> int:
        with transaction.atomic():
            Counter.objects.update(value=7)
            return counted.run(value)

    assert counted.run(write_and_look) == 0
    assert counted.run(value) == 7


def test_the_file_is_kept_durably(counted: Filed) -> None:
    """An installation's connection writes ahead, syncs each commit, checks references and trusts no schema."""

    def pragma(name: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {name}")
            return cursor.fetchone()[0]

    names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    assert [counted.run(lambda name=name: pragma(name)) for name in names] == ["wal", 2, 1, 0]  # type: ignore[misc]
