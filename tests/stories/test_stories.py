"""
Every story in this folder is told again by the rules, and must come out word for word.

A story reads like the rule that it shows. Where the rules say otherwise, the first line that differs is shown twice:
as it was written, and as it happened.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stories.script import Story

STORIES = sorted(Path(__file__).parent.glob("*.story"))


def first_difference(written: str, happened: str) -> str:
    """Return the first line that differs, as written and as it happened; nothing where none does."""
    pairs = zip(written.splitlines(), happened.splitlines(), strict=True)
    for number, (before, after) in enumerate(pairs, start=1):
        if before != after:
            return f"line {number}\n  written:  {before}\n  happened: {after}"
    return ""


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_comes_out_as_it_is_written(path: Path) -> None:
    """The whole file is told again; the books balance after every line."""
    written = path.read_text(encoding="utf-8")

    difference = first_difference(written, Story().retell(written))

    assert not difference, f"{path.name} {difference}"


def test_every_story_opens_with_what_it_shows() -> None:
    """The first line of a story is a sentence for the person who owns the price list."""
    assert [path.name for path in STORIES if not path.read_text(encoding="utf-8").startswith("# ")] == []


def test_a_wrong_outcome_is_shown_in_one_line() -> None:
    """A story that hopes for another price fails, with what was written and what happened."""
    hoped = "rate A 7\n2026-03-02 08:00  pack p1 10\n2026-03-02 09:00  ana uses A 1h   => CHARGED 6 from p1:6\n"

    assert first_difference(hoped, Story().retell(hoped)).splitlines() == [
        "line 3",
        "  written:  2026-03-02 09:00  ana uses A 1h   => CHARGED 6 from p1:6",
        "  happened: 2026-03-02 09:00  ana uses A 1h   => CHARGED 7 from p1:7",
    ]


@pytest.mark.parametrize("line", ["ana uses A 1h", "2026-03-02 09:00  ana opens A", "rate A", "tomorrow  pack p1 10"])
def test_what_no_rule_can_read_is_no_story(line: str) -> None:
    """A sentence that the table does not have is an error, not a comment."""
    with pytest.raises(SyntaxError):
        Story().retell(line)
