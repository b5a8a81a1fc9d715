"""
For whom a thread works: one team, whose rows are then all that PostgreSQL shows it, or the whole installation.

Each transaction, and each statement outside one, takes its role and team along and leaves nothing behind on the
connection. SQLite has no roles; nothing is done there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import NamedTuple

from django.db import connection


class Role(StrEnum):
    """The roles of PostgreSQL that Farebox works as; the login role is a member of all but the last."""

    OWNER = "farebox_owner"
    """Owns the tables and brings them up to date."""
    APP = "farebox_app"
    """Works for one team."""
    JOBS = "farebox_jobs"
    """Works for the installation: jobs, commands, keys of no team, and whatever carries several teams."""
    READER = "farebox_ro"
    """Reads for reports made elsewhere; Farebox itself never is it."""


class Actor(NamedTuple):
    """Who a statement is run as, and for which team; without a role it is who signed in to the server."""

    role: Role | None
    team: int | None = None

    @property
    def sql(self) -> tuple[str, str]:
        """The two statements that say so, until the transaction ends."""
        role = "NONE" if self.role is None else self.role.value
        return f"SET LOCAL ROLE {role}", f"SET LOCAL farebox.team = '{'' if self.team is None else int(self.team)}'"


JOBS = Actor(Role.JOBS)
_actor: ContextVar[Actor] = ContextVar("farebox_actor", default=JOBS)


def actor() -> Actor:
    """Return who this thread works as."""
    return _actor.get()


def acting_for(team: int | None) -> AbstractContextManager[None]:
    """Work for one team: rows of others are not there, and cannot be made. None is the installation."""
    return _as(JOBS if team is None else Actor(Role.APP, team))


def everyone() -> AbstractContextManager[None]:
    """Work for the installation, also where a team is being worked for: for what is shared by all teams."""
    return _as(JOBS)


def as_owner() -> AbstractContextManager[None]:
    """Change the tables themselves."""
    return _as(Actor(Role.OWNER))


def as_login() -> AbstractContextManager[None]:
    """Be who signed in to the server: for making roles, and for nothing of a team."""
    return _as(Actor(None))


def start_as_login() -> None:
    """Be who signed in to the server wherever this thread does not say otherwise."""
    _actor.set(Actor(None))


@contextmanager
def _as(wanted: Actor) -> Iterator[None]:
    if connection.vendor != "postgresql" or _actor.get() == wanted:
        yield
        return
    before = _actor.set(wanted)
    try:
        _tell()
        yield
    finally:
        _actor.reset(before)
        _tell()


def _tell() -> None:
    """Change it in the transaction that runs, if one does; one that is broken can only be undone."""
    if not connection.in_atomic_block or connection.needs_rollback or connection.connection is None:
        return
    if connection.connection.info.transaction_status.name == "INTRANS":
        with connection.cursor() as cursor:
            cursor.execute("; ".join(_actor.get().sql))
