"""Why an event is refused: each reason is named, with all the others that it has, in one order (quality I6)."""

from __future__ import annotations

import json

import pytest
from tests.services.books import faults
from tests.world import NOW, World, event, message, withdrawal

from farebox.domain.clock import MINUTE, Instant, as_iso
from farebox.domain.errors import Busy
from farebox.records import ledger
from farebox.records.models import Event, Intake, Person
from farebox.services.ingest.codes import PROBLEMS

WHO = "ana@example.com"
SPAN = ("2026-03-02 08:00", "2026-03-02 09:00")
GOOD = json.loads(event("a", WHO, "A", *SPAN))


def changed(**members: object) -> bytes:
    """Write the good event with other members; None leaves one out."""
    found = {name: value for name, value in {**GOOD, **members}.items() if value is not None}
    return json.dumps(found).encode()


def data(**members: object) -> bytes:
    """Write the good event with other members of its data; None leaves one out."""
    found = {name: value for name, value in {**GOOD["data"], **members}.items() if value is not None}
    return changed(data=found)


def moment(minutes_ahead: int) -> str:
    """Write a moment so far ahead of the server's clock."""
    return as_iso(Instant(NOW + minutes_ahead * MINUTE))


REFUSED: list[tuple[str, bytes]] = [
    ("invalid_json", b"{"),
    ("invalid_json", b"\xef\xbb\xbf" + event("a", WHO, "A", *SPAN)),
    ("invalid_json", event("a", WHO, "A", *SPAN).replace(b'"revision": 0', b'"revision": NaN')),
    ("invalid_json", b"[" * 100_000),
    ("duplicate_key", event("a", WHO, "A", *SPAN).replace(b'"source"', b'"id": "b", "source"')),
    ("duplicate_key", event("a", WHO, "A", *SPAN).replace(b'"start"', b'"product": "B", "start"')),
    ("not_an_object", b"[]"),
    ("not_an_object", b'"event"'),
    ("unknown_field", changed(tenant="x")),
    ("unknown_field", data(machines=2)),
    ("missing_field", changed(id=None)),
    ("missing_field", changed(time=None)),
    ("missing_field", data(product=None)),
    ("missing_field", changed(subject=None)),
    ("invalid_value", changed(specversion="0.3")),
    ("invalid_value", changed(id="")),
    ("invalid_value", changed(revision=-1)),
    ("invalid_value", changed(revision="1")),
    ("invalid_value", data(usageType="Stolen")),
    ("invalid_value", data(product="A" * 121)),
    ("unknown_type", changed(type="farebox.nothing")),
    ("invalid_person", changed(subject="not a person@")),
    ("naive_time", data(start="2026-03-02T08:00:00")),
    ("out_of_range", changed(time="1989-12-31T23:59:59.999999Z")),
    ("out_of_range", changed(time="2100-01-01T00:00:00Z")),
    ("out_of_range", data(utcOffset="+14:01")),
    ("end_before_start", data(end="2026-03-02T07:59:59.999999Z")),
    ("end_before_start", data(active=[{"start": "2026-03-02T08:30:00Z", "end": "2026-03-02T08:20:00Z"}])),
    ("too_long", data(start="2025-01-01T00:00:00Z", end="2026-03-02T00:00:00Z")),
    ("in_future", data(end=moment(6))),
    ("in_future", changed(time=moment(6))),
    ("too_many_attributes", data(attributes={f"a{nth}": "x" for nth in range(11)})),
    ("unknown_team", changed(team="ent")),
    ("withdraws_nothing", withdrawal("never", 1)),
]


@pytest.mark.parametrize(("code", "raw"), REFUSED)
def test_it_is_refused_and_leaves_nothing(world: World, code: str, raw: bytes) -> None:
    """The reason is the one named; no event, no person and no charge is left, only the count of it."""
    verdict = world.send(raw).verdicts[0]

    assert (verdict.state, [problem.code for problem in verdict.problems]) == ("rejected", [code])
    assert (Event.objects.count(), Person.objects.count(), world.charges()) == (0, 0, [])
    assert list(Intake.objects.values_list("received", "rejected")) == [(1, 1)]


