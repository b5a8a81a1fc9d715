"""What each role may do with each table: tried, verb by verb, and held against the one list that rights come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.utils import ProgrammingError
from tests import engine
from tests.filed import OnServer

from farebox.domain.errors import FareboxError
from farebox.records import db, tenancy
from farebox.records.models import Team
from farebox.records.postgres.address import database_of
from farebox.records.postgres.base import DatabaseWrapper
from farebox.records.postgres.rights import TABLES, Belongs, Rights
from farebox.records.tenancy import Role
from farebox.records.upgrade import upgrade

T = TypeVar("T")
WORKING = (Role.APP, Role.JOBS, Role.READER)
OWNERS = ("team_id", "team", "contract_id", "person_id", "hold_id")
"""Columns that say whose a row is."""


def rights_on(name: str) -> dict[str, set[str]]:
    """Try every verb on every table of a database as every role; return who could do what."""
    with psycopg.connect(engine.url(name), autocommit=True) as server:
        columns = server.execute(
            "SELECT table_name, array_agg(quote_ident(column_name) ORDER BY ordinal_position) "
            "FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1"
        ).fetchall()
        found: dict[str, set[str]] = {}
        for role in WORKING:
            server.execute(f"SET SESSION AUTHORIZATION {role}".encode())
            for table, names in columns:
                tries = {
                    "r": f"SELECT * FROM {table} LIMIT 0",
                    "a": f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(['NULL'] * len(names))} "
                    "WHERE false",
                    "d": f"DELETE FROM {table} WHERE false",
                    "truncate": f"TRUNCATE {table}",
                    "alter": f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
                    **{f"w {one}": f"UPDATE {table} SET {one} = NULL WHERE false" for one in names},
                }
                found[f"{role} {table}"] = {verb for verb, sql in tries.items() if may(server, sql)}
            server.execute("RESET SESSION AUTHORIZATION")
    return found


def may(server: psycopg.Connection[tuple[object, ...]], sql: str) -> bool:
    """Tell whether a statement is allowed."""
    try:
        server.execute(sql.encode())
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def listed(role: Role, rights: Rights, columns: list[str]) -> set[str]:
    """Return what the list lets a role do with a table."""
    if role is Role.READER:
        return set() if rights.secret else {"r"}
    verbs, more = (rights.app, ()) if role is Role.APP else (rights.jobs, rights.jobs_changes)
    changes = columns if "w" in verbs else [*rights.changes, *more]
    return {verb for verb in verbs if verb != "w"} | {f"w {column}" for column in changes}


def columns_of(name: str) -> dict[str, list[str]]:
    """Return the columns of every table."""
    with psycopg.connect(engine.url(name)) as server:
        return dict(
            server.execute(
                "SELECT table_name::text, array_agg(quote_ident(column_name)) FROM information_schema.columns "
                "WHERE table_schema = 'public' GROUP BY 1"
            ).fetchall()
        )


def test_every_table_is_in_the_list(served: OnServer) -> None:
    """A table that nobody thought of is found here; so is one that says whose it is and is shown to everybody."""
    columns = columns_of(served.name)

    assert set(TABLES) == set(columns)
    shared = {table for table, rights in TABLES.items() if rights.belongs is Belongs.ALL}
    assert [table for table in sorted(shared) if set(columns[table]) & set(OWNERS)] == []


def test_each_role_may_do_what_is_listed_and_nothing_else(served: OnServer) -> None:
    """Every verb is tried on every table, and every column is tried to be changed, by somebody who is that role."""
    columns = columns_of(served.name)

    assert rights_on(served.name) == {
        f"{role} {table}": listed(role, rights, columns[table]) for role in WORKING for table, rights in TABLES.items()
    }


def test_what_the_books_are_proven_by_is_only_appended_to() -> None:
    """No role that works has a way to change or delete an entry, a link, an act or an audit row (L6)."""
    for table in ("records_entry", "records_link", "records_act", "records_audit", "records_auditlink"):
        rights = TABLES[table]
        assert set(rights.app + rights.jobs) <= {"r", "a"}
        assert (*rights.changes, *rights.jobs_changes) == ()


def test_who_works_for_a_team_deletes_next_to_nothing() -> None:
    """Of what is Farebox's own, only windows, which follow from the uses, and sign-ins can be deleted."""
    assert {table for table, rights in TABLES.items() if "d" in rights.app and not rights.secret} == {"records_window"}


