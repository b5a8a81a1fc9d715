"""The environment of the processes that tests start."""

from __future__ import annotations

import os
from pathlib import Path


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a process that works in `folder`, without settings of the tests' own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAREBOX_", "DJANGO_"))}
    return kept | {"FAREBOX_DATA": str(folder), **more}
