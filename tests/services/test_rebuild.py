"""Derived data can be dropped and comes back to the same bytes (domain L2; invariant L8)."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services import books
from tests.services.deliveries import PLAIN, deliver, furnish, in_order, sessions
from tests.world import NOW, World, at, event

from farebox.records.models import Charge, Pack, Window
from farebox.records.rebuild import Mended
from farebox.services.expire import expire
from farebox.services.rebuild import rebuild_records

Derived = tuple[list[tuple[object, ...]], ...]


def derived() -> Derived:
    """Read everything that is stored and follows from the facts."""
    packs = Pack.objects.order_by("pk").values_list("pk", "left_micro", "reserved_micro", "lapsed_micro")
    charges = Charge.objects.order_by("pk").values_list("pk", "shortfall_micro", "over_micro")
    windows = Window.objects.values_list("contract_id", "person_id", "product_id", "start_us")
    return list(packs), list(charges), sorted(windows)


def drop() -> None:
    """Forget everything that is stored and follows from the facts."""
    Window.objects.all().delete()
    Pack.objects.update(left_micro=0, reserved_micro=0, lapsed_micro=0)
    Charge.objects.filter(ended_us=None).update(shortfall_micro=0, over_micro=0)


@given(data=st.data(), enterprise=st.booleans())
@settings(PLAIN, max_examples=few(25))
def test_what_was_dropped_comes_back(world: World, data: st.DataObject, enterprise: bool) -> None:
    """After any history, dropping every balance and window and rebuilding gives what was there."""
    told = data.draw(sessions(enterprise=enterprise))
    with transaction.atomic():
        furnish(world)
        deliver(world, in_order(told), enterprise=enterprise)
        expire(now=NOW)
        before = derived()

        untouched = rebuild_records()
        drop()
        rebuild_records()
        after, faults = derived(), books.faults()
        transaction.set_rollback(True)

    assert untouched == Mended(0, 0, 0)
    assert after == before
    assert faults == []


def test_what_was_changed_by_hand_is_counted_and_mended(world: World) -> None:
    """A balance, a shortfall, a window that is missing and one that nobody opened: each is named once and put right."""
    world.give("20")
    world.send(event("one", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-04 09:00"))
    before = derived()
    Pack.objects.update(lapsed_micro=7)
    Charge.objects.filter(shortfall_micro__gt=0).update(shortfall_micro=F("shortfall_micro") - 1)
    window = Window.objects.order_by("start_us").first()
    assert window is not None
    Window.objects.filter(pk=window.pk).update(start_us=at("2026-01-01 00:00"))
    assert books.faults() != []

    assert rebuild_records() == Mended(1, 1, 2)

    assert derived() == before
    assert books.faults() == []


def test_an_overdrawn_ledger_is_not_papered_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack whose ledger says less than nothing cannot be written; the guard of the table stands (L3)."""
    pack = world.give("20")
    monkeypatch.setattr("farebox.records.rebuild.packs_off", lambda: [(pack, -1, 0, 0)])

    with pytest.raises(Exception, match="pack_not_overdrawn"), transaction.atomic():
        rebuild_records()
