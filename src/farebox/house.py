"""
The data folder: made, opened and owned.

A serving process owns the folder (a lock file says so) and the warehouse in it. A command that changes records works
beside it, because SQLite queues writers; the owner's projector sees what it wrote within a second. Where the records
are in PostgreSQL, several servers share them, each with a folder and a warehouse of its own.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

from farebox.domain.errors import Busy


def open_house() -> None:
    """Make the data folder if there is none, bring the records up to date, and say where the warehouse is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farebox.settings")
    from farebox import logs, settings

    logs.configure()
    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.environ.get("FAREBOX_SECRET_KEY"):
        settings.SECRET_KEY = _secret_key(settings.SECRET_KEY_FILE)
    import django

    django.setup()
    from farebox.records.upgrade import upgrade
    from farebox.warehouse import current

    upgrade()
    current.place(settings.WAREHOUSE, memory_mb=settings.WAREHOUSE_MEMORY_MB)


def own(folder: Path) -> IO[str]:
    """Take the folder until what is returned is closed. Raises `Busy` where another process has it."""
    lock = (folder / "lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        with lock:
            lock.seek(0)
            raise Busy(f"process {lock.read().strip() or '?'} serves {folder} already; stop it first") from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _secret_key(path: Path) -> str:
    """Return the installation's key, made at the first start and readable by its owner only."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass  # made before
    return path.read_text(encoding="ascii")
