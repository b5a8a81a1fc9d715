"""Default assignments: one set for everybody, which never grows by itself (product B4, domain A2)."""

from __future__ import annotations

import pytest
from tests.services.office import Office
from tests.world import NOW, World

from farebox.domain.errors import Conflict, Rejected
from farebox.records.models import DefaultProduct, OfferProduct
from farebox.services import defaults


@pytest.fixture
def office(world: World) -> Office:
    """Return the Flex team, its administrator, and two members."""
    return Office(world)


def test_what_changes_for_whom_is_said_first(office: Office) -> None:
    """How many people gain and lose which products; nothing is changed by looking."""
    office.tick(office.ann, "A")
    office.tick(office.ben, every=True)
    office.invited("eve")

    told = defaults.preview(office.boss, office.team, ["B"], now=NOW)
    before = office.opens(office.ann)
    defaults.choose(office.boss, office.team, ["B"], now=NOW)
    off = defaults.preview(office.boss, office.team, [], now=NOW)

    assert (told.turns_on, told.turns_off, told.people, before) == (True, False, 2, "A")
    assert [(one.product.code, one.gain, one.lose) for one in told.products] == [("A", 0, 2), ("B", 1, 0), ("Z", 0, 1)]
    assert (off.turns_on, off.turns_off, off.people) == (False, True, 2)
    assert [(one.product.code, one.gain, one.lose) for one in off.products] == [("A", 2, 0), ("B", 0, 1), ("Z", 1, 0)]


def test_a_change_is_on_record_product_by_product(office: Office) -> None:
    """One row each, and none for what changes nothing (T5); a set that was changed meanwhile is looked at again."""
    a, b = (office.world.products[code].pk for code in "AB")

    changed = [defaults.choose(office.boss, office.team, codes, now=NOW) for codes in (["A"], ["A"], ["B"], [], [])]

    assert changed == [True, False, True, True, False]
    assert office.audit() == [
        f"default added product {a}", f"default added product {b}",
        f"default removed product {a}", f"default removed product {b}",
    ]  # fmt: skip
    with pytest.raises(Conflict):
        defaults.choose(office.boss, office.team, ["A"], shown=["B"], now=NOW)
    assert defaults.choose(office.boss, office.team, ["A"], shown=[], now=NOW)


def test_what_is_not_offered_is_no_default(office: Office) -> None:
    """Unknown products are refused, all of them; one that left the offer can stay or be unticked."""
    old = office.offer("OLD")
    defaults.choose(office.boss, office.team, ["A", "OLD"], now=NOW)
    OfferProduct.objects.filter(product=old).delete()
    office.offer("C")

    with pytest.raises(Rejected) as refused:
        defaults.choose(office.boss, office.team, ["nope", "A", "neither"], now=NOW)
    shown = defaults.state(office.boss, office.team, now=NOW)

    assert [one.code for one in refused.value.problems] == ["not_offered", "not_offered"]
    assert [(one.product.code, one.offered, one.ticked) for one in shown.products] == [
        ("A", True, True), ("B", True, False), ("C", True, False), ("OLD", False, True), ("Z", True, False),
    ]  # fmt: skip
    assert (shown.on, shown.people, shown.shown) == (True, 2, ("A", "OLD"))
    defaults.choose(office.boss, office.team, ["A"], shown=shown.shown, now=NOW)
    assert list(DefaultProduct.objects.values_list("product__code", flat=True)) == ["A"]
