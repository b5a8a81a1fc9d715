"""
Pieces of work that a process may die in, each of which can be asked for again with the same ids and keys.

A scene is prepared (which nothing interrupts), acted, perhaps only in part, and acted again; what is recorded then is
what it would be had it never been interrupted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection, connections
from tests.faults.estate import SINCE, add_members, member
from tests.faults.judging import broken, judge
from tests.faults.powercuts import NOW
from tests.faults.steps import Counting, die_at
from tests.faults.traffic import event
from tests.faults.variants import VARIANTS
from tests.world import message, withdrawal

from farebox.domain.amounts import tokens
from farebox.domain.clock import DAY, MINUTE, Instant, read_instant
from farebox.domain.packs import Pool
from farebox.domain.rights import Role
from farebox.domain.schedules import Kind, Level, Wanted
from farebox.records.models import (
    Charge,
    Contract,
    Event,
    ExportRequest,
    Hold,
    LedgerHead,
    Link,
    LiveSession,
    Pack,
    Product,
    Schedule,
    Team,
    Use,
    Window,
)
from farebox.records.reading import contracts_of
from farebox.records.upgrade import upgrade
from farebox.services import catalogue, schedule
from farebox.services.authorise import Launch, authorise, review_due
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest, release_waiting
from farebox.services.project import project, rebuild
from farebox.services.seal import seal
from farebox.warehouse.current import warehouse

Work = Callable[[], object]


def _nothing() -> None:
    """Prepare nothing."""


class Scene(NamedTuple):
    """What goes before, and the work itself."""

    act: Work
    before: Work = _nothing


def _key(team: str = "fleet") -> SourceKey:
    return SourceKey(0, Team.objects.get(slug=team).pk)


def _send_some(team: str = "fleet") -> None:
    """Send what will be amended, withdrawn, repeated and re-rated."""
    ingest([event(name) for name in ("one", "two", "three")], key=_key(team), now=NOW)


def _send_all(team: str = "fleet") -> None:
    """Send new events, one known, an amendment, a withdrawal and one that waits for its product."""
    waits = message(
        "farebox.session", "four", {"product": "New", "start": "2025-03-03T08:00:00Z"}, subject="x@y.example"
    )
    amended = event("two").replace(b'"source"', b'"revision": 1, "source"').replace(b"T10:00", b"T11:00")
    raws = [event("five"), event("six"), event("one"), amended, withdrawal("three", 1, source="faults"), waits]
    ingest(raws, key=_key(team), now=NOW)


def _enterprise_some() -> None:
    _send_some("works")


def _enterprise_all() -> None:
    _send_all("works")


def _leave_waiting() -> None:
    _send_all()
    product = catalogue.add_product(catalogue.NewProduct(code="New", name="New", family="N", codes={}))
    catalogue.open_offer("all", [product], since=SINCE)
    catalogue.set_rate("card", product, tokens("3"), since=SINCE)


def _release() -> None:
    release_waiting(now=NOW)


def _buy() -> None:
    """Buy a pack that has ended by now, under a key."""
    give(
        Purchase(
            contract=Contract.objects.get(team__slug="fleet").number,
            pool=Pool.FLEX,
            tokens=tokens("5"),
            since=read_instant("2025-01-01T00:00:00Z"),
            until=read_instant("2025-02-01T00:00:00Z"),
            order_number="order",
        ),
        now=NOW,
        key="order",
    )


def _expire() -> None:
    expire(now=NOW)


def _admit() -> None:
    add_members(["s"], 2)


def _launch() -> None:
    """Launch for two people under keys, each at once a session, a reservation and an answer to be given again."""
    team = Team.objects.get(slug="fleet").pk
    for nth in range(2):
        authorise(Launch(team, f"{member('s', nth)}@example.com", "A", key=f"k{nth}"), now=NOW)


def _admit_and_launch() -> None:
    _admit()
    _launch()


def _book() -> None:
    """Look at the sessions when the grace is over: what was reserved becomes charges."""
    review_due(now=Instant(NOW + 6 * MINUTE))


def _seal() -> None:
    seal(now=NOW)


def _schedule() -> None:
    """Have every kind of usage exported at every level on the first of each month, for two administrators."""
    for address in ("one@example.com", "two@example.com"):
        roles = {Team.objects.get(slug="fleet"): Role.SECONDARY}
        user = catalogue.add_account(address, "correct horse battery", "Demo", roles=roles, now=SINCE)
        wanted = (Wanted(Kind.DESKTOP_PRODUCT, tuple(Level)), Wanted(Kind.CLOUD, tuple(Level)))
        order = schedule.Order(frequency="0 0 0 1 * *", enabled=True, wanted=wanted)
        schedule.make(user, contracts_of(user)[0], order, now=Instant(NOW - DAY))


def _run_schedules() -> None:
    schedule.run_due(now=NOW)


SCENES: dict[str, Scene] = {
    "events": Scene(_send_all, _send_some),
    "enterprise events": Scene(_enterprise_all, _enterprise_some),
    "release": Scene(_release, _leave_waiting),
    "purchase": Scene(_buy),
    "expiry": Scene(_expire, _buy),
    "launch": Scene(_launch, _admit),
    "booking": Scene(_book, _admit_and_launch),
    "sealing": Scene(_seal, _send_some),
    "projection": Scene(project, _leave_waiting),
    "schedules": Scene(_run_schedules, _schedule),
}


def hurry() -> None:
    """Do not wait for the disk: what dies here is a process, and the machine under it goes on."""
    connections.settings["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"


def prepare(scene: str, variant: str) -> None:
    """Do what goes before a scene."""
    hurry()
    SCENES[scene].before()


def count(scene: str, variant: str) -> int:
    """Act a scene whole, and return of how many statements it consists."""
    hurry()
    counting = Counting()
    SCENES[scene].act()
    return counting.seen


def act_until(scene: str, variant: str, statement: int) -> None:
    """Act a scene and die before a statement of it."""
    hurry()
    Counting(statement)
    SCENES[scene].act()


def act_to(scene: str, variant: str, step: str) -> None:
    """Act a scene and die at a named step."""
    hurry()
    if variant:
        VARIANTS[variant]()
    die_at(step)
    SCENES[scene].act()


def finish(scene: str, variant: str) -> dict[str, Any]:
    """Act a scene that was interrupted once more, and return what is recorded then."""
    hurry()
    between = broken()
    SCENES[scene].act()
    return {"between": between, "after": broken(), "is": _summary(), "reports": scene != "projection" or _is_whole()}


def _is_whole() -> bool:
    """Tell whether the warehouse, filled in parts, is what a rebuild makes (L8)."""
    projected = warehouse().fingerprint()
    rebuild()
    return warehouse().fingerprint() == projected


def _summary() -> list[Any]:
    """Return what counts, without the numbers and the random names that it happened to get."""
    live = Charge.objects.filter(ended_us=None)
    by_person = ("person__key", "since_us")
    return [
        sorted(Event.objects.values_list("kind", "state", "revision", "source")),
        list(Use.objects.filter(ended_us=None).order_by(*by_person).values_list(*by_person, "until_us")),
        list(live.order_by(*by_person).values_list(*by_person, "category", "tokens_micro", "shortfall_micro")),
        list(Window.objects.order_by("start_us", "person__key").values_list("person__key", "start_us")),
        list(Pack.objects.order_by("pk").values_list("left_micro", "reserved_micro", "lapsed_micro", "swept")),
        list(Hold.objects.order_by(*by_person).values_list(*by_person, "tokens_micro", "ended_us", "booked")),
        list(LiveSession.objects.order_by(*by_person).values_list(*by_person, "closed_us")),
        list(LedgerHead.objects.order_by("team").values_list("number", "sealed")),
        Link.objects.count(),
        sorted(ExportRequest.objects.values_list("owner__email", "file_name")),
        list(Schedule.objects.order_by("owner__email").values_list("next_us", "last_us", "error")),
    ]


def migrate_until(statement: int) -> None:
    """Make the tables of an empty folder and die before a statement of that."""
    hurry()
    Counting(statement)
    upgrade()


def count_migrations() -> int:
    """Make the tables of an empty folder and return of how many statements that consists."""
    hurry()
    counting = Counting()
    upgrade()
    return counting.seen


def tables() -> list[Any]:
    """Finish making the tables, and return them as the database has them."""
    hurry()
    upgrade()
    with connection.cursor() as cursor:
        sound = (
            cursor.execute("PRAGMA integrity_check").fetchall() + cursor.execute("PRAGMA foreign_key_check").fetchall()
        )
        made = cursor.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return [sound, made, judge(()).faults, Product.objects.count()]
