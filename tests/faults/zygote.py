"""
A process that has loaded the whole program and forks a child for each start: a server is up in a tenth of a second.

Run as a program it reads orders from its standard input, one JSON object a line, and answers each with a number. A
child works in the data folder that its order names, prints to a log there, and does not outlive the zygote.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from tests import tables
from tests.environ import environment
from tests.tables import RECORDS

ROOT = Path(__file__).parents[2]
PRELOADED = (
    "granian.server.mt",
    "farebox.serve",
    "farebox.services.expire",
    "farebox.services.project",
    "farebox.urls",
    "farebox.wsgi",
)


class Zygote:
    """The zygote as its user sees it: `fork` starts something in a child, `wait` returns how that child ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tables.lay(folder)
        line = [sys.executable, "-m", "tests.faults.zygote"]
        # Python 3.11 keeps what a full disk cuts off of a compiled module, and could never load it again.
        env = environment(folder, FAREBOX_SECRET_KEY="fault-tests-only", PYTHONDONTWRITEBYTECODE="1")
        self._process = subprocess.Popen(
            line, env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == 0

    def fork(self, folder: Path, call: str, **given: Any) -> int:
        """Start `call` ("module:function") in a child that works in `folder`; return its process id."""
        return self._ask({"folder": str(folder), "call": call, "with": given})

    def wait(self, child: int) -> int:
        """Wait for a child and return its exit code; below zero it is the signal that ended it."""
        return self._ask({"wait": child})

    def run(self, folder: Path, call: str, **given: Any) -> int:
        """Run `call` in a child to its end and return its exit code."""
        return self.wait(self.fork(folder, call, **given))

    def call(self, folder: Path, call: str, **given: Any) -> Any:
        """Run `call` in a child and return what it returned, as far as JSON carries it."""
        told = folder / "told.json"
        told.unlink(missing_ok=True)
        code = self.wait(self._ask({"folder": str(folder), "call": call, "with": given, "told": str(told)}))
        assert code == 0, f"{call} ended with {code}: {printed(folder)}"
        return json.loads(told.read_text(encoding="utf-8"))

    def close(self) -> None:
        """End the zygote and its children."""
        self._process.communicate()

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def printed(folder: Path) -> str:
    """Return what the children that worked in `folder` printed."""
    return (folder / "printed.txt").read_text(encoding="utf-8")


def main() -> None:
    """Load everything, then obey until the standard input ends."""
    from farebox.house import open_house

    open_house()
    for name in PRELOADED:
        import_module(name)
    from django.db import connections

    connections.close_all()
    children: set[int] = set()
    sys.stdout.write("0\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{_obey(json.loads(line), children)}\n")
        sys.stdout.flush()
    for child in children:
        os.kill(child, signal.SIGKILL)


def _obey(order: dict[str, Any], children: set[int]) -> int:
    if "wait" in order:
        children.discard(order["wait"])
        return os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
    child = os.fork()
    if child == 0:
        _be(order)
    children.add(child)
    return child


def _be(order: dict[str, Any]) -> NoReturn:
    folder = Path(order["folder"])
    try:
        _redirect(folder / "printed.txt")
        move_to(folder)
        module, _, name = order["call"].partition(":")
        told = getattr(import_module(module), name)(**order["with"])
        if "told" in order:
            Path(order["told"]).write_text(json.dumps(told), encoding="utf-8")
        _close()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def _redirect(path: Path) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)


def move_to(folder: Path) -> None:
    """Let this process, which has nothing open, work in another data folder."""
    from django.db import connections

    from farebox import settings
    from farebox.warehouse import current

    settings.DATA = folder
    connections.settings["default"]["NAME"] = folder / RECORDS
    current.place(folder / "warehouse.duckdb", memory_mb=256)


if __name__ == "__main__":
    main()
