"""From the address of a PostgreSQL database to Django's settings for it."""

from __future__ import annotations

from typing import Any

CONNECTIONS_MAX = 8
"""Connections of one process: more lose throughput on few cores, and sixteen threads wait their turn quickly."""

WAIT_SECONDS = 5.0
"""How long a thread waits for one of them."""

NETWORK = {
    "connect_timeout": "4",
    "tcp_user_timeout": "4000",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
"""A server that is cut off is an error within seconds; the driver's own values wait for minutes."""

LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "30s",
}
"""No statement, no wait for a lock and no forgotten transaction lasts for ever."""


def database_of(url: str, *, pooled: bool = True) -> dict[str, Any]:
    """
    Return Django's settings of the database at `url`; what the address says itself goes before our values.

    Raises `ValueError`, which never repeats the address: it may hold a password.
    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise ValueError(
            "the driver that FAREBOX_DATABASE_URL needs is missing: pip install 'farebox[postgres]'"
        ) from error
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError(
            "the value of FAREBOX_DATABASE_URL should be an address like postgresql://user:password@host:5432/farebox"
        )
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        raise ValueError(
            "the value of FAREBOX_DATABASE_URL cannot be read as the address of a PostgreSQL database"
        ) from error
    if not given.get("dbname"):
        raise ValueError("the address in FAREBOX_DATABASE_URL names no database; add one, like …:5432/farebox")
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    options: dict[str, Any] = {
        **NETWORK,
        "application_name": "farebox",
        **{name: value for name, value in given.items() if name not in _DJANGO.values()},
        "options": f"{limits} {given.get('options', '')}".strip(),
    }
    if pooled:
        options["pool"] = {"min_size": 0, "max_size": CONNECTIONS_MAX, "timeout": WAIT_SECONDS, "max_idle": 300.0}
    return {
        "ENGINE": "farebox.records.postgres",
        **{name: given[part] for name, part in _DJANGO.items() if part in given},
        "CONN_MAX_AGE": 0,  # a connection goes back to the pool with each request
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # they outlive the statement that says for whom they read
        "OPTIONS": options,
    }


_DJANGO = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
