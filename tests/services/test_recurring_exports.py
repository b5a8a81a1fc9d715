"""Recurring report files: each due time is run once, by the team's clock, with the rights of then (product H1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.world import World, at

from farebox.domain.clock import DAY, HOUR, SECOND, Instant, as_date, as_iso
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.recurring import Every
from farebox.domain.report_files import Format, ReportType, Spec
from farebox.domain.rights import Role
from farebox.records import exports, reading
from farebox.records.models import Audit, ExportRequest, Membership, Team, User
from farebox.records.models.exports import Origin
from farebox.records.models.report_schedules import Trouble
from farebox.services import catalogue, recurring, time_zone
from farebox.services.recurring import RECURRING_MAX, Order, Planned, run_due

MADE = at("2026-11-22 09:00")
DUE = at("2026-12-01 08:00")


@pytest.fixture
def owner(world: World) -> User:
    """Make an administrator of both teams."""
    return administrator("boss@example.com", {world.flex: Role.PRIMARY, world.ent: Role.SECONDARY})


def administrator(email: str, roles: dict[Team, Role]) -> User:
    """Make an account with roles."""
    return catalogue.add_account(email, "correct horse battery", "B", roles=roles, now=MADE)


def order(world: World, *, every: Every = Every.MONTH, on: int = 1, hour: int = 8, everything: bool = False) -> Order:
    """Return an order for a file of usage, of the Flex team or of all that its owner administers."""
    contracts = () if everything else (world.flex_contract.number,)
    spec = Spec(format=Format.XLSX, types=(ReportType.USAGE,), contracts=contracts, language="sv")
    return Order(every=every, on=on, hour=hour, spec=spec)


def make(owner: User, wanted: Order, *, key: str = "", now: Instant = MADE) -> str:
    """Make a recurring export and return its id."""
    return str(recurring.make(owner, reading.contracts_of(owner), wanted, key=key, now=now).pk)


def seen(owner: User, *, now: Instant) -> Planned:
    """Return the one recurring export that its owner has."""
    (planned,) = recurring.recurring_of(owner, now=now)
    return planned


def requested() -> list[tuple[str, str, str]]:
    """Return the first and the last date of each file that was requested, and of which schedule it is."""
    found = []
    for row in ExportRequest.objects.order_by("pk"):
        spec = exports.spec_of(row)
        assert spec is not None
        assert spec.days is not None
        found.append((str(as_date(spec.days.since)), str(as_date(spec.days.until)), row.schedule))
    return found


def test_a_run_is_about_the_month_before(world: World, owner: User) -> None:
    """Nothing is requested before its time; then one file is, in its owner's name and language, and it moves on."""
    made = make(owner, order(world))

    assert (run_due(now=Instant(DUE - SECOND)), requested()) == (0, [])
    assert (run_due(now=DUE), run_due(now=DUE)) == (1, 0)

    assert requested() == [("2026-11-01", "2026-12-01", made)]
    row = ExportRequest.objects.get()
    assert (row.owner, row.contract, row.origin) == (owner, world.flex_contract, Origin.SCHEDULE)
    spec = exports.spec_of(row)
    assert spec is not None
    assert (spec.language, spec.format, spec.contracts) == ("sv", Format.XLSX, (world.flex_contract.number,))
    after = seen(owner, now=DUE)
    assert (after.last, as_iso(after.next.at), after.trouble, after.made) == (DUE, "2027-01-01T08:00:00Z", None, row)


def test_what_was_missed_is_made_up_once(world: World, owner: User) -> None:
    """After three weeks without a server one file is requested, about the last whole week; the next is due in time."""
    made = make(owner, order(world, every=Every.WEEK, on=1))

    run_due(now=at("2026-12-16 10:00"))

    assert requested() == [("2026-12-07", "2026-12-14", made)]
    assert as_iso(seen(owner, now=at("2026-12-16 10:00")).next.at) == "2026-12-21T08:00:00Z"
    assert run_due(now=at("2026-12-16 11:00")) == 0


def test_a_clock_that_is_set_back_makes_nothing_twice(world: World, owner: User) -> None:
    """A time that was run before is not run again, also where the server believes that it is to come (X18)."""
    made = make(owner, order(world))
    run_due(now=DUE)
    recurring.pause(owner, made, now=Instant(DUE - HOUR))
    recurring.resume(owner, made, now=Instant(DUE - HOUR))

    assert run_due(now=DUE) == 0
    assert len(requested()) == 1
    assert run_due(now=at("2027-01-01 08:00")) == 1


def test_rights_are_looked_at_when_it_runs(world: World, owner: User) -> None:
    """Who lost the team makes nothing and is told why; a file about all teams is about those that are left."""
    make(owner, order(world))
    make(owner, order(world, everything=True), now=Instant(MADE + SECOND))
    Membership.objects.filter(user=owner, team=world.flex).delete()

    run_due(now=DUE)

    named, every = recurring.recurring_of(owner, now=DUE)
    assert (named.trouble, named.made) == (Trouble.NO_ROLE, None)
    assert every.trouble is None
    assert ExportRequest.objects.get().contract == world.ent_contract


