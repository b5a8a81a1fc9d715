"""The page of `docs/reference` on the endpoints of the declared APIs, written from their OpenAPI documents."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

APIS = ("farebox.api.tokenflex.endpoints", "farebox.api.own")
"""The modules that hold the APIs as `api`, with their endpoints."""

METHODS = ("get", "post", "put", "delete", "patch")
REFUSALS = ("400", "401", "403", "404", "413", "429", "500", "503", "507")
Document = Mapping[str, Any]


class Endpoint(NamedTuple):
    """An operation of a document, and where it is."""

    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def scope(self) -> str:
        """The scope that a token needs."""
        return ", ".join(scope for scheme in self.told["security"] for scopes in scheme.values() for scope in scopes)


def documents() -> list[Document]:
    """Return the OpenAPI documents, as they are served."""
    importlib.import_module("farebox.urls")
    apis = [importlib.import_module(name).api for name in APIS]
    return [json.loads(json.dumps(api.get_openapi_schema())) for api in apis]


def endpoints(document: Document) -> Iterator[Endpoint]:
    """Yield the endpoints of a document, in the order in which they are declared."""
    for path, listed in document["paths"].items():
        yield from (Endpoint(method.upper(), path, listed[method]) for method in METHODS if method in listed)


def page(notice: str) -> str:
    """Write the page: an index of each API, and a section for each endpoint."""
    parts = [_HEAD.format(notice=notice)]
    for document in documents():
        found = list(endpoints(document))
        rows = [f"| `{one.method} {one.path}` | `{one.scope}` | {one.told['summary']} |" for one in found]
        parts.append(_INDEX.format(title=document["info"]["title"], rows="\n".join(rows)))
        parts += [_section(document, one) for one in found]
    return "\n".join(parts)


def _section(document: Document, one: Endpoint) -> str:
    tables = [
        _table("parameter", _parameters(document, one)),
        _table("member of the body", _members(document, _body_of(document, one))),
        _table("member of the answer", _members(document, _answer_of(one))),
    ]
    lines = [f"### {one.method} {one.path}", "", one.told["description"], "", *filter(None, tables), _statuses(one), ""]
    return "\n".join(lines)


def _table(title: str, rows: list[str]) -> str:
    return "\n".join([f"| {title} | is | meaning |", "| --- | --- | --- |", *rows, ""]) if rows else ""


def _parameters(document: Document, one: Endpoint) -> list[str]:
    return [
        f"| `{told['name']}` in the {'address' if told['in'] == 'path' else told['in']}"
        f"{', required' if told.get('required') and told['in'] != 'path' else ''} | {_kind(document, told['schema'])} "
        f"| {_cell(told.get('description', ''))} |"
        for told in one.told.get("parameters", [])
    ]


def _body_of(document: Document, one: Endpoint) -> Mapping[str, Any]:
    content = one.told.get("requestBody", {}).get("content", {})
    found: Mapping[str, Any] = content.get("application/json", {}).get("schema", {})
    return found


def _answer_of(one: Endpoint) -> Mapping[str, Any]:
    content = one.told["responses"].get("200", {}).get("content", {})
    found: Mapping[str, Any] = content.get("application/json", {}).get("schema", {})
    return found


def _members(document: Document, schema: Mapping[str, Any], at: str = "") -> list[str]:
    """Return a row for each member of an object, and below it those of the objects inside."""
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        inner = {"description": "Each entry, in order.", **schema["items"]}
        plain = [] if at else [_row(document, "[]", inner, required=True)]
        return _members(document, schema["items"], f"{at}[]") or plain
    rows = []
    for name, inner in schema.get("properties", {}).items():
        place = f"{at}.{name}" if at else name
        rows.append(_row(document, place, inner, required=name in schema.get("required", [])))
        rows += _members(document, inner, place)
    return rows


def _row(document: Document, place: str, schema: Mapping[str, Any], *, required: bool) -> str:
    always = ", always" if required else ""
    return f"| `{place}` | {_kind(document, schema)}{always} | {_cell(schema.get('description', ''))} |"


def _kind(document: Document, schema: Mapping[str, Any]) -> str:
    """Return what a value is: its type, its words, or the alternatives."""
    schema = _resolved(document, schema)
    if "enum" in schema:
        words = [f"`{word}`" for word in schema["enum"] if word != ""]
        return ", ".join(words) if len(words) <= WORDS_MAX else f"one of {len(words)} names"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        kinds = [_kind(document, inner) for inner in schema["anyOf"] if inner.get("maxLength") != 0]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema['items'])}"
    kinds = schema.get("type", "any")
    return str(schema.get("format", kinds if isinstance(kinds, str) else " or ".join(kinds)))


WORDS_MAX = 12


def _resolved(document: Document, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to; other schemas as they are."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"].get(name, {})
    return schema


def _statuses(one: Endpoint) -> str:
    success = [status for status in one.told["responses"] if status < "300"]
    return f"Answers {', '.join(success)}; refusals {', '.join(s for s in REFUSALS if s in one.told['responses'])}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


_HEAD = """# Endpoints of the usage API
{notice}

What the served OpenAPI 3.1 documents declare: `/tokenflex/v1/openapi.json` and `/v1/openapi.json`. How questions are
asked is in [the usage API](../usage-api.md), how tokens are got in [sign-in](../oauth.md), what refusals look like in
[errors](errors.md).
"""

_INDEX = """## {title}

| endpoint | scope | what it is |
| --- | --- | --- |
{rows}
"""
