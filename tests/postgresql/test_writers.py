"""Several writers of one PostgreSQL database: numbers, positions and retries, whoever commits first."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from tests.filed import OnServer
from tests.world import START

from farebox.domain.errors import Busy
from farebox.records import db, outbox
from farebox.records.models import BatchDraft, Counter, Team

THREADS = 6


def numbers(times: int) -> list[range]:
    """Reserve numbers of one series in transactions of their own."""
    taken = []
    for nth in range(times):
        with db.atomic():
            first = db.reserve("charge", nth % 7 + 1)
            taken.append(range(first, first + nth % 7 + 1))
    return taken


def test_numbers_are_given_once_and_side_by_side(served: OnServer) -> None:
    """Writers take consecutive numbers from a series at the same time; no number is given twice."""
    taken = [one for found in served.run_together([lambda: numbers(40)] * THREADS) for one in found]

    given = [number for one in taken for number in one]
    assert len(set(given)) == len(given)


def test_nobody_waits_for_another_commit_to_number_his_rows(served: OnServer) -> None:
    """While one transaction that took numbers is open, others take theirs and commit."""

    def hold_and_let_others() -> int:
        with db.atomic():
            first = db.reserve("charge", 10)
            assert served.run(lambda: numbers(1)[0].start) == first + 10
            return first

    assert served.run(hold_and_let_others) > 0


def test_a_series_without_a_sequence_is_counted(served: OnServer) -> None:
    """What has to be in the order of commits comes from the counter, from 1 on and without a gap."""
    assert [served.run(lambda: db.reserve("batch", 3)), served.run(lambda: db.reserve("batch", 1))] == [1, 4]


def announce(nth: int) -> None:
    """Announce one batch."""
    with db.atomic():
        outbox.publish(since=nth, until=nth + 1, ended=[nth], booked=START)


def test_a_batch_that_commits_late_is_not_missed(served: OnServer) -> None:
    """A reader that has seen a later batch still gets the earlier one, at a position behind it (L8)."""
    seen: list[list[int]] = []

    def late() -> None:
        with db.atomic():
            outbox.publish(since=1, until=2, ended=[], booked=START)
            served.run(lambda: announce(2))
            seen.append([batch.since for batch in served.run(lambda: outbox.after(0, limit=10))])

    served.run(late)
    seen.append([batch.since for batch in served.run(lambda: outbox.after(1, limit=10))])

    assert seen == [[2], [1]]
    assert served.run(BatchDraft.objects.count) == 0


def test_positions_are_given_once_whoever_collects(served: OnServer) -> None:
    """Several readers collect while writers announce: positions are 1, 2, 3 …, each batch has one, in their order."""
    served.run_together(
        [lambda of=of: [announce(of * 100 + nth) for nth in range(20)] for of in range(3)]  # type: ignore[misc]
        + [lambda: [outbox.collect() for _ in range(20)]] * 3
    )

    found = served.run(lambda: outbox.after(0, limit=1_000))
    assert [batch.position for batch in found] == list(range(1, 61))
    assert sorted(batch.since for batch in found) == sorted(of * 100 + nth for of in range(3) for nth in range(20))
    for of in range(3):
        mine = [batch.since for batch in found if batch.since // 100 == of]
        assert mine == sorted(mine)


def two_counters() -> None:
    """Make the two rows that the writers below want in opposite orders."""
    Counter.objects.bulk_create([Counter(name="one"), Counter(name="two")])


def test_who_is_the_victim_of_a_deadlock_tries_again(served: OnServer) -> None:
    """Two that lock the same rows crosswise both finish; the one that the server refused did it again (X22)."""
    served.run(two_counters)
    both = threading.Barrier(2, timeout=30)
    tries: list[str] = []

    def add(first: str, second: str) -> None:
        def once() -> None:
            tries.append(first)
            with db.atomic():
                db.execute("UPDATE records_counter SET value = value + 1 WHERE name = %s", (first,))
                if len(tries) <= 2:
                    both.wait()
                db.execute("UPDATE records_counter SET value = value + 1 WHERE name = %s", (second,))

        db.insist(once)

    served.run_together([lambda: add("one", "two"), lambda: add("two", "one")])

    assert 3 <= len(tries) <= 2 * db.ATTEMPTS
    counted = Counter.objects.filter(name__in=["one", "two"]).values_list("value", flat=True)
    assert served.run(lambda: list(counted)) == [2, 2]


def test_what_is_written_on_what_was_read_is_serialised(served: OnServer) -> None:
    """Where a transaction asks for serialisable isolation, the server's refusal is `Busy` as well (X22)."""
    served.run(two_counters)

    def stale() -> None:
        with db.atomic():
            db.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            db.rows("SELECT value FROM records_counter")
            served.run(lambda: Counter.objects.update(value=5))
            db.execute("UPDATE records_counter SET value = 7")

    def refused() -> str:
        with pytest.raises(Busy) as caught:
            stale()
        return str(caught.value)

    assert "SerializationFailure" in served.run(refused)


def test_a_lost_connection_is_busy_and_the_next_try_has_another(served: OnServer) -> None:
    """A transaction whose connection is ended leaves nothing; tried again, it is recorded once (X19, X20)."""
    tries: list[int] = []

    def once() -> None:
        with db.atomic():
            Counter.objects.create(name="mine", value=1)
            tries.append(db.rows("SELECT pg_backend_pid()")[0][0])
            if len(tries) == 1:
                served.order("SELECT pg_terminate_backend(%s)", tries[0])

    served.run(lambda: db.insist(once))

    assert len(set(tries)) == 2
    assert served.run(Counter.objects.filter(name="mine").count) == 1


def test_whoever_stays_in_the_way_is_told(served: OnServer) -> None:
    """After a few tries the job gives up with `Busy`; it was tried that often and no more."""
    tries: list[int] = []

    def never() -> None:
        tries.append(1)
        with db.atomic():
            raise Busy("somebody is faster")

    def give_up() -> None:
        with pytest.raises(Busy):
            db.insist(never)

    served.run(give_up)

    assert len(tries) == db.ATTEMPTS


def test_what_is_wrong_is_not_tried_again(served: OnServer) -> None:
    """A row that contradicts another is an error at once, and no business of retries."""
    tries: list[int] = []

    def twice() -> None:
        tries.append(1)
        with db.atomic():
            Team.objects.create(slug="same", name="One", created_us=START)
            Team.objects.create(slug="same", name="Two", created_us=START)

    def refused() -> None:
        with pytest.raises(IntegrityError):
            db.insist(twice)

    served.run(refused)

    assert tries == [1]


def test_inside_another_transaction_nothing_is_tried_again(served: OnServer) -> None:
    """Only the outermost transaction may be tried again: what is inside a broken one cannot succeed."""
    tries: list[int] = []

    def inner() -> None:
        tries.append(1)
        raise Busy("somebody is faster")

    def outer() -> None:
        with pytest.raises(Busy), transaction.atomic():
            db.insist(inner)

    served.run(outer)

    assert tries == [1]
    assert connection.in_atomic_block is False
