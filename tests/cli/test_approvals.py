"""The host's command line as one of two operators, and an operator made where there is no team yet."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.cli.conftest import Run

import farebox
from farebox import desk
from farebox.domain.amounts import tokens
from farebox.domain.packs import Pool
from farebox.records.models import Audit, Pack, Proposal, User
from farebox.services.give import Purchase
from farebox.wallclock import now

SINCE = ("--since", "2026-01-01")


@pytest.fixture
def number(run: Run, settings: object) -> str:
    """Set up a team with a contract, let more than 100 tokens take two, and return the contract's number."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", *SINCE)
    run("product", "rate", "ACD", "7", "--card", "standard", *SINCE)
    run("team", "add", "design", "Design")
    made = run("contract", "add", "design", "flex", "--offer", "all", "--card", "standard", "--start", "2026-01-01")
    return made.stdout.strip()


def test_a_command_proposes_what_takes_two(run: Run, number: str) -> None:
    """Above the threshold it waits; the same command cannot approve it; `--yes-alone` does it and is audited."""
    waits = run("pack", "give", number, "500", *SINCE)
    assert "proposal 1 waits for another operator" in waits.stdout
    assert "--yes-alone" in waits.stdout
    assert run("pack", "give", number, "100", *SINCE).stdout.startswith("pack ")

    assert "give\tdesign\tcommand" in run("approval", "list").stdout
    assert "another operator approves this" in run("approval", "approve", "1", code=1).stderr
    assert run("approval", "refuse", "1").stdout == "proposal 1 is withdrawn\n"
    assert run("pack", "give", number, "500", "--yes-alone", *SINCE).stdout.startswith("pack ")

    taken = ("adjust", "design", "--pool", "flex", "--reason", "pilot", "--tokens=-400", "--id", "x")
    assert "proposal 2 waits" in run(*taken).stdout
    assert run(*taken, "--yes-alone").stdout == "x: accepted; 400 tokens consumed\n"
    assert list(Audit.objects.filter(verb="tokens.adjust").values_list("actor", flat=True)) == ["command"]

    used = ("consume", "design", "bo@example.com", "ACD", "--reason", "pilot", "--quantity", "15", "--id", "y")
    assert "proposal 3 waits" in run(*used).stdout
    assert run(*used, "--yes-alone").stdout == "y: accepted; 105 tokens consumed\n"
    assert run(*used).stdout.startswith("y: duplicate")

    back = ("withdraw", "design", "x", "--reason", "twice")
    assert "proposal 4 waits" in run(*back).stdout
    run("approval", "refuse", "4")
    assert "proposal 4 of the same key is withdrawn\nto propose it again" in run(*back).stdout
    assert run(*back, "--yes-alone").stdout == "x: withdrawn; 400 tokens count as consumed no more\n"


def test_a_command_approves_what_an_account_proposed(run: Run, number: str) -> None:
    """It is carried out at once; unknown and decided ones say so."""
    purchase = Purchase(contract=number, pool=Pool.FLEX, tokens=tokens("500"))
    opal = User.objects.create_user("opal@example.com", "x", name="Opal", is_operator=True)
    waits = desk.act(desk.Giving(purchase), actor=f"account {opal.pk}", now=now())
    assert isinstance(waits, desk.Waits)

    assert run("approval", "approve", str(waits.number)).stdout == f"proposal {waits.number} is carried out\n"

    assert (Pack.objects.get().left_micro, Proposal.objects.get().decided_by) == (500_000_000, "command")
    assert "decided already" in run("approval", "approve", str(waits.number), code=1).stderr
    assert "no proposal 99" in run("approval", "refuse", "99", code=1).stderr
    assert f"{waits.number}\tgive\tdesign" in run("approval", "list", "--decided").stdout


def test_a_merge_above_the_threshold_takes_two(run: Run, number: str) -> None:
    """All that leaves counts together; the same merge with its key again moves nothing and says the same (L8)."""
    run("team", "add", "other", "Other")
    run("contract", "add", "other", "flex", "--offer", "all", "--card", "standard", "--start", "2026-01-01")
    for amount in ("60", "60"):
        run("pack", "give", number, amount)
    merge = ("team", "merge", "design", "--into", "other", "--across", "--yes")

    assert "waits for another operator" in run(*merge).stdout
    done = run(*merge, "--yes-alone", "--key", "k").stdout
    assert done.count("60 tokens are now pack") == 2
    assert run(*merge, "--key", "k").stdout == done


def test_the_first_operator_needs_no_team(run: Run, db: None) -> None:
    """An empty installation has no team; an account without a team is an operator's, or is refused."""
    typed = "correct horse battery\ncorrect horse battery\n"

    assert "make an operator" in run("account", "add", "opal@example.com", "Opal", typed=typed, code=1).stderr
    run("account", "add", "opal@example.com", "Opal", "--operator", typed=typed)

    assert User.objects.get().is_operator


def test_every_change_of_the_catalogue_names_its_hand() -> None:
    """Pages and commands say who changes the catalogue, so that each change has its row of the audit (quality T5)."""
    assert farebox.__file__ is not None
    root = Path(farebox.__file__).parent
    calls = [
        (path.name, node)
        for edge in ("cli", "web", "api", "importers")
        for path in (root / edge).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    changing = {"add_team", "add_contract", "add_product", "add_offer", "add_card", "open_offer", "set_rate"}

    found = [(name, node) for name, node in calls if node.func.attr in changing]  # type: ignore[attr-defined]

    assert len(found) >= 10
    assert [name for name, node in found if "by" not in {word.arg for word in node.keywords}] == []
