"""
What is told of people for charge-back: one category of a contract at a time, replaced whole or not at all.

A list says who belongs to which department, project or site, and from when; `docs/enrichment.md` has the rules.
Reports show the value that was in force on the usage date, unless the use itself brought one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

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


class Named(NamedTuple):
    """A field of a contract that has a name, and how many values are told of people under it."""

    position: int
    name: str
    told: int


class _OnlyPreview(Exception):
    """Everything was tried, and is to be forgotten."""


def enrich(
    number: str, category: str, rows: Iterable[Row], *, actor: str, now: Instant, preview: bool = False
) -> Enriched:
    """
    Replace all that is told of people under a category of contract `number` by a list; a repetition changes nothing.

    A category is one of the contract's ten charge-back fields, by its name or as customField1 … customField10; a new
    name takes the first that is free, once a value is told under it. A `preview` says what would change and changes
    nothing. Raises `Rejected` with every problem of the name and of the rows, `NotFound` for a contract that is not
    there.
    """
    contract = _contract(number)
    told, problems = _read(rows)
    found: list[Enriched] = []
    try:
        with db.atomic():
            ledger.lock([contract.team_id])  # nobody tells a use, joins two names or names a field meanwhile
            place, named = _place(contract, category, problems)
            if not named:
                _expect_values(category, told)
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


def fields(number: str) -> list[Named]:
    """Return the named fields of a contract, in their order. Raises `NotFound`."""
    contract = _contract(number)
    named = ContractField.objects.filter(contract=contract).order_by("position")
    return [Named(row.position, row.name, len(enrichment.stored(contract.pk, row.position))) for row in named]


def rename(number: str, old: str, new: str, *, actor: str, now: Instant) -> Named:
    """
    Give a field of a contract another name; what is told of people under it stays.

    What came with uses goes by the name that it came with, so the field shows it under the new name from now on.
    Raises `Rejected` for a name that no field has or can have, `NotFound` for a contract that is not there.
    """
    contract = _contract(number)
    with db.atomic():
        ledger.lock([contract.team_id])
        row = _field(contract, old)
        others = ContractField.objects.filter(contract=contract).exclude(pk=row.pk).values_list("name", flat=True)
        faults = _faults(new, others)
        if faults:
            raise Rejected(Problem("/new", "invalid_category", message) for message in faults)
        if new != old:
            ContractField.objects.filter(pk=row.pk).update(name=new)
            _note_name(contract, "field.rename", row.position, actor, at=now)
            _show_again(contract, old, new)
    return Named(row.position, new, len(enrichment.stored(contract.pk, row.position)))


def free(number: str, name: str, *, actor: str, now: Instant) -> int:
    """
    Take the name of a field away, so that another category can have the field, and return its position.

    Nothing may be told of people under it. What came with uses stays with them, and is shown again when a field gets
    the name again. Raises `Rejected`, `NotFound`.
    """
    contract = _contract(number)
    with db.atomic():
        ledger.lock([contract.team_id])
        row = _field(contract, name)
        told = len(enrichment.stored(contract.pk, row.position))
        if told:
            message = f"{told:,} values are told of people under {name}; end them first with an empty list"
            raise Rejected([Problem("/name", "field_in_use", message)])
        ContractField.objects.filter(pk=row.pk).delete()
        _note_name(contract, "field.free", row.position, actor, at=now)
        announce_change()
        outbox.publish_again()  # with none of the values that were told, also where nobody has read yet that they ended
    return row.position


def _contract(number: str) -> Contract:
    contract = Contract.objects.filter(number=number).first()
    if contract is None:
        raise NotFound(f"no contract {number!r}")
    return contract


def _field(contract: Contract, name: str) -> ContractField:
    row = ContractField.objects.filter(contract=contract, name=name).first()
    if row is None:
        raise Rejected([Problem("/name", "unknown_category", f"the contract has no category {name[:40]!r}")])
    return row


def _show_again(contract: Contract, *names_: str) -> None:
    """Announce other names of fields, and every use again where one brought a value under one of them."""
    announce_change()
    if any(enrichment.came_with_uses(contract.pk, name) for name in names_):
        outbox.publish_again()


def _note_name(contract: Contract, verb: str, position: int, actor: str, *, at: Instant) -> None:
    audit.note([Change(contract.team_id, verb, f"contract {contract.pk}", {"field": position})], actor, at=at)


def _expect_values(category: str, told: Statements) -> None:
    """Refuse a list that would give a field a name for no value: the name is probably mistyped."""
    if not any(told.values()):
        message = f"there is no category {category[:40]!r}, and a list without any value makes none"
        raise Rejected([Problem("/category", "unknown_category", message)])


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
        known = taken[name.casefold()]
        case = "" if known == name else "; names that differ in letter case alone are the same"
        faults.append(f"{known} means something already{case}")
    return faults


def _name(contract: Contract, position: int, name: str) -> None:
    """Name a field; values of that name that came with uses before are shown from now on."""
    ContractField.objects.create(contract=contract, position=position, name=name)
    _show_again(contract, name)


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
