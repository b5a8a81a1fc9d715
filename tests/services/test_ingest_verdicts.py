"""What becomes of each event: new, known, amended, withdrawn, in conflict; and counts that add up (domain M2, M3)."""

from __future__ import annotations

import json

import pytest
from tests.services.books import faults
from tests.world import NOW, World, at, event, message, withdrawal

from farebox.domain.clock import HOUR, MINUTE, Instant
from farebox.records.models import Charge, Event, EventRevision, Intake, Use
from farebox.services.ingest import SourceKey

WHO = "ana@example.com"
HOUR_OF_A = ("A", "2026-03-02 08:00", "2026-03-02 09:00")


def test_told_twice_is_charged_once(world: World) -> None:
    """The same event again is a duplicate, in the same request and in another, a year later too (I2)."""
    pack = world.give("100")
    one = event("a", WHO, *HOUR_OF_A)

    assert world.states(one, one) == ["accepted", "duplicate"]
    assert world.states(one, now=Instant(NOW + 365 * 24 * HOUR)) == ["duplicate"]
    assert world.left(pack) == "93"
    assert world.entries() == ["PURCHASED 100", "DRAWN 7"]


def test_members_in_another_order_are_the_same_content(world: World) -> None:
    """How the JSON is laid out does not make another event: the order of members, and blanks."""
    one = json.loads(event("a", WHO, *HOUR_OF_A))
    world.send(json.dumps(one).encode())
    reversed_members = dict(reversed(one.items())) | {"data": dict(reversed(one["data"].items()))}

    assert world.states(json.dumps(reversed_members, indent=2).encode()) == ["duplicate"]
    assert Charge.objects.count() == 1


def test_a_conflict_keeps_the_original(world: World) -> None:
    """The same id with another content and no higher revision is refused, and the first stays as it was (I2)."""
    world.send(event("a", WHO, *HOUR_OF_A))

    assert world.states(event("a", WHO, "B", *HOUR_OF_A[1:])) == ["rejected conflict"]
    assert world.states(event("a", "ben@example.com", *HOUR_OF_A)) == ["rejected conflict"]
    assert world.charges() == ["CHARGED 7"]
    assert faults() == []


def test_another_source_may_use_the_same_id(world: World) -> None:
    """An identity is team, source and id together."""
    assert world.states(event("a", WHO, *HOUR_OF_A), event("a", WHO, *HOUR_OF_A, source="other")) == ["accepted"] * 2
    assert world.states(event("a", WHO, *HOUR_OF_A), ent=True) == ["accepted"]
    assert Event.objects.count() == 3


def test_a_lower_revision_is_a_duplicate(world: World) -> None:
    """What a later revision replaced may still arrive; it changes nothing (M3)."""
    world.send(event("a", WHO, *HOUR_OF_A, revision=2))

    assert world.states(event("a", WHO, "B", *HOUR_OF_A[1:], revision=1)) == ["duplicate"]
    assert world.states(event("a", WHO, "B", *HOUR_OF_A[1:])) == ["duplicate"]
    assert world.charges() == ["CHARGED 7"]


