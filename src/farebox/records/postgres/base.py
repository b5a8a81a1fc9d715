"""
The engine for several servers: Django's own PostgreSQL backend, which commits durably whatever the server's default is.

Connections come from a pool that a process's threads share (`farebox.records.postgres.address`).
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
)
"""A commit that was answered is on the disk (invariant I1); a server that asks for more than that keeps it."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose commits are on the disk of the server, and of its standby if it waits for one."""

    def _configure_connection(self, connection: Any) -> bool:
        super()._configure_connection(connection)  # type: ignore[misc]
        connection.execute(_DURABLE)
        return True
