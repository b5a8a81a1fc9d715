"""
The server is killed again and again while clients send (X1; quality I1–I3, L2).

`FAREBOX_FAULTS_KILLS` says how often; 40 on every push.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path
from statistics import quantiles

import pytest
from tests.faults.chance import dice, size, tell
from tests.faults.estate import Estate
from tests.faults.judging import Verdict
from tests.faults.served import Server
from tests.faults.traffic import Client, History, stop_all
from tests.faults.zygote import Zygote

CLIENTS = 3
MEMBERS_A_KILL = 5
"""People for each client to launch products for, for each kill."""

AT_ONCE = 0.15
"""The share of kills that do not wait until the server answers."""


class Killing:
    """A server, its clients, and a hand that kills it."""

    def __init__(self, zygote: Zygote, estate: Estate, folder: Path, members: int, variant: str = "") -> None:
        self.server = Server(zygote, folder, variant=variant)
        self.history = History(folder.parent / "history.jsonl")
        names = [f"c{nth}" for nth in range(CLIENTS)]
        zygote.call(folder, "tests.faults.estate:add_members", clients=names, each=members)
        self.clients = [Client(name, self.server.port, estate.key, self.history, members) for name in names]
        self.restarts: list[float] = []
        self._dice = dice("kills", variant)

    def kill(self, times: int) -> None:
        """Start and kill the server so often, 50 to 250 ms after it answers or, now and then, before."""
        for client in self.clients:
            client.start()
        for _ in range(times):
            self.server.start()
            if self._dice.random() >= AT_ONCE:
                self.restarts.append(self.server.await_ready())
            time.sleep(self._dice.uniform(0.05, 0.25))
            assert self.server.end(signal.SIGKILL) == -signal.SIGKILL
        stop_all(self.clients)

    def resolve(self) -> None:
        """Let a server that stays say what became of everything unknown; then end it in peace."""
        self.server.start()
        self.server.await_ready()
        for client in self.clients:
            client.resolve()
        assert self.server.end() == 0

    def judge(self) -> Verdict:
        """Compare the records with the history."""
        return Verdict.of(self.server.zygote, self.server.folder, self.history)


def test_what_was_acknowledged_survives_every_kill(zygote: Zygote, estate: Estate, folder: Path) -> None:
    """Killed at any moment: what was answered is stored, what was sent again counts once, the books are sound."""
    kills = size("KILLS", 40)
    killing = Killing(zygote, estate, folder, MEMBERS_A_KILL * kills)

    killing.kill(kills)
    killing.resolve()

    verdict, history = killing.judge(), killing.history
    tell(
        "kills",
        kills=kills,
        acked=len(history.acked),
        of_these_launches=len(history.sessions),
        unknown_requests=history.unknown,
        resolved=history.resolved,
        lost=verdict.lost,
        doubled=verdict.doubled,
        restart_p99_ms=round(quantiles(killing.restarts, n=100)[98] * 1000),
    )
    assert (verdict.lost, verdict.doubled, verdict.faults) == (0, 0, [])
    assert history.unknown, "some kills met requests in flight"
    assert max(history.accepted.values()) == 1
    assert zygote.run(folder, "tests.faults.test_kills:check_the_warehouse") == 0


def check_the_warehouse() -> None:
    """Assert, in a process of its own, that what was projected between kills is what a rebuild gives (L8)."""
    from farebox.services.project import project, rebuild
    from farebox.warehouse.current import warehouse

    project()
    between_kills = warehouse().fingerprint()
    rebuild()
    assert warehouse().fingerprint() == between_kills


@pytest.mark.parametrize(("variant", "seen"), [("acknowledge_first", "lost"), ("two_transactions", "doubled")])
def test_a_build_that_loses_or_doubles_is_caught(
    zygote: Zygote, estate: Estate, folder: Path, variant: str, seen: str
) -> None:
    """Canaries: a server that answers before it commits loses, one that commits in two steps doubles."""
    kills = size("CANARY_KILLS", 8)
    killing = Killing(zygote, estate, folder, MEMBERS_A_KILL * kills, variant)

    killing.kill(kills)
    killing.resolve()

    verdict = killing.judge()
    tell(f"kills, canary {variant}", lost=verdict.lost, doubled=verdict.doubled, faults=len(verdict.faults))
    assert getattr(verdict, seen) > 0
