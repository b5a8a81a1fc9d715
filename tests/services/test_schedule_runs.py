"""Schedules that are due: each due time is run once, late once, with the rights of that moment (usage-api 6.9)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.filed import Filed
from tests.world import World, at, event

from farebox.domain.clock import DAY, HOUR, MINUTE, SECOND, Instant, as_iso, day, day_of
from farebox.domain.clock import moment as as_moment
from farebox.domain.errors import Rejected
from farebox.domain.rights import Role
from farebox.domain.schedules import Kind, Level, Part, Wanted, offered
from farebox.query.plan import make_plan
from farebox.query.present import json_rows
from farebox.query.rules import Surface
from farebox.records import exports, reading
from farebox.records.models import Contract, ExportRequest, Membership, Schedule, ScheduleRun, User
from farebox.records.models.contracts import Scheme
from farebox.records.models.exports import ExportState
from farebox.services import catalogue, schedule
from farebox.services.project import project
from farebox.services.schedule import Order, Planned, run_due
from farebox.services.schedule.questions import questions
from farebox.warehouse.duck import Warehouse

MADE = at("2026-10-20 12:00")
DUE = at("2026-11-05 18:00")
MONTHLY = "0 0 18 5 * *"
EVERYTHING = (Wanted(Kind.DESKTOP_PRODUCT, tuple(Level)), Wanted(Kind.CLOUD, tuple(Level)))
DAILY = (Wanted(Kind.DESKTOP_PRODUCT, (Level.DAILY,)),)


def an_owner(world: World, email: str = "boss@example.com") -> User:
    """Make an administrator of the Flex team."""
    return catalogue.add_account(email, "correct horse battery", "B", roles={world.flex: Role.SECONDARY}, now=MADE)


def make(
    world: World,
    user: User,
    frequency: str = MONTHLY,
    *,
    wanted: tuple[Wanted, ...] = DAILY,
    enabled: bool = True,
    now: Instant = MADE,
) -> Planned:
    """Make a schedule under the Flex contract."""
    order = Order(frequency=frequency, enabled=enabled, wanted=wanted)
    return schedule.make(user, door(world, user), order, now=now)


def door(world: World, user: User) -> reading.Readable:
    """Return the Flex contract as its administrator may read it."""
    return reading.contract_of(user, world.flex_contract.number)


def seen(world: World, user: User, made: Planned, *, now: Instant) -> Planned:
    """Return what the owner sees of a schedule."""
    return schedule.schedule_of(user, door(world, user), made.id, now=now)


def requested() -> list[tuple[str, str]]:
    """Return the exports that were requested, as schedule and file."""
    return list(ExportRequest.objects.order_by("pk").values_list("schedule", "file_name"))


def test_nothing_runs_before_its_time(world: World) -> None:
    """A second before, nothing is due; at the time, it is, and afterwards the next month's is next."""
    user = an_owner(world)
    made = make(world, user)

    assert (run_due(now=Instant(DUE - SECOND)), requested()) == (0, [])
    assert run_due(now=Instant(DUE + SECOND)) == 1
    assert requested() == [(made.id, "DESKTOP_PRODUCT_Daily_2026-10.csv")]
    after = seen(world, user, made, now=Instant(DUE + SECOND))
    assert (after.last, as_iso(after.next), after.error) == (DUE, "2026-12-05T18:00:00Z", "")


def test_a_run_requests_one_export_for_each_category_and_level(world: World) -> None:
    """Each in its owner's name, about the contract, the month before, and with the schedule's id (usage-api 6.9)."""
    user = an_owner(world)
    made = make(world, user, wanted=EVERYTHING)

    run_due(now=DUE)

    assert [name for _, name in requested()] == [
        "DESKTOP_PRODUCT_Transactional_2026-10.csv",
        "DESKTOP_PRODUCT_Daily_2026-10.csv",
        "DESKTOP_PRODUCT_Monthly_2026-10.csv",
        "CLOUD_SERVICE_Transactional_2026-10.csv",
        "CLOUD_SERVICE_Daily_2026-10.csv",
        "CLOUD_SERVICE_Monthly_2026-10.csv",
        "CLOUD_PRODUCT_Daily_2026-10.csv",
        "CLOUD_PRODUCT_Monthly_2026-10.csv",
    ]
    for row in ExportRequest.objects.all():
        asked = exports.question_of(row)
        assert (row.owner_id, row.contract_id, row.schedule) == (user.pk, world.flex_contract.pk, made.id)
        assert row.file_name.startswith(asked.usage_categories[0])
        assert asked.where == "usageDate >= '2026-10-01' AND usageDate < '2026-11-01'"


