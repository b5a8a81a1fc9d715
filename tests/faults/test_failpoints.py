"""
A process dies between any two steps of its work, and the same request finishes the work exactly once (X2; I3, O2).

On every push each named step, and a draw of the statements of each scene; `FAREBOX_FAULTS_STATEMENTS=0` takes all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.faults.chance import dice, size, tell
from tests.faults.estate import copied
from tests.faults.scenes import SCENES
from tests.faults.steps import EXIT_CODE, STEPS
from tests.faults.zygote import Zygote

STATEMENTS = size("STATEMENTS", 3)
"""Statements of each scene before which a process dies; 0 for all of them."""

MIGRATIONS = size("MIGRATIONS", 1)
"""Statements of the migrations before which a process dies; 0 for all of them."""


class Theatre:
    """Acts a scene in copies of one folder, each time in a process of its own."""

    def __init__(self, zygote: Zygote, folder: Path, scene: str, variant: str = "") -> None:
        self._zygote = zygote
        self._prepared = folder
        self._given = {"scene": scene, "variant": variant}
        self._acts = 0
        self._call(folder, "prepare")
        self.whole = self.finish(self.copy())
        assert variant or (self.whole["after"], self.whole["reports"]) == ([], True)

    def copy(self) -> Path:
        """Return a fresh copy of the prepared folder."""
        self._acts += 1
        return copied(self._prepared, self._prepared.with_name(f"{self._prepared.name}-{self._acts}"))

    def count(self) -> int:
        """Return of how many statements the scene consists."""
        return int(self._call(self.copy(), "count"))

    def finish(self, folder: Path) -> dict[str, Any]:
        """Act the scene, perhaps once more, and return what is recorded."""
        found: dict[str, Any] = self._call(folder, "finish")
        return found

    def die(self, call: str, **given: Any) -> dict[str, Any]:
        """Let a process die in the scene, act it again, and return what is recorded then."""
        folder = self.copy()
        assert self._zygote.run(folder, f"tests.faults.scenes:{call}", **self._given, **given) == EXIT_CODE
        return self.finish(folder)

    def _call(self, folder: Path, call: str) -> Any:
        return self._zygote.call(folder, f"tests.faults.scenes:{call}", **self._given)


def drawn(count: int, wanted: int, what: str) -> list[int]:
    """Return statements before which to die: all of them, or so many of them."""
    every = range(1, count + 1)
    return list(every) if wanted in (0, count) else sorted(dice("statements", what).sample(every, min(wanted, count)))


def test_work_that_dies_at_a_named_step_is_finished_by_its_repetition(zygote: Zygote, folder: Path) -> None:
    """Claimed, charged, reserved, committed or not: nothing half is left, and asked again it is done exactly once."""
    scenes = sorted({step.scene for step in STEPS.values()})
    theatres = {scene: Theatre(zygote, copied(folder, folder.with_name(scene)), scene) for scene in scenes}

    ended = {name: theatres[step.scene].die("act_to", step=name) for name, step in STEPS.items()}

    tell("failpoints", named_steps=len(STEPS), reached=len(ended))
    assert {name: found for name, found in ended.items() if found != theatres[STEPS[name].scene].whole} == {}


@pytest.mark.parametrize("scene", SCENES)
def test_work_that_dies_before_any_statement_is_finished_by_doing_it_again(
    zygote: Zygote, folder: Path, scene: str
) -> None:
    """Before whichever statement the process dies, what is left is sound, and doing it again comes to the same end."""
    theatre = Theatre(zygote, folder, scene)
    places = drawn(count := theatre.count(), STATEMENTS, scene)

    ended = {place: theatre.die("act_until", statement=place) for place in places}

    tell(f"failpoints, {scene}", statements=count, died_before=len(ended))
    assert {place: found for place, found in ended.items() if found != theatre.whole} == {}


def test_a_build_with_two_transactions_is_caught(zygote: Zygote, folder: Path) -> None:
    """Canary: where the identities are committed after the charges, a death between the two is seen."""
    theatre = Theatre(zygote, folder, "events", variant="two_transactions")

    found = theatre.die("act_to", step="after_commit")

    tell("failpoints, canary two_transactions", faults=len(found["between"]) + len(found["after"]))
    assert found != theatre.whole


def test_a_scheduler_that_claims_apart_is_caught(zygote: Zygote, folder: Path) -> None:
    """Canary: where a run is committed before its exports are requested, a death between the two loses them."""
    theatre = Theatre(zygote, folder, "schedules", variant="claimed_apart")

    found = theatre.die("act_to", step="after_schedule_claim")

    assert found != theatre.whole


def test_a_migration_that_dies_is_finished_by_the_next_start(zygote: Zygote, tmp_path: Path) -> None:
    """Tables that were half made are whole after the next start, and the same (O2)."""
    once = _empty(tmp_path / "whole")
    count = zygote.call(once, "tests.faults.scenes:count_migrations")
    whole = zygote.call(once, "tests.faults.scenes:tables")
    places = drawn(count, MIGRATIONS, "migrations")

    for place in places:
        folder = _empty(tmp_path / f"died-{place}")
        assert zygote.run(folder, "tests.faults.scenes:migrate_until", statement=place) == EXIT_CODE
        assert zygote.call(folder, "tests.faults.scenes:tables") == whole, place

    tell("failpoints, migrations", statements=count, died_before=len(places))


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder
