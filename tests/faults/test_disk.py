"""
The disk fails or is full: nothing is acknowledged that is not kept, reading goes on, and it resumes by itself (X4, X5).

The faults of single steps are planted under the SQL; those of the whole server by a limit on the size of files, which
every Linux lets anybody set, and by a limit on the pages of the record database.
"""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

import pytest
from tests.faults.chance import size, tell
from tests.faults.estate import Estate
from tests.faults.judging import Verdict
from tests.faults.served import Server, serving
from tests.faults.traffic import History, request
from tests.faults.zygote import Zygote, printed

PATIENCE_SECONDS = 60.0
UNLIMITED = resource.RLIM_INFINITY
EVERY = size("DISK_EVERY", 5)
"""Each so many steps of a request one fails; 1 in the long run."""


@pytest.mark.parametrize("kind", ["io", "full"])
def test_whichever_write_or_sync_fails_nothing_is_lost(zygote: Zygote, folder: Path, kind: str) -> None:
    """The request is refused, or survives a power cut; repeated on a disk that is well, it counts once."""
    found = zygote.call(folder, "tests.faults.disk_faults:every_step", kind=kind, every=EVERY)

    tell(f"disk, {kind} errors at each step", **found)
    assert found["injected"] > 0
    assert (found["wrongly_acked"], found["not_once"], found["faults"]) == (0, 0, 0)
    assert found["refused"] + found["acked"] == found["injected"]


def test_a_build_that_shrugs_at_errors_is_caught(zygote: Zygote, folder: Path) -> None:
    """Canary: a server that answers although a write failed has acknowledged what a power cut takes."""
    found = zygote.call(folder, "tests.faults.disk_faults:every_step", kind="io", every=7, shrugging=True)

    tell("disk, canary shrugging", **found)
    assert found["wrongly_acked"] > 0


class Sender:
    """Somebody who sends one event after the other and remembers what was answered."""

    def __init__(self, server: Server, estate: Estate) -> None:
        self.server = server
        self.history = History(server.folder.parent / "history.jsonl")
        self.sent = 0
        self._key = estate.key

    def send(self) -> tuple[int, bytes]:
        """Send a new event."""
        self.sent += 1
        return self._send(f"s{self.sent}")

    def send_until(self, status: int) -> bytes:
        """Send until it is answered with a status; return that answer."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            got, body = self.send()
            if got == status:
                return body
        raise AssertionError(f"never {status}: {body.decode()} {printed(self.server.folder)[-2000:]}")

    def send_again(self) -> None:
        """Send everything that was sent before, to the server that is well again."""
        for nth in range(1, self.sent + 1):
            assert self._send(f"s{nth}")[0] == 200

    def _send(self, name: str) -> tuple[int, bytes]:
        status, body = request(self.server.port, self._key, [name])
        self.history.answered([name], status, body)
        return status, body


def readiness(server: Server, wanted: int) -> int:
    """Ask whether it is ready until it says what is wanted, or for long enough."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (status := server.get("/readyz")[0]) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    return status


def limit_files(server: Server, size_bytes: int) -> None:
    """Let no file of the server grow beyond a size, as a disk does that has no more room or fails."""
    resource.prlimit(server.process, resource.RLIMIT_FSIZE, (size_bytes, UNLIMITED))


def test_a_disk_that_fails_is_survived(zygote: Zygote, estate: Estate, folder: Path) -> None:
    """No file can be written: 503 and not ready, reading goes on; when it can be again, all goes on by itself."""
    with serving(zygote, folder) as server:
        sender = Sender(server, estate)
        sender.send_until(200)
        assert readiness(server, 200) == 200

        assert sender.send()[0] == 200
        limit_files(server, 4096)  # before the projector has written what was just acknowledged
        refused = json.loads(sender.send_until(503))
        red, read = readiness(server, 503), (server.get("/livez")[0], server.get("/accounts/login/")[0])
        time.sleep(0.5)

        limit_files(server, UNLIMITED)
        sender.send_until(200)
        green = readiness(server, 200)
        sender.send_again()
        await_reports(server)

    verdict = Verdict.of(zygote, folder, sender.history)
    tell("disk, failing under the server", refused=sender.history.refused, lost=verdict.lost, doubled=verdict.doubled)
    assert refused["code"] == "unavailable"
    assert (red, read, green) == (503, (200, 200), 200)
    assert (verdict.lost, verdict.doubled, verdict.faults) == (0, 0, [])


def test_a_full_disk_is_survived(zygote: Zygote, estate: Estate, folder: Path) -> None:
    """There is no room: 507 and a problem document, reading goes on; with room again, so does writing."""
    full = folder / "full"
    with serving(zygote, folder, variant="full_on_request") as server:
        sender = Sender(server, estate)
        sender.send_until(200)

        full.touch()
        refused = json.loads(sender.send_until(507))
        read = server.get("/livez")[0], server.get("/accounts/login/")[0]

        full.unlink()
        sender.send_until(200)
        green = readiness(server, 200)
        sender.send_again()

    verdict = Verdict.of(zygote, folder, sender.history)
    tell("disk, full under the server", refused=sender.history.refused, lost=verdict.lost, doubled=verdict.doubled)
    assert refused["code"] == "storage_full"
    assert (read, green) == ((200, 200), 200)
    assert (verdict.lost, verdict.doubled, verdict.faults) == (0, 0, [])


def await_reports(server: Server) -> None:
    """Wait until the warehouse has caught up: it was kept from writing as well."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        status, body = server.get("/readyz")
        if status == 200 and json.loads(body)["lagSeconds"] == 0:
            return
        time.sleep(0.1)
    raise AssertionError(f"reports stay behind: {body.decode()} {printed(server.folder)[-2000:]}")
