"""The demonstration, built through the services that a real installation uses, in the order in which it happened."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import msgspec

from farebox.demo.cast import ADMIN, DOMAIN, FIRST_NAMES, ITEMS, LAST_NAMES, ROLES
from farebox.demo.year import SEED, Someone, sessions
from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, Instant, as_iso, day_of, midnight
from farebox.domain.errors import Conflict, NotFound
from farebox.domain.packs import Pool
from farebox.domain.periods import contract_years
from farebox.services import accounts, catalogue, report, sources
from farebox.services import tokens as personal
from farebox.services.assign import assign
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest
from farebox.services.oauth import clients
from farebox.services.project import project

YEAR_DAYS = 369
"""How far back the use goes: the chart's year, and some days before it; the first packs are a day older."""

BEFORE_DAYS = YEAR_DAYS + 40
"""How far back the contracts go."""

PACKS = ((370, "22000", "D-1001"), (369, "14000", "D-1002"), (190, "4200", "D-1003"), (3, "1500", "D-1004"))
"""The Flex team's purchases: days ago, tokens, order. The first two lapse this week, with some 3,000 tokens left."""

YEAR_TOKENS, SEVERAL_YEARS_TOKENS = "24000", "5000"
CONTRACT_DAYS = 3 * 365
FLEX_PEOPLE, PEOPLE = 35, 60
CHUNK_DAYS, DAILY_DAYS = 7, 14
"""A week of uses is sent at once; in the last fortnight a day."""

OPEN_DAYS = 4
"""The longest that a session may be left open."""

GIVEN_OUT = "given out by farebox demo"
PROGRAM = "Demo program"
PROGRAM_RETURNS = tuple(
    f"http://{host}:{port}/{path}"
    for host in ("localhost", "127.0.0.1")
    for port in (3000, 8080)
    for path in ("callback", "api/auth/callback", "")
)
"""Where programs under development usually listen; a program of one's own is registered on the page Programs."""
WEEKDAYS = frozenset(range(7))
FLEX_TEAM, ENTERPRISE_TEAM = "demo-studio", "demo-works"
FLEX_SOURCE, ENTERPRISE_SOURCE = "demo-studio-licences", "demo-works-licences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the one who starts the demonstration needs to know; the secrets are made anew at every start."""

    email: str
    password: str
    source_key: str
    token: str
    client_id: str
    client_secret: str
    flex_contract: str
    enterprise_contract: str
    built: Day
    """The day up to which the year was built; what was used since is sent at each start."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happened at an instant."""

    at: Instant
    do: Callable[[], object]


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
    try:
        ready = _secrets(now=now)
    except NotFound as error:
        raise Conflict("building the demonstration was cut short; delete this data folder and start again") from error
    if teams:
        _catch_up(ready.built, now=now)
    return ready


def _secrets(*, now: Instant) -> Demo:
    """Revoke what earlier starts gave out, and nothing else; make it anew."""
    password = secrets.token_urlsafe(12)
    user = accounts.set_password(ADMIN, password)
    for old in personal.tokens_of(user, now=now):
        if old.name == GIVEN_OUT:
            personal.revoke(user, old.pk, now=now)
    _, token = personal.make(user, name=GIVEN_OUT, days=30, now=now, scopes="data:read data:write")
    client_id, client_secret = _program(now)
    for source in sources.listed():
        if source.revoked_us is None and source.name.startswith(GIVEN_OUT):
            sources.revoke(source.name, team=FLEX_TEAM, now=now)
    flex, enterprise = (catalogue.contract_numbers(catalogue.team_named(t))[0] for t in (FLEX_TEAM, ENTERPRISE_TEAM))
    return Demo(
        email=ADMIN,
        password=password,
        source_key=sources.add(f"{GIVEN_OUT} {as_iso(now)}", team=FLEX_TEAM, now=now),
        token=token,
        client_id=client_id,
        client_secret=client_secret,
        flex_contract=flex,
        enterprise_contract=enterprise,
        built=Day(report.contract_of(user, flex).start_day + BEFORE_DAYS),
    )


