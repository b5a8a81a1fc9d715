"""
What is told of people for charge-back: one category of a contract at a time, replaced whole or not at all.

A list says who belongs to which department, project or site, and from when; `docs/enrichment.md` has the rules.
Reports show the value that was in force on the usage date, unless the use itself brought one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from farebox.domain.clock import Instant
from farebox.domain.enrichment import CATEGORIES_MAX, Row, Statements, is_plain, read
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.query.catalogue import FIELD_BY_NAME, METRIC_BY_NAME
from farebox.records import audit, db, enrichment, ledger, names, outbox
from farebox.records.audit import Change
from farebox.records.catalogue import announce_change
from farebox.records.models import Contract, ContractField

NAME_LENGTH_MAX = 100
_NUMBERED = re.compile(r"customField([1-9]|10)")
_NOT_IN_NAMES = frozenset("\"'`/\\")
"""What would end a name in a condition or in an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """
    What a list changed: how many values are new or others now, stayed, and are told no more.

    `unknown` are the names in the list that nobody in the team has yet; their values wait for them.
    """

    category: str
    field: str
    set: int
    unchanged: int
    ended: int
    unknown: int


class _OnlyPreview(Exception):
    """Everything was tried, and is to be forgotten."""


def enrich(
    number: str, category: str, rows: Iterable[Row], *, actor: str, now: Instant, preview: bool = False
) -> Enriched:
    """
    Replace all that is told of people under a category of contract `number` by a list; a repetition changes nothing.

    A category is one of the contract's ten charge-back fields, by its name or as customField1 … customField10; a new
    name takes the first that is free. A `preview` says what would change and changes nothing. Raises `Rejected` with
    every problem of the name and of the rows, `NotFound` for a contract that is not there.
    """
    contract = Contract.objects.filter(number=number).first()
    if contract is None:
        raise NotFound(f"no contract {number!r}")
    told, problems = _read(rows)
    found: list[Enriched] = []
    try:
        with db.atomic():
            ledger.lock([contract.team_id])  # nobody tells a use, joins two names or names a field meanwhile
            place, named = _place(contract, category, problems)
            if not named:
                _name(contract, place, category)
            done = _replace(contract, place, named or category, told)
            if done.set or done.ended or not named:
                _note(contract, place, done, actor, at=now)
            found.append(done)
            if preview:
                raise _OnlyPreview
    except _OnlyPreview:
        pass
    return found[0]


def _read(rows: Iterable[Row]) -> tuple[Statements, tuple[Problem, ...]]:
    try:
        return read(rows), ()
    except Rejected as error:
        return {}, error.problems


def _place(contract: Contract, category: str, problems: Collection[Problem]) -> tuple[int, str]:
    """Return the field of a category, and its name if it has one. Raises `Rejected` with all that is wrong."""
    named = dict(ContractField.objects.filter(contract=contract).values_list("position", "name"))
    place, wrong = place_of(category, named)
    if wrong or problems:
        raise Rejected([*wrong, *problems])
    return place, named.get(place, "")


def place_of(category: str, named: Mapping[int, str]) -> tuple[int, list[Problem]]:
    """Return the position that a category has, or takes, beside the fields that are `named`; and what forbids it."""
    numbered = _NUMBERED.fullmatch(category)
    if numbered:
        return int(numbered[1]), []
    for position, name in named.items():
        if name == category:
            return position, []
    free = [position for position in range(1, CATEGORIES_MAX + 1) if position not in named]
    problems = [Problem("/category", "invalid_category", message) for message in _faults(category, named.values())]
    if not free:
        message = f"the contract has {CATEGORIES_MAX} categories: {', '.join(sorted(named.values()))}"
        problems.append(Problem("/category", "too_many_categories", message))
    return (free or [0])[0], problems


def _faults(name: str, others: Iterable[str]) -> list[str]:
    """Return what keeps a text from naming a new field."""
    faults = []
    if not 1 <= len(name) <= NAME_LENGTH_MAX or name != name.strip():
        faults.append(f"a name has 1 to {NAME_LENGTH_MAX} characters, and no blank at either end")
    if not is_plain(name) or set(name) & _NOT_IN_NAMES:
        faults.append("a name has no quotes, slashes or control characters")
    taken = {known.casefold(): known for known in (*FIELD_BY_NAME, *METRIC_BY_NAME, *others)}
    if name.casefold().startswith("customfield"):
        faults.append(f"the numbered fields are customField1 to customField{CATEGORIES_MAX}")
    elif name.casefold() in taken:
        faults.append(f"{taken[name.casefold()]} means something already")
    return faults


def _name(contract: Contract, position: int, name: str) -> None:
    """Name a field; values of that name that came with uses before are shown from now on."""
    ContractField.objects.create(contract=contract, position=position, name=name)
    announce_change()
    if enrichment.came_with_uses(contract.pk, name):
        outbox.publish_again()


def _replace(contract: Contract, position: int, category: str, told: Statements) -> Enriched:
    before = enrichment.stored(contract.pk, position)
    labels = names.labels(contract.team_id, {"custom": told.values()})["custom"]
    meant = {place: labels[value] for place, value in told.items()}
    fresh = {place: label for place, label in meant.items() if place not in before or before[place].label != label}
    outcome = Enriched(
        category=category,
        field=f"customField{position}",
        set=len(fresh),
        unchanged=len(meant) - len(fresh),
        ended=len(before.keys() - meant.keys()),
        unknown=enrichment.unknown(contract.team_id, {person for person, _ in told}),
    )
    if outcome.set or outcome.ended:
        stale = [one.id for place, one in before.items() if place in fresh or place not in meant]
        enrichment.remove(stale)
        enrichment.add(contract.pk, position, fresh)
        enrichment.renew((contract.pk, position))
        outbox.announce_names()
    return outcome


def _note(contract: Contract, position: int, outcome: Enriched, actor: str, *, at: Instant) -> None:
    """Write the one row of the audit; a list with nothing new has none, as it changed nothing (T5)."""
    facts = {
        "field": position,
        "set": outcome.set,
        "unchanged": outcome.unchanged,
        "ended": outcome.ended,
        "unknown": outcome.unknown,
    }
    audit.note([Change(contract.team_id, "enriched", f"contract {contract.pk}", facts)], actor, at=at)
