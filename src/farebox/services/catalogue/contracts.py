"""What teams bought under: contracts, and the names of their charge-back fields (domain C1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from farebox.domain.clock import Day, Instant, as_date, day
from farebox.domain.errors import Problem, Rejected, Taken
from farebox.records import db, outbox
from farebox.records.catalogue import announce_change
from farebox.records.models import Contract, ContractField, Offer, Policy, RateCard, Team
from farebox.records.models.contracts import PolicyName, Scheme
from farebox.services.catalogue.hand import Hand, note

FIRST_DAY, LAST_DAY = day(date(1990, 1, 1)), day(date(2100, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A contract as a list shows it."""

    number: str
    team: str
    scheme: str
    start: date
    end: date | None


def add_contract(
    team: Team,
    scheme: Scheme,
    *,
    offer: str,
    card: str,
    start: Day,
    name: str = "",
    end: Day | None = None,
    by: Hand | None = None,
) -> Contract:
    """
    Add the team's contract of a scheme, with a generated number (domain C1).

    Raises `Rejected` with every problem, `Taken` for a second contract of the scheme.
    """
    problems = _problems(offer, card, start, end)
    if problems:
        raise Rejected(problems)
    with db.atomic():
        if Contract.objects.filter(team=team, scheme=scheme).exists():
            raise Taken(f"the team has a {scheme} contract already", pointer="/scheme")
        contract = Contract.objects.create(
            team=team,
            number=_number(),
            name=name or team.name,
            scheme=scheme,
            offer=Offer.objects.get(code=offer),
            card=RateCard.objects.get(code=card),
            start_day=start,
            end_day=end,
        )
        facts: dict[str, str | int] = {"scheme": scheme.value, "offer": offer, "card": card}
        facts |= {"start": as_date(start).isoformat()} | ({"end": as_date(end).isoformat()} if end else {})
        note(by, "contract.add", f"contract {contract.pk}", facts, team=team.pk)
        announce_change()
    return contract


def _problems(offer: str, card: str, start: Day, end: Day | None) -> list[Problem]:
    problems = []
    if not FIRST_DAY <= start < LAST_DAY or not FIRST_DAY <= (start if end is None else end) <= LAST_DAY:
        problems.append(Problem("/start", "out_of_range", "a contract starts and ends between 1990 and 2100"))
    if end is not None and end <= start:
        problems.append(Problem("/end", "end_before_start", "the contract ends before it starts"))
    if not Offer.objects.filter(code=offer).exists():
        problems.append(Problem("/offer", "not_found", f"no offer {offer!r}"))
    if not RateCard.objects.filter(code=card).exists():
        problems.append(Problem("/card", "not_found", f"no rate card {card!r}"))
    return problems


def _number() -> str:
    """Return a contract number that no contract has: twelve digits, as connectors expect."""
    while True:
        number = f"9{secrets.randbelow(10**11):011d}"
        if not Contract.objects.filter(number=number).exists():
            return number


def contracts() -> list[Listed]:
    """Return every contract, by team and scheme."""
    return [
        Listed(
            number=row.number,
            team=row.team.slug,
            scheme=row.scheme.lower(),
            start=as_date(Day(row.start_day)),
            end=None if row.end_day is None else as_date(Day(row.end_day)),
        )
        for row in Contract.objects.select_related("team").order_by("team__slug", "scheme")
    ]


def contract_numbers(team: Team) -> list[str]:
    """Return the numbers of a team's contracts."""
    return list(Contract.objects.filter(team=team).order_by("pk").values_list("number", flat=True))


def name_fields(contract: Contract, fields: Mapping[int, str]) -> None:
    """Name charge-back fields of a contract, by their position from 1 to 10."""
    with db.atomic():
        for position, name in fields.items():
            ContractField.objects.update_or_create(contract=contract, position=position, defaults={"name": name})
        announce_change()
        outbox.publish_again()


def set_policy(contract: Contract, name: PolicyName, minutes: int, *, since: Instant) -> None:
    """Set a dated setting of a contract from an instant on, where a demonstration is made."""
    with db.atomic():
        Policy.objects.update_or_create(contract=contract, name=name, since_us=since, defaults={"minutes": minutes})
        announce_change()