def test_a_run_waits_for_room_and_keeps_its_dates(world: World, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the team's schedules have too much under way, it says so, and is about the same month when it runs."""
    made = make(owner, order(world))
    monkeypatch.setattr(exports, "SCHEDULED_MAX", 0)

    assert run_due(now=DUE) == 0
    waits = seen(owner, now=DUE)
    assert (waits.trouble, waits.next.at, requested()) == (Trouble.NO_ROOM, DUE, [])
    monkeypatch.setattr(exports, "SCHEDULED_MAX", 50)
    assert run_due(now=Instant(DUE + 20 * DAY)) == 1

    assert requested() == [("2026-11-01", "2026-12-01", made)]
    assert seen(owner, now=Instant(DUE + 20 * DAY)).trouble is None


def test_it_runs_by_the_clock_of_the_team(world: World, owner: User) -> None:
    """A team that chooses another clock moves its recurring exports to it, and what was missed is not made up."""
    make(owner, order(world))

    time_zone.choose(owner, world.flex.pk, "Europe/Stockholm", now=MADE)

    planned = seen(owner, now=MADE)
    assert (planned.zone, as_iso(planned.next.at)) == ("Europe/Stockholm", "2026-12-01T07:00:00Z")
    assert run_due(now=at("2026-12-01 07:00")) == 1
    assert Audit.objects.get(verb="team.time_zone").facts == {"before": "UTC", "now": "Europe/Stockholm"}


def test_who_chooses_the_clock(world: World, owner: User) -> None:
    """Administrators do; members may not, strangers find no team, and names of no clock are refused."""
    member = administrator("m@example.com", {world.flex: Role.USER})
    stranger = administrator("s@example.com", {})

    with pytest.raises(Forbidden):
        time_zone.choose(member, world.flex.pk, "UTC", now=MADE)
    with pytest.raises(NotFound):
        time_zone.choose(stranger, world.flex.pk, "UTC", now=MADE)
    with pytest.raises(NotFound):
        time_zone.choose(owner, 999_999, "UTC", now=MADE)
    with pytest.raises(Rejected):
        time_zone.choose(owner, world.flex.pk, "../etc/passwd", now=MADE)
    assert Team.objects.get(pk=world.flex.pk).time_zone == "UTC"


def test_paused_is_not_run_and_ended_is_gone(world: World, owner: User) -> None:
    """A paused one runs no more until it is resumed, from then on; an ended one is there no more, its files are."""
    made = make(owner, order(world))
    recurring.pause(owner, made, now=MADE)
    assert run_due(now=Instant(DUE + DAY)) == 0
    recurring.resume(owner, made, now=Instant(DUE + DAY))
    assert run_due(now=Instant(DUE + DAY)) == 0
    assert run_due(now=at("2027-01-01 08:00")) == 1

    recurring.end(owner, made, now=at("2027-01-02 08:00"))

    assert recurring.recurring_of(owner, now=DUE) == []
    assert ExportRequest.objects.get().schedule == made
    assert [row.verb for row in Audit.objects.filter(verb__startswith="recurring").order_by("pk")] == [
        "recurring.make",
        "recurring.pause",
        "recurring.resume",
        "recurring.end",
    ]


def test_one_is_changed_in_its_place(world: World, owner: User) -> None:
    """It makes something else from its next time on, keeps its files, and stays paused; the same again is nothing."""
    made = make(owner, order(world))
    run_due(now=DUE)
    recurring.pause(owner, made, now=DUE)
    contracts = reading.contracts_of(owner)

    for _ in range(2):
        recurring.change(owner, made, contracts, order(world, every=Every.WEEK, everything=True), now=DUE)

    planned = seen(owner, now=DUE)
    assert (planned.id, planned.enabled, planned.order.every, planned.made) == (
        made, False, Every.WEEK, ExportRequest.objects.get(),
    )  # fmt: skip
    assert as_iso(planned.next.at) == "2026-12-07T08:00:00Z"
    assert Audit.objects.filter(verb="recurring.change").count() == 1
    with pytest.raises(Rejected):
        recurring.change(owner, made, contracts, order(world, on=32), now=DUE)
    with pytest.raises(NotFound):
        recurring.change(administrator("x@example.com", {world.flex: Role.SSO}), made, contracts, order(world), now=DUE)


def test_nobody_touches_those_of_others(world: World, owner: User) -> None:
    """Another administrator of the same team sees none of them, and can neither pause nor end one (T2)."""
    made = make(owner, order(world))
    other = administrator("o@example.com", {world.flex: Role.SSO})

    assert recurring.recurring_of(other, now=MADE) == []
    for change in (recurring.pause, recurring.resume, recurring.end):
        for key in (made, "nonsense", "00000000-0000-4000-8000-000000000000"):
            with pytest.raises(NotFound):
                change(other, key, now=MADE)


def test_the_same_asked_again_is_the_same(world: World, owner: User) -> None:
    """A form that is sent twice makes one; the same key for something else is refused, and so is one that was ended."""
    made = make(owner, order(world), key="n")

    assert make(owner, order(world), key="n") == made
    with pytest.raises(Conflict):
        make(owner, order(world, hour=9), key="n")
    recurring.end(owner, made, now=MADE)
    with pytest.raises(Rejected):
        make(owner, order(world), key="n")


def test_every_problem_is_told_at_once(world: World, owner: User) -> None:
    """Day, hour, report types and contract: all that is wrong, and nothing is made."""
    wrong = order(world, every=Every.WEEK, on=8, hour=24)
    wrong = replace(wrong, spec=replace(wrong.spec, types=(), contracts=("none",)))

    with pytest.raises(Rejected) as refused:
        make(owner, wrong)

    assert [one.pointer for one in refused.value.problems] == ["/on", "/hour", "/types", "/contracts"]
    assert recurring.recurring_of(owner, now=MADE) == []


def test_nobody_has_more_than_fifty(world: World, owner: User) -> None:
    """One more is refused until another is ended."""
    for _ in range(RECURRING_MAX):
        make(owner, order(world))

    with pytest.raises(Rejected):
        make(owner, order(world))
