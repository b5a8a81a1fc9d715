"""
`POST /v1/authorizations` and its companions: may this person open this product now (docs/authorizations.md).

The decision is the answer, not the status: a denial is 200 with its reason. The other hot path: no framework between
the socket and the decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from farebox.api import errors
from farebox.api.bodies import Unreadable, read_body
from farebox.domain.amounts import ZERO, as_text, tokens
from farebox.domain.clock import as_iso
from farebox.domain.errors import FareboxError, Problem, Rejected
from farebox.domain.teams import canonical
from farebox.services import sources
from farebox.services.authorise import Answer, Beat, Close, Launch, Mode, authorise, quotes, team_of
from farebox.services.ingest.strict import read_strictly
from farebox.services.sources import SourceFacts
from farebox.wallclock import now

DECISIONS_MAX = 10_000
"""Decisions that one request for many may ask for."""

KEY_LENGTH_MAX = 200
BODY_MAX = 1_048_576
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,6})?")
_LIMITS = {"person": 254, "product": 120, "version": 300, "machine": 300, "team": 60}
_NEEDED = ("person", "product")
_LAUNCH = {*_LIMITS, "mode", "agreed"}

Body = Mapping[str, object]
View = Callable[..., HttpResponse]


def _endpoint(work: Callable[[HttpRequest, SourceFacts, Body, str], object]) -> View:
    """Make a view of a function that answers for a key, a body and, where the address has one, a session."""

    @csrf_exempt
    def view(request: HttpRequest, session: str = "") -> HttpResponse:
        if request.method != "POST":
            allow = {"Allow": "POST"}
            detail = "ask with POST"
            return errors.problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", detail, headers=allow)
        source = sources.of_key(_bearer(request), now=now())
        if source is None or "authorize" not in source.scopes:
            detail = "send a source key with the scope authorize as a bearer token"
            return errors.unauthorised(detail, realm="authorizations")
        try:
            answer = work(request, source, _body(request), session)
        except Unreadable as error:
            return errors.problem(error.status, error.code, str(error))
        except FareboxError as error:
            return errors.refused(error)
        return HttpResponse(msgspec.json.encode(answer), content_type="application/json")

    return view


def _bearer(request: HttpRequest) -> str:
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _body(request: HttpRequest) -> Body:
    kind = (request.content_type or "").lower()
    raw = read_body(request)
    if raw and kind != "application/json":
        raise Unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown_media_type", "send application/json")
    if len(raw) > BODY_MAX:
        raise Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", "a question holds at most 1 MB")
    plain = read_strictly(raw or b"{}")
    if plain.problems:
        raise Rejected(plain.problems)
    if not isinstance(plain.value, dict):
        raise Rejected([Problem("", "not_an_object", "a question is a JSON object")])
    return plain.value


def _ask(request: HttpRequest, source: SourceFacts, body: Body, session: str) -> object:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    launch = _launch(body, source, key)
    return _told(authorise(launch, now=now()))


def _beat(request: HttpRequest, source: SourceFacts, body: Body, session: str) -> object:
    problems = _unknown(body, {"active"})
    active = body.get("active", True)
    if not isinstance(active, bool):
        problems.append(Problem("/active", "invalid_value", "true or false"))
    if problems:
        raise Rejected(problems)
    return _told(authorise(Beat(source.team, session, active is True), now=now()))


def _close(request: HttpRequest, source: SourceFacts, body: Body, session: str) -> object:
    problems = _unknown(body, set())
    if problems:
        raise Rejected(problems)
    return _told(authorise(Close(source.team, session), now=now()))


def _many(request: HttpRequest, source: SourceFacts, body: Body, session: str) -> object:
    """Quote many persons and products: `people` × `products`, or `pairs`; nothing is reserved."""
    problems = _unknown(body, {"team", "people", "products", "pairs"})
    team = _team(body, source, problems)
    pairs = _pairs(body, problems)
    if problems:
        raise Rejected(problems)
    people = {person: _person(person, problems, "/people") for person, _ in pairs}
    if problems:
        raise Rejected(problems)
    answers = quotes([Launch(team, people[person], product) for person, product in pairs], now=now())
    decisions = [
        {"person": person, "product": product, **_decision(answer)}
        for (person, product), answer in zip(pairs, answers, strict=True)
    ]
    known = next((answer for answer in answers if answer.available or answer.reserved), None)
    available, reserved = (known.available, known.reserved) if known else (ZERO, ZERO)
    return {"available": as_text(available), "reserved": as_text(reserved), "decisions": decisions}


def _launch(body: Body, source: SourceFacts, key: str) -> Launch:
    problems = _unknown(body, _LAUNCH)
    texts = {name: _text(body, name, problems) for name in _LIMITS}
    problems += [
        Problem(f"/{name}", "missing_field", "is needed") for name in ("person", "product") if name not in body
    ]
    mode = body.get("mode", Mode.CHARGE.value)
    if not isinstance(mode, str) or mode not in {one.value for one in Mode}:
        problems.append(Problem("/mode", "invalid_value", "quote, charge or confirm"))
    agreed = body.get("agreed")
    if agreed is not None and not (isinstance(agreed, str) and _AMOUNT.fullmatch(agreed)):
        problems.append(Problem("/agreed", "invalid_value", 'tokens as a text, for example "7" or "0.5"'))
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        problems.append(Problem("/Idempotency-Key", "invalid_value", f"at most {KEY_LENGTH_MAX} printable characters"))
    team = _team(body, source, problems)
    person = _person(texts["person"], problems, "/person") if texts["person"] else ""
    if problems:
        raise Rejected(problems)
    return Launch(
        team,
        person,
        texts["product"],
        Mode(str(mode)),
        texts["version"],
        texts["machine"],
        None if agreed is None else tokens(str(agreed)),
        key,
        source.id,
    )


def _unknown(body: Body, known: set[str]) -> list[Problem]:
    return [Problem(f"/{name[:60]}", "unknown_field", "no such member here") for name in body if name not in known]


def _text(body: Body, name: str, problems: list[Problem]) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > _LIMITS[name] or "\0" in value:
        problems.append(Problem(f"/{name}", "invalid_value", f"a text of at most {_LIMITS[name]} characters"))
        return ""
    if not value and name in body and name in _NEEDED:
        problems.append(Problem(f"/{name}", "invalid_value", "must not be empty"))
    return value


def _person(written: str, problems: list[Problem], pointer: str) -> str:
    try:
        return canonical(written)
    except Rejected as error:
        problems += [problem._replace(pointer=pointer) for problem in error.problems]
        return ""


def _team(body: Body, source: SourceFacts, problems: list[Problem]) -> int:
    slug = body.get("team", "")
    if not slug and source.team is not None:
        return source.team
    found = team_of(slug, now=now()) if isinstance(slug, str) else None
    if found is None or source.team not in (None, found):
        problems.append(Problem("/team", "unknown_team", "no such team that this key may ask for"))
        return 0
    return found


def _pairs(body: Body, problems: list[Problem]) -> list[tuple[str, str]]:
    if ("pairs" in body) == ("people" in body or "products" in body):
        problems.append(Problem("/pairs", "invalid_value", "send either pairs, or people and products"))
        return []
    if "pairs" in body:
        pairs = body["pairs"]
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            problems.append(Problem("/pairs", "invalid_value", "a list of [person, product]"))
            return []
        found = [(pair[0], pair[1]) for pair in pairs]
    else:
        people, products = (_list(body, name, problems) for name in ("people", "products"))
        found = [(person, product) for person in people for product in products]
    if len(found) > DECISIONS_MAX:
        problems.append(Problem("", "too_many", f"{len(found)} decisions; at most {DECISIONS_MAX} at once"))
        return []
    return found


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(_is_name(one) for one in pair)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 254 and "\0" not in value


def _list(body: Body, name: str, problems: list[Problem]) -> Sequence[str]:
    values = body.get(name)
    if not isinstance(values, list) or not all(_is_name(value) for value in values):
        problems.append(Problem(f"/{name}", "invalid_value", "a list of names"))
        return ()
    return values


def _told(answer: Answer) -> dict[str, object]:
    told = _decision(answer)
    told |= {"available": as_text(answer.available), "reserved": as_text(answer.reserved)}
    if answer.session:
        told["session"] = answer.session
    if answer.window is not None:
        told["window"] = {"start": as_iso(answer.window.since), "end": as_iso(answer.window.until)}
    if answer.closed:
        told["closed"] = True
    return told


def _decision(answer: Answer) -> dict[str, object]:
    told: dict[str, object] = {
        "decision": answer.decision.value,
        "reason": answer.grounds.value,
        "cost": as_text(answer.cost),
    }
    if answer.covered_until is not None:
        told["covered_until"] = as_iso(answer.covered_until)
    return told


ask = _endpoint(_ask)
beat = _endpoint(_beat)
close = _endpoint(_close)
many = _endpoint(_many)
