"""What the operator's forms say of a refusal: beside its field, in the reader's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.utils.translation import override

import farebox.services
from farebox.domain.errors import Apart, FareboxError, NotFound, Problem, Rejected, Taken
from farebox.web.shown.operator_problems import SAID, told


class _Form(forms.Form):
    code = forms.CharField()
    scheme = forms.CharField()
    amount = forms.CharField()
    address = forms.CharField()
    across = forms.BooleanField()


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (Taken("there is an offer 'all' already", pointer="/code", taken="all"), "code"),
        (Taken("the team has a FLEX contract already", pointer="/scheme"), "scheme"),
        (Apart("teams north and south have no primary administrator in common"), "across"),
        (NotFound("nobody with this address is a member of the team and has an account"), "address"),
        (Rejected([Problem("/tokens", "invalid_value", "pack 1: nothing is left to move")]), "amount"),
    ],
)
def test_a_refusal_is_said_beside_its_field_in_the_readers_words(error: FareboxError, field: str) -> None:
    """Each language says it its own way, at one field, and without the short names that a service's sentence holds."""
    said = {language: _said(error, language) for language in ("en", "sv", "fr", "ja")}

    assert {tuple(found) for found in said.values()} == {(field,)}
    assert len({found[field] for found in said.values()}) == 4
    assert not any("north" in found[field] for found in said.values())


def _said(error: FareboxError, language: str) -> dict[str, str]:
    form = _Form(dict.fromkeys(_Form.base_fields, "x"))
    with override(language):
        told(form, error)
        return {name: " ".join(map(str, found)) for name, found in form.errors.items()}


def test_every_sentence_that_is_translated_is_one_of_the_services() -> None:
    """A sentence that a service words anew is told anew here, too."""
    code = "".join(path.read_text(encoding="utf-8") for path in Path(farebox.services.__path__[0]).rglob("*.py"))

    assert [sentence for sentence in SAID if f'"{sentence}"' not in code] == []
