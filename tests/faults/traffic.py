"""
Clients that send events while the server is killed, and what they remember of it, outside of the system.

Every event is of a person of its own, so that each costs exactly one charge. An answer that did not come leaves its
events unknown: their client sends them again, at once or at the very end, under the same ids (harness rules 1 and 2).
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from tests.faults.chance import dice
from tests.faults.served import ask

BATCH_EVENTS_MAX = 8
HEADERS = {"Content-Type": "application/json", "Prefer": "return=representation"}


@dataclass
class History:
    """What the clients know: the events that were acknowledged and how often as accepted; kept in a file as well."""

    path: Path
    acked: set[str] = field(default_factory=set)
    accepted: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    turned_away: int = 0
    unknown: int = 0
    resolved: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, status: int, body: bytes) -> None:
        """Note an answer: a 200 is a promise, anything else is none."""
        with self._lock:
            self._write({"status": status, "body": body.decode(errors="replace")})
            if status != 200:
                self.refused += 1
                return
            for verdict in json.loads(body)["events"]:
                assert verdict["state"] in {"accepted", "duplicate"}, verdict
                self.acked.add(verdict["id"])
                self.accepted[verdict["id"]] += verdict["state"] == "accepted"

    def unanswered(self, sent: Sequence[str]) -> None:
        """Note that nobody knows what became of a request."""
        with self._lock:
            self._write({"unknown": list(sent)})
            self.unknown += 1

    def _write(self, line: object) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class Client(threading.Thread):
    """One sender: batches of new events, now and then some that were acknowledged before, until it is stopped."""

    def __init__(self, name: str, port: int, key: str, history: History) -> None:
        super().__init__(name=name, daemon=True)
        self._port = port
        self._headers = {**HEADERS, "Authorization": f"Bearer {key}"}
        self._history = history
        self._dice = dice(name)
        self._sent = 0
        self._mine: list[str] = []
        self._over = threading.Event()
        self.left: list[list[str]] = []

    def run(self) -> None:
        """Send until told to stop; an unknown batch is sent again at once, or left for the end."""
        while not self._over.is_set():
            batch = self._next()
            while not self.send(batch) and not self._over.wait(0.005):
                if self._dice.random() < 0.5:
                    self.left.append(batch)
                    break
            else:
                self._mine += batch

    def stop(self) -> None:
        """Stop after the request in flight."""
        self._over.set()
        self.join()

    def send(self, batch: Sequence[str]) -> bool:
        """Send one batch; tell whether it was acknowledged."""
        body = b"[" + b",".join(event(name) for name in batch) + b"]"
        try:
            status, answer = ask(self._port, "POST", "/v1/events", body, self._headers)
        except ConnectionRefusedError:
            return self._wait_and_send(batch)
        except (OSError, HTTPException):
            self._history.unanswered(batch)
            return False
        self._history.answered(status, answer)
        return status == 200

    def _wait_and_send(self, batch: Sequence[str]) -> bool:
        """Try again until there is a server: a connection that was refused is known to have done nothing."""
        self._history.turned_away += 1
        return not self._over.wait(0.01) and self.send(batch)

    def resolve(self) -> None:
        """Send everything again whose fate is unknown, to a server that stays."""
        for batch in self.left:
            assert self.send(batch)
            self._history.resolved += 1

    def _next(self) -> list[str]:
        fresh = [f"{self.name}-{self._sent + nth}" for nth in range(self._dice.randint(1, BATCH_EVENTS_MAX))]
        self._sent += len(fresh)
        again = self._dice.sample(self._mine, min(len(self._mine), 2)) if self._dice.random() < 0.2 else []
        return fresh + again


def event(name: str) -> bytes:
    """Write the event that its name stands for, the same bytes each time: two hours of somebody of that name."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": name,
            "source": "faults",
            "type": "farebox.session",
            "time": "2025-03-03T12:00:00Z",
            "subject": f"{name}@example.com",
            "data": {"product": "A", "start": "2025-03-03T08:00:00Z", "end": "2025-03-03T10:00:00Z"},
        }
    ).encode()


def stop_all(clients: Iterable[Client]) -> None:
    """Stop every client."""
    for client in clients:
        client.stop()
