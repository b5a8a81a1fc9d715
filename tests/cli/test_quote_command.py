"""Quotes, and where to get products, at the command line (product B8)."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.world import NOW, World

from farebox.records.models import Denial, Hold, Product
from farebox.services.assign import assign
from farebox.services.catalogue import add_person


def test_a_quote_says_what_opening_would_be_answered(world: World, run: Run) -> None:
    """Each product with its decision, price and grounds; nothing is reserved or recorded by asking (domain A1)."""
    person = add_person(world.flex, "ana@example.com", "Ana", now=NOW)
    assign(person.pk, "Z", actor="command", now=NOW)
    assign(person.pk, "A", actor="command", now=NOW)

    lines = run("quote", "flex", "Ana@Example.com", "A", "B", "Z", "none").output.splitlines()

    assert lines == [
        "A\tdeny 7 (insufficient_tokens)",
        "B\tdeny 0 (not_assigned)",
        "Z\tallow 0 (costs_nothing)",
        "none\tdeny 0 (unknown_product)",
    ]
    assert not Denial.objects.exists()
    assert not Hold.objects.exists()
    assert "no team" in run("quote", "nowhere", "ana@example.com", "A", code=1).output


def test_where_to_get_a_product_is_said(world: World, run: Run) -> None:
    """The address is for everybody's page; what is no address of the web is refused with every problem."""
    said = run("product", "where", "A", "https://get.example.com/a", "--note", "Take 2026.").output

    assert said == "people get A at https://get.example.com/a\n"
    assert Product.objects.get(code="A").where_note == "Take 2026."
    refused = run("product", "where", "A", "javascript:alert(1)", "--note", "x" * 201, code=1).output
    assert refused.count("\n") == 2
    assert run("product", "where", "A", "").output == "where people get A is no longer said\n"
