"""`farebox explain`: the explanation as lines to read, and as the API answers it."""

from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.world import NOW, World, event

from farebox.domain.clock import DAY, Instant
from farebox.domain.ids import charged_item_id
from farebox.records.models import Charge


def test_a_charge_is_explained_in_lines(world: World, run: Run) -> None:
    """Rule, rate, window, what was looked at, who paid, what would have changed it, and the amount rated again."""
    pack = world.give("10")
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-03 09:00"))
    first, rolled = (charged_item_id(charge.pk) for charge in Charge.objects.order_by("at_us"))

    lines = run("explain", rolled).output.splitlines()

    assert lines[0] == f"{rolled}: CHARGED 7 on 2026-03-03, counts"
    assert "rule domain F2: it was in use at the end of a window" in lines[3]
    assert lines[4:] == [
        "rate 7, card flex, since 2026-01-01T00:00:00Z",
        "window 2026-03-03T08:00:00Z to 2026-03-04T08:00:00Z",
        "setting grace_minutes: 5",
        "no pack has covered 4 of it yet",
        "looked at:",
        "  * 2026-03-02T08:00:00Z to 2026-03-03T09:00:00Z A: CHARGED 7 (window_opened), CHARGED 7 (window_rolled)",
        "paid:",
        f"  DRAWN 3 at 2026-03-03T08:00:00Z, pack {pack} (FLEX), which had 3",
        "what if:",
        "  ended by 2026-03-03T08:00:00Z: no charge, the total -7",
        "  with a seat for Product A from 2026-03-02T08:00:00Z on: FREE 0, the total -14",
        "rated again: CHARGED 7, the same",
    ]
    assert first != rolled


def test_what_it_replaced_is_named(world: World, run: Run) -> None:
    """A charge that no longer counts says what stands for it, and that one what was before."""
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)
    amended = event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 08:01", revision=1)
    world.send(amended, ent=True, now=Instant(NOW + DAY))
    gone, stands = (charged_item_id(charge.pk) for charge in Charge.objects.order_by("pk"))

    assert f"instead of it:\n  {stands}\n" in run("explain", gone).output
    assert f"before:\n  {gone} CHARGED 6 until 2026-06-02T00:00:00Z, by test e1 r1\n" in run("explain", stands).output


def test_it_prints_what_the_api_answers(world: World, run: Run) -> None:
    """With --json the same members come as through the API."""
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)
    item = charged_item_id(Charge.objects.get().pk)

    told = json.loads(run("explain", item, "--json").output)

    assert (told["charged_item_id"], told["tokens"], told["over_consumption"]) == (item, "6", "6")
    assert told["day"] == {"since": "2026-03-02T00:00:00Z", "until": "2026-03-03T00:00:00Z"}


def test_what_is_no_charge_is_refused(world: World, run: Run) -> None:
    """An id that is none ends with 1 and says so."""
    assert "there is no charged item with this id" in run("explain", "NOTANID", code=1).output
