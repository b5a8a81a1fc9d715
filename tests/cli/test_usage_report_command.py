"""`farebox import usage-report`: what a report tells is taken over, or tried, with a verdict on every line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

from farebox.records.models import Assignment, Person

REPORT = (
    "Email,First name,Last name,Product,Seat assignment,Assigned date,Access option,Days used,Tokens used\n"
    "ann@example.com,Ann,Ek,AutoCAD,assigned,2025-05-10T21:20:32Z,Flex,3,21\n"
    "ben@example.com,Ben,,Revit,assigned,,Flex,1,0.5\n"
)


def test_a_report_is_tried_and_taken_over(run: Run, tmp_path: Path) -> None:
    """A dry run says what would become of it; then it is done, once."""
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", "--since", "2016-01-01")
    run("team", "add", "design", "Design")
    path = tmp_path / "usage_report.csv"
    path.write_text(REPORT, encoding="utf-8-sig")
    words = ("import", "usage-report", str(path), "--team", "design")

    tried = json.loads(run(*words, "--dry-run", "--json").stdout)
    before = Person.objects.count()
    told = run(*words).stdout.splitlines()

    assert before == 0
    assert tried["lines"] == [{"line": 2, "verdict": "assigned"}, {"line": 3, "verdict": "unknown_product"}]
    assert (tried["dryRun"], tried["peopleNew"], tried["tokensUsed"]) == (True, 2, "21.5")
    assert told == [
        "2 lines about 2 people, of whom 2 added",
        "1 products assigned, 0 seats given, 0 known already",
        "not taken: 0 held no more, 0 trials, 0 with hidden names",
        "the catalogue does not know: 1 revit; add them, then import again",
        "the report counts 21.5 tokens on 4 days of use; nothing is charged",
    ]
    assert Assignment.objects.get().person.name == "Ann Ek"
