"""What a page weighs on the way to a browser, packed as browsers ask for it (40 KB without data-heavy tables)."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client
from tests.web.used import Used

BUDGET_BYTES = 40 * 1024
PACKED = {"HTTP_ACCEPT_ENCODING": "gzip"}
USAGE = "/reporting/token-usage"
PAGES = ("/", USAGE, f"{USAGE}?tab=product", "/reporting/balances", "/reporting/export")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_with_all_it_loads_is_light(used: Used, client: Client, path: str) -> None:
    """The page, its stylesheet, scripts and mark stay within the budget, and are what they are when unpacked."""
    client.force_login(used.ann)
    page = client.get(path, **PACKED)  # type: ignore[arg-type]

    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', gzip.decompress(page.content).decode())
    parts = [page, *(client.get(address, **PACKED) for address in loaded)]  # type: ignore[arg-type]

    assert len(loaded) >= 4
    assert {part.headers["Content-Encoding"] for part in parts} == {"gzip"}
    assert all("Accept-Encoding" in part.headers["Vary"] for part in parts)
    assert gzip.decompress(parts[1].content) == client.get(loaded[0]).content
    assert sum(len(part.content) for part in parts) <= BUDGET_BYTES


def test_files_and_answers_of_programs_are_not_packed(used: Used, client: Client) -> None:
    """A download is the file itself."""
    client.force_login(used.ann)

    assert "Content-Encoding" not in client.get("/reporting/token-usage?format=csv", **PACKED).headers  # type: ignore[arg-type]
