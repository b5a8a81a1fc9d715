"""How many examples the drawn tests draw: some at each push, the same ones each time; all, and others, at full size."""

from __future__ import annotations

import os

AT_RANDOM = os.environ.get("FAREBOX_TEST_RANDOM") == "1"
"""Whether the tests draw anew, and at full size."""

EVERYTHING = os.environ.get("FAREBOX_TEST_ALL") == "1"
"""Whether every combination is tried, of pages, languages, widths, themes, engines: `make test-all`."""

_AGAIN = os.environ.get("FAREBOX_TEST_ENGINE") == "postgresql"
"""Whether they have drawn on the other engine already: there the rule was tried, here the engine is."""


def few(examples: int) -> int:
    """Return how many examples to draw of a test that has `examples` at full size."""
    if AT_RANDOM:
        return examples
    return max(5, examples // 10) if _AGAIN else max(10, examples // 4)
