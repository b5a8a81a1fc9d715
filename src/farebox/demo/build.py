"""The demonstration, built through the services that a real installation uses, in the order in which it happened."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

import msgspec

from farebox.demo import life
from farebox.demo.cast import (
    ADMIN,
    ENTERPRISE_SOURCE,
    ENTERPRISE_TEAM,
    FLEX_PEOPLE,
    FLEX_SOURCE,
    FLEX_TEAM,
    ITEMS,
    OPEN_BY,
)
from farebox.demo.crew import YEAR_DAYS, Someone, people, seated
from farebox.demo.given import Demo, give_out, is_enlarged
from farebox.demo.steps import Step, play
from farebox.demo.year import SEED, left_open, sessions
from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, Instant, day_of, midnight
from farebox.domain.clock import day as day_at
from farebox.domain.errors import Conflict
from farebox.domain.packs import Pool
from farebox.domain.periods import contract_years
from farebox.services import catalogue
from farebox.services.assign import assign
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest
from farebox.services.project import project

BEFORE_DAYS = YEAR_DAYS + 40
"""How far back the contracts go."""

PACKS = ((370, "22000", "D-1001"), (369, "14000", "D-1002"), (190, "4200", "D-1003"), (3, "1500", "D-1004"))
"""The Flex team's purchases: days ago, tokens, order. The first two lapse this week, with some 3,000 tokens left."""

YEAR_TOKENS, SEVERAL_YEARS_TOKENS = "24000", "5000"
CONTRACT_DAYS = 3 * 365
CHUNK_DAYS, DAILY_DAYS = 7, 14
"""A week of uses is sent at once; in the last fortnight a day."""

OPEN_DAYS = 4
"""The longest that a session may be left open."""


def prepare(*, now: Instant, said: Callable[[str], None]) -> Demo:
    """
    Build the demonstration if the data folder is empty, and give out fresh secrets for it.

    Raises `Conflict` where the folder holds anything else, or a demonstration that was never finished.
    """
    teams = set(catalogue.team_slugs())
    if not teams:
        _build(now=now, said=said)
    elif not teams <= {FLEX_TEAM, ENTERPRISE_TEAM}:
        raise Conflict("this data folder holds other data; set FAREBOX_DATA to an empty folder for the demonstration")
    if not is_enlarged():
        _enlarge(now=now, said=said)
    ready = give_out(now=now)
    if teams:
        _catch_up(_built(), now=now)
    return ready


def _enlarge(*, now: Instant, said: Callable[[str], None]) -> None:
    """Add what a folder has not that was built before: people and access; what was used with a seat begins now."""
    said("adding people, groups, seats and roles to the demonstration")
    built = _built()
    play(life.of_teams(people(built), built, leader=catalogue.Role.SECONDARY, now=now), said)
    project()
    life.last_accounts(now=now)


def _built() -> Day:
    """Return the day up to which the year was built; what was used since is sent at each start."""
    return Day(min(day_at(one.start) for one in catalogue.contracts()) + BEFORE_DAYS)


def _build(*, now: Instant, said: Callable[[str], None]) -> None:
    """Build everything; the accounts come last, so that their being there says that all is."""
    today = day_of(now)
    start = midnight(Day(today - BEFORE_DAYS))
    stock(start)
    studio = catalogue.add_team(FLEX_TEAM, "Demo Studio", now=start)
    works = catalogue.add_team(ENTERPRISE_TEAM, "Demo Works", now=start)
    flex = catalogue.add_contract(
        studio, catalogue.Scheme.FLEX, offer="demo", card="demo-flex", start=day_of(start), name="Demo Studio"
    )
    enterprise = catalogue.add_contract(
        works, catalogue.Scheme.ENTERPRISE, offer="demo", card="demo-enterprise", start=day_of(start),
        end=Day(day_of(start) + CONTRACT_DAYS), name="Demo Works",
    )  # fmt: skip
    for contract in (flex, enterprise):
        catalogue.name_fields(contract, {1: "project"})
    cast = people(today)
    for team, members in ((studio, cast[:FLEX_PEOPLE]), (works, cast[FLEX_PEOPLE:])):
        for someone in members:
            person = catalogue.add_person(team, someone.login, someone.name, now=start)
            for product in life.own_products(someone, team.slug):
                assign(person.pk, product, actor="demo", now=start)
    steps = [
        *_purchases(flex.number, enterprise.number, start, now),
        *_used(cast, today, _windows(today), now),
        *life.of_teams(cast, today, leader=catalogue.Role.PRIMARY, now=now),
    ]
    play(steps, said)
    expire(now=now)
    project()
    roles = {studio: catalogue.Role.PRIMARY, works: catalogue.Role.SECONDARY}
    admin = catalogue.add_account(ADMIN, secrets.token_urlsafe(24), "Demo Admin", roles=roles, now=now)
    life.hand_over(admin, now=now)
    life.last_accounts(now=now)


