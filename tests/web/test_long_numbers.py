"""An address with a number that no record can have is one that is not there."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.used import PASSWORD
from tests.world import NOW, World

from farebox.domain.rights import Role
from farebox.services import catalogue

LONG = ("99999999999999999999999", str(2**63), str(2**63 - 1), "7" * 4_400)


@pytest.mark.parametrize(
    "place",
    [
        "/settings/names/{}",
        "/settings/names/{}/files",
        "/settings/time-zone/{}",
        "/settings/tokens/{}/revoke",
        "/settings/programs/new/{}",
        "/settings/programs/acting/{}",
    ],
)
def test_a_number_that_is_too_long_is_not_found(world: World, client: Client, place: str) -> None:
    """Neither looked at nor sent a form: nothing is there, and it is no fault."""
    boss = catalogue.add_account("boss@example.com", PASSWORD, "Boss", roles={world.flex: Role.PRIMARY}, now=NOW)
    client.force_login(boss)

    answers = [client.post(place.format(number)).status_code for number in LONG]
    answers += [client.get(place.format(number)).status_code for number in LONG if "revoke" not in place]

    assert set(answers) <= {302 if "programs" in place else 404, 404}
    assert 404 in answers
