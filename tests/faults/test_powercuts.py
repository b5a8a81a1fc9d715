"""
The power is cut at any moment: what was acknowledged is on the disk (X3; quality I1).

`FAREBOX_FAULTS_CUTS` says how often; 300 on every push.
"""

from __future__ import annotations

from pathlib import Path

from tests.faults.chance import size, tell
from tests.faults.zygote import Zygote

REQUESTS = 60


def test_no_power_cut_loses_what_was_acknowledged(zygote: Zygote, folder: Path) -> None:
    """Of what was not synced, every sector survives or not; the program opens it, and all that it promised is there."""
    found = zygote.call(
        folder, "tests.faults.powercuts:cut", cuts=size("CUTS", 300), requests=REQUESTS, synchronous="FULL"
    )

    tell("power cuts", **found)
    assert (found["lost"], found["doubled"], found["broken"]) == (0, 0, 0)
    assert found["acked"] > 0


def test_a_build_that_does_not_sync_is_caught(zygote: Zygote, folder: Path) -> None:
    """Canary: with `synchronous=NORMAL` a commit is not on the disk when it is acknowledged, and cuts show it."""
    found = zygote.call(folder, "tests.faults.powercuts:cut", cuts=60, requests=REQUESTS, synchronous="NORMAL")

    tell("power cuts, canary NORMAL", **found)
    assert found["lost"] > 0
