"""What one person may open and how; and, by product, who opens it (product B3, B6, [S 003])."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from farebox.domain.access import EVERY, Held, Way
from farebox.domain.access import Hold as HoldOf
from farebox.domain.charging.precedence import paying
from farebox.domain.clock import Instant, day_of, midnight
from farebox.domain.errors import NotFound
from farebox.domain.rates import rate_in_force
from farebox.domain.usage import Funding, UsageCategory
from farebox.records import access, chosen, seats
from farebox.records.catalogue import Catalogue, payer_of, snapshot
from farebox.records.chosen import By, Thing
from farebox.records.models import Group, Product
from farebox.records.models.contracts import Scheme
from farebox.services.assign.listing import Holding, Someone, everybody, holding, paged, row_of, someone
from farebox.services.assign.told import (
    ByProduct,
    Entitled,
    GroupOf,
    Hold,
    Holder,
    Page,
    Paid,
    PersonAccess,
    ProductAccess,
    ProductRow,
    State,
)

_BY_RESULT = (UsageCategory.CLOUD_SERVICE,)
"""What has no rate of its own, but one for each class of job (domain S1)."""


def offer(user: By, team: int, *, now: Instant) -> tuple[Thing, ...]:
    """Return the products of the team's offer now, by name."""
    chosen.allowed(user, team)
    return chosen.things(access.offer(team, now=now))


def person(user: By, team: int, number: int, *, now: Instant) -> PersonAccess:
    """
    Return what one person may open, product by product, how it is held, and whether it would use tokens.

    Raises `NotFound` for who is not of the team.
    """
    chosen.allowed(user, team)
    one = someone(team, number, now=now)
    offered, found = access.offer(team, now=now), holding([number], now=now)
    names = dict(Product.objects.values_list("pk", "name"))
    held, entitled = found.of(one), _entitled([number], now).get(number, {})
    listed = offered | (frozenset(held.own) - {EVERY}) | frozenset(entitled)
    told = _Told(team, one, held, offered, entitled, snapshot(), now)
    return PersonAccess(
        row=row_of(one, found, offered, names),
        every=EVERY in held.own,
        rests=held.rests,
        products=tuple(told.product(thing) for thing in chosen.things(listed)),
        groups=_groups_of(number),
    )


class _Told:
    """Tells how one person holds each product."""

    def __init__(
        self,
        team: int,
        one: Someone,
        held: Held,
        offered: frozenset[int],
        entitled: Mapping[int, Entitled],
        catalogue: Catalogue,
        now: Instant,
    ) -> None:
        self._team, self._one, self._held, self._offered = team, one, held, offered
        self._entitled, self._catalogue, self._now = entitled, catalogue, now
        self._names = dict(Group.objects.filter(team_id=team).values_list("pk", "name"))

    def product(self, thing: Thing) -> ProductAccess:
        """Return how one product is held."""
        offered = thing.id in self._offered
        ways = _holds(self._held.ways(thing.id), self._names) if offered else ()
        return ProductAccess(
            product=thing,
            offered=offered,
            ticked=thing.id in self._held.own or (EVERY in self._held.own and offered),
            in_force=bool(ways) and self._one.state is State.ACTIVE,
            ways=ways,
            entitled=self._entitled.get(thing.id),
            paid=self._paid(thing.id, is_held=bool(ways)),
        )

    def _paid(self, product: int, *, is_held: bool) -> Paid:
        """Return whether a launch would use tokens, by the rules that decide it (domain A1, F9, T7)."""
        if self._one.state is not State.ACTIVE:
            return Paid.CLOSED
        entitled = self._entitled.get(product)
        if entitled is not None:
            return Paid.SEAT if entitled.kind is Funding.SEAT else Paid.TRIAL
        contract = payer_of(self._catalogue.contracts_of.get(self._team, ()), product, self._now)
        if contract is None or not is_held:
            return Paid.CLOSED
        if self._catalogue.products[product].category in _BY_RESULT:
            return Paid.TOKENS
        enterprise = contract.scheme == Scheme.ENTERPRISE
        at = midnight(day_of(self._now)) if enterprise else self._now
        rate = rate_in_force(self._catalogue.rates.get((contract.card, product), ()), at)
        if rate is None:
            return Paid.NO_RATE
        if not rate.tokens:
            return Paid.COSTS_NOTHING
        return Paid.ENTERPRISE if enterprise else Paid.TOKENS


