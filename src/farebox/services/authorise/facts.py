"""What is known at the moment of a question: gathered for many questions in one read each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.authorise import Grounds, Standing
from farebox.domain.charging.flex import WINDOW_US
from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import Instant, Span, day_of, midnight
from farebox.domain.rates import rate_in_force
from farebox.domain.seats import Held
from farebox.domain.usage import Funding, UsageCategory
from farebox.records import holds, live, seats, usage
from farebox.records.catalogue import Catalogue, ContractFacts, ProductFacts, payer_of
from farebox.records.holds import OpenHold, Reserve
from farebox.records.live import Key
from farebox.records.models.contracts import Scheme
from farebox.records.seats import Pair
from farebox.records.usage import Date
from farebox.services.authorise.asked import Launch

SESSIONS = (UsageCategory.DESKTOP_PRODUCT, UsageCategory.CLOUD_PRODUCT)
"""What is opened and closed; services are charged by their results."""


class Found(NamedTuple):
    """A question whose names are known."""

    launch: Launch
    person: int
    member: bool
    product: ProductFacts
    contract: ContractFacts
    offered: bool

    @property
    def key(self) -> Key:
        """What its reservation and its windows belong to."""
        return self.contract.id, self.person, self.product.id


@dataclass
class Facts:
    """What stands for the keys in question; a launch that reserves changes it for the next question of the batch."""

    catalogue: Catalogue
    now: Instant
    reserve: Reserve
    windows: dict[Key, Instant] = field(default_factory=dict)
    held: dict[Key, OpenHold] = field(default_factory=dict)
    fresh: dict[Key, Instant] = field(default_factory=dict)
    """Keys for which this batch places a hold, with the launch's instant."""
    assigned: Mapping[int, set[int]] = field(default_factory=dict)
    entitled: Mapping[Pair, Sequence[Held]] = field(default_factory=dict)
    charged_today: Mapping[Date, int | None] = field(default_factory=dict)

    def window_of(self, key: Key) -> Span | None:
        """Return the window that stands for a key now, if one does (domain F1)."""
        start = self.windows.get(key)
        return None if start is None or self.now >= start + WINDOW_US else Span(start, Instant(start + WINDOW_US))

    def is_held(self, key: Key) -> bool:
        """Tell whether a launch of this key has reserved its rate."""
        return key in self.held or key in self.fresh

    def covered_from(self, key: Key) -> Instant | None:
        """Return when the window starts that a key is in, or will be in once its launch is charged."""
        window = self.window_of(key)
        if window is not None:
            return window.since
        hold = self.held.get(key)
        return hold.since if hold is not None else self.fresh.get(key)

    def funding(self, found: Found) -> Funding:
        """Return what pays for the person's use of the product now (domain F9)."""
        return funding_at(self.entitled.get((found.person, found.product.id), ()), self.now)

    def standing(self, found: Found) -> Standing:
        """Return what the rule decides by (domain A1)."""
        given = self.assigned.get(found.person, set())
        return Standing(
            member=found.member,
            funding=self.funding(found),
            assigned=found.product.id in given or 0 in given,
            offered=found.offered,
            enterprise=found.contract.scheme == Scheme.ENTERPRISE,
            window_open=self.window_of(found.key) is not None,
            held=self.is_held(found.key),
            cost=self.cost(found),
            available=self.reserve.available(found.contract.id, self.now),
        )

    def cost(self, found: Found) -> Tokens | None:
        """Return what a launch costs where no window stands; under an enterprise contract, what it would add today."""
        rates = self.catalogue.rates.get((found.contract.card, found.product.id), ())
        if found.contract.scheme != Scheme.ENTERPRISE:
            rate = rate_in_force(rates, self.now)
            return None if rate is None else rate.tokens
        rate = rate_in_force(rates, midnight(day_of(self.now)))
        if rate is None:
            return None
        return Tokens(max(0, rate.tokens - (self.charged_today.get(date_of(found, self.now)) or 0)))


def date_of(found: Found, now: Instant) -> Date:
    """Return the enterprise day of a question: the UTC date, as the product asks without a licence server (N1)."""
    return Date(found.contract.id, found.person, found.product.family, day_of(now))


def find(launches: Iterable[Launch], catalogue: Catalogue, now: Instant) -> list[Found | Grounds]:
    """Return for each question what its names stand for, or why nothing can be found."""
    asked = list(launches)
    people = live.people(sorted({(one.team, one.person) for one in asked}))
    return [_find(one, people.get((one.team, one.person)), catalogue, now) for one in asked]


def _find(launch: Launch, person: live.Known | None, catalogue: Catalogue, now: Instant) -> Found | Grounds:
    known = catalogue.codes.get(launch.product)
    if known is None:
        return Grounds.UNKNOWN_PRODUCT
    if person is None:
        return Grounds.UNKNOWN_PERSON
    product = catalogue.products[known[0]]
    version = launch.version or known[1]
    if product.category not in SESSIONS:
        return Grounds.CHARGED_BY_RESULT
    if product.versions and version and version not in product.versions:
        return Grounds.UNKNOWN_VERSION
    contracts = catalogue.contracts_of.get(launch.team, ())
    payer = payer_of(contracts, product.id, now)
    contract = payer or (contracts[-1] if contracts else None)  # a seat opens a product that no contract offers
    if contract is None:
        return Grounds.NO_CONTRACT
    return Found(launch._replace(version=version), person.id, person.member, product, contract, payer is not None)


def gather(found: Sequence[Found], catalogue: Catalogue, *, now: Instant, also: Iterable[ContractFacts] = ()) -> Facts:
    """Read what stands for these questions, and what is available under `also` other contracts."""
    contracts = {one.contract.id: one.contract for one in found} | {one.id: one for one in also}
    reserve = Reserve(contracts.values(), now=now)
    facts = Facts(catalogue, now, reserve)
    if not found:
        return facts
    people = sorted({one.person for one in found})
    flex = sorted({one.key for one in found if one.contract.scheme != Scheme.ENTERPRISE})
    facts.assigned = live.assigned(people)
    facts.entitled = seats.held(people)
    facts.windows = live.last_windows(flex, at=now)
    facts.held = holds.of_keys(flex)
    dates = sorted({date_of(one, now) for one in found if one.contract.scheme == Scheme.ENTERPRISE})
    if dates:
        facts.charged_today = usage.highest_on(dates)
    return facts
