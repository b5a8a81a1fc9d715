"""Reads every text that the pages can speak, without GNU gettext."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation import templatize

import farebox.web
from farebox.query.fields import FIELDS
from farebox.query.metrics import METRICS
from farebox.services.export.reports import words

PACKAGE = Path(farebox.web.__file__).parent
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Text = str | tuple[str, ...]


def texts() -> Iterator[tuple[str, Text]]:
    """Yield each text of templates, code and declarations with the place that it stands in; plural ones as pairs."""
    for path in sorted([*PACKAGE.rglob("*.html"), *PACKAGE.rglob("templates/**/*.txt")]):
        code = templatize(path.read_text(encoding="utf-8"), origin=path.name)
        lines = "\n".join(line.strip() for line in code.splitlines())  # what templatize leaves is no Python block
        yield from ((path.name, text) for text in _in_python(lines))
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from ((path.name, text) for text in _in_python(path.read_text(encoding="utf-8")))
    yield from (("query", declared.label) for declared in (*FIELDS, *METRICS))
    yield from (("report files", text) for text in words.texts())


def _in_python(code: str) -> Iterator[Text]:
    for _line, found, _comments, _context in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
        yield tuple(part for part in found if part) if isinstance(found, tuple) else found
