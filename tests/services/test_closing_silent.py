"""Sessions that fell silent are closed, at the last heartbeat or after a day; a later end corrects it (domain M4)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.world import World, at, event, message

from farebox.domain.clock import HOUR, MINUTE, Instant
from farebox.domain.silence import silent_end
from farebox.records.models import Use
from farebox.records.models.contracts import PolicyName
from farebox.services import catalogue
from farebox.services.close_silent import close_silent

ANA = "ana@example.com"
SOON = at("2026-03-02 10:05")
DAY_LATER = at("2026-03-03 08:00")


def running(id: str, heartbeat: str | None, **more: object) -> bytes:  # noqa: A002
    """Write a session that began at 08:00 and tells no end."""
    last = {} if heartbeat is None else {"lastHeartbeat": f"2026-03-02T{heartbeat}:00Z"}
    return event(id, ANA, "A", "2026-03-02 08:00", None, **last, **more)  # type: ignore[arg-type]


def uses() -> list[tuple[str, bool]]:
    """Return the uses that count: how long each is in minutes, and whether it is open."""
    live = Use.objects.filter(ended_us__isnull=True).order_by("event__event_id")
    return [(f"{(one.until_us - one.since_us) // MINUTE}m", one.open) for one in live]


def test_a_session_ends_with_its_last_heartbeat(world: World) -> None:
    """A heartbeat that is half an hour old was the last; what the session cost stays as it is."""
    world.give("100")
    world.send(running("a", "09:00"), now=SOON)
    before = world.entries()

    assert [close_silent(now=at(f"2026-03-02 {time}")) for time in ("09:29", "09:30", "09:30")] == [0, 1, 0]

    assert (uses(), world.entries()) == ([("60m", False)], before)
    assert faults() == []


def test_the_contract_says_how_long_silence_is(world: World) -> None:
    """The silence is a dated setting of the contract, judged at the last heartbeat."""
    world.give("100")
    catalogue.set_policy(world.flex_contract, PolicyName.SILENCE_MINUTES, 10, since=at("2026-03-02 00:00"))
    world.send(running("a", "09:00"), now=SOON)

    assert [close_silent(now=at(f"2026-03-02 {time}")) for time in ("09:09", "09:10")] == [0, 1]


def test_a_session_without_a_word_counts_for_a_day(world: World) -> None:
    """A session that says nothing of itself is left open for 24 hours, and rated again with them."""
    world.give("100")
    world.send(running("a", None), now=SOON)
    assert (world.total(), uses()) == ("0", [("0m", True)])

    assert [close_silent(now=Instant(DAY_LATER + step)) for step in (-1, 0, 1)] == [0, 1, 0]

    assert (world.charges(), uses()) == (["CHARGED 7"], [("1440m", False)])
    assert faults() == []


def test_a_heartbeat_at_the_start_is_one(world: World) -> None:
    """A session whose only heartbeat was its start ends there, and costs nothing."""
    world.send(running("a", "08:00"), now=SOON)

    assert close_silent(now=at("2026-03-02 09:00")) == 1
    assert (world.charges(), uses()) == (["CASUAL 0"], [("0m", False)])


def test_a_later_end_corrects_both(world: World) -> None:
    """The source amends its event when it learns of the end, longer or shorter than it was closed (M3)."""
    world.give("100")
    world.send(running("a", "09:00"), running("b", None, machine="other"), now=SOON)
    close_silent(now=DAY_LATER)

    world.send(
        event("a", ANA, "A", "2026-03-02 08:00", "2026-03-02 12:00", revision=1),
        event("b", ANA, "A", "2026-03-02 08:00", "2026-03-02 08:02", revision=1),
    )

    assert uses() == [("240m", False), ("2m", False)]
    assert world.charges() == ["CHARGED 7", "FREE 0"]
    assert faults() == []


def test_what_is_used_in_the_cloud_gets_no_length(world: World) -> None:
    """An event of cloud use without an end is no session: after a day it is closed as it stands."""
    cloud = message("farebox.cloud-use", "c", {"product": "A"}, time="2026-03-02 08:00", subject=ANA)
    world.send(cloud)

    assert close_silent(now=DAY_LATER) == 1
    assert (world.total(), uses()) == ("0", [("0m", False)])


def test_many_are_closed_a_page_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions that are not due yet hold up none of those that are."""
    monkeypatch.setattr("farebox.services.close_silent.PAGE", 2)
    world.send(*(running(f"day {nth}", None) for nth in range(5)), now=SOON)
    world.send(*(running(f"beat {nth}", "08:30") for nth in range(5)), now=SOON)

    assert close_silent(now=at("2026-03-02 12:00")) == 5
    assert close_silent(now=DAY_LATER) == 5
    assert faults() == []


def test_a_silent_session_of_closed_books_is_late(world: World) -> None:
    """Closing a session that began in closed books moves no total there (L5a)."""
    from datetime import date

    from farebox.domain.clock import day
    from farebox.services.close_books import close

    world.give("100")
    world.send(running("a", None), now=SOON)
    close(world.flex_contract.number, day(date(2026, 3, 2)), actor="test", now=DAY_LATER)

    close_silent(now=DAY_LATER)

    assert world.charges() == ["CASUAL 0", "FREE 0", "CHARGED 7"]
    assert faults() == []


@pytest.mark.parametrize(("age", "over"), [(30 * MINUTE - 1, False), (30 * MINUTE, True)])
def test_silence_is_exactly_half_an_hour(age: int, over: bool) -> None:
    """A heartbeat of just 30 minutes ago is silence; a microsecond less is not."""
    since, beat = SOON, Instant(SOON + HOUR)

    end = silent_end(since, beat, silence_us=30 * MINUTE, now=Instant(beat + age))

    assert end == (beat if over else None)
