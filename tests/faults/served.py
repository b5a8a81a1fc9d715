"""A server that may be killed at any moment, run in a child of the zygote on a port that stays the same."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.demo.served import free_port
from tests.faults.zygote import Zygote, printed

READY_SECONDS_MAX = 60.0
CHECKPOINT_PAGES = 64
"""Pages after which these servers checkpoint: many times in a run, so that kills meet checkpoints too."""


class Server:
    """One server after another over one data folder."""

    def __init__(self, zygote: Zygote, folder: Path, **given: Any) -> None:
        self.zygote = zygote
        self.folder = folder
        self.port = free_port()
        self.process = 0
        self._given = given

    def start(self) -> None:
        """Start it without waiting."""
        self.process = self.zygote.fork(self.folder, "tests.faults.served:serve", port=self.port, **self._given)

    def await_ready(self) -> float:
        """Wait until it answers and return for how many seconds."""
        begun = time.monotonic()
        while time.monotonic() - begun < READY_SECONDS_MAX:
            if self.lives():
                return time.monotonic() - begun
            time.sleep(0.005)
        raise AssertionError(f"the server did not answer: {printed(self.folder)}")

    def lives(self) -> bool:
        """Tell whether it answers."""
        try:
            return self.get("/livez")[0] == 200
        except (OSError, HTTPException):
            return False

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for a path and return status and body. Raises `OSError` where nobody answers."""
        return ask(self.port, "GET", path)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return how the process ended."""
        os.kill(self.process, how)
        return self.zygote.wait(self.process)


@contextmanager
def serving(zygote: Zygote, folder: Path, **given: Any) -> Iterator[Server]:
    """Serve a folder until the block ends; kill what still runs then."""
    server = Server(zygote, folder, **given)
    server.start()
    try:
        server.await_ready()
        yield server
    finally:
        server.end(signal.SIGKILL)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Send one request over a connection of its own; return status and body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def serve(port: int, variant: str = "", checkpoint_pages: int = CHECKPOINT_PAGES) -> None:
    """Serve the data folder of this process, as `farebox serve` does; `variant` names a build that is broken."""
    from django.db import connections
    from tests.faults.variants import VARIANTS

    import farebox.serve
    from farebox import settings
    from farebox.house import own

    connections.settings["default"]["OPTIONS"]["init_command"] += f" PRAGMA wal_autocheckpoint={checkpoint_pages};"
    if variant:
        VARIANTS[variant]()
    with own(settings.DATA):
        farebox.serve.serve(host="127.0.0.1", port=port)
