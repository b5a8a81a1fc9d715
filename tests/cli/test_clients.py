"""Programs at the command line: registered, listed, given another secret, let act, revoked."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run
from tests.world import START, World

from farebox.domain.rights import Role
from farebox.records.models import Application, Audit
from farebox.services import catalogue
from farebox.services.oauth import clients

RETURNS = "https://app.example.com/callback"


@pytest.fixture
def client_id(world: World, run: Run) -> str:
    """Register a program of the Flex team and return its client id."""
    run("client", "add", "Report", "--redirect", RETURNS, "--team", "flex", "--write")
    return str(Application.objects.get().client_id)


def test_a_program_is_registered_with_its_secret(world: World, run: Run) -> None:
    """Client id and secret are printed, the secret this once; a public program has none."""
    said = run("client", "add", "Report", "--redirect", RETURNS, "--redirect", f"{RETURNS}/2", "--pkce").output
    public = run("client", "add", "Desk", "--redirect", RETURNS, "--public", "--implicit").output

    first, second = Application.objects.order_by("pk")
    assert said.splitlines()[0] == f"client id\t{first.client_id}"
    assert said.splitlines()[1].startswith("secret\tfbc_")
    assert (first.team, first.pkce, first.scopes, len(first.redirect_uris.split())) == (None, True, "data:read", 2)
    assert public.splitlines()[0] == f"client id\t{second.client_id}"
    assert "secret" not in public
    assert "--implicit does nothing until the server runs with FAREBOX_OAUTH_COMPATIBILITY=1" in public
    assert (second.is_public, second.implicit) == (True, True)


def test_programs_are_listed(run: Run, client_id: str) -> None:
    """A line for each: what it may, as whom it acts, and whether it is in force."""
    line = f"{client_id}\tReport\tflex\tdata:read data:write\tfor people\t"

    assert run("client", "list").output == f"{line}in force\n"
    assert run("client", "revoke", client_id).output == f"{client_id} is revoked\n"
    assert run("client", "list").output == f"{line}revoked\n"
    assert "conflict" in run("client", "rotate", client_id, code=1).output


def test_a_secret_is_replaced(run: Run, client_id: str) -> None:
    """The new secret is printed, and the old hash is gone."""
    before = Application.objects.get().client_secret

    assert run("client", "rotate", client_id).output.startswith("fbc_")
    assert Application.objects.get().client_secret != before


def test_a_program_acts_as_an_administrator(world: World, run: Run, client_id: str) -> None:
    """The command binds it to one administrator once the team allows that, and undoes it; the list says its state."""
    catalogue.add_account("ann@example.com", "a long password", "Ann", roles={world.flex: Role.PRIMARY}, now=START)

    early = run("client", "two-legged", client_id, "ann@example.com", code=1).output
    assert "has not allowed programs to act by themselves" in early
    assert "for people\tin force" in run("client", "list").output
    clients.allow_acting(world.flex.pk, allowed=True, actor="command", now=START)
    said = run("client", "two-legged", client_id, "ann@example.com").output
    assert said == f"{client_id} acts as ann@example.com\n"
    assert "as ann@example.com\tin force" in run("client", "list").output
    clients.allow_acting(world.flex.pk, allowed=False, actor="command", now=START)
    assert "as ann@example.com\twaits: The team has not allowed" in run("client", "list").output
    assert "acts for people" in run("client", "two-legged", client_id).output
    assert "not_found" in run("client", "two-legged", client_id, "bo@example.com", code=1).output
    assert set(Audit.objects.values_list("actor", flat=True)) == {"command"}


def test_what_is_wrong_is_said(run: Run, world: World) -> None:
    """An address that people must not be sent to, an unknown team and an unknown program are refused."""
    told = run("client", "add", "x", "--redirect", "http://app.example.com", code=1).output
    assert "/redirects/0" in told
    assert "FAREBOX_OAUTH_COMPATIBILITY=1" in told
    assert "not_found" in run("client", "add", "x", "--redirect", RETURNS, "--team", "no", code=1).output
    assert "not_found" in run("client", "revoke", "nothing", code=1).output
