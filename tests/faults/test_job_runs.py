"""
Jobs that run twice at once, are paused, or run in parts: one effect, and nothing left undone (X18).

Every job derives what to do from the records: so many runs as one likes are one run. (L5, L9, F7, M4, S1)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction
from tests.faults.chance import dice, size, tell
from tests.faults.hot import leading_to
from tests.faults.sound import faults
from tests.faults.year import Year
from tests.filed import Filed
from tests.world import at

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.records.models import Charge, Entry, Hold, Link, LiveSession, Pack, Use
from farebox.services.authorise import review_due
from farebox.services.close_silent import close_silent
from farebox.services.expire import expire
from farebox.services.project import project
from farebox.services.release_jobs import release_jobs
from farebox.services.seal import seal
from farebox.warehouse import current
from farebox.warehouse.duck import Warehouse

AT_ONCE = 6
ROUNDS = size("JOB_ROUNDS", 3)
PAUSED_US = 3 * HOUR
JOBS: dict[str, Callable[..., int]] = {
    "expire": expire,
    "review": review_due,
    "silence": close_silent,
    "overdue": release_jobs,
    "seal": seal,
}
"""The jobs that are told the time; the projector has its own test."""

Effects = tuple[object, ...]


def effects() -> Effects:
    """Return what jobs leave behind, without the numbers that tell how often they ran."""
    live = Charge.objects.filter(ended_us=None).order_by("use__event__event_id", "since_us")
    return (
        list(live.values_list("use__event__event_id", "since_us", "until_us", "category", "tokens_micro")),
        list(Pack.objects.order_by("pk").values_list("pk", "left_micro", "reserved_micro", "lapsed_micro", "swept")),
        list(LiveSession.objects.order_by("pk").values_list("pk", "seen_us", "event")),
        Hold.objects.filter(ended_us=None).count(),
        Use.objects.filter(ended_us=None, open=True).count(),
    )


def busy_days(name: str, *, days: int = 6) -> Year:
    """Let a few days pass in which no job runs, so that everything is due at once."""
    year = Year(dice("X18", name), now=at("2026-02-01 06:00"))
    year.do_jobs = lambda: None  # type: ignore[method-assign]
    for _ in year.days(days, actions=24):
        continue
    return year


def after_a_pause(year: Year) -> Instant:
    """Return a moment three hours and two months later, by which packs have ended too."""
    return Instant(year.now + 60 * DAY + PAUSED_US)


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_jobs_that_run_at_once_have_one_effect(filed: Filed, nth: int) -> None:
    """After a pause, several schedulers start every job at the same instant: each effect is booked once (X18)."""
    with leading_to(filed):
        year = filed.run(partial(busy_days, f"at once {nth}"))
        now = after_a_pause(year)
        done = {name: filed.run_together([partial(job, now=now)] * AT_ONCE) for name, job in JOBS.items()}
        mixed = [partial(job, now=now) for job in JOBS.values()] * 3
        filed.run_together(mixed)
        before, wrong = filed.run(effects), filed.run(faults)
        again = {name: filed.run(partial(job, now=now)) for name, job in JOBS.items()}
        after = filed.run(effects)
        sealed = filed.run(
            lambda: (sum(link.last - link.first + 1 for link in Link.objects.all()), Entry.objects.count())
        )

    tell("X18 jobs at once", round=nth, schedulers=AT_ONCE, done={name: sum(each) for name, each in done.items()})
    assert wrong == []
    assert again == dict.fromkeys(JOBS, 0)
    assert after == before
    assert sealed[0] == sealed[1]


def one_run(year: Year, now: Instant) -> None:
    """Run every job once, at the end."""
    for _ in range(2):
        for job in JOBS.values():
            job(now=now)


def many_runs(year: Year, now: Instant) -> None:
    """Run the jobs again and again on the way to the same end, in another order each time."""
    thrown, steps = dice("X18 many"), 12
    for step in range(1, steps + 1):
        then = Instant(year.now + (now - year.now) * step // steps)
        for name in thrown.sample(list(JOBS), len(JOBS)):
            JOBS[name](now=then)
    one_run(year, now)


def test_many_runs_are_one_run(db: None) -> None:
    """Jobs that run in twelve parts leave what one run at the end leaves, but for when it was written down (X18)."""
    found: list[Effects] = []
    for run in (one_run, many_runs):
        with transaction.atomic():
            year = busy_days("parts")
            run(year, after_a_pause(year))
            assert faults() == []
            found.append(_totals(effects()))
            transaction.set_rollback(True)

    assert found[0] == found[1]


def _totals(left: Effects) -> Effects:
    """Leave out row numbers, the codes of sessions, which are thrown anew, and which pack paid (domain L5b)."""
    charges, packs, sessions, holds, uses = left
    assert isinstance(charges, list)
    assert isinstance(packs, list)
    priced = sorted(charge[1:] for charge in charges)
    tokens = sum(left + lapsed for _, left, _, lapsed, _ in packs), sum(pack[2] for pack in packs)
    return priced, tokens, len(sessions), holds, uses  # type: ignore[arg-type]


def test_a_job_that_looks_at_nothing_is_noticed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an expiry that forgets which packs are closed, the second run books again: the comparison can see it."""
    year = busy_days("canary")
    now = Instant(year.now + 400 * DAY)
    one_run(year, now)
    entries = Entry.objects.count()
    Pack.objects.filter(lapsed_micro__gt=0).update(swept=False, left_micro=1, lapsed_micro=0)

    again = expire(now=now)

    assert again > 0
    assert Entry.objects.count() > entries
    assert faults() != []


def test_projectors_at_once_apply_each_batch_once(db: None, house: Warehouse) -> None:
    """A projector that runs in parts, again, and after a pause brings what one run brings (L8)."""
    year = busy_days("project", days=3)
    positions = [project() for _ in range(3)]
    one_run(year, Instant(year.now + 3 * DAY + 7 * MINUTE))
    position = project()

    assert len(set(positions)) == 1
    assert position > positions[0]
    assert project() == position
    with current.warehouse().snapshot() as snapshot:
        assert snapshot.position == position
    assert faults() == []
