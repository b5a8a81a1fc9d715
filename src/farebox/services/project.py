"""The projector: copies finished facts from the records to the warehouse, in the order of the ledger's batches."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock

from farebox.domain.clock import Day, Instant
from farebox.domain.enrichment import NO_VALUE, in_force, stretches
from farebox.domain.periods import contract_year_of
from farebox.domain.usage import ChargeCategory, UsageCategory
from farebox.query.codes import CHARGE_CATEGORIES, FUNDINGS, POOLS, USAGE_CATEGORIES, USAGE_TYPES
from farebox.records import enrichment, outbox, outright
from farebox.records.catalogue import Catalogue, ContractFacts, snapshot
from farebox.records.enrichment import Place, Values
from farebox.records.models.contracts import Scheme
from farebox.records.outbox import Charged, Published
from farebox.warehouse import Batch, Enriched, Fact, LabelRow, PersonRow, ProductRow, ValueRow, current
from farebox.warehouse.current import warehouse

BATCHES_AT_ONCE = 500
FACTS_AT_ONCE = 100_000

_UNSURE = -1
"""The position of names whose batch may or may not have been written; they are all given again then."""

_projecting = Lock()
_PLACES = {
    "hubId": "hub_id",
    "hubName": "hub_name_id",
    "projectId": "project_id",
    "projectName": "project_name_id",
    "jobStatus": "job_status_id",
    "reasonType": "reason_type_id",
    "reasonComment": "reason_comment_id",
}
_MANUAL = (UsageCategory.MANUAL_ADJUSTMENT, UsageCategory.MANUAL_CONSUMPTION)
_COUNTED = (ChargeCategory.CHARGED, ChargeCategory.INCREMENTAL)


def project() -> int:
    """
    Bring the warehouse up to the last committed batch and return that position.

    Interrupted anywhere, the next run goes on from what the warehouse has; a batch is never counted twice.
    """
    house = warehouse()
    with _projecting:
        position = house.position()
        for batch in _batches(position):
            house.apply(batch)
            position = batch.position
    return position


def rebuild() -> int:
    """Fill the warehouse anew from the records, with the same result (invariant L8), and return its position."""
    house = warehouse()
    with _projecting:
        house.rebuild(_batches(0))
    return house.position()


def close() -> None:
    """Close the warehouse; the next question opens it again."""
    current.close()


def lag_us(*, now: Instant) -> int:
    """Return for how long the oldest batch that the warehouse lacks has been waiting, in microseconds; 0 if none."""
    waiting = outbox.after(warehouse().position(), limit=1)
    return max(0, now - waiting[0].booked) if waiting else 0


def _batches(position: int) -> Iterator[Batch]:
    """Yield what the warehouse lacks after a position, a bounded number of facts at a time."""
    dimensions = _dimensions_from(position)
    while published := outbox.after(position, limit=BATCHES_AT_ONCE):
        for group in _grouped(published):
            position = group[-1].position
            dimensions.position = _UNSURE
            yield _batch(group, snapshot(), dimensions)
            dimensions.position = position  # the batch is written: who takes the next one has finished with it


def _grouped(published: Sequence[Published]) -> Iterator[list[Published]]:
    group: list[Published] = []
    facts = 0
    for batch in published:
        if group and facts + batch.until - batch.since > FACTS_AT_ONCE:
            yield group
            group, facts = [], 0
        group.append(batch)
        facts += batch.until - batch.since
    yield group


def _batch(group: Sequence[Published], catalogue: Catalogue, dimensions: _Dimensions) -> Batch:
    """Merge batches; what a later one of them ended never counted."""
    removed = {charge for batch in group for charge in batch.ended}
    charges = [c for batch in group for c in outbox.charged(batch.since, batch.until) if c.charge not in removed]
    renamed = any(batch.since == batch.until and not batch.ended for batch in group)
    enriched = dimensions.values.news()
    dimensions.values.meet(charges)
    return Batch(
        group[-1].position,
        group[-1].booked,
        [_fact(charge, catalogue.contracts[charge.contract], dimensions.values) for charge in charges],
        sorted(removed),
        dimensions.people(charges, renamed=renamed),
        dimensions.products(catalogue.version),
        dimensions.labels(charges, enriched),
        enriched,
    )


def _fact(charge: Charged, contract: ContractFacts, values: _Values) -> Fact:
    enterprise = contract.scheme == Scheme.ENTERPRISE
    fact = Fact(
        charge_id=charge.charge,
        contract_id=charge.contract,
        usage_date=charge.day,
        contract_year=_year(contract.start_day, charge.day),
        usage_category=USAGE_CATEGORIES.code(charge.usage_category),
        funding=FUNDINGS.code(charge.funding),
        charged=int(charge.category in _COUNTED and charge.usage_category != UsageCategory.MANUAL_ADJUSTMENT),
        duration_us=charge.until - charge.since,
        tokens_micro=charge.tokens_micro,
        person_id=charge.person,
        product_id=charge.product,
        charge_category=CHARGE_CATEGORIES.code(charge.category),
        usage_type=USAGE_TYPES.code(charge.usage_type),
        pool=POOLS.code("CY" if enterprise else "FLEX"),
        since_us=charge.since,
        until_us=charge.until,
        offset_seconds=charge.offset_seconds,
        transaction_date=charge.entered_on if charge.usage_category in _MANUAL else None,
        version_id=charge.version,
        feature_id=charge.feature,
        machine_id=charge.machine,
        server_id=charge.server,
    )
    more = _extra(charge.extra, contract) if charge.extra else {}
    values.fill(more, charge)
    return fact._replace(**more) if more else fact  # type: ignore[arg-type]


def _extra(extra: str, contract: ContractFacts) -> dict[str, int]:
    """Return the columns of hub, project, job status, reason and charge-back fields that the contract has named."""
    found: dict[str, int] = {}
    told = json.loads(extra)
    pool = outright.pool_in(told)
    if pool:
        found["pool"] = POOLS.code(pool)
    for name, label in told.items():
        field = contract.fields.get(name.removeprefix("attribute:")) if name.startswith("attribute:") else None
        column = f"custom_{field}" if field else _PLACES.get(name)
        if column:
            found[column] = label
        if field:
            found["told"] = found.get("told", 0) | _bit(field)
    return found


def _bit(position: int) -> int:
    """Return the bit of `Fact.told` that stands for a charge-back field, 1 to 10."""
    return 1 << (position - 1)


def _dimensions_from(position: int) -> _Dimensions:
    """Go on with the names given so far, if this process brought the warehouse to `position`; else give all."""
    global _given
    if position == 0 or _given.position != position:
        _given = _Dimensions()
    return _given


@lru_cache(maxsize=8_192)
def _year(start: Day, on: Day) -> int:
    return contract_year_of(start, on)


class _Values:
    """
    What is told of people, as this projector gave it to the warehouse last.

    Facts are filled from the same reading that was written over the facts before them, so no answer ever mixes two
    (domain R4). A field whose version changed is read again, and given whole, with the next batch.
    """

    def __init__(self) -> None:
        self._given: dict[Place, Values] = {}
        self._of_contract: dict[int, list[tuple[int, Values]]] = defaultdict(list)

    def news(self) -> list[Enriched]:
        """Return the fields of which something else is told than the warehouse was given."""
        versions = enrichment.versions()
        changed = [
            enrichment.values(place, version)
            for place, version in versions.items()
            if place not in self._given or self._given[place].version != version
        ]
        kept = {place: values for place, values in self._given.items() if place in versions}
        self._given = kept | {values.place: values for values in changed}
        self._of_contract.clear()
        for (contract, position), values in self._given.items():
            self._of_contract[contract].append((position, values))
        return [Enriched(*values.place, _stretched(values)) for values in changed]

    def meet(self, charges: Sequence[Charged]) -> None:
        """Find out who of those that used something is named in a list that was read before they were known."""
        users: dict[int, set[int]] = defaultdict(set)
        for charge in charges:
            users[charge.contract].add(charge.person)
        for contract, people in users.items():
            for _, values in self._of_contract.get(contract, ()):
                values.meet(people)

    def fill(self, columns: dict[str, int], charge: Charged) -> None:
        """Add what is told of the person of a charge for its usage date, where the use itself brought no value."""
        for position, values in self._of_contract.get(charge.contract, ()):
            told = () if columns.get("told", 0) & _bit(position) else values.of.get(charge.person, ())
            label = in_force(told, charge.day)
            if label != NO_VALUE:
                columns[f"custom_{position}"] = label


def _stretched(values: Values) -> list[ValueRow]:
    return [ValueRow(person, *stretch) for person, told in sorted(values.of.items()) for stretch in stretches(told)]


class _Dimensions:
    """Which names and charge-back values the warehouse was given already by this projector."""

    def __init__(self) -> None:
        self.position = 0
        self.values = _Values()
        self._person = self._label = 0
        self._catalogue: int | None = None

    def people(self, charges: Iterable[Charged], *, renamed: bool) -> list[PersonRow]:
        """Return the people that are new to these charges, or everybody where somebody's name changed."""
        used = (charge.person for charge in charges)
        rows = [PersonRow._make(row) for row in outbox.people_after(0 if renamed else self._person, used=used)]
        self._person = max(self._person, rows[-1].person_id) if rows else self._person
        return rows

    def products(self, version: int) -> list[ProductRow]:
        """Return every product, if the catalogue changed."""
        if version == self._catalogue:
            return []
        self._catalogue = version
        return [ProductRow._make(row) for row in outbox.products()]

    def labels(self, charges: Iterable[Charged], enriched: Iterable[Enriched]) -> list[LabelRow]:
        """Return the labels that are new to these charges, or to what is told of people."""
        used = [label for charge in charges for label in _labels_of(charge)]
        used += {value.label_id for one in enriched for value in one.values}
        rows = [LabelRow._make(row) for row in outbox.labels_after(self._label, used=used)]
        self._label = max(self._label, rows[-1].label_id) if rows else self._label
        return rows


def _labels_of(charge: Charged) -> list[int]:
    more = json.loads(charge.extra).values() if charge.extra else ()
    labels = (label for label in more if isinstance(label, int))
    return [charge.version, charge.feature, charge.machine, charge.server, *labels]


_given = _Dimensions()
