"""
What endpoints may answer, declared once: the bodies of refusals, and the statuses that every endpoint shares.

`response=answers(Contract)` on an endpoint is what the OpenAPI document says of it (usage-api 1.2).
"""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, WithJsonSchema, create_model

from farebox.domain.amounts import Tokens, as_decimal

Declared = dict[int, Any]
"""Statuses and the schemas of their bodies, as ninja's `response=` takes them."""

Number = Annotated[int | Decimal, WithJsonSchema({"type": "number"})]
"""A number that is exact: whole, or with the decimals that it has (usage-api 9.5)."""


def number(amount: Tokens) -> int | Decimal:
    """Return an amount of tokens as the number that is written: 7, or 0.5."""
    exact = as_decimal(amount)
    return int(exact) if exact == exact.to_integral_value() else exact


class Fault(Schema):
    """One thing that is wrong with a request, and where."""

    pointer: str = Field(description="A JSON pointer into the body, or a slash and the name of a parameter.")
    code: str = Field(description="A stable word for the kind of fault.")
    message: str = Field(description="What is wrong, in a sentence.")


class Refusal(Schema):
    """A refusal of the usage API itself."""

    Code: str = Field(examples=["BadRequestError"])
    Message: str = Field(examples=["BadRequestError: Invalid request"])
    problems: list[Fault] = Field(default=[], description="Everything that is wrong; left out where there is no more.")


_SIGN_IN: Mapping[str, Any] = {
    "developerMessage": (str, ...),
    "userMessage": (str, ...),
    "errorCode": (str, Field(examples=["AUTH-006"])),
    "more info": (str, ...),
}
SignInRefusal = create_model(
    "SignInRefusal",
    __base__=Schema,
    __doc__="A token that is missing (AUTH-012), invalid (AUTH-006) or too weak (AUTH-010).",
    **_SIGN_IN,
)
"""The gateway's refusal; put together, because one of its members has a space in its name."""


class QuotaRefusal(Schema):
    """Too many requests; `Retry-After` says after how many seconds to try again."""

    developerMessage: str = Field(examples=["Quota limit exceeded."])


class ProblemDocument(Schema):
    """A problem document (RFC 9457): a stable code, a sentence, and everything that is wrong."""

    title: str
    status: int
    code: str
    detail: str
    problems: list[Fault] = Field(default=[], description="Left out where there is no more to say.")


TROUBLE: Mapping[int, type[Schema]] = {500: ProblemDocument, 503: ProblemDocument, 507: ProblemDocument}
"""What a request can meet without any fault of its own: a bug, records that cannot be reached, a disk that is full."""


def answers(body: Any, *, status: int = 200) -> Declared:
    """Return what an endpoint of the compatible usage API answers; `body` is None where there is none (204)."""
    refusals: Declared = {400: Refusal, 401: SignInRefusal, 403: Refusal | SignInRefusal, 429: QuotaRefusal}
    return {204 if body is None else status: body} | refusals | dict(TROUBLE)


def own_answers(body: Any, *, status: int = 200) -> Declared:
    """Return what an endpoint of Farebox's own API answers: its refusals are problem documents."""
    refusals: Declared = dict.fromkeys((400, 401, 403, 404, 413, 429), ProblemDocument)
    return {204 if body is None else status: body} | refusals | dict(TROUBLE)
