"""What is told before it hurts: at 20 %, and 90, 30 and 7 days ahead (product N2)."""

from __future__ import annotations

import pytest
from tests.domain.makers import MONDAY
from tests.domain.test_outlook import in_days, pack

from farebox.domain.alerts import Urgency, alerts, is_low, urgency
from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import DAY, Instant
from farebox.domain.outlook import Pace, foresee
from farebox.domain.packs import Pack


def told(packs: list[Pack], a_day: int, *, held: str = "1000", short: str = "0", over: str = "0") -> list[str]:
    """Return the alerts of some packs as short texts: what, within how many days, how much, of which pack."""
    available = Tokens(sum(one.left for one in packs))
    found = alerts(
        available=available, held=tokens(held), short=tokens(short), over=tokens(over),
        outlook=foresee([packs], Pace(tokens(a_day), 1), at=MONDAY), packs=packs, at=MONDAY,
    )  # fmt: skip
    return [f"{one.what} {one.urgency} {one.tokens // 1_000_000} {one.pack}" for one in found]


@pytest.mark.parametrize(("left", "held", "low"), [(20, 100, True), (21, 100, False), (0, 0, False), (-5, 10, True)])
def test_a_fifth_is_low(left: int, held: int, low: bool) -> None:
    """At 20 percent or less of what there was the balance is low; where nothing was, nothing is low."""
    assert is_low(Tokens(left), Tokens(held)) is low


@pytest.mark.parametrize(
    ("days", "near"), [(0, 7), (7, 7), (8, 30), (30, 30), (31, 90), (90, 90), (91, None)]
)  # fmt: skip
def test_the_nearer_the_more_urgent(days: int, near: int | None) -> None:
    """What happens within 7, 30 and 90 dates is told with that urgency; what is further away is not."""
    assert urgency(Instant(in_days(days) + DAY - 1), Instant(MONDAY + DAY // 2)) == (near and Urgency(near))


@pytest.mark.parametrize(
    ("packs", "a_day", "lines"),
    [
        ([pack(1, -9, 300, "900")], 1, []),
        ([pack(1, -9, 300, "900")], 10, ["runs_out 90 0 0"]),
        ([pack(1, -9, 300, "200")], 10, ["low 30 200 0", "runs_out 30 0 0"]),
        ([pack(1, -9, 20, "900")], 10, ["all_lapse 30 0 0", "pack_ends 30 700 1"]),
        ([pack(1, -9, 5, "900"), pack(2, -9, 80, "90")], 0,
         ["pack_ends 7 900 1", "all_lapse 90 0 0", "pack_ends 90 90 2"]),
        ([], 10, ["nothing_left 7 0 0"]),
    ],
)  # fmt: skip
def test_worked_cases(packs: list[Pack], a_day: int, lines: list[str]) -> None:
    """The balance, the run-out and each pack that ends with a rest are told, the most urgent first."""
    assert told(packs, a_day) == lines


def test_what_was_used_beyond_the_packs_comes_first() -> None:
    """Shortfalls and over-consumption are there already (F8, N7)."""
    assert told([pack(1, -9, 300, "900")], 10, short="4", over="6")[:2] == ["short 7 4 0", "over 7 6 0"]


def test_who_never_had_anything_is_warned_of_nothing() -> None:
    """An empty contract is taught its next step elsewhere."""
    assert told([], 0, held="0") == []
