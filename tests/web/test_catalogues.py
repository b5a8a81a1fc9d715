"""Every text of the pages is spoken in every language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from tests.web.catalogue import KEYWORDS, PACKAGE, texts

LANGUAGES = ("fr", "ja", "sv")
PLACE = re.compile(r"%\(\w+\)s|%[sd]")
CODES = re.compile(r"&\w+;|https?://\S*|<[^>]*>|\d:\d")
SLIPS = {
    "fr": re.compile(r"(?<![\u00a0\u202f])[:;?!\u00bb]|\u00ab(?![\u00a0\u202f])|'"),
    "ja": re.compile(r"(?<=[\u3041-\u30ff\u3400-\u9fff\u300d])[:;,?!(]|(?<=x)[:,]|(?<=[\u3041-\u9fff]) [(]"),
    "sv": re.compile(r"\btokens\b|[\u2018\u2019\u201c\u201e]"),
}


def catalogue(language: str) -> Catalog:
    """Read a catalogue from its source."""
    path = Path(PACKAGE, "locale", language, "LC_MESSAGES", "django.po")
    with path.open("rb") as text:
        return read_po(text, locale=language)


def spoken(found: object) -> tuple[str, ...]:
    """Return the forms of a translation, one for a text without a plural."""
    return tuple(found) if isinstance(found, list | tuple) else (str(found or ""),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    """Each text of a template or of the code has a translation, in all its plural forms, and none is a guess."""
    known = catalogue(language)
    missing = []
    for name, text in texts():
        message = known.get(text if isinstance(text, str) else text[0])
        if message is None or message.fuzzy or not all(spoken(message.string)):
            missing.append((name, text))

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_what_nobody_says(language: str) -> None:
    """A text that left the pages leaves the catalogues."""
    said = {text for _name, text in texts()}

    assert [message.id for message in catalogue(language) if message.id and message.id not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_the_same_places(language: str) -> None:
    """What a text fills in, its translation fills in, by the same names."""
    wrong = []
    for message in catalogue(language):
        wanted = {frozenset(PLACE.findall(text)) for text in spoken(message.id)}
        wrong.extend(text for text in spoken(message.string) if frozenset(PLACE.findall(text)) not in wanted)

    assert wrong == []


def slips(language: str, text: str) -> list[str]:
    """Return the signs in a translation that its language does not write so; addresses, tags and times are no text."""
    return [found.group() for found in SLIPS[language].finditer(PLACE.sub("x", CODES.sub("", text)))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_signs_are_those_of_the_language(language: str) -> None:
    """French signs stand after a no-break space, Japanese has its own, and Swedish says two token."""
    said = [text for message in catalogue(language) if message.id for text in spoken(message.string)]

    assert [text for text in said if slips(language, text)] == []


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("fr", "Solde: x ; « %(dates)s\u202f»", [":", ";", "\u00ab"]),
        ("fr", "Solde\u202f: 08:15, https://app.example.com/?a=b", []),
        ("ja", "\u6b8b\u9ad8: %(tokens)s, \u6b8b\u9ad8 (x)", [":", ",", " ("]),
        ("ja", "\u6b8b\u9ad8\uff1a%(tokens)s 08:15", []),
        ("sv", "Tv\u00e5 tokens, %(tokens)s", ["tokens"]),
    ],
)
def test_slips_are_seen(language: str, text: str, found: list[str]) -> None:
    """The patterns find what they are for, and let codes and times pass."""
    assert slips(language, text) == found


@pytest.mark.parametrize(("language", "forms"), [("fr", 2), ("ja", 1), ("sv", 2)])
def test_plural_forms_are_declared(language: str, forms: int) -> None:
    """Django reads the number of forms and their rule from the catalogue itself."""
    assert catalogue(language).num_plurals == forms
    assert catalogue(language).mime_headers


def hidden_in(code: str) -> list[int]:
    """Return the lines of texts to translate that stand within an f-string, where readers of texts do not look."""
    strings = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.JoinedStr))
    calls = (node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in KEYWORDS]


def test_no_text_hides_in_an_f_string() -> None:
    """A text within an f-string would never be translated, and nobody would be told."""
    found = {path.name: hidden_in(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert hidden_in("f'{_(1)} and {x}'") == [1]
    assert hidden_in("_(f'{x}')") == []


def test_there_are_texts() -> None:
    """The reader of texts finds those of templates, of code and of plurals: an empty list would prove nothing."""
    found = set(texts())

    assert ("_standing.html", "Tokens left") in found
    assert ("question.py", "The last date comes before the first date.") in found
    assert any(isinstance(text, tuple) for _name, text in found)
    assert len(found) > 100
