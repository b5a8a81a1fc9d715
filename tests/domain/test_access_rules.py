"""What opens products to a person, and how saved ticks change it (domain A1, A2, M5; product B3, B4, B7; [S 003])."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.access import (
    EVERY,
    Assignment,
    Held,
    Turn,
    Way,
    group_name,
    opened,
    products_in_force,
    saved,
    taken_back,
    turns,
)
from farebox.domain.access import given as with_more
from farebox.domain.clock import Instant
from farebox.domain.errors import Rejected

A, B, C, OLD = 1, 2, 3, 9
OFFER = frozenset({A, B, C})

products = st.frozensets(st.sampled_from((A, B, C, OLD)))
assignments = st.builds(Assignment, products, st.booleans())
instants = st.integers(0, 9).map(Instant)
given_at = st.dictionaries(st.sampled_from((EVERY, A, B, C)), instants)
held_by = st.builds(
    Held,
    member_since=st.none() | instants,
    own=given_at,
    groups=st.dictionaries(st.tuples(st.integers(1, 3), st.sampled_from((EVERY, A, B, C))), instants),
    defaults=st.dictionaries(st.sampled_from((A, B, C, OLD)), instants),
)


def some(*numbers: int) -> Assignment:
    """Return some products as they are given one by one."""
    return Assignment(frozenset(numbers))


ALL = Assignment(every=True)


@given(held_by)
def test_what_is_held_opens_what_the_rule_says(held: Held) -> None:
    """The set in force is the rule's, of the same ticks, groups and defaults; of no active member it is empty (A2)."""
    ways = {number: {what for group, what in held.groups if group == number} for number, _ in held.groups}
    groups = [Assignment(frozenset(what - {EVERY}), EVERY in what) for what in ways.values()]

    allowed = products_in_force(OFFER, held.ticks, groups, defaults=frozenset(held.defaults))

    assert opened(held, OFFER) == (frozenset() if held.member_since is None else allowed)
    assert {product for product in OFFER if held.may_open(product)} == opened(held, OFFER)


@given(held_by)
def test_who_holds_a_product_has_had_it_since_then(held: Held) -> None:
    """What is in force was so from its own instant on, and not before, by what is given now (M5)."""
    for product in OFFER:
        since = [hold.since for hold in held.ways(product)]
        if since:
            assert held.had(product, min(since))
            assert held.rests or not held.had(product, Instant(min(since) - 1))
        else:
            assert not held.had(product, Instant(10))


def test_defaults_rule_from_their_first_instant() -> None:
    """A use from before the defaults were switched on is judged by what was given then (M5)."""
    held = Held(Instant(0), own={A: Instant(1)}, defaults={B: Instant(5)})

    assert [(held.had(A, Instant(at)), held.had(B, Instant(at))) for at in (0, 1, 5)] == [
        (False, False),
        (True, False),
        (False, True),
    ]


def test_every_way_in_which_a_product_is_held_is_told() -> None:
    """By the person's own tick, through each group that has it or all; under defaults these alone."""
    held = Held(Instant(2), own={A: Instant(3)}, groups={(7, EVERY): Instant(4), (8, B): Instant(5)})

    told = [(hold.way, hold.group, hold.since) for hold in held.ways(A)]
    held.defaults = {A: Instant(1)}

    assert told == [(Way.OWN, 0, 3), (Way.GROUP, 7, 4)]
    assert [(hold.way, hold.since) for hold in held.ways(A)] == [(Way.DEFAULT, 2)]
    assert held.ways(B) == []


