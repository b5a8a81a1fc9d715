"""The catalogue as the hot paths read it: one frozen snapshot, read again whenever a change is announced."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from farebox.domain.amounts import Tokens
from farebox.domain.clock import SECOND, Day, Instant, day_of
from farebox.domain.rates import Rate, Setting
from farebox.records import db
from farebox.records.models import (
    Contract,
    ContractField,
    Counter,
    OfferProduct,
    Policy,
    Product,
    ProductCode,
    ProductVersion,
    Team,
)
from farebox.records.models import Rate as RateRow
from farebox.records.models.contracts import Scheme
from farebox.records.tenancy import everyone


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """What charging needs to know of a product."""

    id: int
    code: str
    family: int
    category: str
    versions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """What charging needs to know of a contract; `opens` tells since when its offer has each product."""

    id: int
    team: int
    number: str
    scheme: str
    start_day: Day
    end_day: Day | None
    closed_through: Day | None
    card: int
    opens: Mapping[int, Instant]
    settings: Mapping[str, tuple[Setting, ...]]
    fields: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """
    Products by id and by any of their codes, rates by card and product, contracts by team.

    `classes` are the rates of jobs by card, product and complexity class; those without a class are `rates`, too.
    """

    version: int
    teams: Mapping[str, int]
    products: Mapping[int, ProductFacts]
    codes: Mapping[str, tuple[int, str]]
    rates: Mapping[tuple[int, int], tuple[Rate, ...]]
    classes: Mapping[tuple[int, int, str], tuple[Rate, ...]]
    contracts: Mapping[int, ContractFacts]
    contracts_of: Mapping[int, tuple[ContractFacts, ...]]


def payer_of(
    contracts: Sequence[ContractFacts], product: int, at: Instant, *, offset_seconds: int = 0
) -> ContractFacts | None:
    """
    Return the contract that pays: the enterprise contract if it opens the product, else Flex (domain C2).

    An enterprise contract runs by the dates of the licence server, a Flex contract by UTC (domain T2).
    """
    for contract in contracts:  # enterprise sorts before Flex
        today = day_of(at, offset_seconds if contract.scheme == Scheme.ENTERPRISE else 0)
        opened = contract.opens.get(product)
        in_time = contract.start_day <= today and (contract.end_day is None or today < contract.end_day)
        if opened is not None and opened <= at and in_time:
            return contract
    return None


_SERIES = "catalogue"
_known: dict[str, Catalogue] = {}


def announce_change() -> None:
    """Tell every process that the catalogue changed; call it in the transaction that changes it."""
    _slugs.clear()
    Counter.objects.update_or_create(name=_SERIES, defaults={"value": secrets.randbits(62)})


def snapshot() -> Catalogue:
    """Return the catalogue as it stands, from memory where nothing changed since it was last read."""
    found = db.rows("SELECT value FROM records_counter WHERE name = %s", (_SERIES,))
    version = int(found[0][0]) if found else 0
    name = str(connection.settings_dict["NAME"])
    known = _known.get(name)
    if known is None or known.version != version or version == 0:
        with everyone():  # every team is served from this one
            known = _known[name] = _read(version)
    return known


def team_of(slug: str, *, now: Instant) -> int | None:
    """Return a team by its slug; what was read is believed for a second, as a team keeps its number."""
    name = str(connection.settings_dict["NAME"])
    read_at, teams = _slugs.get(name, (Instant(0), {}))
    if slug not in teams or not 0 <= now - read_at < SECOND:
        teams = snapshot().teams
        _slugs[name] = now, teams
    return teams.get(slug)


_slugs: dict[str, tuple[Instant, Mapping[str, int]]] = {}


def _read(version: int) -> Catalogue:
    versions: dict[int, set[str]] = defaultdict(set)
    for product, code in ProductVersion.objects.values_list("product_id", "code"):
        versions[product].add(code)
    products = {
        p.pk: ProductFacts(
            id=p.pk, code=p.code, family=p.family_id, category=p.category, versions=frozenset(versions[p.pk])
        )
        for p in Product.objects.all()
    }
    codes = {
        code: (product, version)
        for code, product, version in ProductCode.objects.values_list("code", "product_id", "version")
    }
    codes |= {p.code: (p.id, "") for p in products.values()}
    contracts = {c.id: c for c in _contracts()}
    classes = _rates()
    of_team: dict[int, list[ContractFacts]] = defaultdict(list)
    for contract in contracts.values():
        of_team[contract.team].append(contract)
    return Catalogue(
        version=version,
        teams=dict(Team.objects.values_list("slug", "pk")),
        products=products,
        codes=codes,
        rates={(card, product): rates for (card, product, name), rates in classes.items() if not name},
        classes=classes,
        contracts=contracts,
        contracts_of={team: tuple(found) for team, found in of_team.items()},
    )


def _rates() -> dict[tuple[int, int, str], tuple[Rate, ...]]:
    found: dict[tuple[int, int, str], list[Rate]] = defaultdict(list)
    for row in RateRow.objects.order_by("card", "product", "complexity", "since_us"):
        rate = Rate(row.pk, Instant(row.since_us), Tokens(row.tokens_micro), row.unit_size)
        found[row.card_id, row.product_id, row.complexity].append(rate)
    return {key: tuple(rates) for key, rates in found.items()}


def _contracts() -> list[ContractFacts]:
    opens: dict[int, dict[int, Instant]] = defaultdict(dict)
    for offer, product, since in OfferProduct.objects.values_list("offer_id", "product_id", "since_us"):
        opens[offer][product] = Instant(since)
    settings: dict[int, dict[str, list[Setting]]] = defaultdict(lambda: defaultdict(list))
    for policy in Policy.objects.order_by("contract", "name", "since_us"):
        settings[policy.contract_id][policy.name].append(Setting(Instant(policy.since_us), policy.minutes))
    fields: dict[int, dict[str, int]] = defaultdict(dict)
    for field in ContractField.objects.all():
        fields[field.contract_id][field.name] = field.position
    return [
        ContractFacts(
            id=c.pk,
            team=c.team_id,
            number=c.number,
            scheme=c.scheme,
            start_day=Day(c.start_day),
            end_day=None if c.end_day is None else Day(c.end_day),
            closed_through=None if c.closed_through is None else Day(c.closed_through),
            card=c.card_id,
            opens=opens[c.offer_id],
            settings={name: tuple(values) for name, values in settings[c.pk].items()},
            fields=fields[c.pk],
        )
        for c in Contract.objects.order_by("scheme", "pk")
    ]
