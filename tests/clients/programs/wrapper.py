"""
A wrapper around the API that turns refusals into exceptions.

Its habits (usage-api §9, C9): it reads the API's own `Code` and `Message`, or the gateway's `developerMessage` with
`errorCode`, and cannot make anything of another body.
"""

from __future__ import annotations

from tests.clients.programs.wire import API, call, say, setting

ASKED: tuple[tuple[str, str, object], ...] = (
    ("GET", "/contract/000000000000", None),
    ("GET", "/contract/000000000000/enrichment", None),
    ("GET", "/contract/000000000000/userName", None),
    ("GET", "/usage/000000000000/summary", None),
    ("GET", "/usage/000000000000/last", None),
    ("POST", "/usage/000000000000/query", {"metrics": ["useCount"]}),
    ("POST", "/usage/{number}/query", {}),
    ("POST", "/usage/{number}/query", {"fields": ["productNam"], "where": "not 1=1"}),
    ("GET", "/usage/{number}/query/00", None),
    ("GET", "/contract/{number}/colour", None),
    ("GET", "/export/{number}/requests", None),
    ("GET", "/export/{number}/requests/2026-01-01T00%3A00%3A00%2300000000-0000-4000-8000-000000000000", None),
    ("POST", "/export/{number}/requests", {"fields": ["sessionStartDate"], "where": "1=1"}),
    ("POST", "/export/{number}/requests/markRead", []),
    ("GET", "/export/{number}/schedules/00000000-0000-4000-8000-000000000000", None),
    ("POST", "/export/{number}/schedules", {"enableFlag": "Y"}),
)
"""What is asked for that is not there, not allowed or not right."""


class ApiError(Exception):
    """A refusal that the wrapper understood."""


def understood(status: int, body: dict[str, object]) -> ApiError:
    """Return a refusal as an exception. Raises `KeyError` for a body that is neither of the two."""
    if "Code" in body:
        return ApiError(status, body["Code"], body["Message"])
    return ApiError(status, body["errorCode"], body["developerMessage"])


def main() -> None:
    """Ask for what must be refused, and tell how each refusal was understood."""
    token, number = setting("TOKEN"), setting("NUMBER")
    for method, path, body in ASKED:
        reply = call(method, API + path.format(number=number), token=token, body=body)
        say(asked=f"{method} {path}", refused=understood(reply.status, reply.json).args)
    reply = call("GET", f"{API}/contract", token="nonsense")
    say(asked="GET /contract", refused=understood(reply.status, reply.json).args)
    reply = call("GET", f"{API}/contract")
    say(asked="GET /contract", refused=understood(reply.status, reply.json).args)


if __name__ == "__main__":
    main()