@pytest.mark.parametrize(
    ("held", "shown", "wanted", "after"),
    [
        (some(), some(), some(A), some(A)),
        (some(A), some(A), some(B), some(B)),
        (some(A, B), some(A, B), some(A, B, C), Assignment(OFFER, every=True)),
        (some(A), some(A), ALL, Assignment(frozenset({A}), every=True)),
        (ALL, ALL, ALL, ALL),
        (ALL, ALL, some(A, B), some(A, B)),
        (ALL, Assignment(OFFER, every=True), some(A, B, C), Assignment(OFFER, every=True)),
        (some(A, OLD), some(A, OLD), some(A), some(A)),
        (some(OLD), some(OLD), some(A, OLD), some(A, OLD)),
    ],
)  # fmt: skip
def test_a_saved_list_of_ticks(held: Assignment, shown: Assignment, wanted: Assignment, after: Assignment) -> None:
    """All ticked is all, later ones too; from all, one unticked leaves the others [S 003]."""
    assert saved(held, shown, wanted, OFFER) == after


@given(assignments, assignments, assignments, assignments)
def test_two_lists_saved_at_once_lose_nothing_of_each_other(
    held: Assignment, mine: Assignment, theirs: Assignment, later: Assignment
) -> None:
    """What neither of two changed stays, and what one of them ticked or unticked is as that one left it."""
    after = saved(saved(held, held, mine, OFFER), held, theirs, OFFER)

    shown, has = _spelled(held), _spelled(after)
    for product in OFFER:
        before, one, other = product in shown, product in _spelled(mine), product in _spelled(theirs)
        if one == other:
            assert (product in has) == one
        elif other != before and not theirs.every:
            assert (product in has) == other


@given(assignments, assignments)
def test_saving_twice_is_saving_once(held: Assignment, wanted: Assignment) -> None:
    """The same list again changes nothing, and what is saved is what is open of the offer."""
    once = saved(held, held, wanted, OFFER)

    assert saved(once, once, Assignment(_spelled(once), once.every), OFFER) == once
    assert _spelled(once) & OFFER >= _spelled(wanted) & OFFER


@given(assignments, assignments)
def test_more_never_takes_anything(held: Assignment, more: Assignment) -> None:
    """Who is given more has both, and with the last product of the offer all of it [S 003]."""
    after = with_more(held, more, OFFER)

    assert _spelled(after) >= _spelled(held) | _spelled(more)
    assert after.every or not after.products >= OFFER


@given(assignments, st.sampled_from((A, B, C)))
def test_what_is_taken_back_is_taken_alone(held: Assignment, product: int) -> None:
    """Of who has all, the others stay, and later ones do not come [S 003]; all taken back is nothing."""
    after = taken_back(held, product, OFFER)

    assert after == Assignment(_spelled(held) - {product})
    assert taken_back(held, EVERY, OFFER) == Assignment()


def test_an_empty_offer_is_not_all_of_it() -> None:
    """With nothing to tick, nothing ticked is not everything."""
    assert saved(some(), some(), some(), frozenset()) == some()
    assert not with_more(some(), some(), frozenset()).every


def test_who_gains_and_who_loses_is_counted() -> None:
    """Product by product, between two sets of the same people."""
    before = [frozenset({A}), frozenset({A, B}), frozenset[int]()]
    after = [frozenset({B}), frozenset({B}), frozenset({B})]

    assert turns(before, after) == {A: Turn(0, 2), B: Turn(2, 0)}


@pytest.mark.parametrize("text", ["", "   ", "x" * 101, "a\nb", "a\u202eb", "a\u200bb", "a\x00b"])
def test_what_is_no_name_of_a_group_is_refused(text: str) -> None:
    """Nothing that is empty, too long, breaks a line, or hides in the text."""
    with pytest.raises(Rejected) as refused:
        group_name(text)

    assert [(one.pointer, one.code) for one in refused.value.problems] == [("/name", "invalid_value")]


def test_a_name_of_a_group_is_kept_in_one_form() -> None:
    """Blanks around it go, accents are composed; any script will do."""
    assert [group_name(" Bâtiment "), group_name("e\u0301quipe"), group_name("設計 2課")] == [
        "Bâtiment",
        "équipe",
        "設計 2課",
    ]


def _spelled(assignment: Assignment) -> frozenset[int]:
    return assignment.products | OFFER if assignment.every else assignment.products