def test_policies_hold_for_the_owner_too(served: OnServer) -> None:
    """Row-level security is on and forced wherever a row is somebody's."""
    with psycopg.connect(engine.url(served.name)) as server:
        forced = server.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity").fetchall()

    assert {table for (table,) in forced} == {t for t, rights in TABLES.items() if rights.belongs is not Belongs.ALL}


def test_nobody_signs_in_as_a_role_of_farebox(served: OnServer) -> None:
    """The roles are taken on, never signed in as, and are above nothing."""
    with psycopg.connect(engine.url(served.name)) as server:
        found = server.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'farebox%' AND NOT rolcanlogin AND NOT rolsuper "
            "AND NOT rolbypassrls AND NOT rolcreaterole"
        ).fetchall()

    assert {name for (name,) in found} == {role.value for role in Role}


@contextmanager
def empty_database(owner: str) -> Iterator[str]:
    """Make a database without tables that belongs to somebody who may do nothing else."""
    name = f"{engine.clone()}_bare"
    with psycopg.connect(engine.url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE ROLE {owner} LOGIN".encode())
        server.execute(f"CREATE DATABASE {name} OWNER {owner}".encode())
    try:
        yield name
    finally:
        engine.drop(name)
        engine.drop(name.removesuffix("_bare"))
        with psycopg.connect(engine.url("postgres"), autocommit=True) as server:
            server.execute(f"DROP ROLE {owner}".encode())


def signed_in(name: str, user: str, job: Callable[[], T]) -> T:
    """Run a job over a connection to a database as a user."""
    url = engine.url(name).replace("postgres@", f"{user}@")
    with engine.led_to(DatabaseWrapper(engine.whole(database_of(url, pooled=False)), "default")):
        return job()


def test_a_login_that_may_not_set_up_roles_is_told_what_to_run(served: OnServer) -> None:
    """An ordinary login is refused with the statements for an administrator; once they are run it needs no more."""

    def refused() -> str:
        with pytest.raises(FareboxError, match="an administrator runs this once") as caught:
            upgrade()
        return str(caught.value)

    with empty_database("plain_login") as name:
        statements = signed_in(name, "plain_login", refused).partition("this database: ")[2]
        with psycopg.connect(engine.url(name), autocommit=True) as server:
            server.execute(statements.encode())
        signed_in(name, "plain_login", upgrade)
        columns = columns_of(name)

        assert set(columns) == set(TABLES)
        assert signed_in(name, "plain_login", Team.objects.count) == 0
        with psycopg.connect(engine.url(name), autocommit=True) as server:
            server.execute("REVOKE farebox_owner, farebox_app, farebox_jobs FROM plain_login")


def test_an_installation_from_before_there_were_roles_is_taken_over(served: OnServer) -> None:
    """Tables that the login role made become the owner's at the next start, and keep their rows."""

    def as_before() -> None:
        with tenancy.as_login():
            call_command("migrate", verbosity=0)
            db.execute("INSERT INTO records_team (slug, name, names_hidden, created_us) VALUES ('a', 'A', false, 0)")

    with empty_database("old_login") as name:
        signed_in(name, "postgres", as_before)
        signed_in(name, "postgres", upgrade)

        assert signed_in(name, "postgres", Team.objects.count) == 1
        assert rights_on(name) == rights_on(served.name)


def test_rights_are_applied_once_and_again_when_the_list_changes(served: OnServer) -> None:
    """A second start leaves everything as it is; where another list was applied last, this one is."""

    def start_again(*, changed: bool) -> bool:
        with tenancy.as_owner():
            db.execute("REVOKE SELECT ON records_team FROM farebox_app")
            if changed:
                db.execute("UPDATE records_counter SET value = 0 WHERE name = 'rights'")
        upgrade()
        connection.ensure_connection()
        return bool(db.rows("SELECT has_table_privilege('farebox_app', 'records_team', 'SELECT')")[0][0])

    assert not served.run(lambda: start_again(changed=False))
    assert served.run(lambda: start_again(changed=True))


def test_migrating_is_the_owners_alone(served: OnServer) -> None:
    """Who works for the installation cannot change a table."""

    def alter() -> None:
        with pytest.raises(ProgrammingError, match="must be owner"):
            db.execute("ALTER TABLE records_team ADD COLUMN more text")

    served.run(alter)
