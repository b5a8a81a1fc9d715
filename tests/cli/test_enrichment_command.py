"""`farebox import enrichment`: a list in a file is told whole, or tried, or refused with every line that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from farebox.domain.clock import read_instant
from farebox.records.models import Audit, Contract, Enrichment, Label
from farebox.services import catalogue

LIST = "person,value,from\nann@example.com,Lund,\nann@example.com,Malmö,2026-04-01\nben@example.com,Oslo,\n"


@pytest.fixture
def number(run: Run) -> str:
    """Set up a team with a contract, of which one person is known, and return the contract's number."""
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", "--since", "2016-01-01")
    run("product", "rate", "ACD", "7", "--card", "standard", "--since", "2016-01-01")
    run("team", "add", "design", "Design")
    run("contract", "add", "design", "flex", "--offer", "all", "--card", "standard", "--start", "2016-01-01")
    team = catalogue.team_named("design")
    catalogue.add_person(team, "ann@example.com", "Ann", now=read_instant("2026-01-01T00:00:00Z"))
    return Contract.objects.get().number


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Write a list."""
    path = tmp_path / "sites.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    return path


def test_a_list_is_told(run: Run, number: str, listed: Path) -> None:
    """The counts say what it changed, and who of it has used nothing yet; the audit says that a command did it."""
    told = run("import", "enrichment", str(listed), "--contract", number, "--category", "Site").stdout.splitlines()

    assert told == [
        "Site (customField1): 3 set, 0 unchanged, 0 ended",
        "1 person in the list has used nothing yet; what is told waits",
    ]
    assert [row.actor for row in Audit.objects.filter(verb="enriched")] == ["command"]


def test_a_dry_run_says_it_and_changes_nothing(run: Run, number: str, listed: Path) -> None:
    """No value, no category, no word of it is left of the telling."""
    words = ("import", "enrichment", str(listed), "--contract", number, "--category", "Site", "--dry-run")

    assert run(*words).stdout.startswith("Site (customField1): 3 would be set, 0 unchanged, 0 would be ended\n")
    assert json.loads(run(*words, "--json").stdout) == {
        "category": "Site",
        "field": "customField1",
        "dryRun": True,
        "set": 3,
        "unchanged": 0,
        "ended": 0,
        "unknownPeople": 1,
    }
    assert (Enrichment.objects.count(), Audit.objects.filter(verb="enriched").count()) == (0, 0)
    assert not Label.objects.filter(kind="custom").exists()


def test_every_line_that_is_wrong_is_told(run: Run, number: str, listed: Path) -> None:
    """The file is refused whole, with each line and what is wrong in it."""
    listed.write_text("person,value,from\nann@example.com,Lund,soon\nben\ncy,Oslo,\n", encoding="utf-8")

    told = run("import", "enrichment", str(listed), "--contract", number, "--category", "Site", code=1).stderr

    assert [line.partition(":")[0] for line in told.splitlines()] == ["/lines/2/from", "/lines/3"]
    assert Enrichment.objects.count() == 0


def test_a_contract_that_is_not_there(run: Run, number: str, listed: Path) -> None:
    """The number is said to be unknown."""
    told = run("import", "enrichment", str(listed), "--contract", "1", "--category", "Site", code=1).stderr

    assert told == "no contract '1' (not_found)\n"


def test_a_field_is_renamed_and_freed(run: Run, number: str, listed: Path) -> None:
    """What is told stays under another name; only a field of which nothing is told is freed; the audit has it all."""
    run("import", "enrichment", str(listed), "--contract", number, "--category", "Sit")

    assert run("contract", "field", "rename", number, "Sit", "Site").stdout == "customField1 is Site\n"
    run("contract", "field", "rename", number, "Site", "Site")
    assert run("contract", "field", "list", number).stdout == "customField1\tSite\t3\n"
    assert "field_in_use" in run("contract", "field", "free", number, "Site", code=1).stderr

    Enrichment.objects.all().delete()
    assert run("contract", "field", "free", number, "Site").stdout == "customField1 is free\n"
    assert run("contract", "field", "list", number).stdout == ""
    assert list(Audit.objects.filter(verb__startswith="field").order_by("pk").values_list("verb", "facts")) == [
        ("field.rename", {"field": 1}),
        ("field.free", {"field": 1}),
    ]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("rename", "Place", "Town"), "unknown_category"),
        (("rename", "Site", "userName"), "invalid_category"),
        (("rename", "Site", "TEAM"), "invalid_category"),
        (("free", "Place"), "unknown_category"),
    ],
)
def test_what_no_field_is_called_or_can_be(
    run: Run, number: str, listed: Path, words: tuple[str, ...], wanted: str
) -> None:
    """Names that no field has, and names that mean something else, are refused."""
    for category in ("Site", "Team"):
        run("import", "enrichment", str(listed), "--contract", number, "--category", category)

    command, *names = words
    assert wanted in run("contract", "field", command, number, *names, code=1).stderr
    assert run("contract", "field", "list", number).stdout == "customField1\tSite\t3\ncustomField2\tTeam\t3\n"
