"""
From a question to a plan.

A `Question` holds strings, as they came. A `Plan` holds declarations, a typed condition and the contract; the
contract, and whether names are hidden, come from who asks, never from what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from farebox.domain.errors import Problem, QueryRejected
from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import (
    FIELD_BY_NAME,
    METRIC_BY_NAME,
    OLD_CATEGORIES,
    category_named,
    field_named,
    guess,
    guess_field,
)
from farebox.query.conditions import Condition
from farebox.query.declarations import Declared, Field, Metric
from farebox.query.rules import Mention, Surface, category_problems
from farebox.query.terms import POINTER
from farebox.query.where import read_where

NAMES_MAX = 100
"""How many fields, metrics or categories a question may list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, in the names of the API (usage-api 5.3)."""

    fields: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    usage_categories: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """
    Whose usage is asked about, whether names are hidden there, and its own names of the custom fields.

    `also` are further contracts, for an answer about all of them together; one that hides names hides them all (K1).
    """

    contract_id: int
    names_hidden: bool
    custom_names: tuple[str, ...] = ()
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer: the name that was asked for, and the declaration behind it."""

    name: str
    declared: Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A question that means something, about one contract, or about it and others together."""

    contract_id: int
    names_hidden: bool
    columns: tuple[Column, ...]
    usage_categories: tuple[UsageCategory, ...]
    where: Condition | None
    also: tuple[int, ...] = ()

    @property
    def contract_ids(self) -> tuple[int, ...]:
        """The contracts asked about."""
        return (self.contract_id, *self.also)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, as they were asked for."""
        return tuple(column.name for column in self.columns)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in the order asked for."""
        return tuple(column.declared for column in self.columns if isinstance(column.declared, Field))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics, in the order asked for."""
        return tuple(column.declared for column in self.columns if isinstance(column.declared, Metric))


def make_plan(question: Question, asker: Asker, surface: Surface = Surface.QUERY, *, lenient: bool = False) -> Plan:
    """
    Return the plan of a question. Raises `QueryRejected` with every problem found.

    `lenient` drops a metric named among the fields that is asked for as a metric too (usage-api Q7).
    """
    maker = _Maker(asker)
    columns = (*maker.fields(question, lenient=lenient), *maker.metrics(question))
    categories = maker.categories(question)
    where = read_where(question.where, asker.custom_names)
    maker.problems += where.problems
    mentions = [Mention(pointer, column.declared) for pointer, column in columns]
    mentions += [Mention(POINTER, field) for field in where.fields]
    maker.problems += category_problems(mentions, frozenset(categories), surface)
    if not columns and not maker.problems:
        maker.problems.append(Problem("", "nothing_asked", "ask for at least one field or metric"))
    if maker.problems:
        raise QueryRejected(maker.problems)
    return Plan(
        contract_id=asker.contract_id,
        names_hidden=asker.names_hidden,
        columns=tuple(column for _, column in columns),
        usage_categories=categories,
        where=where.condition,
        also=asker.also,
    )


class _Maker:
    """Finds the declarations that a question names, and collects what it cannot find."""

    def __init__(self, asker: Asker) -> None:
        self.problems: list[Problem] = []
        self._custom_names = asker.custom_names

    def fields(self, question: Question, *, lenient: bool) -> Iterator[tuple[str, Column]]:
        """Yield a column for each field, with its pointer (usage-api Q1, Q7)."""
        for pointer, name in self._listed("/fields", question.fields):
            field = field_named(name, self._custom_names)
            if field is not None:
                yield pointer, Column(name, field)
            elif name not in METRIC_BY_NAME:
                meant = guess_field(name, self._custom_names)
                self._note(pointer, "unknown_field", f"there is no field {name[:40]!r}{meant}")
            elif not (lenient and name in question.metrics):
                self._note(pointer, "metric_as_field", f"{name} is a metric; did you mean it in metrics?")

    def metrics(self, question: Question) -> Iterator[tuple[str, Column]]:
        """Yield a column for each metric, with its pointer."""
        for pointer, name in self._listed("/metrics", question.metrics):
            metric = METRIC_BY_NAME.get(name)
            if metric is not None:
                yield pointer, Column(name, metric)
            elif name in FIELD_BY_NAME:
                self._note(pointer, "field_as_metric", f"{name} is a field; did you mean it in fields?")
            else:
                meant = guess(name, METRIC_BY_NAME)
                self._note(pointer, "unknown_metric", f"there is no metric {name[:40]!r}{meant}")

    def categories(self, question: Question) -> tuple[UsageCategory, ...]:
        """Return the categories of the attribute, each once; the older names are accepted (Q2)."""
        found: dict[UsageCategory, None] = {}
        for pointer, name in self._listed("/usageCategory", question.usage_categories, once=False):
            category = category_named(name)
            if category is None:
                meant = guess(name, [*UsageCategory, *OLD_CATEGORIES])
                self._note(pointer, "unknown_category", f"there is no usage category {name[:40]!r}{meant}")
            else:
                found[category] = None
        return tuple(found)

    def _listed(self, pointer: str, names: Sequence[str], *, once: bool = True) -> Iterator[tuple[str, str]]:
        """Yield each name with its pointer; a list that is too long is one problem, a repeated name another."""
        if len(names) > NAMES_MAX:
            self._note(pointer, "too_many_names", f"at most {NAMES_MAX} names can be listed")
            return
        seen: set[str] = set()
        for place, name in enumerate(names):
            if once and name in seen:
                self._note(f"{pointer}/{place}", "named_twice", f"{name[:40]!r} is asked for twice")
            else:
                yield f"{pointer}/{place}", name
            seen.add(name)

    def _note(self, pointer: str, code: str, message: str) -> None:
        self.problems.append(Problem(pointer, code, message))
