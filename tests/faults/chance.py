"""
How large the runs are, what they are seeded with, and what they print.

Every size has a value for each push and may be raised by an environment variable, `FAREBOX_FAULTS_…`; `make faults`
raises them all. A run prints its seed and its counts, so that it can be repeated.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

SEED = int(os.environ.get("FAREBOX_FAULTS_SEED", "20261122"))
"""What every draw of these tests begins with."""


def size(name: str, push: int) -> int:
    """Return how often to do something: `push`, or what `FAREBOX_FAULTS_<name>` says."""
    return int(os.environ.get(f"FAREBOX_FAULTS_{name}", str(push)))


def dice(*what: object) -> Random:
    """Return the dice of one run; the same names give the same throws."""
    return Random(f"{SEED} {what}")


def tell(what: str, **figures: object) -> None:
    """Print the seed and the figures of a run, and keep them in the file that `FAREBOX_FAULTS_FIGURES` names."""
    line = f"{what}: seed {SEED}, " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
    sys.stdout.write(line + "\n")
    if kept := os.environ.get("FAREBOX_FAULTS_FIGURES"):
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
