"""From the list of rights to the server: roles, ownership, grants and row-level security, made by every upgrade."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import DatabaseError, connection, transaction

from farebox.domain.errors import FareboxError
from farebox.records import db, tenancy
from farebox.records.postgres.rights import TABLES, Belongs, Rights
from farebox.records.tenancy import Role

_WORKS_AS = (Role.OWNER, Role.APP, Role.JOBS)
"""The roles that the login role takes on."""

_MARK = "rights"
"""The counter that keeps which rights were applied last."""


def make_roles() -> None:
    """
    Make the roles that are missing, let the login role take them on, and give the tables to their owner.

    Raises `FareboxError`, with what an administrator has to run once, where the login role may not.
    """
    if connection.vendor != "postgresql":
        return None
    with tenancy.as_login():
        missing = list(_missing())
        try:
            with transaction.atomic():
                for statement in missing:
                    db.execute(statement)
        except DatabaseError as error:
            if list(_missing()) != missing:  # another installation on this server has just made some of them
                return make_roles()
            raise FareboxError(
                "the login role may not set up Farebox's roles; an administrator runs this once in this database: "
                f"{' '.join(f'{statement};' for statement in missing)}"
            ) from error


def _missing() -> Iterator[str]:
    login, schema = db.rows("SELECT quote_ident(session_user), quote_ident(current_schema())")[0]
    there = {name for (name,) in db.rows("SELECT rolname FROM pg_roles WHERE rolname LIKE 'farebox%%'")}
    for role in Role:
        if role not in there:
            yield f"CREATE ROLE {role} NOLOGIN"
    for role in _WORKS_AS:
        if role not in there or not _may_become(role):
            yield f"GRANT {role} TO {login}"
    if Role.OWNER not in there or not _may_create_in(schema):
        yield f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {Role.OWNER}"
    yield from _given_away()


def _may_become(role: Role) -> bool:
    return bool(db.rows("SELECT pg_has_role(session_user, %s, 'MEMBER')", (role.value,))[0][0])


def _may_create_in(schema: str) -> bool:
    sql = "SELECT has_schema_privilege(%s, %s, 'CREATE')"
    return bool(db.rows(sql, (Role.OWNER.value, schema.strip('"')))[0][0])


def _given_away() -> Iterator[str]:
    """Yield what gives the tables and sequences of an installation from before there were roles to their owner."""
    ours = (*TABLES, "farebox_%")
    found = db.rows(
        "SELECT c.relkind, quote_ident(c.relname) FROM pg_class c "
        "WHERE c.relnamespace = current_schema()::regnamespace "
        f"AND (c.relkind = 'r' AND c.relname IN ({db.marks(TABLES)}) OR c.relkind = 'S' AND c.relname LIKE %s) "
        "AND pg_get_userbyid(c.relowner) <> %s ORDER BY 1, 2",
        (*ours, Role.OWNER.value),
    )
    for kind, name in found:
        yield f"ALTER {'TABLE' if kind == 'r' else 'SEQUENCE'} {name} OWNER TO {Role.OWNER}"
    functions = db.rows(
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace "
        "AND p.proname IN ('farebox_reserve', 'records_refuse_change') AND pg_get_userbyid(p.proowner) <> %s",
        (Role.OWNER.value,),
    )
    for (name,) in functions:
        yield f"ALTER FUNCTION {name} OWNER TO {Role.OWNER}"


def apply() -> None:
    """Grant what the list says and nothing else, and have each row shown to its team alone."""
    if connection.vendor != "postgresql":
        return
    there = set(connection.introspection.table_names())
    numbers = db.rows("SELECT relname FROM pg_class WHERE relkind = 'S' AND relname LIKE 'farebox%%' ORDER BY 1")
    statements = [
        *(one for table, rights in TABLES.items() if table in there for one in _of_table(table, rights)),
        *(f"GRANT USAGE, UPDATE ON SEQUENCE {name} TO {Role.APP}, {Role.JOBS}" for (name,) in numbers),
    ]
    digest = int.from_bytes(hashlib.sha256("\n".join(statements).encode()).digest()[:7])
    with transaction.atomic():
        if db.rows("SELECT 1 FROM records_counter WHERE name = %s AND value = %s", (_MARK, digest)):
            return
        for statement in statements:
            db.execute(statement)
        db.execute(
            "INSERT INTO records_counter (name, value) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
            (_MARK, digest),
        )


def _of_table(table: str, rights: Rights) -> Iterator[str]:
    readers = "" if rights.secret else "r"
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {Role.APP}, {Role.JOBS}, {Role.READER}"
    yield from _granted(table, Role.APP, rights.app, rights.changes)
    yield from _granted(table, Role.JOBS, rights.jobs, rights.changes + rights.jobs_changes)
    yield from _granted(table, Role.READER, readers, ())
    if rights.belongs is Belongs.ALL:
        return
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for role in Role:
        condition = rights.belongs.condition(table) if role is Role.APP else "true"
        yield f"DROP POLICY IF EXISTS {role} ON {table}"
        yield f"CREATE POLICY {role} ON {table} TO {role} USING ({condition}) WITH CHECK ({condition})"


_VERBS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


def _granted(table: str, role: Role, verbs: str, columns: tuple[str, ...]) -> Iterator[str]:
    granted = [_VERBS[verb] for verb in verbs]
    if columns and "w" not in verbs:
        granted.append(f"UPDATE ({', '.join(columns)})")
    if granted:
        yield f"GRANT {', '.join(granted)} ON {table} TO {role}"


def unseen() -> list[str]:
    """Return the tables of which the jobs may not see every row, whatever became of their policies."""
    return [
        name
        for (name,) in db.rows(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
            "AND c.relkind = 'r' AND c.relrowsecurity AND (NOT EXISTS (SELECT 1 FROM pg_policies p "
            "WHERE p.schemaname = current_schema() AND p.tablename = c.relname AND p.permissive = 'PERMISSIVE' "
            "AND p.cmd IN ('ALL', 'SELECT') AND p.qual = 'true' AND p.roles && ARRAY[%s, 'public']::name[]) "
            "OR EXISTS (SELECT 1 FROM pg_policy r WHERE r.polrelid = c.oid AND NOT r.polpermissive)) ORDER BY 1",
            (Role.JOBS.value,),
        )
    ]
