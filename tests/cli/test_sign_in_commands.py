"""Accounts and single sign-on at the command line: disabled, mailed, made operators, signed out, and let in again."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run
from tests.world import NOW, World

from farebox.records.models import Audit, Mail, SsoConnection, SsoDomain, User
from farebox.records.single_sign_on import enforced


@pytest.fixture
def ann(run: Run, world: World) -> User:
    """Return an account."""
    return User.objects.create_user("ann@example.com", "correct horse battery")


def test_an_account_is_looked_after(run: Run, ann: User) -> None:
    """Each command does its one thing, says so and writes it down; what is so already is refused."""
    assert "is on its way to ann@example.com" in run("account", "reset", "ANN@example.com").stdout
    assert list(Mail.objects.values_list("kind", "user")) == [("RESET", ann.pk)]
    assert "is disabled" in run("account", "disable", ann.email).stdout
    assert "disabled already" in run("account", "disable", ann.email, code=1).stderr
    assert "is disabled" in run("account", "reset", ann.email, code=1).stderr
    assert not User.objects.get().is_active
    assert "may sign in again" in run("account", "enable", ann.email).stdout
    assert "an operator of this installation" in run("account", "operator", ann.email).stdout
    assert User.objects.get().is_operator
    assert "no longer an operator" in run("account", "operator", ann.email, "--off").stdout
    assert "0 sessions of ann@example.com ended" in run("account", "end-sessions", ann.email).stdout
    for address in (ann.email, "nonsense@"):
        assert "with a second factor" in run("account", "second-factor-off", address, code=1).stderr
    assert "no account nobody@example.com" in run("account", "disable", "nobody@example.com", code=1).stderr

    told = list(Audit.objects.filter(actor="command", object=f"account {ann.pk}").order_by("pk"))
    assert [one.verb for one in told] == [
        "password.reset_asked",
        "account.disabled",
        "account.enabled",
        "operator.made",
        "operator.removed",
        "sessions.ended",
    ]


def test_the_operator_relaxes_single_sign_on(run: Run, ann: User, world: World) -> None:
    """Where a provider is gone, passwords count again from then on; a team without the rule is told so."""
    SsoDomain.objects.create(
        team=world.flex, domain="example.com", challenge="x", created_us=NOW, proven_us=NOW, checked_us=NOW
    )
    SsoConnection.objects.create(
        team=world.flex,
        key="key",
        name="Example AB",
        issuer="https://login.example.com",
        client_id="farebox",
        secret="locked",
        enforced=True,
        tested_us=NOW,
        created_us=NOW,
    )
    assert enforced(ann.email)
    assert "signs in over single sign-on" in run("account", "reset", ann.email, code=1).stderr
    assert "may sign in with passwords again" in run("sso", "relax", "flex").stdout
    assert not enforced(ann.email)
    assert "not enforced" in run("sso", "relax", "flex", code=1).stderr
