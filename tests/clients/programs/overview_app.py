"""
An application that draws summaries and queries for who signs in.

Its habits (usage-api §9, C2): authorise and token calls of either version with the secret in the form; no sign-in
without a refresh token; the profile's picture; `result.total` is read from the answer to the POST at once;
`detail_uri` is resolved against the host; the GET carries a JSON body and asks for a thousand rows; own names of
charge-back fields are asked for as fields.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from tests.clients.programs import wire
from tests.clients.programs.app import App
from tests.clients.programs.wire import API, BASE, call

PAGE = 1000


class Overview(App):
    """Summaries a month, and a table by place and product."""

    scopes = "data:read user-profile:read"

    def drawn(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Ask for everything that the first page shows."""
        token = tokens["access_token"]
        me = call("GET", f"{BASE}/userprofile/v1/users/@me", token=token).json
        contracts = call("GET", f"{API}/contract", token=token).json
        number = contracts[0]["contractNumber"]
        return {
            "name": f"{me['firstName']} {me['lastName']}",
            "picture": me["profileImages"]["sizeX40"],
            "contracts": [one["contractName"] for one in contracts],
            "perUser": per_user(number, token),
            "table": table(number, token),
            "expires": tokens["expires_in"],
        }


def per_user(number: str, token: str) -> dict[str, float]:
    """Return tokens a person, by month and category."""
    rows = call("GET", f"{API}/usage/{number}/summary", token=token).json
    return {f"{row['usageMonth']} {row['usageCategory']}": row["tokensConsumed"] / row["uniqueUsers"] for row in rows}


def table(number: str, token: str) -> list[list[Any]]:
    """Return all rows of a query, a thousand at a time."""
    asked = {"fields": ["Geo", "Country", "productName"], "metrics": ["tokensConsumed", "usageHours"]}
    response = call("POST", f"{API}/usage/{number}/query", token=token, body=asked | {"where": "contractYear>=1"}).json
    total, rows = response["result"]["total"], []
    for offset in range(0, total, PAGE):
        address = urljoin(wire.BASE, response["detail_uri"]) + f"?offset={offset}&limit={PAGE}"
        got = call("GET", address, token=token, body={"offset": offset, "limit": PAGE}).json
        rows += [[*row[:3], round(row[3], 1), round(row[4], 1)] for row in got["result"]["rows"]]
    return rows


if __name__ == "__main__":
    Overview().serve()
