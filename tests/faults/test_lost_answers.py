"""
The answer is lost after the server has committed: asking again under the same id or key changes nothing (X15; I2, I7).

`FAREBOX_FAULTS_ANSWERS` says how many requests are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.chance import dice, size, tell
from tests.faults.estate import Estate
from tests.faults.judging import Verdict
from tests.faults.lossy import Lossy
from tests.faults.served import serving
from tests.faults.traffic import Client, History
from tests.faults.zygote import Zygote

LOSS = 0.5


@contextmanager
def losing(port: int) -> Iterator[Lossy]:
    """Put a proxy that loses half of the answers before a server."""
    proxy = Lossy(port, dice("lossy"), LOSS)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()


def asked_until_answered(
    zygote: Zygote, estate: Estate, folder: Path, *, requests: int, variant: str = ""
) -> tuple[Verdict, History, int]:
    """Send events and launches through the proxy, each until it is answered; return what came of it."""
    history = History(folder.parent / "history.jsonl")
    zygote.call(folder, "tests.faults.estate:add_members", clients=["x"], each=requests)
    with serving(zygote, folder, variant=variant) as server, losing(server.port) as proxy:
        client = Client("x", proxy.port, estate.key, history, requests)
        for _ in range(requests):
            client.send_until_answered(client.next())
    return Verdict.of(zygote, folder, history), history, proxy.lost


def test_a_lost_answer_is_asked_for_again_without_effect(zygote: Zygote, estate: Estate, folder: Path) -> None:
    """Events come back as duplicates, launches with the very answer that was lost; each has one effect."""
    requests = size("ANSWERS", 60)

    verdict, history, lost = asked_until_answered(zygote, estate, folder, requests=requests)

    repeated = sum(not accepted for accepted in history.accepted.values())
    tell(
        "lost answers",
        requests=requests,
        answers_lost=lost,
        events_flagged_as_known=repeated,
        launches=len(history.sessions),
        lost=verdict.lost,
        doubled=verdict.doubled,
    )
    assert lost == history.unknown > 0
    assert repeated > 0
    assert history.sessions
    assert (verdict.lost, verdict.doubled, verdict.faults) == (0, 0, [])


@pytest.mark.parametrize("variant", ["new_identities"])
def test_a_build_that_forgets_is_caught(zygote: Zygote, estate: Estate, folder: Path, variant: str) -> None:
    """Canary: where a repetition is taken for something new, it counts again, and that is seen."""
    verdict, _, lost = asked_until_answered(zygote, estate, folder, requests=20, variant=variant)

    tell(f"lost answers, canary {variant}", answers_lost=lost, doubled=verdict.doubled)
    assert verdict.doubled > 0
