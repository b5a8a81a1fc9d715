"""A server in a process of its own, as a person starts it, and requests to it over loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.cli.house import start

PATIENCE_SECONDS = 120.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Served:
    """A server that answers."""

    def __init__(self, process: subprocess.Popen[str], port: int, printed: Path) -> None:
        self.process = process
        self.base = f"http://127.0.0.1:{port}"
        self.printed = printed

    def ask(self, path: str, body: object = None, *, key: str = "", **headers: str) -> tuple[int, Any]:
        """Ask for a path, with a body if it is a POST, and return status and what came: JSON, or else text."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"} | headers
        try:
            with urlopen(Request(self.base + path, data, sent), timeout=60) as got:
                return got.status, _read(got.read())
        except HTTPError as refused:
            with refused:
                return refused.code, _read(refused.read())

    def await_answer(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.ask("/livez")[0] == 200:
                    return
            except URLError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not answer: {self.printed.read_text(encoding='utf-8')}")

    def end(self, signal: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(signal)
        return self.process.wait(timeout=60)


def _read(body: bytes) -> Any:
    return body.decode() if body[:1] == b"<" else json.loads(body or b"null")


@contextmanager
def serving(folder: Path, command: str) -> Iterator[Served]:
    """Run `farebox serve` or `farebox demo` until it answers; kill it at the end if it still runs."""
    port, printed = free_port(), folder.parent / "printed.txt"
    with printed.open("w", encoding="utf-8") as out:
        process = start(folder, command, stdout=out.fileno(), FAREBOX_PORT=str(port))
        try:
            served = Served(process, port, printed)
            served.await_answer()
            yield served
        finally:
            process.kill()
            process.communicate()