def test_every_export_of_a_schedule_can_be_made(world: World) -> None:
    """What a schedule asks is an export that means something, in every category and at every level (usage-api 6.2)."""
    asker = door(world, an_owner(world)).asker
    every = [part for kind in Kind for part in schedule_parts(kind)]

    for _, question in questions(every, DUE):
        plan = make_plan(question, asker, Surface.EXPORT)
        assert plan.names == (*question.fields, *question.metrics)
        assert len(question.metrics) == 3


def schedule_parts(kind: Kind) -> list[Part]:
    """Return every export that a kind of usage can have."""
    return [Part(category, level) for category in kind.categories for level in Level if offered(category, level)]


def test_the_columns_are_those_of_the_level(world: World) -> None:
    """Sessions have what tells them apart; a day has its date, a month has not; the cloud has no versions."""
    asked = {name.rpartition("_")[0]: question for name, question in questions(schedule_parts(Kind.CLOUD), DUE)}
    desktop = {name.rpartition("_")[0]: one for name, one in questions(schedule_parts(Kind.DESKTOP_PRODUCT), DUE)}
    custom = tuple(f"customField{place}" for place in range(1, 11))

    assert desktop["DESKTOP_PRODUCT_Daily"].fields == (
        *("usageDate", "usageMonth", "contractYear", "usageCategory", "productLineCode", "productName"),
        *("productVersion", "userName", *custom),
    )
    assert desktop["DESKTOP_PRODUCT_Monthly"].fields == desktop["DESKTOP_PRODUCT_Daily"].fields[1:]
    assert desktop["DESKTOP_PRODUCT_Daily"].metrics == ("tokensConsumed", "usageMinutes", "useCount")
    assert len(desktop["DESKTOP_PRODUCT_Transactional"].fields) == 27
    assert desktop["DESKTOP_PRODUCT_Transactional"].metrics == ("tokensConsumed", "usageMinutes", "usageHours")
    assert {"sessionStartDate", "chargedItemID", "machineName"} <= set(desktop["DESKTOP_PRODUCT_Transactional"].fields)
    assert "jobStatus" in asked["CLOUD_SERVICE_Transactional"].fields
    assert "productVersion" not in asked["CLOUD_PRODUCT_Daily"].fields


def test_what_a_run_asks_is_the_month_before_it(world: World, house: Warehouse) -> None:
    """Use of the last second before the month and of the first after it is not in its file."""
    user = an_owner(world)
    days = ["2026-03-31 23:00", "2026-04-01 00:00", "2026-04-30 22:00", "2026-05-01 00:00"]
    for nth, start in enumerate(days):
        assert world.states(event(str(nth), "ann@example.com", "A", start, start[:11] + "23:30")) == ["accepted"]
    project()
    make(world, user, "0 0 6 1 * *", now=at("2026-04-20 12:00"))

    run_due(now=at("2026-05-01 06:00"))

    row = ExportRequest.objects.get()
    plan = make_plan(exports.question_of(row), door(world, user).asker, Surface.EXPORT)
    with house.snapshot() as snapshot:
        found = snapshot.ask(plan)
    dates = {cells[found.columns.index("usageDate")] for cells in json_rows(plan, found.rows)}
    assert dates == {"2026-04-01", "2026-04-30"}


@pytest.mark.parametrize(
    ("frequency", "made", "down_until", "due", "month"),
    [
        (MONTHLY, "2026-10-20 12:00", "2026-11-05 18:00", "2026-11-05 18:00", "2026-10"),
        (MONTHLY, "2026-10-20 12:00", "2027-02-01 07:00", "2027-01-05 18:00", "2026-12"),
        ("0 0 1 L * *", "2028-01-31 02:00", "2028-02-29 01:00", "2028-02-29 01:00", "2028-01"),
        ("59 59 23 L * *", "2027-12-01 00:00", "2028-01-02 00:00", "2027-12-31 23:59:59", "2027-11"),
        ("0 0 0 1 1 *", "2026-10-20 12:00", "2030-06-01 00:00", "2030-01-01 00:00", "2029-12"),
        ("0 0 1 29 2 *", "2026-10-20 12:00", "2033-01-01 00:00", "2032-02-29 01:00", "2032-01"),
        ("0 0 * * * *", "2026-10-20 12:30", "2026-11-01 00:59", "2026-11-01 00:00", "2026-10"),
    ],
)
def test_what_was_missed_is_made_up_once(
    world: World, frequency: str, made: str, down_until: str, due: str, month: str
) -> None:
    """The latest time missed is run, about the month before that time; those before it are not (usage-api 6.9)."""
    user = an_owner(world)
    planned = make(world, user, frequency, now=at(made))
    now = at(down_until)

    assert (run_due(now=now), run_due(now=now), run_due(now=Instant(now + SECOND))) == (1, 0, 0)

    assert requested() == [(planned.id, f"DESKTOP_PRODUCT_Daily_{month}.csv")]
    run = ScheduleRun.objects.get()
    assert (run.due_us, run.ran_us, run.made) == (at(due), now, 1)
    after = seen(world, user, planned, now=now)
    assert after.last == at(due)
    assert after.next > now


