"""
An application that draws charts of a contract.

Its habits (usage-api §9, C3): the secret in the Authorization header; a query is polled without a pause, and given up
after three 429s; 25 rows a page; a second token for the page comes from a refresh that narrows the scope, while the
first goes on being used, and the next refresh asks for the wide scope again; the name comes from `userinfo`, asked
with the bare token.
"""

from __future__ import annotations

from typing import Any

from tests.clients.programs.app import App
from tests.clients.programs.wire import API, BASE, call

TURNS_MAX = 5_000
PAGE = 25
UNFINISHED = ("QUEUED", "PROCESSING")


class Charts(App):
    """A chart a product and day, and the name of who looks at it."""

    scopes = "data:read data:write data:create viewables:read"
    in_form = False

    def drawn(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Ask for everything that the charts show."""
        public = self.granted(refresh(tokens, "viewables:read"))
        token = tokens["access_token"]
        number = call("GET", f"{API}/contract", token=token).json[-1]["contractNumber"]
        summary = call("GET", f"{API}/usage/{number}/summary?contractYear=1", token=token).json
        renewed = self.granted(refresh(public, self.scopes))["access_token"]
        return {
            "name": call("GET", f"{BASE}/userinfo", headers={"Authorization": renewed}).json["name"],
            "summary": summary,
            "charts": chart(number, renewed),
            "publicMayRead": call("GET", f"{API}/contract", token=public["access_token"]).status == 200,
        }


def refresh(tokens: dict[str, Any], scope: str) -> dict[str, str]:
    """Return the form that asks for the next tokens."""
    return {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "scope": scope}


def chart(number: str, token: str) -> list[list[Any]]:
    """Return the rows of a query, asked for again and again until they are there."""
    asked = {
        "fields": ["usageDate", "productName"],
        "metrics": ["tokensConsumed", "uniqueUsers"],
        "usageCategory": ["DESKTOP_PRODUCT"],
        "where": "usageDate >= '2018-01-01' and usageDate < '2999-02-01'",
    }
    query = call("POST", f"{API}/usage/{number}/query", token=token, body=asked).json["id"]
    rows: list[list[Any]] = []
    while True:
        result = page(f"{API}/usage/{number}/query/{query}?offset={len(rows)}&limit={PAGE}", token)
        rows += result["rows"]
        if len(rows) >= result["total"]:
            return rows


def page(address: str, token: str) -> dict[str, Any]:
    """Return one page of a query's rows, as soon as it is there."""
    too_many = 0
    for _ in range(TURNS_MAX):
        reply = call("GET", address, token=token)
        too_many += reply.status == 429
        if too_many == 3:
            break
        if reply.status == 200 and reply.json["status"] not in UNFINISHED:
            found: dict[str, Any] = reply.json["result"]
            return found
    raise RuntimeError(f"gave up: {reply.status} {reply.text}")


if __name__ == "__main__":
    Charts().serve()
