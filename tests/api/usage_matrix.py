"""The authorization matrix as data: every declared operation, what is sent to it, and what everybody gets."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.test import Client
from tests.api.askers import Who

from farebox.api import own
from farebox.api.tokenflex.endpoints import api as usage_data

FILE = Path(__file__).with_name("usage_matrix.toml")
MATRIX: Mapping[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
METHODS = ("get", "post", "put", "delete", "patch")
CONTRACT = ("contract_number", "number")
"""What the contract is called in addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One declared endpoint: where it is, and what the matrix says of it."""

    name: str
    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def is_about_a_contract(self) -> bool:
        """Whether its address names a contract."""
        return any(f"{{{name}}}" in self.path for name in CONTRACT)

    @property
    def missing(self) -> int:
        """The status for a contract that is another team's, unknown or deleted."""
        return 403 if self.path.startswith("/tokenflex/") else 404

    def cell(self, who: Who, column: str = "cells") -> int:
        """Return the status that somebody gets."""
        return int(self.told[column][MATRIX["askers"].index(who)])

    def send(self, client: Client, headers: Mapping[str, str], number: str, things: Mapping[str, str]) -> Any:
        """Send its request about a contract, and return the response."""
        given = {**dict.fromkeys(CONTRACT, number), "category": "Site", "field": "userName", **things}
        path = re.sub(r"{(\w+)}", lambda found: quote(given[found[1]], safe=""), self.path)
        body = self.told.get("body")
        raw = "" if body is None else json.dumps(body)
        for name, value in given.items():
            raw = raw.replace(f'"{{{name}}}"', json.dumps(value))
        address = f"{path}?{self.told['query']}" if "query" in self.told else path
        return client.generic(self.method, address, raw, content_type="application/json", headers=dict(headers))


def operations() -> Iterator[Operation]:
    """Yield every operation that is registered, with its row of the matrix, an empty one where there is none."""
    for api in (usage_data, own.api):
        for path, listed in api.get_openapi_schema()["paths"].items():
            for method in METHODS:
                if method in listed:
                    name = listed[method]["operationId"]
                    told = MATRIX["operations"].get(name, {})
                    yield Operation(name=name, method=method.upper(), path=path, told=told)