def test_a_conflict_is_refused(world: World) -> None:
    """Another content under a known identity is the one reason that needs an event before it."""
    world.send(changed())

    assert world.states(data(machine="pc-2")) == ["rejected conflict"]


def test_every_reason_can_happen() -> None:
    """Each declared reason is among the examples above, or is tested with books, adjustments, keys, live sessions."""
    live = {"reserved_source", "not_the_session"}
    elsewhere = {"conflict", "books_closed", "insufficient_tokens", "entered_by_hand", *live}
    assert {code for code, _ in REFUSED} | elsewhere == set(PROBLEMS)


def test_all_that_is_wrong_is_told_in_one_order(world: World) -> None:
    """Several reasons are listed as they are declared, wherever in the event they stand."""
    found = world.states(changed(subject="", time=moment(6), data={"start": "2026-03-02T08:00:00", "x": 1}))

    codes = found[0].split()[1:]
    assert codes == sorted(codes, key=list(PROBLEMS).index)
    assert {"unknown_field", "missing_field", "naive_time"} <= set(codes)


@pytest.mark.parametrize(
    "raw",
    [
        data(end=moment(5)),
        data(start="1990-01-01T00:00:00Z", end="1990-01-01T01:00:00Z"),
        data(start="2025-03-01T09:00:00Z", end="2026-03-02T09:00:00Z"),
        data(end="2026-03-02T08:00:00Z"),
        data(attributes={f"a{nth}": "x" for nth in range(10)}),
        data(utcOffset="+14:00"),
        changed(subject=r"studio\ana"),
        changed(team="flex"),
        changed(datacontenttype="application/json", traceparent="00-x-y-01"),
    ],
)
def test_what_is_just_allowed_is_kept(world: World, raw: bytes) -> None:
    """At the very edge of what is refused, an event is kept: charged, or waiting for the catalogue."""
    assert world.states(raw)[0].split()[0] in {"accepted", "quarantined"}


def test_a_cloud_use_is_checked_alike(world: World) -> None:
    """A cloud product's use is held to the same order of time."""
    backwards = {"product": "A", "start": "2026-03-02T08:00:00Z", "end": "2026-03-02T07:00:00Z"}

    assert world.states(message("farebox.cloud-use", "c", backwards, subject=WHO)) == ["rejected end_before_start"]


def refusing(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the guard of the packs refuse so often, as it does where other processes keep changing a pack."""
    change = ledger.change_pack
    refusals = iter(range(times))

    def change_or_refuse(pack: int, *, left: int, lapsed: int, swept: bool) -> None:
        if next(refusals, None) is not None:
            raise Busy(f"pack {pack} changed meanwhile")
        change(pack, left=left, lapsed=lapsed, swept=swept)

    monkeypatch.setattr(ledger, "change_pack", change_or_refuse)


def test_a_busy_pack_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by the guard a few times, the request is done whole in the end, and once (X22)."""
    pack = world.give("100")
    refusing(4, monkeypatch)

    assert world.states(event("a", WHO, "A", *SPAN)) == ["accepted"]
    assert (world.left(pack), world.entries()) == ("93", ["PURCHASED 100", "DRAWN 7"])
    assert list(Intake.objects.values_list("received", flat=True)) == [1]
    assert faults() == []


def test_a_pack_that_stays_busy_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded number of attempts the sender is told to try again, and nothing is kept (I3)."""
    world.give("100")
    refusing(5, monkeypatch)

    with pytest.raises(Busy):
        world.send(event("a", WHO, "A", *SPAN))

    assert (Event.objects.count(), Person.objects.count(), Intake.objects.count()) == (0, 0, 0)
    assert world.entries() == ["PURCHASED 100"]
    assert faults() == []
    assert world.states(event("a", WHO, "A", *SPAN)) == ["accepted"]