def _program(now: Instant) -> tuple[str, str]:
    """Return the client id and a fresh secret of the program that people may let in; it is registered once."""
    for program in clients.listed():
        if program.name == PROGRAM and program.revoked_us is None:
            return program.client_id, clients.rotate(program.client_id, actor="demo", now=now)
    new = clients.NewClient(name=PROGRAM, redirects=PROGRAM_RETURNS, writes=True, implicit=True)
    program, secret = clients.register(new, actor="demo", now=now)
    return program.client_id, secret


def _build(*, now: Instant, said: Callable[[str], None]) -> None:
    """Build everything; the account comes last, so that its being there says that all is."""
    today = day_of(now)
    start = midnight(Day(today - BEFORE_DAYS))
    _catalogue(start)
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
            assign(person.pk, "", actor="demo", now=start)
    steps = [
        *_purchases(flex.number, enterprise.number, start, now),
        *_usage(studio.pk, cast[:FLEX_PEOPLE], FLEX_SOURCE, _windows(today), now),
        *_usage(works.pk, cast[FLEX_PEOPLE:], ENTERPRISE_SOURCE, _windows(today), now),
    ]
    _play(sorted(steps, key=lambda step: step.at), said)
    expire(now=now)
    project()
    roles = {studio: catalogue.Role.PRIMARY, works: catalogue.Role.PRIMARY}
    catalogue.add_account(ADMIN, secrets.token_urlsafe(24), "Demo Admin", roles=roles, now=now)


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


def people(today: Day) -> tuple[Someone, ...]:
    """Return sixty people; a few joined during the year, a few work part of the week."""
    return tuple(_someone(number, today) for number in range(PEOPLE))


def _someone(number: int, today: Day) -> Someone:
    first, last = FIRST_NAMES[number % 30], LAST_NAMES[number // 30]
    return Someone(
        number,
        login=f"{first}.{last}".lower().replace("ë", "e") + f"@{DOMAIN}",
        name=f"{first} {last}",
        role=ROLES[number * 7 % 6],
        joined=Day(today - YEAR_DAYS if number % 7 else today - 40 * (number // 7 + 1)),
        moved=Day(today - 30 - number * 53 % 300),
        weekdays=WEEKDAYS if number % 9 != 4 else frozenset({number % 3, 2 + number % 3, 4}),
    )


def _purchases(flex: str, enterprise: str, start: Instant, now: Instant) -> Iterator[_Step]:
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


def _gives(purchase: Purchase, at: Instant) -> _Step:
    return _Step(at, lambda: give(purchase, now=at))


def _catch_up(built: Day, *, now: Instant) -> None:
    """Send what was used since the demonstration was built, or last started; what came before is known already."""
    studio, works = (catalogue.team_named(slug) for slug in (FLEX_TEAM, ENTERPRISE_TEAM))
    days = range(built - 1, day_of(now) + 2)
    cast = people(built)
    steps = [
        *_usage(studio.pk, cast[:FLEX_PEOPLE], FLEX_SOURCE, days, now),
        *_usage(works.pk, cast[FLEX_PEOPLE:], ENTERPRISE_SOURCE, days, now),
    ]
    _play(sorted(steps, key=lambda step: step.at), lambda _: None)


def _windows(today: Day) -> tuple[int, ...]:
    """Return the days at whose beginning events are sent: a week apart, in the last fortnight a day."""
    weekly = range(today - YEAR_DAYS, today - DAILY_DAYS, CHUNK_DAYS)
    return (*weekly, *range(today - DAILY_DAYS, today + 2))


def _usage(team: int, cast: Sequence[Someone], source: str, days: Sequence[int], now: Instant) -> Iterator[_Step]:
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


def _sends(events: Sequence[bytes], team: int, at: Instant) -> _Step:
    def send() -> None:
        if events:
            tally = ingest(events, key=SourceKey(0, team), now=at).tally
            assert tally.accepted + tally.duplicate == len(events), f"seed {SEED}: every demo event is charged"

    return _Step(at, send)
