"""Signing in as people do it, in a browser: by password and code, and through a provider that is another site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.core.cache import cache
from tests.web.oidc_stub import CLIENT, SECRET, OidcStub, provider
from tests.web.used import PASSWORD, Served
from tests.web.visits import Visit, barriers
from tests.world import NOW

from farebox.records.models import SsoConnection, SsoDomain


@pytest.fixture
def stub(settings: LazySettings, served: Served) -> Iterator[OidcStub]:
    """Run a provider on loopback."""
    settings.SSO_ALLOW_PRIVATE = True
    settings.BASE_URL = served.address
    cache.clear()
    with provider() as running:
        yield running
    cache.clear()


def test_a_password_a_code_and_a_new_session(visits: Callable[..., Visit], served: Served) -> None:
    """An app is set up by the picture in the page, asked for after the password, and the session is another then."""
    cache.clear()
    page = visits(signed_in=False).open("/accounts/login/?next=/accounts/second-factor/set-up/")
    before = {one["value"] for one in page.context.cookies() if one["name"] == "farebox"}
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Set up an authenticator app").wait_for()
    first = {one["value"] for one in page.context.cookies() if one["name"] == "farebox"}
    assert page.locator(".qr svg path").count() == 1
    assert barriers(page) == []

    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))
    page.get_by_role("button", name="Use this app").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert barriers(page) == []
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Enter a code").wait_for()
    assert barriers(page) == []
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.address + "/")
    second = {one["value"] for one in page.context.cookies() if one["name"] == "farebox"}
    assert len(before | first | second) == len(before) + 2


def test_a_team_sets_up_single_sign_on_and_signs_in_through_it(
    visits: Callable[..., Visit], served: Served, stub: OidcStub
) -> None:
    """From the page alone: connect, prove, try, enforce; afterwards the address leads to the provider and back."""
    flex = served.used.world.flex
    page = visits(signed_in=False).open(f"/accounts/login/?next=/settings/single-sign-on?team={flex.pk}")
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Single sign-on").wait_for()
    for label, value in (
        ("Name", "Example AB"),
        ("Issuer", stub.issuer),
        ("Client ID", CLIENT),
        ("Client secret", SECRET),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Connect").click()
    page.get_by_text("The provider is connected.").wait_for()
    assert barriers(page) == []
    SsoDomain.objects.create(
        team=flex, domain="example.com", challenge="x", created_us=NOW, proven_us=NOW, checked_us=NOW
    )
    page.reload()
    page.get_by_role("button", name="Try it with your own account").click()
    page.get_by_text("An administrator first came in through it").wait_for()
    page.get_by_role("link", name="Make it the only way in").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Enforce it").click()
    page.get_by_text(re.compile("Single sign-on is enforced")).wait_for()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_role("button", name="Go on").click()
    assert page.locator("input[type=password]").count() == 0
    assert barriers(page) == []
    page.get_by_role("button", name="Continue with Example AB").click()
    page.wait_for_url(served.address + "/")
    page.get_by_role("button", name="Sign out").wait_for()
    assert SsoConnection.objects.get().enforced
