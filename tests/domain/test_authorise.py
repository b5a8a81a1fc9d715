"""Whether somebody may open a product now (domain A1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import Tokens
from farebox.domain.authorise import Grounds, Standing, Verdict, decide
from farebox.domain.usage import Funding

standings = st.builds(
    Standing,
    member=st.booleans(),
    funding=st.sampled_from(Funding),
    assigned=st.booleans(),
    offered=st.booleans(),
    enterprise=st.booleans(),
    window_open=st.booleans(),
    held=st.booleans(),
    cost=st.none() | st.integers(0, 20).map(Tokens),
    available=st.integers(0, 20).map(Tokens),
)

ORDINARY = Standing(True, Funding.TOKENS, True, True, False, False, False, Tokens(7), Tokens(43))


@given(standings)
def test_it_is_the_formula_of_the_rule(s: Standing) -> None:
    """The decision is A1 as it is written: one boolean formula, with a launch that reserved as an open window."""
    at_a_price = s.cost is not None and (s.cost == 0 or s.enterprise or s.available >= s.cost)
    by_tokens = s.assigned and s.offered and (s.window_open or s.held or at_a_price)
    assert decide(s).allowed == (s.member and (s.funding is not Funding.TOKENS or by_tokens))


@given(standings)
def test_only_what_is_charged_has_a_cost(s: Standing) -> None:
    """An allowed use costs its rate or nothing, and nothing under a seat, a trial, a window or a reservation."""
    verdict = decide(s)
    free = s.funding is not Funding.TOKENS or s.window_open or s.held
    if verdict.allowed:
        assert verdict.cost == (0 if free else s.cost)


@given(standings)
def test_what_is_allowed_for_tokens_can_be_paid(s: Standing) -> None:
    """Outside an enterprise contract, nothing is allowed that costs more than is available (domain F7)."""
    verdict = decide(s)
    if verdict.allowed and not s.enterprise:
        assert verdict.cost <= s.available


def test_a_launch_costs_the_rate() -> None:
    """Seven tokens of forty-three."""
    assert decide(ORDINARY) == Verdict(True, Grounds.TOKENS, Tokens(7))


def test_six_tokens_do_not_pay_seven() -> None:
    """Worked case 6: available 6, rate 7, denied with its reason and its price."""
    short = ORDINARY._replace(available=Tokens(6))
    assert decide(short) == Verdict(False, Grounds.INSUFFICIENT_TOKENS, Tokens(7))


def test_the_exact_rate_is_enough() -> None:
    """The last seven tokens pay for seven."""
    assert decide(ORDINARY._replace(available=Tokens(7))).allowed


def test_a_seat_needs_no_assignment_and_no_tokens() -> None:
    """A seat opens its product whatever the tokens are (worked case 13)."""
    seat = ORDINARY._replace(funding=Funding.SEAT, assigned=False, offered=False, available=Tokens(0))
    assert decide(seat) == Verdict(True, Grounds.SEAT)


def test_who_left_has_no_seat() -> None:
    """Membership comes first."""
    assert decide(ORDINARY._replace(member=False, funding=Funding.SEAT)).grounds is Grounds.NOT_A_MEMBER