def stock(start: Instant) -> None:
    """Fill the catalogue: products, their rates on two cards, and the offer that opens all of them."""
    products = []
    for item in ITEMS:
        codes = {f"88888{item.code}_{version}_0F": version for version in item.versions}
        product = catalogue.add_product(
            catalogue.NewProduct(
                code=item.code, name=item.name, family=item.family, versions=item.versions, codes=codes, demo=True
            )
        )
        catalogue.set_rate("demo-flex", product, tokens(item.flex), since=start, demo=True)
        catalogue.set_rate("demo-enterprise", product, tokens(item.enterprise), since=start, demo=True)
        products.append(product)
    catalogue.open_offer("demo", products, since=start)


def _purchases(flex: str, enterprise: str, start: Instant, now: Instant) -> Iterator[Step]:
    """Yield the packs: two that ended this week with tokens left, two that last for weeks, and the enterprise years."""
    for days_ago, size, order in PACKS:
        at = midnight(Day(day_of(now) - days_ago))
        yield _gives(Purchase(contract=flex, pool=Pool.FLEX, tokens=tokens(size), since=at, order_number=order), at)
    end = Day(day_of(start) + CONTRACT_DAYS)
    yearly, several = tokens(YEAR_TOKENS), tokens(SEVERAL_YEARS_TOKENS)
    for days in contract_years(day_of(start), end):
        since, until = midnight(days.since), midnight(days.until)
        if since <= now:
            yield _gives(Purchase(contract=enterprise, pool=Pool.CY, tokens=yearly, since=since, until=until), since)
    yield _gives(Purchase(contract=enterprise, pool=Pool.MY, tokens=several, since=start, until=midnight(end)), start)


def _gives(purchase: Purchase, at: Instant) -> Step:
    return Step(at, lambda: give(purchase, now=at))


def _catch_up(built: Day, *, now: Instant) -> None:
    """Send what was used since the demonstration was built, or last started; what came before is known already."""
    play(_used(people(built), built, range(built - 1, day_of(now) + 2), now), lambda _: None)


def _used(cast: Sequence[Someone], built: Day, days: Sequence[int], now: Instant) -> Iterator[Step]:
    """Yield what both teams used, with what somebody left open overnight."""
    studio, works = (catalogue.team_named(slug).pk for slug in (FLEX_TEAM, ENTERPRISE_TEAM))
    yield from _usage(studio, (*cast[:FLEX_PEOPLE], *seated(built)), FLEX_SOURCE, days, now)
    yield from _usage(works, cast[FLEX_PEOPLE:], ENTERPRISE_SOURCE, days, now)
    at, event = left_open(cast[OPEN_BY], source=FLEX_SOURCE, now=now)
    yield _sends([msgspec.json.encode(event)], studio, at)


def _windows(today: Day) -> tuple[int, ...]:
    """Return the days at whose beginning events are sent: a week apart, in the last fortnight a day."""
    weekly = range(today - YEAR_DAYS, today - DAILY_DAYS, CHUNK_DAYS)
    return (*weekly, *range(today - DAILY_DAYS, today + 2))


def _usage(team: int, cast: Sequence[Someone], source: str, days: Sequence[int], now: Instant) -> Iterator[Step]:
    """Yield the events that ended between one of the days and the next; what has not ended yet is not sent."""
    began = sessions(cast, Day(days[0] - OPEN_DAYS), Day(days[-1]), source=source)
    events = sorted(began, key=itemgetter(0))
    ends = [end for end, _ in events]
    sent = 0
    for day in days:
        at = min(now, midnight(Day(day)))
        until = bisect_right(ends, at)
        yield _sends([msgspec.json.encode(event) for _, event in events[sent:until]], team, at)
        sent = until


def _sends(events: Sequence[bytes], team: int, at: Instant) -> Step:
    def send() -> None:
        if events:
            tally = ingest(events, key=SourceKey(0, team), now=at).tally
            assert tally.accepted + tally.duplicate == len(events), f"seed {SEED}: every demo event is charged"

    return Step(at, send)
