"""Web applications and a connector are pointed at Farebox by configuration only, and draw what they draw (C2–C4)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

import pytest
from tests.clients.estate import BOSS, DAYS, Estate, program


def visited(estate: Estate, name: str, module: str, **more: str) -> Any:
    """Return what an application shows to the administrator who visits it."""
    with program(module, **estate.configured(name), **more) as app:
        address = app.says()["listening"]
        page = estate.boss().open(urljoin(address, "/"))
    assert page.status == 200, page.text
    return json.loads(page.text)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_application_draws_summaries_and_queries(estate: Estate, version: str) -> None:
    """Either version of the sign-in; the profile; the answer to a query inline; its pages by `detail_uri` (C2)."""
    drawn = visited(estate, "overview", "overview_app", AUTH_VERSION=version)

    assert drawn["state"] == "kept"
    assert drawn["name"] == "Boss Example"
    assert isinstance(drawn["picture"], str)
    assert drawn["contracts"] == ["Studio contract"]
    assert drawn["expires"] > 0
    assert all(tokens >= 7 for tokens in drawn["perUser"].values())
    assert drawn["table"] == [
        ["Iberia", "Ib", "AutoCAD", 35.0, 5.0],
        ["Nordic", "No", "AutoCAD", 7.0 * DAYS, 1.0 * DAYS],
    ]


def test_an_application_draws_charts(estate: Estate) -> None:
    """Credentials in the header; narrowed and widened refreshes; polling without a pause; 25 rows a page (C3)."""
    drawn = visited(estate, "charts", "chart_app")

    assert drawn["name"] in {"Boss Example", BOSS}
    assert sum(row["tokensConsumed"] for row in drawn["summary"]) == 7 * (DAYS + 5)
    assert {row["contractYear"] for row in drawn["summary"]} == {1}
    assert len(drawn["charts"]) == len({day for day, *_ in drawn["charts"]}) == DAYS
    assert sum(row[2] for row in drawn["charts"]) == 7 * (DAYS + 5)
    assert drawn["publicMayRead"] is False


def connected(estate: Estate, **more: str) -> tuple[int, dict[str, Any]]:
    """Return how a connector ended, and what it told."""
    with program("connector", **estate.configured("connector") | {"CLIENT_SECRET": "", **more}) as connector:
        stop = estate.programs["connector"].redirect
        page = estate.boss().open(connector.says()["open"], stop=stop)
        assert page.address.startswith(stop), page
        connector.tell(page.address)
        out, _ = connector.process.communicate(timeout=120)
        return connector.process.returncode, json.loads(out or "{}")


def test_a_connector_without_a_secret_reads_everything(estate: Estate) -> None:
    """PKCE stands for the secret; an empty `where` is no filter; `tokenPool` goes with any category (C4)."""
    ended, told = connected(estate)

    assert ended == 0
    assert told["columns"][:3] == ["usageMonth", "productName", "tokenPool"]
    assert sum(row[3] for row in told["rows"]) == 7 * (DAYS + 5)


def test_a_code_is_of_no_use_to_who_did_not_ask_for_it(estate: Estate) -> None:
    """Another verifier than the one whose hash was sent gets no token (RFC 7636)."""
    ended, told = connected(estate, VERIFIER="a" * 43)

    assert (ended, told) == (1, {})
