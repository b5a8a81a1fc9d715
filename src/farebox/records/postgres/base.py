"""
The engine for several servers: Django's own PostgreSQL backend, which commits durably whatever the server's default is.

Connections come from a pool that a process's threads share (`farebox.records.postgres.address`). What a connection
may see is said with each transaction and never lasts longer (`farebox.records.tenancy`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base

from farebox.records import tenancy

_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
)
"""A commit that was answered is on the disk (invariant I1); a server that asks for more than that keeps it."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose commits are on the disk of the server, and of its standby if it waits for one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(_as_actor)

    def _configure_connection(self, connection: Any) -> bool:
        super()._configure_connection(connection)  # type: ignore[misc]
        connection.execute(_DURABLE)
        return True

    def _start_transaction_under_autocommit(self) -> None:
        """
        Begin, and say who acts for whom, in one step; Django calls this for the outermost `atomic`.

        The driver would begin in a step of its own before the first statement, so that this costs none more.
        """
        try:
            with self.wrap_database_errors:
                self.connection.execute("; ".join(("BEGIN", *tenancy.actor().sql)))
        except BaseException:
            self.close()  # nobody else learns that it is lost: the transaction never began
            raise


def _as_actor(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement outside a transaction as who acts, in the one step that it takes anyhow."""
    actor = tenancy.actor()
    if context["connection"].in_atomic_block or actor.role is None:
        return execute(sql, params, many, context)
    if many:
        with transaction.atomic(using=context["connection"].alias):
            return execute(sql, params, many, context)
    done = execute("; ".join((*actor.sql, sql)), params, many, context)
    for _ in actor.sql:
        context["cursor"].cursor.nextset()  # on to the answer of the statement itself
    return done
