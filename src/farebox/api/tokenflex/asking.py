"""
A question and a page as they come in a request, and everything that is wrong with them.

Form, names, page and clause are looked at together, so that one answer lists every problem (usage-api 5.3). The
contract was found before: one that is not the asker's looks the same whatever was asked (T2).
"""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from ninja import Schema
from pydantic import Field, ValidationError, WithJsonSchema

from farebox.api.declared import Body, StrictParser, sentence
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.parameters import CATEGORIES
from farebox.domain.errors import Problem, QueryRejected, Rejected
from farebox.query.plan import NAMES_MAX, Question, make_plan
from farebox.services.report import Readable

LIMIT_DEFAULT = 100
ROWS_MAX = 10_000
"""Rows that one page carries; more come with `offset`."""

PROBLEMS_MAX = 50
"""How many problems of a form are listed."""

_DIGITS_MAX = 9
_WHOLE = {"type": "integer", "minimum": 0}


class PageForm(Schema):
    """Which rows of an answer are wanted; an empty parameter is as good as none."""

    offset: Annotated[str, WithJsonSchema({**_WHOLE, "maximum": 10**_DIGITS_MAX - 1, "default": 0})] = Field(
        "", description="How many rows come before the page."
    )
    limit: Annotated[str, WithJsonSchema({**_WHOLE, "maximum": ROWS_MAX, "default": LIMIT_DEFAULT})] = Field(
        "", description="How many rows a page has at most."
    )


class Window(NamedTuple):
    """The rows of a page: how many come before it, and how many it has at most."""

    offset: int
    limit: int


class QuestionForm(Body):
    """A question about usage: at least one field or metric."""

    fields: list[str] = Field([], description="What to group by.", json_schema_extra={"maxItems": NAMES_MAX})
    metrics: list[str] = Field(
        [], description="What to add up or count in each group.", json_schema_extra={"maxItems": NAMES_MAX}
    )
    usageCategory: list[Annotated[str, WithJsonSchema({"type": "string", "enum": list(CATEGORIES)})]] = Field(
        [], description="The kinds of usage to look at; none: all.", json_schema_extra={"maxItems": NAMES_MAX}
    )
    where: str = Field("", description="A condition; empty: none.")


MEMBERS = tuple(QuestionForm.model_fields)
"""The members of a question's body, by the names of the published API."""

DESCRIBED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": QuestionForm.model_json_schema()}},
    }
}
"""What the OpenAPI document says of a body with a question; it is read here, and not by the framework."""


def asked(request: AskedRequest, page: PageForm, contract: Readable) -> tuple[Question, Window]:
    """Return what a request asks about a contract, and the page. Raises `Rejected` with every problem of both."""
    problems: list[Problem] = []
    window = _window(page, problems)
    question = _question(request, problems)
    if problems:
        raise Rejected([*problems, *_further(question, contract, problems)])
    return question, window


def window_of(page: PageForm) -> Window:
    """Return the page that is asked for. Raises `Rejected` with every problem of it."""
    problems: list[Problem] = []
    window = _window(page, problems)
    if problems:
        raise Rejected(problems)
    return window


def _window(page: PageForm, problems: list[Problem]) -> Window:
    offset = _whole("offset", page.offset, 0, problems)
    limit = _whole("limit", page.limit, LIMIT_DEFAULT, problems)
    if limit > ROWS_MAX:
        problems.append(Problem("/limit", "out_of_range", f"at most {ROWS_MAX} rows"))
    return Window(offset, limit)


def _whole(name: str, text: str, default: int, problems: list[Problem]) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX):
        problems.append(Problem(f"/{name}", "invalid_value", f"{name} is a whole number from 0"))
        return default
    return int(text)


def _question(request: AskedRequest, problems: list[Problem]) -> Question:
    """Return what is asked, as far as it can be read, and note what cannot."""
    try:
        body = StrictParser().parse_body(request)
    except Rejected as error:
        raise Rejected([*problems, *error.problems]) from error
    if not isinstance(body, dict):
        raise Rejected([*problems, Problem("", "not_an_object", "a query is a JSON object")])
    try:
        QuestionForm.model_validate(body)
    except ValidationError as error:
        problems += [_fault(one["loc"], one["type"], sentence(one)) for one in error.errors()[:PROBLEMS_MAX]]
    where = body.get("where", "")
    fields, metrics, categories = (_names(body.get(name, [])) for name in MEMBERS[:3])
    return Question(
        fields=fields,
        metrics=metrics,
        usage_categories=categories,
        where=where if isinstance(where, str) else "",
    )


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> Problem:
    pointer = "".join(f"/{str(part)[:60]}" for part in place)
    if kind == "extra_forbidden":
        told = f"no member {str(place[0])[:60]!r}; known are {', '.join(MEMBERS)}"
        return Problem(pointer, "unknown_field", told)
    return Problem(pointer, "invalid_value", message)


def _names(listed: object) -> tuple[str, ...]:
    """Return the names that a member lists; what is no text stands as an empty one."""
    found = listed if isinstance(listed, list) else []
    return tuple(one if isinstance(one, str) else "" for one in found)


def _further(question: Question, contract: Readable, problems: list[Problem]) -> list[Problem]:
    """Return what the question itself has wrong, beside what its form has."""
    blamed = {problem.pointer for problem in problems}
    try:
        make_plan(question, contract.asker, lenient=True)
    except QueryRejected as error:
        return [problem for problem in error.problems if problem.pointer not in blamed and problem.pointer]
    return []
