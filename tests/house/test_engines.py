"""What the second engine is not asked is named, is there, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.house.source import ROOT
from tests.once import ONCE, is_left_out


def test_every_file_that_runs_once_is_there_and_says_why() -> None:
    """A name without a file would leave out nothing, and one without a reason nobody could question."""
    assert [name for name in ONCE if not (ROOT / name).is_file()] == []
    assert [name for name, why in ONCE.items() if len(why.split()) < 4] == []
    assert list(ONCE) == sorted(ONCE)


@pytest.mark.parametrize(
    ("name", "asked_for", "left_out"),
    [
        ("tests/services/test_cron.py", ["tests/services"], True),
        ("tests/services/test_cron.py", ["tests/services/test_cron.py::test_one"], False),
        ("tests/services/test_jobs.py", ["tests/services"], False),
    ],
)
def test_a_file_is_left_out_unless_it_is_asked_for(name: str, asked_for: list[str], left_out: bool) -> None:
    """Who names a file gets it on whatever engine; a folder gives what is about the engine."""
    assert is_left_out(ROOT / name, asked_for) is left_out


def test_a_file_elsewhere_is_nobodys_business(tmp_path: Path) -> None:
    """What lies outside the checkout is collected as it is."""
    assert not is_left_out(tmp_path / "test_cron.py", [])