def _holds(found: Iterable[HoldOf], names: Mapping[int, str]) -> tuple[Hold, ...]:
    holds = [Hold(way=one.way, since=one.since, group=one.group, group_name=names.get(one.group, "")) for one in found]
    first: dict[tuple[Way, int], Hold] = {}
    for hold in sorted(holds, key=lambda one: (list(Way).index(one.way), one.group_name, one.since)):
        first.setdefault((hold.way, hold.group), hold)
    return tuple(first.values())


def _entitled(people: Iterable[int], now: Instant) -> dict[int, dict[int, Entitled]]:
    """Return the seats and trials that stand now, by person and product; a seat beats a trial (domain F9)."""
    found: dict[int, dict[int, Entitled]] = defaultdict(dict)
    for (person, product), held in seats.held(sorted(people)).items():
        one = paying(held, now)
        if one is not None:
            found[person][product] = Entitled(id=one.id, kind=one.kind, since=one.since, until=one.until)
    return found


def _groups_of(person_id: int) -> tuple[GroupOf, ...]:
    rows = Group.objects.filter(members__person_id=person_id).order_by("name", "pk").values_list("pk", "name")
    return tuple(GroupOf(id=pk, name=name) for pk, name in rows)


def products(user: By, team: int, *, now: Instant) -> ByProduct:
    """Return by product how many people hold it and how; first the scheme, as those who may open anything by tokens."""
    chosen.allowed(user, team)
    offered = access.offer(team, now=now)
    here = [one for one in everybody(team, now=now) if one.state is not State.LEFT]
    found = holding((one.id for one in here), now=now)
    contracts = snapshot().contracts_of.get(team, ())
    counted = _counted(here, found, offered)
    assigned = [one for one in here if found.has(one, EVERY, offered)]
    return ByProduct(
        scheme=str(contracts[-1].scheme) if contracts else "",
        people=len(assigned),
        invited=sum(one.state in (State.PENDING, State.LAPSED) for one in assigned),
        rests=any(found.of(one).rests for one in here),
        products=tuple(_row(thing, counted[thing.id]) for thing in chosen.things(offered)),
    )


def _counted(here: Iterable[Someone], found: Holding, offered: frozenset[int]) -> Mapping[int, Counter[str]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for one in here:
        ways: dict[int, set[str]] = defaultdict(set)
        for hold in found.of(one).holds():
            for product in offered if hold.product == EVERY else {hold.product} & offered:
                ways[product].add(hold.way)
        for product, kind in found.entitled.get(one.id, {}).items():
            ways[product].add(kind)
        for product, through in ways.items():
            counted[product].update([*through, "people"])
    return counted


def _row(thing: Thing, counted: Counter[str]) -> ProductRow:
    return ProductRow(
        product=thing,
        people=counted["people"],
        own=counted[Way.OWN],
        group=counted[Way.GROUP],
        default=counted[Way.DEFAULT],
        seats=counted[Funding.SEAT],
        trials=counted[Funding.TRIAL],
    )


def holders(user: By, team: int, code: str, *, search: str = "", page: int = 1, now: Instant) -> Page[Holder]:
    """
    Return a page of those who hold a product in any way, by name; with no code, who may open anything by tokens.

    Raises `NotFound` for a product that the offer has not and nobody holds.
    """
    chosen.allowed(user, team)
    offered = access.offer(team, now=now)
    product = chosen.product(code)
    here = [one for one in everybody(team, now=now) if one.state is not State.LEFT]
    found = holding((one.id for one in here), now=now)
    holding_it = [one for one in here if found.has(one, product, offered)]
    if product != EVERY and product not in offered and not holding_it:
        raise NotFound("the offer of this team has no such product")
    words = search.casefold().split()
    listed = sorted((one for one in holding_it if one.matches(words)), key=lambda one: (one.name.casefold(), one.key))
    shown = paged(listed, page)
    entitled = _entitled([one.id for one in shown.rows], now)
    names = dict(Group.objects.filter(team_id=team).values_list("pk", "name"))
    rows = tuple(
        Holder(
            id=one.id,
            name=one.name,
            key=one.key,
            state=one.state,
            ways=_holds(found.of(one).holds() if product == EVERY else found.of(one).ways(product), names),
            entitled=entitled.get(one.id, {}).get(product),
        )
        for one in shown.rows
    )
    return Page(rows, shown.found, shown.number, shown.pages, shown.per_page)
