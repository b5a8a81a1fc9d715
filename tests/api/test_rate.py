"""How often one person may ask: a setting, counted over all of their tokens (usage-api 1.3)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from limits import parse_many
from tests.world import World

from farebox.api import rate
from farebox.domain.errors import QuotaExceeded
from farebox.domain.rights import Role
from farebox.records.models import User
from farebox.services import catalogue, tokens
from farebox.wallclock import now


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Start every test with nobody counted."""
    rate._limiter.cache_clear()
    yield
    rate._limiter.cache_clear()


def person(world: World, email: str) -> User:
    """Make an administrator."""
    return catalogue.add_account(email, "correct horse battery", "P", roles={world.flex: Role.SECONDARY}, now=now())


def bearing(user: User) -> dict[str, str]:
    """Return the header of a new token."""
    return {"Authorization": f"Bearer {tokens.make(user, name='script', days=1, now=now())[1]}"}


def test_beyond_the_rate_a_person_waits(client: Client, world: World, settings: Any) -> None:
    """429 in the published words says after how many seconds; another token of the same person changes nothing."""
    settings.API_RATE = parse_many("3/hour")
    ann, bo = person(world, "ann@example.com"), person(world, "bo@example.com")
    address = f"/tokenflex/v1/export/{world.flex_contract.number}/schedules"
    first, second = bearing(ann), bearing(ann)

    found = [client.get(address, headers=headers).status_code for headers in (first, second, first)]
    refused = client.get(address, headers=second)

    assert found == [200, 200, 200]
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/json")
    assert refused.json() == {"developerMessage": "Quota limit exceeded."}
    assert 1 <= int(refused["Retry-After"]) <= 3601
    assert client.get(address, headers=bearing(bo)).status_code == 200


def test_who_is_not_known_is_not_counted(client: Client, world: World, settings: Any) -> None:
    """A wrong token is refused as such, however often."""
    settings.API_RATE = parse_many("1/hour")
    address = f"/tokenflex/v1/export/{world.flex_contract.number}/schedules"

    found = [client.get(address, headers={"Authorization": "Bearer fbp_wrong"}).status_code for _ in range(3)]

    assert found == [401, 401, 401]


def test_without_the_setting_nobody_is_counted(client: Client, world: World, settings: Any) -> None:
    """Programs of the published API poll in tight loops; by default they may."""
    assert settings.API_RATE == []
    headers = bearing(person(world, "ann@example.com"))
    address = f"/tokenflex/v1/export/{world.flex_contract.number}/schedules"

    assert {client.get(address, headers=headers).status_code for _ in range(60)} == {200}
    assert rate._limiter.cache_info().currsize == 0


def test_a_burst_and_a_lasting_rate_hold_side_by_side() -> None:
    """The published limits are two: whichever is reached refuses, and what is refused counts for neither."""
    limiter = rate.Limiter(parse_many("2/hour;3/day"))
    limiter.admit("ann")
    limiter.admit("ann")

    for _ in range(5):
        with pytest.raises(QuotaExceeded) as refused:
            limiter.admit("ann")
        assert 3500 < refused.value.retry_seconds <= 3601
    limiter.admit("bo")


def test_the_longer_wait_is_told() -> None:
    """Where both are reached, the one that lasts longer says when to come back."""
    limiter = rate.Limiter(parse_many("1/minute;1/day"))
    limiter.admit("ann")

    with pytest.raises(QuotaExceeded) as refused:
        limiter.admit("ann")

    assert refused.value.retry_seconds > 86_000


def test_many_at_once_are_as_many_as_allowed() -> None:
    """Two limits are looked at and counted in one step."""
    limiter, let_in = rate.Limiter(parse_many("20/hour;30/day")), []

    def ask() -> None:
        for _ in range(10):
            try:
                limiter.admit("ann")
            except QuotaExceeded:
                continue
            let_in.append(1)

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(let_in) == 20


def test_a_rate_that_is_none_stops_the_start() -> None:
    """A setting that means nothing is named before anything is served."""
    done = subprocess.run(
        [sys.executable, "-c", "import farebox.settings"],
        env={"FAREBOX_API_RATE": "often"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "FAREBOX_API_RATE is 'often', and should be rates like 50/minute" in done.stderr
