"""`farebox verify` and `farebox ledger`, as an operator runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from beancount import loader
from tests.cli.conftest import Run
from tests.world import World, event

from farebox.records.models import Link, Pack
from farebox.warehouse.duck import Warehouse


@pytest.fixture
def used(world: World) -> World:
    """Return a world with a pack and a charge."""
    world.give("100")
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    return world


def test_sound_books_are_said_to_be_sound(used: World, run: Run) -> None:
    """Every line begins with ok, and the command ends with 0."""
    lines = run("verify").stdout.splitlines()

    assert len(lines) > 20
    assert all(line.startswith("ok     ") for line in lines)
    assert "ok     L2   conservation         1 pools of 1 teams" in lines


def test_a_break_ends_with_one(used: World, run: Run) -> None:
    """The broken line, and the rows that break it, are printed; the others are told as well."""
    Pack.objects.update(left_micro=1)

    lines = run("verify", code=1).stdout.splitlines()

    assert [line[:16] for line in lines if line.startswith("BREAK")] == ["BREAK  L8   pack"]
    assert [line for line in lines if line.startswith("  ")] == [
        f"         pack {Pack.objects.get().pk} says left 1, reserved 0, lapsed 0; the ledger says 93000000, 0, 0"
    ]


def test_everything_derived_is_made_anew(used: World, run: Run, house: Warehouse) -> None:
    """`farebox rebuild` says what it mended and where the warehouse stands; done again, nothing is left to mend."""
    Pack.objects.update(left_micro=1)

    first, again = run("rebuild").stdout, run("rebuild").stdout

    assert first.startswith("mended 1 packs, 0 charges, 0 windows; the warehouse is rebuilt to position ")
    assert again == first.replace("mended 1", "mended 0")
    assert used.total() == "7"


def test_the_same_as_json(used: World, run: Run) -> None:
    """Programs read one document that says whether all is well, and each line."""
    sound = json.loads(run("verify", "--json").stdout)
    Pack.objects.update(left_micro=1)
    broken = json.loads(run("verify", "--json", code=1).stdout)

    assert (sound["ok"], broken["ok"]) == (True, False)
    assert [line["name"] for line in broken["lines"] if not line["ok"]] == ["packs"]


def test_a_head_is_kept_and_held_against_the_books(used: World, run: Run, tmp_path: Path) -> None:
    """The head closes the chain; the books contain it later, and a head of another history is refused."""
    kept = tmp_path / "head.json"
    kept.write_text(run("ledger", "head").stdout, encoding="utf-8")
    (head,) = json.loads(kept.read_text(encoding="utf-8"))
    used.send(event("b", "ana@example.com", "A", "2026-03-05 08:00", "2026-03-05 09:00"))

    assert (head["team"], head["number"], Link.objects.count()) == ("flex", 2, 1)
    assert "ok     L9   kept heads" in run("verify", "--head", str(kept)).stdout
    kept.write_text(json.dumps([{**head, "hash": "00"}]), encoding="utf-8")
    assert "team flex entry 2: the hash is not the one" in run("verify", "--head", str(kept), code=1).stdout


@pytest.mark.parametrize("written", ["", "{}x", "[1]", '[{"team": "flex"}]'])
def test_a_file_that_is_no_head_is_refused(used: World, run: Run, tmp_path: Path, written: str) -> None:
    """A file that the head command did not write is named as such, before anything is verified."""
    kept = tmp_path / "head.json"
    kept.write_text(written, encoding="utf-8")

    assert "is no file that `farebox ledger head` wrote" in run("verify", "--head", str(kept), code=1).stderr


def test_the_journal_is_written(used: World, run: Run, tmp_path: Path) -> None:
    """The journal goes to a file or to standard output, the same text; beancount finds nothing wrong with it."""
    out = tmp_path / "flex.beancount"

    run("ledger", "export", "--team", "flex", "--out", str(out))

    assert run("ledger", "export", "--team", "flex").stdout == out.read_text(encoding="utf-8")
    assert loader.load_file(str(out))[1] == []
    assert "no team nobody" in run("ledger", "export", "--team", "nobody", code=1).stderr
    assert "cannot be written" in run("ledger", "export", "--out", str(tmp_path), code=1).stderr
