"""The check that the database itself still refuses to change what is only appended to."""

from __future__ import annotations

from farebox.records.verify.check import Check

TABLES = ("records_entry", "records_link", "records_act", "records_audit", "records_auditlink")
"""Tables whose rows are appended and never changed (invariant L6)."""

_WANTED = ", ".join(f"('{table}', '{verb}')" for table in TABLES for verb in ("UPDATE", "DELETE"))
_WANTED_SQL = f"WITH wanted (name, verb) AS (VALUES {_WANTED}) SELECT w.name, w.verb FROM wanted w "

APPEND_ONLY = Check(
    rule="L6",
    name="append-only",
    holds="The database refuses to change or delete entries, acts, audit rows and the links of both.",
    counted=f"SELECT {len(TABLES)}",
    counts="{} tables",
    broken="{engine}",
    sqlite=(
        _WANTED_SQL
        + "WHERE NOT EXISTS (SELECT 1 FROM sqlite_master m WHERE m.type = 'trigger' AND m.tbl_name = w.name "
        "AND m.sql LIKE '%%BEFORE ' || w.verb || ' ON %%' AND m.sql LIKE '%%RAISE(ABORT,%%')"
    ),
    postgresql=(
        _WANTED_SQL + "WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid "
        "JOIN pg_proc p ON p.oid = g.tgfoid WHERE c.relname = w.name AND g.tgenabled IN ('O', 'A') "
        "AND (g.tgtype & 2) = 2 AND (g.tgtype & CASE w.verb WHEN 'UPDATE' THEN 16 ELSE 8 END) > 0 "
        "AND p.prosrc LIKE '%%RAISE EXCEPTION%%')"
    ),
    says="{0}: {1} is not refused",
)

CHECKS = (APPEND_ONLY,)
