"""The document on contracts, values and months says what the endpoints declare and answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ninja import Schema

from farebox.api.tokenflex.contracts import LISTED, ContractDetail, YearOfContract
from farebox.api.tokenflex.usage import LatestUsage, MonthOfUsage, SummaryFilters

PAGE = (Path(__file__).parents[2] / "docs" / "usage-metadata.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize(
    ("shown", "schema"),
    [
        (EXAMPLES[0], ContractDetail),
        (EXAMPLES[0]["contractYears"][0], YearOfContract),
        (EXAMPLES[1][0], MonthOfUsage),
        (EXAMPLES[2][0], LatestUsage),
    ],
)
def test_the_answers_shown_are_those_declared(shown: dict[str, Any], schema: type[Schema]) -> None:
    """Each example has the members of its declaration, all of them and in their order."""
    declared = [*schema.model_fields]

    assert sorted(shown) == sorted(declared)
    assert schema.model_validate(shown).model_dump() == shown


def test_the_example_adds_up() -> None:
    """What is left of the year shown is what was provisioned less what was consumed."""
    year = EXAMPLES[0]["contractYears"][0]

    assert year["provisionedTokens"] - year["consumedTokens"] == year["remainingTokens"]


def test_every_parameter_and_member_is_described() -> None:
    """Parameters of the summary, fields that have values, and amounts of a year are in the page."""
    amounts = [name for name in YearOfContract.model_fields if name.endswith("Tokens") or "Tokens" in name]

    missing = [name for name in (*SummaryFilters.model_fields, *LISTED, *amounts) if f"`{name}`" not in PAGE]
    assert missing == []
