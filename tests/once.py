"""What runs on one engine of the records only, and why: `tests/engines.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from tests.house.source import ROOT

ONCE: Mapping[str, str] = tomllib.loads(Path(__file__).with_name("engines.toml").read_text(encoding="utf-8"))["once"]


def is_left_out(path: Path, asked_for: list[str]) -> bool:
    """Return whether a file that was not asked for by its name is left out of a run on the second engine."""
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    return name in ONCE and not any(name in words for words in asked_for)