def test_a_year_of_months_is_twelve_runs(world: World) -> None:
    """Looked at every few hours through a leap year, each month is requested once, and none is left out."""
    make(world, an_owner(world), "30 15 3 L * ?", now=at("2027-12-31 12:00"))
    now = at("2028-01-01 00:00")
    ran = 0
    while now < at("2029-01-01 00:00"):
        ran += run_due(now=now)
        now = Instant(now + 7 * HOUR)

    months = [name[-11:-4] for _, name in requested()]
    assert ran == 12
    assert months == ["2027-12", *(f"2028-{month:02}" for month in range(1, 12))]


def test_what_is_off_does_not_run_and_is_not_made_up(world: World) -> None:
    """Switched on again, a schedule goes on from then."""
    user = an_owner(world)
    made = make(world, user, enabled=False)
    later = Instant(DUE + 40 * DAY)

    assert run_due(now=later) == 0
    order = Order(frequency=MONTHLY, enabled=True, wanted=DAILY)
    schedule.replace(user, door(world, user), made.id, order, now=later)

    assert (run_due(now=later), requested()) == (0, [])
    assert as_iso(seen(world, user, made, now=later).next) == "2027-01-05T18:00:00Z"


def test_a_deleted_schedule_does_not_run(world: World) -> None:
    """What it made before stays."""
    user = an_owner(world)
    made = make(world, user)
    run_due(now=DUE)

    schedule.end(user, door(world, user), made.id, now=DUE)

    assert run_due(now=Instant(DUE + 40 * DAY)) == 0
    assert (len(requested()), ScheduleRun.objects.count()) == (1, 0)


def test_who_lost_the_role_gets_nothing_made(world: World) -> None:
    """The rights of the moment count; the schedule says why, goes on, and works again when the role is back."""
    user = an_owner(world)
    made = make(world, user)
    Membership.objects.filter(user=user).update(role=Role.USER)

    assert run_due(now=DUE) == 1
    Membership.objects.filter(user=user).update(role=Role.SSO)

    without = seen(world, user, made, now=DUE)
    assert (requested(), without.last) == ([], None)
    assert without.error == "its owner may not read the usage of this team any more"
    assert run_due(now=at("2026-12-05 18:00")) == 1
    again = seen(world, user, made, now=at("2026-12-05 18:00"))
    assert (len(requested()), again.error, again.last) == (1, "", at("2026-12-05 18:00"))


@pytest.mark.parametrize("lost", ["membership", "account"])
def test_who_is_gone_gets_nothing_made(world: World, lost: str) -> None:
    """Neither for somebody who left the team nor for an account that is closed."""
    user = an_owner(world)
    make(world, user)
    if lost == "membership":
        Membership.objects.filter(user=user).delete()
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)

    run_due(now=DUE)

    assert requested() == []
    assert ScheduleRun.objects.get().error == "its owner may not read the usage of this team any more"


def test_a_role_in_another_team_does_not_help(world: World) -> None:
    """A schedule reads its own team's usage, whatever else its owner may read."""
    user = an_owner(world)
    make(world, user)
    Membership.objects.filter(user=user).update(team=world.ent)

    run_due(now=DUE)

    assert requested() == []


def other_contract(world: World, *, start: str) -> Contract:
    """Give the Flex team an enterprise contract as well."""
    first = day_of(at(start))
    return catalogue.add_contract(world.flex, Scheme.ENTERPRISE, offer="all", card="ent", start=first)


