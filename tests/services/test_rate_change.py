"""What a rate would have changed is what a second world really charges, in which it was in force all along."""

from __future__ import annotations

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.entries import job, teach
from tests.world import NOW, START, World, event

from farebox.domain.amounts import Tokens, as_text, tokens
from farebox.domain.clock import MINUTE, Instant, as_iso, day_of
from farebox.domain.periods import last_days, last_months
from farebox.records import turnover
from farebox.records.models import Contract
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.ingest import SourceKey
from farebox.services.rate_change import Period, Thought, rate_change

MONTH, ROLLING = last_months(day_of(NOW), 1), last_days(day_of(NOW), 30)
FROM_MINUTES = 117 * 24 * 60
"""Minutes from the start of 2026 to 28 April: uses fall before, in and after the month that is over."""

USES = st.lists(
    st.tuples(
        st.sampled_from(("ana@example.com", "bo@example.com")),
        st.sampled_from("AABBZ"),
        st.integers(FROM_MINUTES, FROM_MINUTES + 30 * 24 * 60),
        st.sampled_from((1, 4, 6, 90, 700, 1_500, 3_000)),
        st.sampled_from((0, 0, -8, 9)),
    ),
    min_size=1,
    max_size=8,
)
RATES = st.integers(0, 200).map(lambda tenths: Tokens(tenths * 100_000))


def other_world(world: World, scheme: Scheme, rates: dict[str, Tokens]) -> Contract:
    """Add a team that differs in its rates alone, which were in force from the start."""
    team = catalogue.add_team("second", "Second team", now=START)
    for code, amount in rates.items():
        catalogue.set_rate("second", world.products[code], amount, since=START)
    return catalogue.add_contract(team, scheme, offer="all", card="second", start=day_of(START))


def sessions(uses: list[tuple[str, str, int, int, int]]) -> list[bytes]:
    """Write the events of sessions."""
    return [
        event(
            f"e{nth}", who, product, _minute(since), _minute(since + long), utcOffset=f"{hours:+03d}:00"
        )
        for nth, (who, product, since, long, hours) in enumerate(uses)
    ]  # fmt: skip


def _minute(after: int) -> str:
    return as_iso(Instant(START + after * MINUTE)).replace("T", " ").removesuffix(":00Z")


def check(world: World, contract: Contract, found: Period, second: Contract) -> None:
    """Hold what a period would have cost to what the second world was charged on its dates."""
    days = found.days
    was = turnover.consumed(contract.pk, since=days.since, until=days.until)
    assert was + found.cost.difference == turnover.consumed(second.pk, since=days.since, until=days.until)
    assert found.used == (was if found.contracts else 0)


@settings(max_examples=few(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(USES, RATES, st.sampled_from(("A", "B", "Z")), st.booleans())
def test_it_is_what_a_second_world_charges(
    world: World,
    uses: list[tuple[str, str, int, int, int]],
    rate: Tokens,
    product: str,
    enterprise: bool,
) -> None:
    """Flex by windows, enterprise by family and day of the server: exact for any uses and any rate (F1, N4, T7)."""
    contract = world.ent_contract if enterprise else world.flex_contract
    rates = {"A": tokens("6" if enterprise else "7"), "B": tokens("10"), "Z": tokens("0")}
    with transaction.atomic():
        second = other_world(world, Scheme(contract.scheme), {**rates, product: rate})
        events = sessions(uses)
        for team in (contract.team_id, second.team_id):
            assert {one.state for one in world.send(*events, key=SourceKey(0, team)).verdicts} == {"accepted"}

        found = rate_change(Thought(card="ent" if enterprise else "flex", product=product, tokens=rate), at=NOW)

        check(world, contract, found.month, second)
        check(world, contract, found.rolling, second)
        transaction.set_rollback(True)


def test_jobs_are_priced_again_by_class_and_time(world: World) -> None:
    """A rate for a class changes its jobs alone; one by time is measured by the seconds of each job (S1, S2)."""
    teach(world)
    times = {"downloadStarted": "2026-05-04T08:00:00Z", "uploadEnded": "2026-05-04T08:03:37.5Z"}
    world.send(
        job("a", "2026-05-04 08:00", kind="rvt", quantity="3"),
        job("b", "2026-05-04 08:00", kind="dwg"),
        job("c", "2026-05-04 08:00", kind="complex", status="failed"),
        job("d", "2026-05-04 08:00", product="RENDER", kind="", **times),
        job("e", "2026-04-04 08:00", kind="rvt"),
    )

    def priced(product: str, amount: str, complexity: str = "", unit: int = 0) -> list[str]:
        thought = Thought(card="flex", product=product, tokens=tokens(amount), complexity=complexity, unit_seconds=unit)
        month = rate_change(thought, at=NOW).month
        return [as_text(month.cost.was), as_text(month.cost.would), as_text(month.used)]

    assert priced("TRANSLATE", "2", "Complex") == ["1.6", "6.1", "5.216666"]
    assert priced("TRANSLATE", "2", "simple") == ["1.6", "3.5", "5.216666"]
    assert priced("RENDER", "1", unit=30) == ["3.616666", "7.233333", "5.216666"]
    assert priced("A", "2") == ["0", "0", "0"]


def test_the_dates_are_those_of_reports(world: World) -> None:
    """The last complete month, and 30 days with today; who used none of it is left out."""
    world.send(event("a", "ana@example.com", "A", "2026-05-31 22:00", "2026-06-01 00:00"))

    found = rate_change(Thought(card="flex", product="A", tokens=tokens("8")), at=NOW)

    assert (found.month.days, found.rolling.days) == (MONTH, ROLLING)
    assert [(one.team, one.cost) for one in found.month.contracts] == [("Flex team", (tokens("7"), tokens("8")))]
    assert rate_change(Thought(card="ent", product="A", tokens=tokens("8")), at=NOW).month.contracts == ()
