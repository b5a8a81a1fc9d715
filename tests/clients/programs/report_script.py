"""
A report script: it signs in, asks which contracts there are, and fetches an export of each as a file.

Its habits (usage-api §9, C1): the secret is in the form; only 200 is success; the file name ends in `.csv` already; an
export is finished when the answer has `downloadUrl`; it is asked for once more then, and downloaded without a header.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.clients.programs import wire
from tests.clients.programs.wire import API, BASE, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, call, say

SCOPES = "data:read data:write"
POLLS_MAX = 240
REPORT = {
    "fields": ["usageDate", "contractYear", "usageCategory", "productName", "userName", "tokenPool"],
    "metrics": ["tokensConsumed", "usageHours", "useCount"],
    "usageCategory": ["DESKTOP_PRODUCT", "CLOUD_PRODUCT", "CLOUD_SERVICE"],
    "where": "contractYear >= 1",
    "downloadFileName": "usage report.csv",
}


class Failed(Exception):
    """The server did not do what the script needs."""


def main() -> None:
    """Write one file a contract into the folder that is named, and tell what was written."""
    folder = Path(sys.argv[1])
    token = signed_in()
    contracts = get(f"{API}/contract", token)
    written = [fetched(one["contractNumber"], token, folder) for one in contracts if one["isActive"]]
    say(contracts=contracts, written=written)


def signed_in() -> str:
    """Return an access token: for a code where there is a place for it to come back to, else for the program itself."""
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    if REDIRECT_URI:
        form |= {"grant_type": "authorization_code", "code": code(), "redirect_uri": REDIRECT_URI}
    else:
        form |= {"grant_type": "client_credentials", "scope": SCOPES}
    return str(checked(call("POST", f"{BASE}/authentication/v2/token", form=form))["access_token"])


def code() -> str:
    """Return the code that the browser brings back."""
    came: dict[str, str] = {}

    def answer(path: str, query: dict[str, str]) -> wire.Page:
        came.update(query)
        return 200, {"Content-Type": "text/plain"}, "You can close this window."

    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "scope": SCOPES}
    say(open=f"{BASE}/authentication/v2/authorize?{urlencode(asked, quote_via=quote)}")
    wire.listen(REDIRECT_URI, answer, until=lambda: bool(came))
    return came["code"]


def fetched(number: str, token: str, folder: Path) -> dict[str, Any]:
    """Order an export, wait for it, and write it."""
    ordered = checked(call("POST", f"{API}/export/{number}/requests", token=token, body=REPORT))
    address = f"{API}/export/{number}/requests/{quote(ordered['requestKey'], safe='')}"
    for _ in range(POLLS_MAX):
        response = get(address, token)
        if "downloadUrl" in response:
            break
        time.sleep(wire.POLL_SECONDS)
    response = get(address, token)
    file = call("GET", response["downloadUrl"])
    if file.status != 200:
        raise Failed(f"download: {file.status} {file.text}")
    name = response["downloadFileName"]
    (folder / name).write_text(file.text, encoding="utf-8", newline="")
    return {"name": name, "ordered": ordered, "response": response, "headers": file.headers}


def get(url: str, token: str) -> Any:
    """Return what a GET answers."""
    return checked(call("GET", url, token=token))


def checked(reply: wire.Reply) -> Any:
    """Return the body of an answer that is 200."""
    if reply.status != 200:
        raise Failed(f"{reply.status} {reply.text}")
    return reply.json


if __name__ == "__main__":
    main()
