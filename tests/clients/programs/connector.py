"""
A connector of a reporting tool: it has no secret, and proves by PKCE that it asked for the code itself.

Its habits (usage-api §9, C4): the tool watches its browser for a redirect to an address that nobody needs to serve; an
empty `where` is always sent; a query is polled ten times with a pause; a hundred rows a page.
"""

from __future__ import annotations

import secrets
import sys
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.clients.programs.wire import API, BASE, CLIENT_ID, POLL_SECONDS, REDIRECT_URI, call, say, setting

POLLS, PAGE = 10, 100


def main() -> None:
    """Sign in, and tell the rows of the first contract."""
    token = signed_in()
    number = call("GET", f"{API}/contract", token=token).json[0]["contractNumber"]
    say(columns=FIELDS + METRICS, rows=rows(number, token))


def signed_in() -> str:
    """Return an access token for the code in the address that the tool's browser was sent to."""
    verifier = secrets.token_urlsafe(48)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": "data:read"}
    proof = {"code_challenge": challenge, "code_challenge_method": "S256", "state": "s-1"}
    say(open=f"{BASE}/authentication/v2/authorize?{urlencode(asked | proof, quote_via=quote)}")
    came = parse_qs(urlsplit(sys.stdin.readline().strip()).query)
    form = {"grant_type": "authorization_code", "client_id": CLIENT_ID, "code": came["code"][0]}
    form |= {"redirect_uri": REDIRECT_URI, "code_verifier": setting("VERIFIER", verifier)}
    reply = call("POST", f"{BASE}/authentication/v2/token", form=form)
    if reply.status != 200:
        raise SystemExit(reply.text)
    return str(reply.json["access_token"])


FIELDS = ["usageMonth", "productName", "tokenPool"]
METRICS = ["tokensConsumed", "uniqueUsers", "usageHours"]


def rows(number: str, token: str) -> list[list[Any]]:
    """Return the rows of a query, a hundred at a time."""
    asked = {"fields": FIELDS, "metrics": METRICS, "usageCategory": [], "where": ""}
    address = BASE + call("POST", f"{API}/usage/{number}/query", token=token, body=asked).json["detail_uri"]
    found: list[list[Any]] = []
    for _ in range(POLLS):
        got = call("GET", f"{address}?offset={len(found)}&limit={PAGE}", token=token).json
        if got["status"] == "DONE":
            found += got["result"]["rows"]
            if len(found) >= got["result"]["total"]:
                return found
        else:
            time.sleep(POLL_SECONDS)
    raise SystemExit("the query did not finish")


if __name__ == "__main__":
    main()
