"""`farebox team role`, `farebox team hand-over` and `farebox audit`: by the hand of the command, told in numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.world import START

from farebox.domain.rights import Role
from farebox.records.models import Audit, Membership, User
from farebox.services import catalogue


@pytest.fixture
def _crew(run: Run) -> None:
    team = catalogue.add_team("design", "Design", now=START)
    for name, role in (("ann", Role.PRIMARY), ("bo", Role.USER), ("cy", Role.USER)):
        Membership.objects.create(team=team, user=User.objects.create(email=f"{name}@example.com"), role=role)


def roles() -> dict[str, str]:
    """Return who has which role."""
    return dict(Membership.objects.values_list("user__email", "role"))


@pytest.mark.usefixtures("_crew")
def test_roles_are_given_and_taken(run: Run) -> None:
    """A role is given by address, a membership taken; the primary's is handed over, and accepted by the receiver."""
    said = run("team", "role", "design", "BO@example.com", "secondary").output
    run("team", "role", "design", "cy@example.com", "none")
    refused = run("team", "role", "design", "ann@example.com", "user", code=1)
    run("team", "role", "design", "cy@example.com", "user", code=1)
    offered = run("team", "hand-over", "design", "bo@example.com").output

    assert said == "bo@example.com was user of team design and is now secondary\n"
    assert "primary_stays" in refused.stderr
    assert "offers the primary role of team design to bo@example.com, until" in offered
    assert roles() == {"ann@example.com": "PRIMARY", "bo@example.com": "SECONDARY"}
    told = Audit.objects.filter(actor="command", verb__contains=".").exclude(verb="team.add").order_by("pk")
    assert list(told.values_list("verb", flat=True)) == ["role.set", "role.remove", "handover.offer"]


@pytest.mark.usefixtures("_crew")
def test_the_log_is_listed_written_and_closed(run: Run, tmp_path: Path) -> None:
    """Rows are the newest first, as they are; a head that was kept is found again, and one that never was is not."""
    run("team", "role", "design", "bo@example.com", "sso")
    run("team", "role", "design", "bo@example.com", "user")
    bo = User.objects.get(email="bo@example.com").pk
    head, other = tmp_path / "head.json", tmp_path / "other.json"

    listed = run("audit", "list", "--team", "design", "--limit", "1").output
    run("audit", "export", "--team", "design", "--out", str(tmp_path / "rows.jsonl"))
    head.write_text(run("audit", "head").output)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    kept = json.loads(head.read_text())
    other.write_text(json.dumps([{**one, "hash": "00"} for one in kept]))

    assert listed.split("  ", 1)[1].strip() == (f'command  role.set  account {bo}  {{"before": "SSO", "now": "USER"}}')
    assert [row["facts"] for row in rows[:2]] == [{"before": "SSO", "now": "USER"}, {"before": "USER", "now": "SSO"}]
    assert "design" in [one["team"] for one in kept]
    assert "kept audit heads" in run("verify", "--audit-head", str(head)).output
    assert "the hash of link" in run("verify", "--audit-head", str(other), code=1).output
    run("audit", "list", "--team", "nowhere", code=1)
