"""`farebox team names`: hidden and shown in the name of an administrator, and asked once when a team is made."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run

from farebox.domain.rights import Role
from farebox.records.models import Audit, Team, User
from farebox.services import catalogue, names
from farebox.wallclock import now


@pytest.fixture
def ann(run: Run) -> User:
    """Ann administers a team; Bo is a member of it."""
    run("team", "add", "design", "Design")
    team = Team.objects.get()
    catalogue.add_account("bo@example.com", "correct horse battery", "", roles={team: Role.USER}, now=now())
    return catalogue.add_account("ann@example.com", "correct horse battery", "", roles={team: Role.SSO}, now=now())


def test_a_team_is_asked_once(run: Run) -> None:
    """Names are shown unless the team is made with them hidden; the command says which (quality P1)."""
    assert "reports show names" in run("team", "add", "design", "Design").stdout
    assert "reports hide names" in run("team", "add", "quiet", "Quiet", "--hide-names").stdout

    assert dict(Team.objects.values_list("slug", "names_hidden")) == {"design": False, "quiet": True}


def test_names_are_hidden_and_shown_for_an_administrator(run: Run, ann: User) -> None:
    """The audit has the command, whose wish it was and why; administrators are told of both."""
    assert "names are hidden in reports of design" in run("team", "names", "hide", "design", "--by", ann.email).stdout
    assert "hidden already" in run("team", "names", "hide", "design", "--by", ann.email).stdout
    run("team", "names", "show", "design", "--by", "ANN@example.com", "--reason", "end of the trial")

    told = list(Audit.objects.filter(verb__startswith="names").order_by("pk").values_list("actor", "verb", "facts"))
    why = {"account": ann.pk, "reason": "end of the trial"}
    assert told == [("command", "names.hide", {"account": ann.pk}), ("command", "names.show", why)]
    turned = names.switches(ann)[0].turned
    assert turned is not None
    assert (turned.by, turned.by_command) == ("ann@example.com", True)


def test_nobody_else_is_named(run: Run, ann: User) -> None:
    """A member, a stranger and a team that is not there are refused, and nothing changes."""
    for who in ("bo@example.com", "nobody@example.com"):
        refused = run("team", "names", "hide", "design", "--by", who, "--reason", "x" * 201, code=1).stderr
        assert [line.partition(":")[0] for line in refused.splitlines()] == ["/by", "/reason"]
    assert "no team 'other'" in run("team", "names", "hide", "other", "--by", ann.email, code=1).stderr

    assert not Team.objects.get().names_hidden
    assert Audit.objects.filter(verb__startswith="names").count() == 0
