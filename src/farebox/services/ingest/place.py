"""Names to numbers: whose use it was, of what, under which contract; or what the event has to wait for (domain M2)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from farebox.domain.charging.precedence import Entitlement, funding_at
from farebox.domain.clock import MINUTE, Instant, Span, day_of, midnight
from farebox.domain.ids import tie_of
from farebox.domain.rates import rate_in_force, setting_in_force
from farebox.domain.usage import Funding
from farebox.records import db, names, usage
from farebox.records.catalogue import Catalogue, ContractFacts, ProductFacts
from farebox.records.models.contracts import Scheme
from farebox.records.usage import UseRow
from farebox.services.ingest.arrival import Arrival
from farebox.services.ingest.reported import LATEST, Reported

GRACE_MINUTES = 5
"""The grace where a contract sets none (domain F3)."""

ENTERPRISE = Scheme.ENTERPRISE


class Placed(NamedTuple):
    """A use with its product and contract known."""

    arrival: Arrival
    reported: Reported
    product: ProductFacts
    contract: ContractFacts
    version: str


def place(arrivals: Sequence[Arrival], catalogue: Catalogue) -> list[Placed]:
    """Return the uses that can be charged; the others are quarantined with what they wait for."""
    placed = []
    for arrival in arrivals:
        found = _place(arrival, catalogue)
        if isinstance(found, str):
            arrival.quarantine(found)
        else:
            placed.append(found)
    return placed


def _place(arrival: Arrival, catalogue: Catalogue) -> Placed | str:
    reported = arrival.reported
    if reported is None:
        return "no_rule"
    known = catalogue.codes.get(reported.product)
    if known is None:
        return "unknown_product"
    product = catalogue.products[known[0]]
    version = reported.version or known[1]
    if product.versions and version and version not in product.versions:
        return "unknown_version"
    contract = _contract(catalogue.contracts_of.get(arrival.team, ()), product.id, reported)
    if contract is None:
        return "no_contract"
    if rate_in_force(catalogue.rates.get((contract.card, product.id), ()), _priced_at(contract, reported)) is None:
        return "no_rate"
    return Placed(arrival, reported, product, contract, version)


def _contract(contracts: Sequence[ContractFacts], product: int, reported: Reported) -> ContractFacts | None:
    """
    Return the contract that pays: the enterprise contract if it opens the product, else Flex (domain C2).

    An enterprise contract runs by the dates of the licence server, a Flex contract by UTC (domain T2).
    """
    at = reported.since
    for contract in contracts:  # enterprise sorts before Flex
        today = day_of(at, reported.offset_seconds if contract.scheme == ENTERPRISE else 0)
        opened = contract.opens.get(product)
        in_time = contract.start_day <= today and (contract.end_day is None or today < contract.end_day)
        if opened is not None and opened <= at and in_time:
            return contract
    return None


def _priced_at(contract: ContractFacts, reported: Reported) -> Instant:
    """Return the earliest instant at which a part of the use may be priced (domain T7)."""
    if contract.scheme != ENTERPRISE:
        return reported.since
    offset = reported.offset_seconds
    return midnight(day_of(reported.since, offset), offset)


def number(placed: Sequence[Placed], *, first_use: int, now: Instant) -> list[UseRow]:
    """Return the uses as rows, making people and labels that were never heard of (domain M1)."""
    by_team: dict[int, list[Placed]] = defaultdict(list)
    for one in placed:
        by_team[one.arrival.team].append(one)
    rows: list[UseRow] = []
    for team, uses in by_team.items():
        people = names.people(team, {one.reported.person for one in uses}, at=now)
        labels = names.labels(team, _labels_of(uses))
        held = usage.entitlements(sorted({people[one.reported.person] for one in uses}))
        for one in uses:
            rows.append(_use_row(one, first_use + len(rows), people[one.reported.person], labels, held))
            one.arrival.use = rows[-1].id
    return rows


def _labels_of(uses: Sequence[Placed]) -> dict[str, set[str]]:
    """Return the words that the uses mention, by their kind."""
    wanted = {
        "version": {one.version for one in uses},
        "feature": {one.reported.feature for one in uses},
        "machine": {one.reported.machine for one in uses},
        "server": {one.reported.server for one in uses},
        "custom": set[str](),
        "text": set[str](),
    }
    for one in uses:
        if one.reported.attributes:
            wanted["custom"].update(one.reported.attributes.values())
        if one.reported.places:
            wanted["text"].update(one.reported.places.values())
    return wanted


def _use_row(
    one: Placed,
    number: int,
    person: int,
    labels: Mapping[str, Mapping[str, int]],
    held: Mapping[tuple[int, int], Sequence[tuple[str, Instant, Instant | None]]],
) -> UseRow:
    reported, contract, product = one.reported, one.contract, one.product
    assert one.arrival.sent is not None
    minutes = setting_in_force(contract.settings.get("GRACE_MINUTES", ()), reported.since, GRACE_MINUTES)
    entitled = held.get((person, product.id), ())
    return UseRow(
        number,
        one.arrival.event,
        contract.id,
        person,
        product.id,
        reported.since,
        reported.until,
        int(reported.open),
        tie_of(one.arrival.sent.envelope.source, one.arrival.id),
        minutes * MINUTE,
        reported.offset_seconds,
        db.word(reported.usage_type),
        db.word(_funding(entitled, reported.since) if entitled else Funding.TOKENS),
        labels["version"][one.version],
        labels["feature"][reported.feature],
        labels["machine"][reported.machine],
        labels["server"][reported.server],
        _extra(reported, labels),
        usage.write_spans(reported.active),
    )


def _funding(held: Sequence[tuple[str, Instant, Instant | None]], at: Instant) -> Funding:
    entitlements = [Entitlement(Funding(kind), Span(since, until or LATEST)) for kind, since, until in held]
    return funding_at(entitlements, at)


def _extra(reported: Reported, labels: Mapping[str, Mapping[str, int]]) -> str | None:
    """Write what few uses carry (charge-back values, hub, project) as label numbers by name."""
    if not reported.attributes and not reported.places:
        return None
    custom, texts = labels["custom"], labels["text"]
    found = {f"attribute:{name}": custom[text] for name, text in (reported.attributes or {}).items()}
    found |= {name: texts[text] for name, text in (reported.places or {}).items()}
    return json.dumps(found, separators=(",", ":"))
