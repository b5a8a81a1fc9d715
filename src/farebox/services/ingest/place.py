"""Names to numbers: whose use it was, of what, under which contract; or what the event has to wait for (domain M2)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import MINUTE, Instant, day_of, midnight
from farebox.domain.ids import tie_of
from farebox.domain.rates import Rate, rate_in_force, setting_in_force
from farebox.domain.seats import Held
from farebox.records import assigned, db, names, seats, usage
from farebox.records.catalogue import Catalogue, ContractFacts, ProductFacts, payer_of
from farebox.records.models.contracts import Scheme
from farebox.records.models.usage import UseKind
from farebox.records.usage import UseRow
from farebox.services.ingest.arrival import Arrival
from farebox.services.ingest.checks import Reported
from farebox.services.ingest.pricing import NOTHING, contract_of_pool, kind_of, missing, priced, rate_of, texts_of

GRACE_MINUTES = 5
"""The grace where a contract sets none (domain F3)."""

ENTERPRISE = Scheme.ENTERPRISE
MANUAL = db.word(UseKind.MANUAL)


class Placed(NamedTuple):
    """A use with its product and contract known."""

    arrival: Arrival
    reported: Reported
    product: ProductFacts
    contract: ContractFacts
    version: str
    rate: Rate | None


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
    contracts = catalogue.contracts_of.get(arrival.team, ())
    if reported.by_hand is not None and reported.by_hand.pool:
        changed = contract_of_pool(contracts, reported.by_hand, reported)
        return "no_contract" if changed is None else Placed(arrival, reported, NOTHING, changed, "", None)
    known = catalogue.codes.get(reported.product)
    if known is None:
        return "unknown_product"
    product = catalogue.products[known[0]]
    version = reported.version or known[1]
    if product.versions and version and version not in product.versions:
        return "unknown_version"
    contract = payer_of(contracts, product.id, reported.since, offset_seconds=reported.offset_seconds)
    if contract is None:
        return "no_contract"
    if kind_of(reported) is UseKind.SESSION:
        rate = rate_in_force(catalogue.rates.get((contract.card, product.id), ()), _priced_at(contract, reported))
        lacks = "" if rate else "no_rate"
    else:
        rate = rate_of(reported, product.id, contract, catalogue)
        lacks = missing(reported, rate)
    return lacks or Placed(arrival, reported, product, contract, version, rate)


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
        people = {"": 0} | names.people(team, {one.reported.person for one in uses} - {""}, at=now)
        labels = names.labels(team, _labels_of(uses))
        held = seats.held(sorted({people[one.reported.person] for one in uses}))
        open_to = assigned.of(team, sorted(set(people.values())))
        for one in uses:
            row = _use_row(one, first_use + len(rows), people[one.reported.person], labels, held)
            if open_to is not None and row.kind != MANUAL and not open_to.has(row.person, row.product, row.since):
                row = row._replace(unassigned=True)  # charged all the same (domain M5)
            rows.append(row)
            one.arrival.use = row.id
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
        wanted["text"].update(texts_of(one.reported).values())
    return wanted


def _use_row(
    one: Placed,
    number: int,
    person: int,
    labels: Mapping[str, Mapping[str, int]],
    held: Mapping[tuple[int, int], Sequence[Held]],
) -> UseRow:
    reported, contract, product = one.reported, one.contract, one.product
    assert one.arrival.sent is not None
    minutes = setting_in_force(contract.settings.get("GRACE_MINUTES", ()), reported.since, GRACE_MINUTES)
    kind = kind_of(reported)
    entitled = held.get((person, product.id), ()) if kind is UseKind.SESSION else ()
    return UseRow(
        number,
        one.arrival.event,
        contract.id,
        person,
        product.id,
        reported.since,
        reported.until,
        reported.open,
        tie_of(one.arrival.sent.envelope.source, one.arrival.id),
        minutes * MINUTE,
        reported.offset_seconds,
        db.word(reported.usage_type),
        db.word(funding_at(entitled, reported.since)),
        labels["version"][one.version],
        labels["feature"][reported.feature],
        labels["machine"][reported.machine],
        labels["server"][reported.server],
        _extra(one, number, labels),
        usage.write_spans(reported.active),
        db.word(kind),
    )


def _extra(one: Placed, use: int, labels: Mapping[str, Mapping[str, int]]) -> str | None:
    """Write what few uses carry: charge-back values, hub, project and such as label numbers, and an own price."""
    reported = one.reported
    own_price = kind_of(reported) is not UseKind.SESSION
    if not (own_price or reported.attributes or reported.places):
        return None
    custom, texts = labels["custom"], labels["text"]
    found: dict[str, object] = {f"attribute:{name}": custom[text] for name, text in (reported.attributes or {}).items()}
    found |= {name: texts[text] for name, text in texts_of(reported).items()}
    if own_price:
        found["price"] = priced(use, reported, one.product.id, one.rate)
    return json.dumps(found, separators=(",", ":"))
