"""
Sessions drawn at random, and the many ways in which the same sessions can reach the service.

What is drawn is told in minutes of one week; starts are often equal, lengths often at the edges of the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from tests.services import books
from tests.world import NOW, World, event

from farebox.domain.clock import DAY, HOUR, Instant, as_iso, moment, read_instant
from farebox.domain.usage import Funding
from farebox.records.models import Charge
from farebox.services import catalogue
from farebox.services.expire import expire

MONDAY = read_instant("2026-03-02T00:00:00Z")
PEOPLE = ("ana@example.com", "ben@example.com", "seated@example.com")
CLOCKS = (NOW, Instant(NOW - HOUR), Instant(NOW + DAY))
"""Readings of the server's clock: it may step back between two requests."""

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
"""Each example runs in a savepoint of its own, so that a fixture may serve all of them; none is timed."""


@dataclass(frozen=True)
class Told:
    """One session as a source tells it; a `revision` above 0 amends what the same id told before."""

    id: int
    revision: int
    source: str
    person: str
    product: str
    since_minute: int
    minutes: int
    offset: str = ""
    borrowed: bool = False
    active: tuple[tuple[int, int], ...] | None = None

    def written(self) -> bytes:
        """Write it as an event."""
        more: dict[str, object] = {"utcOffset": self.offset} if self.offset else {}
        if self.borrowed:
            more["usageType"] = "Borrowed"
        if self.active is not None:
            spans = [(self.since_minute + one, self.since_minute + two) for one, two in self.active]
            more["active"] = [{"start": _iso(one), "end": _iso(two)} for one, two in spans]
        start, end = _text(self.since_minute), _text(self.since_minute + self.minutes)
        return event(
            f"e{self.id}", self.person, self.product, start, end, source=self.source, revision=self.revision, **more
        )


def _iso(minute: int) -> str:
    return as_iso(Instant(MONDAY + minute * 60_000_000))


def _text(minute: int) -> str:
    return (moment(MONDAY) + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M")


MINUTES = st.integers(0, 96).map(lambda hour: hour * 60) | st.integers(0, 5760)
LENGTHS = st.sampled_from([0, 1, 4, 5, 6, 20, 60, 600, 1439, 1440, 1441, 3000]) | st.integers(0, 4000)
ACTIVITY = st.none() | st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 200)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=3
).map(tuple)


@st.composite
def sessions(draw: st.DrawFn, *, enterprise: bool, most: int = 7) -> list[Told]:
    """Draw a few sessions of few people and products, some of them amended by a later revision."""
    revisions = draw(st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=1, max_size=most))
    return [
        Told(
            number,
            revision,
            ("//one", "//two")[number % 2],
            draw(st.sampled_from(PEOPLE)),
            draw(st.sampled_from("AABZ")),
            draw(MINUTES),
            draw(LENGTHS),
            draw(st.sampled_from(["", "", "+9:00", "-7:00", "+5:30"])) if enterprise else "",
            enterprise and draw(st.booleans()),
            None if enterprise else draw(ACTIVITY),
        )
        for number, count in enumerate(revisions)
        for revision in range(count)
    ]


@dataclass(frozen=True)
class Request:
    """Some sessions sent at once, at a reading of the clock; what lapsed may be booked before."""

    told: tuple[Told, ...]
    now: Instant
    expires: bool = False


@st.composite
def deliveries(draw: st.DrawFn, told: Sequence[Told]) -> list[Request]:
    """Draw a way to deliver sessions: in any order, some of them twice, in one request or in many."""
    again = draw(st.lists(st.sampled_from(told), max_size=4))
    order = draw(st.permutations([*told, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=len(order))))
    parts = [order[one:two] for one, two in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return [Request(tuple(part), draw(st.sampled_from(CLOCKS)), draw(st.booleans())) for part in parts if part]


@dataclass(frozen=True)
class Outcome:
    """What reports would say: totals by person, family or product, and date; each part of a use; the team's total."""

    totals: dict[tuple[str, str, int], int]
    parts: dict[tuple[str, int, int], tuple[object, ...]]
    total: int


def deliver(world: World, requests: Sequence[Request], *, enterprise: bool) -> list[str]:
    """Send the requests; return what is wrong with the books after any of them."""
    wrong: list[str] = []
    for request in requests:
        if request.expires:
            expire(now=request.now)
        written = [told.written() for told in request.told]
        tally = world.send(*written, ent=enterprise, now=request.now).tally
        if tally.accepted + tally.duplicate != len(written):
            wrong.append(f"{tally} of {len(written)}")
        wrong += books.faults()
    return wrong


def outcome(world: World, *, enterprise: bool) -> Outcome:
    """Read what the books say now."""
    team = world.ent if enterprise else world.flex
    totals: dict[tuple[str, str, int], int] = {}
    parts: dict[tuple[str, int, int], tuple[object, ...]] = {}
    live = Charge.objects.filter(ended_us__isnull=True, contract__team=team)
    for charge in live.select_related("use__event", "person", "product__family"):
        what = charge.product.family.code if enterprise else charge.product.code
        key = (charge.person.key, what, charge.usage_day)
        totals[key] = totals.get(key, 0) + charge.tokens_micro
        part = (f"{charge.use.event.source} {charge.use.event.event_id}", charge.since_us, charge.until_us)
        parts[part] = (charge.category, charge.reason, charge.tokens_micro, charge.usage_day, charge.funding)
    return Outcome(totals, parts, books.total(team.pk))


def in_order(told: Sequence[Told]) -> list[Request]:
    """Return the plainest delivery: everything at once, in the order in which it happened."""
    return [Request(tuple(sorted(told, key=lambda one: (one.since_minute, one.id, one.revision))), NOW)]


def furnish(world: World) -> None:
    """Give both teams packs, two of which ended meanwhile, and one person a seat for A."""
    for ent in (False, True):
        world.give("20", until="2026-03-03 10:00", ent=ent)
        world.give("13", since="2026-03-03 00:00", until="2026-03-05 00:00", ent=ent)
        world.give("40", since="2026-02-01 00:00", ent=ent)
    for team in (world.flex, world.ent):
        seated = catalogue.add_person(team, PEOPLE[2], "Seated", now=MONDAY)
        catalogue.entitle(seated, world.products["A"], Funding.SEAT, since=Instant(MONDAY + 2 * DAY))