def end_flex(world: World, last: str) -> None:
    """End the Flex contract with a day."""
    Contract.objects.filter(pk=world.flex_contract.pk).update(end_day=day(as_moment(at(last)).date()))


def test_the_contract_that_is_active_when_it_runs_is_asked(world: World) -> None:
    """That under which it was made while it lasts, then the team's other (usage-api 6.9)."""
    user = an_owner(world)
    make(world, user)
    other = other_contract(world, start="2026-11-20 00:00")
    end_flex(world, "2026-12-01 00:00")

    run_due(now=DUE)
    run_due(now=at("2026-12-05 18:00"))

    asked = ExportRequest.objects.order_by("pk").values_list("contract_id", flat=True)
    assert list(asked) == [world.flex_contract.pk, other.pk]


def test_without_an_active_contract_nothing_is_made(world: World) -> None:
    """One that has ended or not begun yet is not asked, and the schedule says so."""
    user = an_owner(world)
    made = make(world, user)
    other_contract(world, start="2026-12-01 00:00")
    end_flex(world, "2026-11-05 00:00")

    run_due(now=DUE)

    assert requested() == []
    assert seen(world, user, made, now=DUE).error == "no contract was active when it ran"


def test_one_that_fails_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong with one is told at the end; nothing of it is left behind, and it is tried again."""
    user = an_owner(world)
    broken, whole = make(world, user, wanted=EVERYTHING), make(world, user)
    honest = exports.add

    def add(*, file_name: str, **given: Any) -> object:
        if file_name.startswith("CLOUD_PRODUCT"):
            raise RuntimeError("a bug")
        return honest(file_name=file_name, **given)

    monkeypatch.setattr(exports, "add", add)
    with pytest.raises(ExceptionGroup) as failed:
        run_due(now=DUE)
    assert [str(error) for error in failed.value.exceptions] == ["a bug"]
    assert [of for of, _ in requested()] == [whole.id]

    monkeypatch.setattr(exports, "add", honest)
    assert run_due(now=Instant(DUE + MINUTE)) == 1
    assert [of for of, _ in requested()] == [whole.id, *[broken.id] * 8]


def test_a_clock_that_steps_back_runs_nothing_twice(world: World) -> None:
    """The time that was run stays run, also where the schedule was replaced after the clock went back."""
    user = an_owner(world)
    made = make(world, user)
    run_due(now=DUE)
    earlier = Instant(DUE - HOUR)

    schedule.replace(user, door(world, user), made.id, made.order, now=earlier)
    ran = [run_due(now=Instant(earlier + nth * 30 * MINUTE)) for nth in range(5)]

    assert ran == [0] * 5
    assert len(requested()) == 1
    assert as_iso(seen(world, user, made, now=DUE).next) == "2026-12-05T18:00:00Z"


def ended(count: int) -> None:
    """Let the oldest exports that are under way be done."""
    under_way = ExportRequest.objects.filter(state=ExportState.REQUESTED).order_by("pk")
    done = list(under_way.values_list("pk", flat=True)[:count])
    ExportRequest.objects.filter(pk__in=done).update(state=ExportState.READY)


def test_runs_wait_for_room_and_none_is_lost(world: World) -> None:
    """At most fifty exports of a team's schedules are under way; what is over waits, and says so (X18)."""
    user = an_owner(world)
    made = [make(world, user, wanted=EVERYTHING) for _ in range(8)]

    first, again = run_due(now=DUE), run_due(now=Instant(DUE + MINUTE))
    waiting = [seen(world, user, one, now=DUE) for one in made if not seen(world, user, one, now=DUE).last]
    under_way = len(requested())
    ended(16)
    late = [run_due(now=Instant(DUE + nth * MINUTE)) for nth in (2, 3)]

    assert (first, again, under_way) == (6, 0, 48)
    assert [(one.next, one.error) for one in waiting] == [
        (DUE, "it waits: 50 exports of the team's schedules are under way")
    ] * 2
    assert late == [2, 0]
    assert {(one.last, one.error) for one in (seen(world, user, one, now=DUE) for one in made)} == {(DUE, "")}
    assert (len(requested()), len(set(requested()))) == (64, 64)


