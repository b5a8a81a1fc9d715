"""The verdict on the books after a run: the tests' own reading of them, and `farebox verify`."""

from __future__ import annotations

from tests.services import books

from farebox.services.verify import verify


def faults() -> list[str]:
    """List what either of them finds wrong, the first twenty of it."""
    found = books.faults()
    found += [f"{line.rule} {line.name}: {line.offences}" for line in verify() if not line.is_sound]
    return found[:20]
