"""The reports that tell what is so now: what was bought, and who there is with what each may open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.access import EVERY
from farebox.domain.clock import Instant, as_date, day_of, moment
from farebox.domain.periods import add_months
from farebox.query.present import Cell
from farebox.records.models import Pack
from farebox.records.reading import Readable
from farebox.services.export.reports.held import Access, Held, Holdings
from farebox.services.export.reports.people import HIDDEN, SOMEBODY, Member, People, Who
from farebox.services.export.reports.sections import What, number, to_the_second

ALL_PRODUCTS = What("", "All products")
"""What somebody may open who was given all that the offer has at any time (domain A2)."""

_NAMES = {"FLEX": "Flex", "CY": "Token Flex", "MY": "Token Flex multi-year", "CREDIT": "Cloud credits"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A pack, as a subscription; what no record has, like a reseller, is empty."""

    subscription_id: str
    order: str
    offering: str
    pool: str
    contract: str
    team: str
    quantity: Cell
    left: Cell
    reserved: Cell
    status: str
    term: str
    start: Cell
    end: Cell
    autorenew: str = ""
    reseller_name: str = ""
    reseller_email: str = ""


class Holder(NamedTuple):
    """A person and something they may open; one who may open nothing has one such row."""

    who: Who
    role: str
    status: str
    team: str
    offering: str
    access: str
    what: What
    assigned_at: Cell

    def hidden(self) -> Holder:
        """Return the same without a word of who it is."""
        return self._replace(who=SOMEBODY, role=HIDDEN, status=HIDDEN, assigned_at=None)


def bought(contracts: Sequence[Readable], *, now: Instant) -> list[Bought]:
    """Return the packs of some contracts, by contract and end."""
    by_id = {one.id: one for one in contracts}
    packs = Pack.objects.filter(contract_id__in=list(by_id)).order_by("contract_id", "until_us", "pk")
    return [_bought(pack, by_id[pack.contract_id], now) for pack in packs]


def _bought(pack: Pack, contract: Readable, now: Instant) -> Bought:
    since, until = Instant(pack.since_us), Instant(pack.until_us)
    return Bought(
        subscription_id=f"pack-{pack.pk}",
        order=pack.order_number,
        offering=_NAMES.get(pack.pool, pack.pool),
        pool=pack.pool,
        contract=contract.number,
        team=contract.team,
        quantity=number(pack.size_micro),
        left=number(pack.left_micro if since <= now < until else 0),
        reserved=number(pack.reserved_micro),
        status=_status(since, until, now),
        term=_term(since, until),
        start=moment(since).date(),
        end=moment(until).date(),
    )


def _status(since: Instant, until: Instant, now: Instant) -> str:
    if until <= now:
        return "expired"
    return "active" if since <= now else "upcoming"


def _term(since: Instant, until: Instant) -> str:
    """Return how long a pack lives, in whole years or months, or in days where these do not fit."""
    first, last = day_of(since), day_of(until)
    begins, ends = as_date(first), as_date(last)
    months = 12 * (ends.year - begins.year) + ends.month - begins.month
    if months < 1 or add_months(first, months) != last:
        return _counted(last - first, "day")
    return _counted(months // 12, "year") if months % 12 == 0 else _counted(months, "month")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def holders(
    people: People, holdings: Holdings, teams: Mapping[int, str], what: Mapping[int, What], *, names_hidden: bool
) -> list[Holder]:
    """
    Return who there is, with each thing they may open, by person.

    Where names are hidden the rows are as many, and tell of nobody, in an order that tells nothing: whoever assigns a
    product, invites somebody or looks at the pages about people knows whose row it is (quality P1).
    """
    found = _all(people, holdings, teams, what)
    if not names_hidden:
        return found
    return sorted((one.hidden() for one in found), key=lambda one: (one.team, one.what, one.access))


def _all(people: People, holdings: Holdings, teams: Mapping[int, str], what: Mapping[int, What]) -> list[Holder]:
    held: dict[int, list[tuple[int, Held]]] = {}
    for (person, product), one in holdings.now():
        held.setdefault(person, []).append((product, one))
    return [
        holder
        for member in people.all()
        if member.status != "joined"
        for holder in _holders(member, teams[member.team], held.get(member.person, ()), what)
    ]


def _holders(member: Member, team: str, held: Sequence[tuple[int, Held]], what: Mapping[int, What]) -> Iterator[Holder]:
    if not member.person or not held:
        yield Holder(member.who, member.role, member.status, team, "", "", What(), None)
        return
    for product, one in sorted(held, key=lambda one: what.get(one[0], ALL_PRODUCTS).code):
        thing = ALL_PRODUCTS if product == EVERY else what.get(product, What())
        by_seat = one.access in (Access.SUBSCRIPTION, Access.TRIAL)
        offering = thing.product if by_seat else one.access.value
        since = to_the_second(one.since)
        yield Holder(member.who, member.role, member.status, team, offering, one.access.value, thing, since)
