"""The dated settings of a contract: what holds from an instant on, without touching what is booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.records import audit, db
from farebox.records.catalogue import announce_change
from farebox.records.models import Contract, Policy
from farebox.records.models.contracts import PolicyName

MINUTES_MAX = 1440
"""No setting is longer than a day."""


class InForce(NamedTuple):
    """One setting as it holds from an instant on."""

    name: str
    minutes: int
    since: Instant


def name_of(text: str) -> str:
    """Return the name of a setting as commands write it, like `grace-minutes`."""
    return text.lower().replace("_", "-")


def set_policies(
    number: str, minutes: Mapping[str, int], *, since: Instant, now: Instant, actor: str = audit.COMMAND
) -> None:
    """
    Set dated settings of a contract, by their names as commands write them, from an instant on.

    What is booked stays as it is: a use keeps the grace of its start, and a day is rated again only when another use
    touches it. The same name and instant again replaces. Raises `NotFound`, `Rejected` with every problem.
    """
    problems = list(_problems(minutes))
    if problems:
        raise Rejected(problems)
    names = {name_of(name): name for name in PolicyName}
    with db.atomic():
        contract = _contract(number)
        for written, value in minutes.items():
            Policy.objects.update_or_create(
                contract=contract, name=names[written], since_us=since, defaults={"minutes": value}
            )
        facts = {**minutes, "since_us": since}
        audit.note([audit.Change(contract.team_id, "set", f"contract {contract.pk}", facts)], actor, at=now)
        announce_change()


def policies(number: str) -> list[InForce]:
    """Return every setting of a contract with its instants, the oldest first. Raises `NotFound`."""
    rows = Policy.objects.filter(contract=_contract(number)).order_by("name", "since_us")
    return [InForce(name_of(row.name), row.minutes, Instant(row.since_us)) for row in rows]


def _contract(number: str) -> Contract:
    contract = Contract.objects.filter(number=number).first()
    if contract is None:
        raise NotFound(f"no contract {number}")
    return contract


def _problems(minutes: Mapping[str, int]) -> Iterator[Problem]:
    known = [name_of(name) for name in PolicyName]
    for name, value in minutes.items():
        if name not in known:
            yield Problem(f"/{name}", "unknown_field", f"no such setting; there are {', '.join(known)}")
        if not 0 <= value <= MINUTES_MAX:
            yield Problem(f"/{name}", "out_of_range", f"a setting is 0 to {MINUTES_MAX} minutes")