@pytest.mark.parametrize(
    ("amended", "charges"),
    [
        ((WHO, "A", "2026-03-02 08:00", "2026-03-02 08:03"), ["CASUAL 0"]),
        ((WHO, "A", "2026-03-02 08:00", "2026-03-04 09:00"), ["CHARGED 7"] * 3),
        ((WHO, "A", "2026-03-01 08:00", "2026-03-01 09:00"), ["CHARGED 7"]),
        (("ben@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), ["CHARGED 7"]),
        ((WHO, "B", "2026-03-02 08:00", "2026-03-02 09:00"), ["CHARGED 10"]),
        ((WHO, "Z", "2026-03-02 08:00", "2026-03-02 09:00"), ["CHARGED 0"]),
    ],
    ids=["shorter", "longer", "earlier", "another person", "another product", "a product that costs nothing"],
)
def test_an_amendment_is_rated_again(world: World, amended: tuple[str, str, str, str], charges: list[str]) -> None:
    """A higher revision replaces the use; what it cost comes back, and what it costs now is booked (M3)."""
    pack = world.give("100")
    world.send(event("a", WHO, *HOUR_OF_A))

    assert world.states(event("a", *amended, revision=1)) == ["accepted"]

    assert world.charges() == charges
    assert world.left(pack) == str(100 - int(world.total()))
    assert faults() == []


def test_an_amendment_moves_the_charge_to_another_session(world: World) -> None:
    """When the session that opened a window turns out shorter than the grace, the next one opens it (N5)."""
    world.send(
        event("opens", WHO, "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("within", WHO, "A", "2026-03-02 10:00", "2026-03-02 11:00"),
    )

    world.send(event("opens", WHO, "A", "2026-03-02 08:00", "2026-03-02 08:04", revision=1))

    assert world.charges() == ["CASUAL 0", "CHARGED 7"]
    assert Charge.objects.get(category="CHARGED", ended_us=None).at_us == at("2026-03-02 10:00")
    assert faults() == []


def test_an_enterprise_amendment_rates_both_days(world: World) -> None:
    """Moved to another day, the session frees its old day and is charged on the new one (N1, M3)."""
    world.give("100", ent=True)
    world.send(
        event("moves", WHO, "B", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("stays", WHO, "A", "2026-03-02 10:00", "2026-03-02 11:00"),
        ent=True,
    )

    world.send(event("moves", WHO, "B", "2026-03-03 08:00", "2026-03-03 09:00", revision=1), ent=True)

    assert world.charges() == ["CHARGED 6", "CHARGED 10"]
    assert faults() == []


def test_the_revision_before_is_kept(world: World) -> None:
    """What an amendment replaced stays on record, with the use and the charges that it had."""
    world.send(event("a", WHO, *HOUR_OF_A))
    world.send(event("a", WHO, "B", *HOUR_OF_A[1:], revision=3), now=Instant(NOW + HOUR))

    before = EventRevision.objects.get()
    assert (before.revision, before.received_us, before.replaced_us) == (0, NOW, NOW + HOUR)
    assert b'"A"' in bytes(before.payload)
    assert list(Use.objects.order_by("pk").values_list("ended_us", flat=True)) == [NOW + HOUR, None]
    assert list(Charge.objects.order_by("pk").values_list("ended_us", flat=True)) == [NOW + HOUR, None]


def test_a_withdrawal_gives_the_tokens_back(world: World) -> None:
    """What a source takes back is charged no more; the tokens return to the pack that paid (M3, L5)."""
    pack = world.give("100")
    world.send(event("a", WHO, *HOUR_OF_A))

    assert world.states(withdrawal("a", 1)) == ["accepted"]

    assert (world.left(pack), world.charges()) == ("100", [])
    assert world.entries() == ["PURCHASED 100", "DRAWN 7", "REVERSED 7"]
    assert Event.objects.get().state == "WITHDRAWN"
    assert faults() == []


def test_a_withdrawn_event_may_be_told_again(world: World) -> None:
    """A yet higher revision brings it back; the withdrawal again, or what was withdrawn, is a duplicate (M3)."""
    pack = world.give("100")
    world.send(event("a", WHO, *HOUR_OF_A))
    world.send(withdrawal("a", 1))

    assert world.states(withdrawal("a", 1), event("a", WHO, *HOUR_OF_A)) == ["duplicate"] * 2
    assert world.states(event("a", WHO, "B", *HOUR_OF_A[1:], revision=2)) == ["accepted"]

    assert (world.left(pack), world.charges()) == ("90", ["CHARGED 10"])
    assert faults() == []


def test_a_withdrawal_at_the_same_revision_is_a_conflict(world: World) -> None:
    """Taking back needs a higher revision, like every amendment; of what never came, it is refused (M3)."""
    world.send(event("a", WHO, *HOUR_OF_A))

    assert world.states(withdrawal("a", 0), withdrawal("b", 1)) == ["rejected conflict", "rejected withdraws_nothing"]
    assert world.charges() == ["CHARGED 7"]


def test_what_cost_nothing_is_withdrawn_too(world: World) -> None:
    """A use at rate 0 is taken back like any other, with its window; no tokens move."""
    world.send(event("a", WHO, "Z", *HOUR_OF_A[1:]))

    assert world.states(withdrawal("a", 1)) == ["accepted"]
    assert (world.charges(), world.entries()) == ([], [])
    assert faults() == []


def test_all_of_a_life_in_one_request(world: World) -> None:
    """Told, amended, taken back, told again and told wrongly in one request: each gets its verdict, in order."""
    pack = world.give("100")

    states = world.states(
        event("a", WHO, *HOUR_OF_A),
        event("a", WHO, "B", *HOUR_OF_A[1:], revision=1),
        event("a", WHO, "A", *HOUR_OF_A[1:], revision=1),
        withdrawal("a", 2),
        event("a", WHO, "A", "2026-03-05 08:00", "2026-03-05 09:00", revision=3),
        event("a", WHO, *HOUR_OF_A),
    )

    assert states == ["accepted", "accepted", "rejected conflict", "accepted", "accepted", "duplicate"]
    assert (world.left(pack), world.charges()) == ("93", ["CHARGED 7"])
    assert faults() == []


def test_a_half_bad_request_keeps_the_good_events(world: World) -> None:
    """One bad event does not lose the others, wherever it stands; each is answered at its place (X14)."""
    good = [event(f"g{nth}", f"p{nth}@example.com", *HOUR_OF_A) for nth in range(4)]
    bad = [b"{", event("bad", WHO, "A", "2026-03-02 09:00", "2026-03-02 08:00"), b"[]"]

    receipt = world.send(bad[0], good[0], good[1], bad[1], good[2], good[3], bad[2])

    rejected = [one.state == "rejected" for one in receipt.verdicts]
    assert rejected == [True, False, False, True, False, False, True]
    assert [one.id for one in receipt.verdicts] == ["", "g0", "g1", "bad", "g2", "g3", ""]
    assert receipt.tally == (7, 4, 0, 3, 0)
    assert world.total() == "28"
    assert faults() == []


def test_a_rejected_event_may_be_sent_again_once_mended(world: World) -> None:
    """Nothing of a rejected event is kept, so that its id is free (M2)."""
    assert world.states(event("a", "", *HOUR_OF_A)) == ["rejected missing_field"]
    assert world.states(event("a", WHO, *HOUR_OF_A)) == ["accepted"]


def test_the_intake_adds_up(world: World) -> None:
    """Received is accepted, duplicate, rejected and quarantined, per key, team and hour (I4)."""
    key = SourceKey(7, world.flex.pk)
    one, unknown = event("a", WHO, *HOUR_OF_A), event("u", WHO, "nothing", *HOUR_OF_A[1:])
    world.send(one, one, unknown, b"{", key=key, now=Instant(NOW + 59 * MINUTE))
    world.send(one, event("a", WHO, "B", *HOUR_OF_A[1:]), key=key, now=Instant(NOW + HOUR))

    rows = Intake.objects.order_by("hour_us").values_list(
        "source", "hour_us", "received", "accepted", "duplicate", "rejected", "quarantined"
    )
    by_hour: dict[int, list[int]] = {}
    for source, hour, *counts in rows:
        assert source == 7
        by_hour[hour] = [one + other for one, other in zip(by_hour.get(hour, [0] * 5), counts, strict=True)]
    assert by_hour == {NOW: [4, 1, 1, 1, 1], NOW + HOUR: [2, 0, 1, 1, 0]}
    assert faults() == []


def test_an_empty_request_is_no_request(world: World) -> None:
    """Nothing received, nothing counted, nothing booked."""
    assert world.send().tally == (0, 0, 0, 0, 0)
    assert Intake.objects.count() == 0


def test_ten_thousand_events_in_one_request(world: World) -> None:
    """A request of ten thousand events is charged whole, and again is known whole."""
    world.give("1000000")
    days = [f"2026-03-{nth // 400 + 1:02d}" for nth in range(10_000)]
    events = [
        event(f"e{nth}", f"p{nth % 400}@example.com", "AB"[nth % 2], f"{day} 08:00", f"{day} 09:00")
        for nth, day in enumerate(days)
    ]

    assert world.send(*events).tally.accepted == 10_000
    assert world.send(*events).tally.duplicate == 10_000

    assert Charge.objects.filter(category="CHARGED").count() == 10_000
    assert world.total() == "85000"
    assert faults() == []


def test_charges_come_back_where_they_are_asked_for(world: World) -> None:
    """The receipt carries the rows that each event was charged as."""
    receipt = world.send(
        event("long", WHO, "A", "2026-03-02 08:00", "2026-03-03 09:00"),
        event("b", WHO, "B", "2026-03-02 08:00", "2026-03-02 09:00"),
    )

    charged = [[(row.category, row.tokens_micro // 1_000_000) for row in one.charges] for one in receipt.verdicts]
    assert [sorted(rows) for rows in charged] == [[("CHARGED", 7), ("CHARGED", 7)], [("CHARGED", 10)]]


def test_a_use_without_an_end_is_open(world: World) -> None:
    """A session without an end reaches to its last heartbeat; a later revision closes it (M4)."""
    world.send(event("a", WHO, "A", "2026-03-02 08:00", None))
    assert world.charges() == ["CASUAL 0"]

    world.send(event("a", WHO, "A", "2026-03-02 08:00", None, revision=1, lastHeartbeat="2026-03-02T08:30:00Z"))
    assert (world.charges(), Use.objects.get(ended_us=None).open) == (["CHARGED 7"], True)

    world.send(event("a", WHO, "A", "2026-03-02 08:00", "2026-03-03 09:00", revision=2))
    assert (world.charges(), Use.objects.get(ended_us=None).open) == (["CHARGED 7", "CHARGED 7"], False)
    assert faults() == []


def test_cloud_products_are_charged_by_their_dates(world: World) -> None:
    """A cloud product's use without a start is one of the event's own time; hub and project are kept (T2)."""
    data = {"product": "A", "hubName": "Hub", "projectName": "Tower", "end": "2026-03-02T10:00:00Z"}

    states = world.states(message("farebox.cloud-use", "c", data, subject=WHO))

    assert (states, world.charges()) == (["accepted"], ["CHARGED 7"])
    assert set(json.loads(Use.objects.values_list("extra", flat=True)[0] or "{}")) == {"hubName", "projectName"}
