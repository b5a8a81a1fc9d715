"""Connections to PostgreSQL: what they insist on, how many there are, and addresses that make no sense."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection
from tests import engine
from tests.filed import OnServer

from farebox.records import db
from farebox.records.postgres import base
from farebox.records.postgres.address import CONNECTIONS_MAX, LIMITS, database_of
from farebox.records.upgrade import upgrade

SETTINGS = ("synchronous_commit", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def settings() -> list[str]:
    """Return what the connection has of the settings that matter."""
    return [str(db.rows("SELECT current_setting(%s)", (name,))[0][0]) for name in SETTINGS]


def test_a_connection_commits_durably_and_waits_for_nothing_for_ever(served: OnServer) -> None:
    """A commit is on the disk before it is answered (I1), and every wait has an end."""
    assert served.run(settings) == ["on", *LIMITS.values()]


def test_a_server_that_would_forget_commits_is_overruled(served: OnServer) -> None:
    """A database whose default is not to wait for the disk does so for our connections; the default stays its own."""
    served.order(f"ALTER DATABASE {served.name} SET synchronous_commit = off")

    assert served.run(settings)[0] == "on"


def test_a_server_that_waits_for_more_keeps_to_it(served: OnServer) -> None:
    """Where the server waits until its standby has applied a commit, we do not ask for less."""
    served.order(f"ALTER DATABASE {served.name} SET synchronous_commit = remote_apply")

    assert served.run(settings)[0] == "remote_apply"


def test_many_threads_share_few_connections(served: OnServer) -> None:
    """Sixteen threads work at once over eight connections, and each gets its turn (X25)."""
    settings = engine.settings_of(served.name, pooled=True)
    backends: list[int] = []

    def work() -> None:
        wrapper = base.DatabaseWrapper(settings, "shared")
        for _ in range(5):
            with wrapper.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.01)")
                backends.append(cursor.fetchone()[0])
            wrapper.close()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    base.DatabaseWrapper(settings, "shared").close_pool()

    assert len(backends) == 16 * 5
    assert len(set(backends)) <= CONNECTIONS_MAX


def test_a_restarted_server_is_found_again(served: OnServer) -> None:
    """Connections that a restart ended are replaced before anybody uses them (X19)."""
    wrapper = base.DatabaseWrapper(engine.settings_of(served.name, pooled=True), "restarted")

    def backend() -> int:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found = int(cursor.fetchone()[0])
        wrapper.close()
        return found

    before = backend()
    served.order("SELECT pg_terminate_backend(%s)", before)
    after = backend()
    wrapper.close_pool()

    assert after != before


def test_servers_that_start_together_migrate_one_after_the_other(served: OnServer) -> None:
    """Three processes bring the tables up to date at once; what a connection may wait for is as before."""
    served.run_together([upgrade] * 3)

    assert served.run(settings)[1:] == list(LIMITS.values())


def test_nobody_waits_for_a_lock_for_ever(served: OnServer) -> None:
    """A statement that waits for another's row is refused after a while, and says so."""

    def blocked() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        db.execute("UPDATE records_counter SET value = 2 WHERE name = 'held'")

    def hold() -> None:
        with db.atomic():
            db.reserve("held", 1)
            with pytest.raises(OperationalError):
                served.run(blocked)

    served.run(lambda: db.reserve("held", 1))
    served.run(hold)


def test_an_unreachable_server_is_an_error(served: OnServer) -> None:
    """Where nobody listens, a connection fails instead of waiting."""
    made = engine.whole(database_of("postgresql://farebox@127.0.0.1:1/farebox", pooled=False))

    with pytest.raises(OperationalError):
        base.DatabaseWrapper(made, "nowhere").ensure_connection()


def test_an_address_may_say_what_it_wants_itself() -> None:
    """What the address says goes before our values; the rest is as it always is."""
    made = database_of("postgresql://ann:secret@db.example:5433/fares?sslmode=require&connect_timeout=9")

    assert [made[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "fares", "ann", "secret", "db.example", "5433",
    ]  # fmt: skip
    options = made["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"], options["tcp_user_timeout"]) == ("require", "9", "4000")
    assert options["pool"]["max_size"] == CONNECTIONS_MAX


@pytest.mark.parametrize(
    "url", ["mysql://ann:secret@h/fares", "postgresql://ann:secret@h", "postgresql://ann:secret@h/f?nonsense=1", "x"]
)
def test_an_address_that_makes_no_sense_is_refused(url: str) -> None:
    """The refusal says what is wrong and never repeats the address, which may hold a password."""
    with pytest.raises(ValueError, match="FAREBOX_DATABASE_URL") as refused:
        database_of(url)

    assert "secret" not in str(refused.value)
