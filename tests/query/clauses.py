"""
Where clauses drawn at random: as a tree that the oracle evaluates, and as one of the many texts that mean it.

The text varies in what must not matter: letter case of keywords, spaces, the side of the field, parentheses beyond
those that are needed, and a custom field's own name in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.query.oracle import Alike, Always, Among, AnyPart, Clause, EachPart, Sided, UsageRow, Within

OWN_NAMES = ("Cost centre", 'say "x"', "In", "", "not", "Kostnadsställe", "productName")
"""What the contract calls its first custom fields; the last one cannot be used, for a declared field has that name."""

UNORDERED = {"usageCategory", "chargeCategory", "usageType", "tokenPool", "chargedItemID"}
UNLIKED = UNORDERED | {
    "usageDate", "usageMonth", "contractYear", "transactionDate", "sessionStartDate", "sessionEndDate",
    "licenseServerTimeZoneOffset",
}  # fmt: skip
PATTERNS = (
    "%odell%", "MALM%", "o'brien_%", "%100\\%", "ws_114", "%p-9%", "%sis \\ f%", "ann", "İZM%", "%οδοσ", "%ΟΔΟς%",
    "strasse%", "STRAẞE%", "%\u212a1_%", "%e\u0301te%", "%été%", "A%o%k%r%_",
)  # fmt: skip
_SIGNS = ("=", "!=", "<>", "<", "<=", ">", ">=")
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@st.composite
def clauses(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow], depth: int = 3) -> tuple[str, Clause]:
    """Draw a clause over some fields, with values that mostly occur in the rows."""
    if depth and draw(st.integers(0, 9)) < 4:
        return draw(_joined(names, rows, depth))
    kind = draw(st.sampled_from([_sided, _sided, _among, _alike, _within, _always]))
    return draw(kind(names, rows))


@st.composite
def _joined(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow], depth: int) -> tuple[str, Clause]:
    parts = draw(st.lists(clauses(names, rows, depth - 1), min_size=2, max_size=3))
    conjunction = draw(st.booleans())
    word = _word(draw, "and" if conjunction else "or")
    texts = [f"({text})" if _binds_less(part, conjunction) or draw(st.booleans()) else text for text, part in parts]
    nested = tuple(part for _, part in parts)
    return f" {word} ".join(texts), EachPart(nested) if conjunction else AnyPart(nested)


def _binds_less(part: Clause, conjunction: bool) -> bool:
    """Return whether a part needs its parentheses: an OR within an AND does."""
    return conjunction and isinstance(part, AnyPart)


@st.composite
def _sided(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow]) -> tuple[str, Clause]:
    name = draw(st.sampled_from(names))
    sign = draw(st.sampled_from(_SIGNS[:3] if name in UNORDERED else _SIGNS))
    key, text = draw(_values(name, rows, exact=sign in _SIGNS[:3]))
    gap = draw(st.sampled_from(["", " ", "\n\t "]))
    clause = Sided(name, "!=" if sign == "<>" else sign, key)
    if draw(st.integers(0, 4)):
        return f"{_called(draw, name)}{gap}{sign}{gap}{text}", clause
    return f"{text}{gap}{_FLIPPED.get(sign, sign)}{gap}{_called(draw, name)}", clause


@st.composite
def _among(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow]) -> tuple[str, Clause]:
    name = draw(st.sampled_from(names))
    several = draw(st.lists(_values(name, rows, exact=True), min_size=1, max_size=3))
    listed = draw(st.sampled_from([", ", ",", " ,\n"])).join(text for _, text in several)
    return f"{_called(draw, name)} {_word(draw, 'in')} ({listed})", Among(name, tuple(key for key, _ in several))


@st.composite
def _alike(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow]) -> tuple[str, Clause]:
    name = draw(st.sampled_from([name for name in names if name not in UNLIKED]))
    wanted = draw(st.sampled_from(PATTERNS) | _patterns_of(name, rows))
    return f"{_called(draw, name)} {_word(draw, 'like')} {_quoted(wanted)}", Alike(name, wanted)


def _patterns_of(name: str, rows: Sequence[UsageRow]) -> st.SearchStrategy[str]:
    """Draw patterns from texts that occur, in another letter case, with a part replaced by the wildcard."""
    texts = [row.fields[name].text for row in rows if len(row.fields[name].text) > 3]
    return st.builds(
        lambda text, at, swap: (text.swapcase() if swap else text)[:at] + "%" + text[at + 1 :],
        st.sampled_from(texts or ["none"]),
        st.integers(0, 20),
        st.booleans(),
    ).filter(lambda pattern: len(pattern.replace("%", "")) >= 3)


@st.composite
def _within(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow]) -> tuple[str, Clause]:
    name = draw(st.sampled_from([name for name in names if name not in UNORDERED]))
    (low, low_text), (high, high_text) = draw(_values(name, rows)), draw(_values(name, rows))
    between, also = _word(draw, "between"), _word(draw, "and")
    return f"{_called(draw, name)} {between} {low_text} {also} {high_text}", Within(name, low, high)


@st.composite
def _always(draw: st.DrawFn, names: Sequence[str], rows: Sequence[UsageRow]) -> tuple[str, Clause]:
    text, holds = draw(st.sampled_from([("1=1", True), ("1 = 2", False), ("'a' <> 'A'", True), ("1.0 != 1", False)]))
    return text, Always(holds)


@st.composite
def _values(draw: st.DrawFn, name: str, rows: Sequence[UsageRow], *, exact: bool = False) -> tuple[Any, str]:
    """Draw a value of a field, as it compares and as it is written; mostly one that occurs."""
    cell = draw(st.sampled_from([row.fields[name] for row in rows if row.fields[name].text != ""]))
    if name == "contractYear":
        return cell.key, draw(st.sampled_from([str(cell.key), f"'{cell.key}'"]))
    if isinstance(cell.key, date) and not (exact and name == "usageMonth"):
        on = draw(st.just(cell.key) | st.integers(-40, 40).map(lambda days: cell.key + timedelta(days)) | _EDGES)
        return on, f"'{on.isoformat()}'"
    return cell.key, _quoted(cell.text)


_EDGES = st.sampled_from([date(1, 1, 1), date(2025, 1, 1), date(2025, 1, 31), date(9999, 12, 1), date(9999, 12, 31)])


def _called(draw: st.DrawFn, name: str) -> str:
    """Return a field's name, or what the contract calls it."""
    own = _OWN.get(name, "")
    if not own or draw(st.booleans()):
        return name
    if own.isalpha() and own.lower() not in ("in", "not") and draw(st.booleans()):
        return own
    return '"{}"'.format(own.replace('"', '""'))


_OWN: Mapping[str, str] = {f"customField{place}": own for place, own in enumerate(OWN_NAMES[:-1], 1)}


def _word(draw: st.DrawFn, word: str) -> str:
    return draw(st.sampled_from([word, word.upper(), word.title()]))


def _quoted(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))
