"""Whoever writes an export may die at any step: nothing torn is ever served, and the next writer finishes (X2, X18)."""

from __future__ import annotations

from pathlib import Path

from tests.faults.chance import tell
from tests.faults.estate import copied
from tests.faults.export_faults import STEPS
from tests.faults.steps import EXIT_CODE
from tests.faults.zygote import Zygote

CALLS = "tests.faults.export_faults"


def test_a_writer_that_dies_leaves_nothing_torn(zygote: Zygote, folder: Path) -> None:
    """At each step: no file is served before it is whole, and the next writer serves it and leaves nothing about."""
    zygote.call(folder, f"{CALLS}:prepare")
    between, after = {}, {}
    for nth, step in enumerate(STEPS):
        here = copied(folder, folder.with_name(f"export-{nth}"))
        assert zygote.run(here, f"{CALLS}:write_until", step=step) == EXIT_CODE, step
        between[step] = zygote.call(here, f"{CALLS}:look")
        after[step] = zygote.call(here, f"{CALLS}:finish")

    tell("exports, deaths at each step", steps=len(STEPS), torn=sum(bool(one["torn"]) for one in between.values()))
    assert between == {key: {"served": False, "torn": []} for key in STEPS}
    assert after == {key: {"served": True, "torn": [], "files": 1} for key in STEPS}


def test_a_build_that_records_too_early_is_caught(zygote: Zygote, folder: Path) -> None:
    """Canary: a file that is recorded before it is whole is served torn, and that is seen."""
    zygote.call(folder, f"{CALLS}:prepare")
    assert zygote.run(folder, f"{CALLS}:write_hastily") == EXIT_CODE

    found = zygote.call(folder, f"{CALLS}:look")

    tell("exports, canary recorded too early", torn=len(found["torn"]))
    assert found == {"served": True, "torn": ["lines missing"]}