def test_what_waited_is_about_its_own_month(world: World) -> None:
    """A run that waits past the next time keeps its time, and what came due meanwhile is run after it, once."""
    user = an_owner(world)
    for _ in range(6):
        make(world, user, "0 0 18 4 * *", wanted=EVERYTHING)
    run_due(now=Instant(DUE - HOUR))
    slow = make(world, user)
    ran = [run_due(now=DUE)]
    Schedule.objects.exclude(pk=slow.id).delete()
    after = at("2027-01-06 00:00")
    ran.append(run_due(now=after))
    ended(48)
    ran += [run_due(now=Instant(after + nth)) for nth in range(3)]

    assert ran == [0, 0, 1, 1, 0]
    assert [name[-11:-4] for of, name in requested() if of == slow.id] == ["2026-10", "2026-12"]


def test_schedules_of_one_team_keep_no_other_and_no_person_waiting(world: World) -> None:
    """What schedules have under way counts for their team alone: its owner may ask, and other teams' schedules run."""
    user = an_owner(world)
    for _ in range(7):
        make(world, user, wanted=EVERYTHING)
    other = catalogue.add_account(
        "other@example.com", "correct horse battery", "O", roles={world.ent: Role.PRIMARY}, now=MADE
    )
    contract = reading.contract_of(other, world.ent_contract.number)
    schedule.make(other, contract, Order(frequency=MONTHLY, enabled=True, wanted=DAILY), now=MADE)

    assert run_due(now=DUE) == 7
    assert exports.outstanding(user.pk) == 0
    assert exports.scheduled(world.flex.pk) == 48
    assert exports.scheduled(world.ent.pk) == 1


def a_team_with_schedules(count: int) -> list[str]:
    """Make a world with so many schedules that are due together."""
    world = World()
    user = an_owner(world)
    return [make(world, user, wanted=EVERYTHING).id for _ in range(count)]


def everything_requested() -> list[tuple[str, str]]:
    """Return what was requested, in an order that does not tell who was first."""
    return sorted(requested())


def test_runners_side_by_side_have_one_effect(filed: Filed) -> None:
    """Six runners find the same schedules due: each is run by one of them, once (X18)."""
    made = filed.run(partial(a_team_with_schedules, 4))

    ran = filed.run_together([partial(run_due, now=DUE)] * 6)

    found = filed.run(everything_requested)
    assert sum(ran) == len(made) == filed.run(ScheduleRun.objects.count)
    assert len(found) == len(set(found)) == 8 * len(made)


def test_runners_side_by_side_keep_to_the_room(filed: Filed) -> None:
    """Together they request no more than one alone: who counts keeps others from adding."""
    filed.run(partial(a_team_with_schedules, 9))

    ran = filed.run_together([partial(run_due, now=DUE)] * 4)

    assert (sum(ran), len(filed.run(everything_requested))) == (6, 48)


def test_a_runner_without_its_guard_is_noticed(filed: Filed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Canary: where a schedule is not claimed and its run not looked for, the runners above ask again and again."""
    filed.run(partial(a_team_with_schedules, 2))
    monkeypatch.setattr("farebox.services.schedule.due._claim", lambda schedule, now: True)
    monkeypatch.setattr("farebox.services.schedule.due._begin", _begin_anyway)

    filed.run_together([partial(run_due, now=DUE)] * 3)

    found = filed.run(everything_requested)
    assert len(found) > len(set(found))


def _begin_anyway(one: Schedule, due: Instant, now: Instant) -> tuple[ScheduleRun, bool]:
    run, _ = ScheduleRun.objects.get_or_create(
        schedule=one, due_us=due, defaults={"team_id": one.team_id, "ran_us": now}
    )
    return run, True


def test_ending_a_schedule_while_it_runs_breaks_nothing(filed: Filed) -> None:
    """Either it runs first or it is gone; both ways it is deleted at the end."""

    def end_all() -> int:
        user = User.objects.get(email="boss@example.com")
        contract = reading.contracts_of(user)[0]
        for one in schedule.schedules_of(user, contract, now=DUE):
            schedule.end(user, contract, one.id, now=DUE)
        return 0

    filed.run(partial(a_team_with_schedules, 6))

    filed.run_together([partial(run_due, now=DUE), end_all])

    assert filed.run(Schedule.objects.count) == 0


def test_a_schedule_that_makes_nothing_cannot_be_made(world: World) -> None:
    """Everything that is wrong with it is said at once."""
    with pytest.raises(Rejected) as refused:
        make(world, an_owner(world), "never", wanted=(Wanted(Kind.CLOUD_PRODUCT, (Level.TRANSACTIONAL,)),))

    assert [problem.pointer for problem in refused.value.problems] == ["/scheduleObjects", "/frequencyExpression"]
