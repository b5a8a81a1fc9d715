"""What the declared APIs share: how bodies are read and written, and what a schema's faults are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import StringConverter
from ninja import Schema
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import ConfigDict

from farebox.api.bodies import Unreadable, read_body
from farebox.domain.errors import FareboxError, Problem, Rejected
from farebox.services.ingest.strict import read_strictly


class Anything(StringConverter):
    """The rest of an address, with slashes and line breaks: names that people give may have them."""

    regex = "(?s:.+)"


register_converter(Anything, "anything")


class Body(Schema):
    """A body whose members are known: a member that means nothing is a problem, not ignored (quality R5)."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StrictParser(Parser):
    """Reads JSON with a cap on its size, and refuses what two readers would read differently."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says. Raises `Rejected` with every problem of its form."""
        problems: list[Problem] = []
        if request.content_type != "application/json":
            problems.append(Problem("", "unknown_media_type", "send application/json"))
        try:
            body, faults = read_strictly(read_body(request))
        except Unreadable as error:
            raise Rejected([*problems, Problem("", error.code, str(error))]) from error
        if problems or faults:
            raise Rejected([*problems, *faults])
        return body


class ExactRenderer(BaseRenderer):
    """Writes decimals as the numbers they are."""

    media_type = "application/json"
    charset = "utf-8"
    _encoder = msgspec.json.Encoder(decimal_format="number")

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the JSON text."""
        return self._encoder.encode(data)


def unread(error: HttpError | RequestDataTooBig) -> FareboxError:
    """Return the refusal that stands behind a body that the framework gave up to read."""
    if isinstance(error.__cause__, FareboxError):
        return error.__cause__
    if isinstance(error, RequestDataTooBig):
        return Rejected([Problem("", "body_too_large", "the body of the request is too large")])
    return Rejected([Problem("", "invalid_value", str(error))])


def misformed(error: ValidationError) -> Rejected:
    """Return the refusal of a body or parameter that does not fit its schema, with every fault."""
    return Rejected(map(_problem, error.errors))


def _problem(found: dict[str, Any]) -> Problem:
    """Return a fault that the schema found, with a pointer into the body or the name of the parameter."""
    where, *rest = found["loc"]
    path = rest[1:] if where == "body" else rest  # the first part is the name of our own parameter
    code = {"extra_forbidden": "unknown_field", "missing": "missing"}.get(found["type"], "invalid_value")
    return Problem("".join(f"/{part}" for part in path), code, sentence(found))


def sentence(found: Mapping[str, Any]) -> str:
    """Return what a schema's fault says to people; faults that our own checks found say it themselves."""
    known = _SENTENCES.get(found["type"])
    told: str = found["msg"]
    return known.format_map(found.get("ctx", {})) if known else told


_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "this is needed",
        "extra_forbidden": "there is no such member",
        "string_type": "this is a text",
        "list_type": "this is a list",
        "dict_type": "this is an object",
        "model_type": "this is an object",
        "model_attributes_type": "this is an object",
        "bool_type": "this is true or false",
        "int_type": "this is a whole number",
        "literal_error": "this is {expected}",
        "enum": "this is {expected}",
        "string_too_long": "this has at most {max_length} characters",
        "too_long": "this has at most {max_length} entries",
        "too_short": "this has at least {min_length} entries",
    }
)
"""What is said of the faults that the library finds, by its name of each."""
