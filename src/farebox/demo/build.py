"""The demonstration built through the same services that a real installation uses, in the order in which it happened."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from farebox.demo.cast import ADMIN, DOMAIN, FIRST_NAMES, ITEMS, LAST_NAMES, ROLES
from farebox.demo.year import SEED, Someone, sessions
from farebox.domain.amounts import tokens
from farebox.domain.clock import DAY, HOUR, Day, Instant, day_of, midnight
from farebox.domain.errors import Conflict
from farebox.domain.packs import Pool
from farebox.domain.periods import contract_years
from farebox.services import accounts, catalogue, sources
from farebox.services import tokens as personal
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest
from farebox.services.project import project

YEAR_DAYS = 380
"""How far back the demonstration goes: the chart's year, and some days to fill the windows before it."""

CHUNK_DAYS = 7
FLEX_TEAM, ENTERPRISE_TEAM = "demo-studio", "demo-works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the one who starts the demonstration needs to know; the secrets are made anew at every start."""

    email: str
    password: str
    source_key: str
    token: str
    flex_contract: str
    enterprise_contract: str


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happened at an instant."""

    at: Instant
    do: Callable[[], object]


def prepare(*, now: Instant, said: Callable[[str], None]) -> Demo:
    """
    Build the demonstration if the data folder is empty, and give out fresh secrets for it.

    Raises `Conflict` where the folder holds anything else.
    """
    teams = set(catalogue.team_slugs())
    if not teams:
        _build(now=now, said=said)
    elif teams != {FLEX_TEAM, ENTERPRISE_TEAM}:
        raise Conflict("this data folder holds other data; set FAREBOX_DATA to an empty folder for the demonstration")
    return _secrets(now=now)


def _secrets(*, now: Instant) -> Demo:
    password = secrets.token_urlsafe(12)
    user = accounts.set_password(ADMIN, password)
    for old in personal.tokens_of(user, now=now):
        personal.revoke(user, old.pk, now=now)
    _, token = personal.make(user, name="demo", days=30, now=now)
    name = f"demo {now}"
    for source in sources.listed():
        if source.revoked_us is None:
            sources.revoke(source.name, team=FLEX_TEAM, now=now)
    flex, enterprise = (catalogue.contract_numbers(catalogue.team_named(t))[0] for t in (FLEX_TEAM, ENTERPRISE_TEAM))
    return Demo(
        email=ADMIN,
        password=password,
        source_key=sources.add(name, team=FLEX_TEAM, now=now),
        token=token,
        flex_contract=flex,
        enterprise_contract=enterprise,
    )


def _build(*, now: Instant, said: Callable[[str], None]) -> None:
    today = day_of(now)
    start = midnight(Day(today - YEAR_DAYS - 40))
    _catalogue(start)
    studio = catalogue.add_team(FLEX_TEAM, "Demo Studio", now=start)
    works = catalogue.add_team(ENTERPRISE_TEAM, "Demo Works", now=start)
    flex = catalogue.add_contract(
        studio, catalogue.Scheme.FLEX, offer="demo", card="demo-flex", start=day_of(start), name="Demo Studio"
    )
    enterprise = catalogue.add_contract(
        works, catalogue.Scheme.ENTERPRISE, offer="demo", card="demo-enterprise", start=day_of(start),
        end=Day(day_of(start) + 3 * 365), name="Demo Works",
    )  # fmt: skip
    for contract in (flex, enterprise):
        catalogue.name_fields(contract, {1: "project"})
    roles = {studio: catalogue.Role.PRIMARY, works: catalogue.Role.PRIMARY}
    catalogue.add_account(ADMIN, secrets.token_urlsafe(24), "Demo Admin", roles=roles, now=start)
    people = _people(today)
    for team, members in ((studio, people[:35]), (works, people[35:])):
        for someone in members:
            catalogue.add_person(team, someone.login, someone.name, now=start)
    steps = [
        *_purchases(flex.number, enterprise.number, start, now),
        *_usage(studio.pk, people[:35], "demo-studio-licences", today, now),
        *_usage(works.pk, people[35:], "demo-works-licences", today, now),
    ]
    _play(sorted(steps, key=lambda step: step.at), said)
    expire(now=now)
    project()


def _play(steps: Sequence[_Step], said: Callable[[str], None]) -> None:
    for nth, step in enumerate(steps):
        expire(now=step.at)
        step.do()
        if nth % 10 == 0:
            said(f"building the demonstration year: {nth * 100 // len(steps)} %")


def _catalogue(start: Instant) -> None:
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


def _people(today: Day) -> tuple[Someone, ...]:
    """Return sixty people; a few joined during the year."""
    found = []
    for number in range(60):
        first, last = FIRST_NAMES[number % 30], LAST_NAMES[number // 30]
        login = f"{first}.{last}".lower().replace("ë", "e") + f"@{DOMAIN}"
        joined = Day(today - YEAR_DAYS if number % 7 else today - 40 * (number // 7 + 1))
        found.append(Someone(number, login, f"{first} {last}", ROLES[number * 7 % 6], joined))
    return tuple(found)


def _purchases(flex: str, enterprise: str, start: Instant, now: Instant) -> Iterator[_Step]:
    """Yield the packs: one that ended a week ago with tokens left, one that runs out soon, and the enterprise years."""
    today = day_of(now)
    for days_ago, size, order in ((372, "20000", "D-1001"), (371, "12000", "D-1002"), (190, "4200", "D-1003"), (3, "1500", "D-1004")):
        at = Instant(midnight(Day(today - days_ago)) + 9 * HOUR)
        yield _gives(Purchase(contract=flex, pool=Pool.FLEX, tokens=tokens(size), since=at, order_number=order), at)
    for days in contract_years(day_of(start), Day(day_of(start) + 3 * 365)):
        at = midnight(days.since)
        if at <= now:
            year = Purchase(
                contract=enterprise, pool=Pool.CY, tokens=tokens("30000"), since=at, until=midnight(days.until)
            )
            yield _gives(year, at)
    several = Purchase(
        contract=enterprise, pool=Pool.MY, tokens=tokens("5000"), since=start, until=Instant(start + 3 * 365 * DAY)
    )
    yield _gives(several, start)


def _gives(purchase: Purchase, at: Instant) -> _Step:
    return _Step(at, lambda: give(purchase, now=at))


def _usage(team: int, people: tuple[Someone, ...], source: str, today: Day, now: Instant) -> Iterator[_Step]:
    """Yield a week of events at a time, sent when the week is over; what has not ended yet is not sent."""
    for since in range(today - YEAR_DAYS, today + 1, CHUNK_DAYS):
        until = Day(min(since + CHUNK_DAYS, today + 1))
        events = [event for end, event in sessions(people, Day(since), until, source=source) if end <= now]
        at = min(now, midnight(Day(until + 4)))
        yield _sends([msgspec.json.encode(event) for event in events], team, at)


def _sends(events: Sequence[bytes], team: int, at: Instant) -> _Step:
    def send() -> None:
        receipt = ingest(events, key=SourceKey(0, team), now=at) if events else None
        assert receipt is None or receipt.tally.accepted == len(events), f"seed {SEED}: every demo event is charged"

    return _Step(at, send)
