"""One request of the walk: what is sent, what came back, and what it changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import quote

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from tests.authorization.matrix import address
from tests.authorization.principals import House, Who
from tests.authorization.things import KINDS, Things, things

from farebox.domain.rights import Action
from farebox.records import db
from farebox.records.models import Audit

LOG = ("records_audit", "records_auditwaiting")
PLACES = {"/accounts/login/?next": "login", "/accounts/again/?next": "again"}
"""Where one is led who has to say who they are, and back from there: a word of its own, as no other redirection has."""

NOTHING = "_none.html"
"""How the template of a page ends that says that there is nothing for its reader: the word `none`."""

SESSIONS = "records_session"
TEAMS = frozenset(action.name for action in Action)
STATE = f"SELECT total_changes(), (SELECT COUNT(*) FROM {LOG[0]}), (SELECT COUNT(*) FROM {LOG[1]})"
"""Rows ever written over this connection, by triggers too, and those of the audit log; asked thousands of times."""

MASKS = (
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'), "CSRF"),
    (re.compile(r"\bteam=[0-9]+\b"), "TEAM"),
    (re.compile(r'name="team" value="[0-9]*"'), "TEAM"),
    (re.compile(r'name="(next|nonce)" value="[^"]*"'), "HIDDEN"),
)
TELLING = 6
"""Signs from which on the name of a thing is like nothing else on a page."""


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block wrote, and forget who tried too often."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Got(NamedTuple):
    """
    What a request came to: its word, the body without ids, and the rows that it wrote.

    `noted` are rows of the audit log, of which `note` is the last; `changed` are all others, `sessions` among them.
    """

    word: str
    body: str
    noted: int
    note: tuple[Any, ...]
    changed: int
    sessions: int
    response: Any

    @property
    def is_refusal(self) -> bool:
        """Whether nothing was shown or done: refused, or led to where one says who one is."""
        return self.word in PLACES.values() or "400" <= self.word <= "599"


@dataclass
class Walker:
    """One of the principals, going through the routes in one browser."""

    house: House
    who: Who
    fresh: bool = False
    client: Client = field(init=False)
    made: dict[str, Things] = field(default_factory=dict)
    cells: int = 0

    def __post_init__(self) -> None:
        """Open a browser."""
        self.client = self.house.client(self.who, fresh=self.fresh)
        self.client.raise_request_exception = False
        self.cookies = self.client.cookies.output(header="", sep=";")

    def things(self, kind: str) -> Things:
        """Return the things of a kind as this principal sees them, made once."""
        if kind not in self.made:
            self.made[kind] = things(self.house, kind, self.who)
        return self.made[kind]

    def ask(self, route: Mapping[str, Any], method: str, *, thing: str = "", team: int | None = None) -> Got:
        """Send a request as the matrix has it, and take back what it did."""
        self.cells += 1
        self.client.cookies = SimpleCookie(self.cookies)
        path, sent = self._request(route, method, thing, team)
        before = _state()
        with undone(), _sessions() as sessions:
            if method in ("GET", "HEAD"):
                response = self.client.generic(method, path)
            elif method == "POST":
                response = self.client.post(path, sent)
            else:
                response = self.client.generic(method, path, b"", content_type="application/x-www-form-urlencoded")
            after = _state()
            note = _last_note() if after.noted != before.noted else ()
        noted, waiting = after.noted - before.noted, after.waiting - before.waiting
        changed = after.written - before.written - noted - waiting
        return Got(_word(response), masked(response, thing), noted, note, changed, sum(sessions), response)

    def _request(
        self, route: Mapping[str, Any], method: str, thing: str, team: int | None
    ) -> tuple[str, dict[str, Any]]:
        named = quote(thing, safe="")
        path = address(self._filled(route["at"], named) if "at" in route else route["path"], named)
        query = self._filled(route.get("query", ""), thing)
        sent = {name: self._filled(value, thing) for name, value in route.get("body", {}).items()}
        for name, text in route.get("file", {}).items():
            sent[name] = SimpleUploadedFile("list.csv", text.encode())
        if team is not None and method == "POST":
            sent["team"] = str(team)
        elif team is not None:
            query = f"team={team}&{query}" if query else f"team={team}"
        return f"{path}?{query}" if query else path, sent

    def _filled(self, value: Any, thing: str) -> Any:
        if isinstance(value, list):
            return [self._filled(one, thing) for one in value]
        return re.sub(r"{([a-z ]+)}", lambda found: thing if found[1] == "thing" else self.things(found[1]).own, value)


def masked(response: HttpResponse, thing: str) -> str:
    """Return a body without what differs from one request to the next, and without what was asked about."""
    text = response.content.decode(errors="replace") if not response.streaming else ""
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    for said in {thing, quote(thing, safe="")} if len(thing) >= TELLING else ():
        text = text.replace(said, "THING")
    return text


def _word(response: HttpResponse) -> str:
    place = response.headers.get("Location", "").partition("=")[0]
    if any(str(one.name).endswith(NOTHING) for one in getattr(response, "templates", ())):
        return "none"
    return PLACES.get(place, str(response.status_code))


def _last_note() -> tuple[Any, ...]:
    return Audit.objects.order_by("-pk").values_list("team_id", "verb", "object", "facts", "actor")[0]


class _State(NamedTuple):
    written: int
    noted: int
    waiting: int


def _state() -> _State:
    return _State(*db.rows(STATE)[0])


@contextmanager
def _sessions() -> Iterator[list[int]]:
    """Count the rows of sessions that the block writes."""
    counted: list[int] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if SESSIONS not in sql or sql.startswith("SELECT"):
            return execute(sql, params, many, context)
        before = _state().written
        result = execute(sql, params, many, context)
        counted.append(_state().written - before)
        return result

    with connection.execute_wrapper(note):
        yield counted


__all__ = ["KINDS", "LOG", "TEAMS", "Got", "Walker", "masked", "undone"]
