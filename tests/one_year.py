"""Two teams with a year of use in which everything happens that could make two places disagree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from farebox.domain.amounts import tokens
from farebox.domain.clock import Instant, day_of, instant
from farebox.domain.packs import Pool
from farebox.domain.usage import Funding
from farebox.services import catalogue
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.project import project
from tests.world import World, event, withdrawal

NOON = datetime(2027, 6, 15, 12, tzinfo=UTC)
"""When everybody looks."""

NOW = instant(NOON)
TODAY = day_of(NOW)
SEED = 20270615
PEOPLE = [f"person{nth}@example.com" for nth in range(9)]


def live_through(world: World) -> None:
    """Give two teams a year of use that came in any order, packs that ended, and some of it still short."""
    rng = random.Random(SEED)
    tenth = catalogue.add_product(catalogue.NewProduct(code="D", name="Tenth", family="F"))
    catalogue.open_offer("all", [tenth], since=Instant(0))
    for card in ("flex", "ent"):
        catalogue.set_rate(card, tenth, tokens("0.1"), since=Instant(0))
    for team in (world.flex, world.ent):
        seated = catalogue.add_person(team, PEOPLE[0], "Seated", now=NOW)
        catalogue.entitle(seated, world.products["B"], Funding.SEAT, since=instant(NOON - timedelta(days=200)))
    for ent in (False, True):
        for days_ago, amount in ((900, "5"), (420, "300"), (300, "100"), (20, "50")):
            _give(world, amount, NOON - timedelta(days=days_ago), ent=ent)
        _deliver(world, list(_sessions(rng, ent=ent)), rng, ent=ent)
        _give(world, "40", NOON - timedelta(days=2), ent=ent)
    project()


def _sessions(rng: random.Random, *, ent: bool) -> Iterator[bytes]:
    """Yield a year of sessions: short and long ones, some amended, some withdrawn, up to an hour ago."""
    for nth in range(260):
        start = NOON - timedelta(days=rng.randrange(400), hours=rng.randrange(1, 24), minutes=rng.randrange(60))
        end = min(start + timedelta(minutes=rng.choice([3, 5, 6, 50, 200, 700, 2000, 4500])), NOON)
        more: dict[str, object] = {"utcOffset": rng.choice(["-7:00", "+9:00", "+0:00"])} if ent else {}
        said = partial(event, f"e{nth}", rng.choice(PEOPLE), rng.choice("AABBZD"), _text(start), **more)
        yield said(_text(end))
        if nth % 9 == 0:
            yield said(_text(min(end + timedelta(hours=20), NOON)), revision=1)
    for nth in range(0, 260, 13):
        yield withdrawal(f"e{nth}", 2)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _give(world: World, amount: str, since: datetime, *, ent: bool) -> None:
    until = since + timedelta(days=200)
    contract = world.ent_contract if ent else world.flex_contract
    bought = Purchase(
        contract=contract.number, pool=Pool.CY if ent else Pool.FLEX, tokens=tokens(amount),
        since=instant(since), until=instant(until),
    )  # fmt: skip
    give(bought, now=NOW)


def _deliver(world: World, events: list[bytes], rng: random.Random, *, ent: bool) -> None:
    """Send events in requests of forty, in any order but for the withdrawals at the end, most of them."""
    told, taken_back = events[:-20], events[-20:]
    rng.shuffle(told)
    for first in range(0, len(told), 40):
        world.send(*told[first : first + 40], ent=ent, now=NOW)
        if first % 3 == 0:
            expire(now=NOW)
            project()
    assert world.send(*taken_back, ent=ent, now=NOW).tally.accepted == 20
