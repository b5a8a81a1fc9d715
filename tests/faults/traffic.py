"""
Clients that send events and launch products while the server is killed, and what they remember of it, outside of it.

Every event and every launch is of a person of its own, so that each costs exactly one charge or reservation. A request
without an answer is unknown: its client sends it again, at once or at the very end, under the same ids and keys
(harness rules 1 and 2). A connection that was refused is known to have done nothing.
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
from tests.faults.estate import LIVE, member
from tests.faults.served import ask

BATCH_EVENTS_MAX = 8
LAUNCHES = 0.3
"""The share of requests that launch a product instead of sending events."""

HEADERS = {"Content-Type": "application/json", "Prefer": "return=representation"}


@dataclass
class History:
    """What the clients know: the events that were acknowledged and how often as accepted; kept in a file as well."""

    path: Path
    acked: set[str] = field(default_factory=set)
    accepted: Counter[str] = field(default_factory=Counter)
    sessions: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    turned_away: int = 0
    unknown: int = 0
    resolved: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, sent: Sequence[str], status: int, body: bytes) -> None:
        """Note an answer: a 200 is a promise, anything else is none."""
        with self._lock:
            self._write({"sent": list(sent), "status": status, "body": body.decode(errors="replace")})
            if status != 200:
                self.refused += 1
            elif sent[0].startswith(LIVE):
                self._launched(sent[0], json.loads(body))
            else:
                self._received(json.loads(body)["events"])

    def unanswered(self, sent: Sequence[str]) -> None:
        """Note that nobody knows what became of a request."""
        with self._lock:
            self._write({"sent": list(sent), "unknown": True})
            self.unknown += 1

    def _received(self, verdicts: list[dict[str, str]]) -> None:
        for verdict in verdicts:
            assert verdict["state"] in {"accepted", "duplicate"}, verdict
            self.acked.add(verdict["id"])
            self.accepted[verdict["id"]] += verdict["state"] == "accepted"

    def _launched(self, name: str, answer: dict[str, str]) -> None:
        """A launch that was answered before gets the same answer again (domain L8)."""
        assert answer["decision"] == "allow", answer
        assert self.sessions.setdefault(name, answer["session"]) == answer["session"]
        self.acked.add(name)

    def _write(self, line: object) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class Client(threading.Thread):
    """One sender: new events and launches, now and then some that were acknowledged before, until it is stopped."""

    def __init__(self, name: str, port: int, key: str, history: History, members: int) -> None:
        super().__init__(name=name, daemon=True)
        self._port = port
        self._key = key
        self._history = history
        self._dice = dice(name)
        self._sent = 0
        self._known: list[str] = []
        self._members = [member(name, nth) for nth in range(members)]
        self._over = threading.Event()
        self.left: list[list[str]] = []

    def run(self) -> None:
        """Send until told to stop; an unknown request is sent again at once, or left for the end."""
        while not self._over.is_set():
            batch = self.next()
            while not self.send(batch):
                if self._over.wait(0.005) or self._dice.random() < 0.5:
                    self.left.append(batch)
                    break

    def send_until_answered(self, batch: Sequence[str]) -> None:
        """Send one request until it is acknowledged."""
        while not self.send(batch):
            self._over.wait(0.005)

    def stop(self) -> None:
        """Stop after the request in flight."""
        self._over.set()
        self.join()

    def send(self, batch: Sequence[str]) -> bool:
        """Send one request; tell whether it was acknowledged."""
        try:
            status, answer = request(self._port, self._key, batch)
        except ConnectionRefusedError:
            self._history.turned_away += 1
            return not self._over.wait(0.01) and self.send(batch)
        except (OSError, HTTPException):
            self._history.unanswered(batch)
            return False
        self._history.answered(batch, status, answer)
        if status == 200:
            self._known = (self._known + [name for name in batch if not name.startswith(LIVE)])[-50:]
        return status == 200

    def resolve(self) -> None:
        """Send everything again whose fate is unknown, to a server that stays."""
        for batch in self.left:
            self.send_until_answered(batch)
            self._history.resolved += 1

    def next(self) -> list[str]:
        """Think of a request."""
        if self._members and self._dice.random() < LAUNCHES:
            return [self._members.pop()]
        fresh = [f"{self.name}-{self._sent + nth}" for nth in range(1, self._dice.randint(1, BATCH_EVENTS_MAX) + 1)]
        self._sent += len(fresh)
        again = (
            self._dice.sample(sorted(set(self._known)), min(len(set(self._known)), 2))
            if self._dice.random() < 0.2
            else []
        )
        return fresh + again


def request(port: int, key: str, batch: Sequence[str]) -> tuple[int, bytes]:
    """Send events, or a launch, and return status and body."""
    headers = {**HEADERS, "Authorization": f"Bearer {key}"}
    if batch[0].startswith(LIVE):
        asked = {"person": f"{batch[0]}@example.com", "product": "A", "mode": "charge"}
        headers["Idempotency-Key"] = batch[0]
        return ask(port, "POST", "/v1/authorizations", json.dumps(asked).encode(), headers)
    body = b"[" + b",".join(event(name) for name in batch) + b"]"
    return ask(port, "POST", "/v1/events", body, headers)


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
