"""
The totals that a workbook of usage shows before its rows: by contract, by product, by each named charge-back field.

They are answers of the usage API at the position of the file (domain R1, R3, R4). Adjustments by hand belong to no
product and to nobody; they have a line of their own, so that each part comes to the same total.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from farebox.domain.report_files import ReportType, Spec
from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import FIELD_BY_NAME
from farebox.query.plan import Question, make_plan
from farebox.query.present import Raw, cells
from farebox.query.rules import Surface
from farebox.records.reading import Readable
from farebox.services.export.reports import words
from farebox.services.export.reports.answered import custom_names, within
from farebox.services.export.reports.sections import Row, number
from farebox.services.export.reports.used import Known
from farebox.services.export.reports.words import Words
from farebox.warehouse.snapshot import Snapshot

SUMMED = frozenset({ReportType.USAGE, ReportType.TOKEN_USAGE})
"""The reports whose tokens are summed up; the others have none, or none of the adjustments."""

_BY_HAND = UsageCategory.MANUAL_ADJUSTMENT.value

Key = tuple[str, str]
"""What stands in the first two columns of a line."""


class Part(NamedTuple):
    """The tokens, told apart in one way: the names of three columns, the lines, and the line of the total."""

    heads: Row
    rows: Sequence[Row]
    total: Row


class _Amount(NamedTuple):
    """Some tokens, and the line in which they count; none for adjustments by hand."""

    key: Key | None
    micro: int


def parts(spec: Spec, known: Known, snapshot: Snapshot, say: Words) -> list[Part]:
    """Return the totals of a file, part by part; nothing for one without usage that tokens pay for."""
    if SUMMED.isdisjoint(spec.types):
        return []
    ask = _Asking(spec, known, snapshot)
    nothing = say(words.NO_VALUE)
    return [
        _part((say(words.TEAM), say(words.CONTRACT)), ask.by_contract(), say),
        _part((say(words.PRODUCT), say(words.CODE)), ask.by_product(), say),
        *(_part((name, ""), ask.by_field(name, nothing), say) for name in custom_names(list(known.contracts.values()))),
    ]


class _Asking:
    """Asks for the tokens of a file's contracts, one after the other, as the usage API answers them."""

    def __init__(self, spec: Spec, known: Known, snapshot: Snapshot) -> None:
        self._where = within(spec)
        self._known = known
        self._snapshot = snapshot

    def by_contract(self) -> Iterator[_Amount]:
        """Yield the tokens of each contract."""
        for contract, by_hand, _, micro in self._asked():
            yield _Amount(None if by_hand else (contract.team, contract.number), micro)

    def by_product(self) -> Iterator[_Amount]:
        """Yield the tokens of each product, by name and code."""
        for _, by_hand, told, micro in self._asked("productName", "productLineCode"):
            yield _Amount(None if by_hand else (told[0], told[1]), micro)

    def by_field(self, name: str, nothing: str) -> Iterator[_Amount]:
        """Yield the tokens of each value of a charge-back field; in a contract without that field there is none."""
        for _, by_hand, told, micro in self._asked(name):
            yield _Amount(None if by_hand else (told[0] or nothing, ""), micro)

    def _asked(self, *fields: str) -> Iterator[tuple[Readable, bool, list[str], int]]:
        """Yield a contract, whether tokens were adjusted by hand, the values of some fields, and the tokens."""
        for contract in self._known.contracts.values():
            has = [name for name in fields if name in FIELD_BY_NAME or name in contract.fields]
            asked = Question(fields=("usageCategory", *has), metrics=("tokensConsumed",), where=self._where)
            asker = replace(contract.asker, names_hidden=self._known.names_hidden)
            plan = make_plan(asked, asker, Surface.EXPORT)
            raw = self._snapshot.ask(plan).rows
            for row, (category, *told, _) in zip(raw, cells(plan, raw), strict=True):
                values = dict(zip(has, told, strict=True))
                yield contract, category == _BY_HAND, [str(values.get(name) or "") for name in fields], _micro(row[-1])


def _micro(raw: Raw) -> int:
    assert isinstance(raw, int), "tokens are whole millionths"
    return raw


def _part(heads: Key, amounts: Iterable[_Amount], say: Words) -> Part:
    """Add up what belongs to each line, the most tokens first, then what was adjusted, then the total."""
    sums: Counter[Key] = Counter()
    by_hand = total = 0
    for key, micro in amounts:
        total += micro
        if key is None:
            by_hand += micro
        else:
            sums[key] += micro
    lines = sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    rows: list[Row] = [(*key, number(micro)) for key, micro in lines]
    adjusted = [(say(words.BY_HAND), "", number(by_hand))] if by_hand else []
    return Part((*heads, say(words.TOKENS)), [*rows, *adjusted], (say(words.TOTAL), "", number(total)))
