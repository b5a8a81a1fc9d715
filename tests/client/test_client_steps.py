"""What the client sends, when it waits and tries again, and how it reads what came back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.client import Decision, Patience, Receipt, Refused, Unreachable
from farebox.client.answers import answer_of, quotes_of, read, receipt_of
from farebox.client.spool import REJECTED, Spool
from farebox.client.steps import Steps, deliver, exchange, send_events
from farebox.client.wire import (
    BYTES_MAX,
    EVENTS_MAX,
    Call,
    Launch,
    Lost,
    Pause,
    Reply,
    Span,
    authorisation,
    batches,
    closing,
    session_event,
)

T = TypeVar("T")
LAUNCH = Launch(person="ann@example.com", product="SKETCH")
EIGHT, NINE = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (8, 9))
DONE = Reply(200, {}, b"{}")
PATIENT = Patience(attempts=4, first_seconds=8.0, most_seconds=20.0)


def carry_out(steps: Steps[T], replies: Sequence[Reply | Lost]) -> tuple[T, list[Call], list[float]]:
    """Answer the calls of some steps in order; return the outcome, the calls, and the pauses between them."""
    waiting, calls, pauses = list(replies), [], []
    came: Reply | Lost | None = None
    try:
        while True:
            step = steps.send(came)
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                came = None
            else:
                calls.append(step)
                came = waiting.pop(0)
    except StopIteration as done:
        assert not waiting
        return done.value, calls, pauses


def taken(*states: str) -> Reply:
    """Write the answer to events, of which those not accepted are listed."""
    counts = {name: states.count(name) for name in ("accepted", "duplicate", "rejected", "quarantined")}
    listed = [
        {"index": nth, "id": str(nth), "state": state, "problems": []}
        for nth, state in enumerate(states)
        if state != "accepted"
    ]
    return Reply(200, {}, json.dumps({"received": len(states), **counts, "events": listed}).encode())


@pytest.mark.parametrize(
    "away", [Lost("connection refused"), Reply(503, {}, b""), Reply(429, {}, b""), Reply(500, {}, b"")]
)
def test_a_call_is_made_again_until_it_is_answered(away: Reply | Lost) -> None:
    """Where the server is away or busy, the very same request is sent again, with longer and longer pauses."""
    call = authorisation(LAUNCH, "charge")

    reply, calls, pauses = carry_out(exchange(call, PATIENT), [away, away, away, DONE])

    assert reply == DONE
    assert calls == [call] * 4
    assert [low <= pause <= 2 * low for low, pause in zip((4, 8, 10), pauses, strict=True)] == [True] * 3


def test_patience_ends() -> None:
    """After the last attempt the call counts as unanswered, and says why."""
    with pytest.raises(Unreachable, match="connection refused"):
        carry_out(exchange(closing("ses_1"), PATIENT), [Lost("connection refused")] * 4)


def test_the_server_may_ask_for_more_time() -> None:
    """A pause is as long as the server asks, up to the most that the program waits."""
    replies = [Reply(429, {"retry-after": "15"}, b""), Reply(503, {"retry-after": "3600"}, b""), DONE]

    _, _, pauses = carry_out(exchange(closing("ses_1"), PATIENT), replies)

    assert pauses == [15.0, 20.0]


def test_a_refusal_is_not_repeated() -> None:
    """A problem document ends the call, with its code and every problem in it."""
    problems = [{"pointer": "/person", "code": "missing_field", "message": "is needed"}]
    body = json.dumps({"status": 400, "code": "rejected", "detail": "no", "problems": problems}).encode()

    with pytest.raises(Refused) as refused:
        carry_out(exchange(closing("ses_1"), PATIENT), [Reply(400, {}, body)])

    assert (refused.value.status, refused.value.code) == (400, "rejected")
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/person", "missing_field")]


def test_a_refusal_without_a_document_is_told_by_its_status() -> None:
    """What stands before the server may refuse in its own words."""
    with pytest.raises(Refused, match="403"):
        carry_out(exchange(closing("ses_1"), PATIENT), [Reply(403, {}, b"<html>")])


def test_each_launch_has_a_key_of_its_own() -> None:
    """Two launches are two, a repeated one is one: the key tells them apart (domain L8)."""
    keys = [authorisation(LAUNCH, "charge").headers["Idempotency-Key"] for _ in range(2)]

    assert len(set(keys)) == 2
    assert authorisation(LAUNCH, "charge", key="mine").headers["Idempotency-Key"] == "mine"


def test_amounts_are_exact_both_ways() -> None:
    """Prices are sent and read as decimal texts, to the millionth of a token."""
    call = authorisation(LAUNCH, "confirm", agreed=Decimal("0.000001"))
    told = {
        "decision": "ask", "reason": "tokens", "cost": "0.1", "available": "12345678901.000001", "reserved": "7",
        "covered_until": "2026-03-03T08:00:00Z",
        "window": {"start": "2026-03-02T08:00:00Z", "end": "2026-03-03T08:00:00Z"},
    }  # fmt: skip

    answer = answer_of(told)

    assert json.loads(call.body)["agreed"] == "0.000001"
    assert (answer.decision, answer.allowed, answer.cost) == (Decision.ASK, False, Decimal("0.1"))
    assert answer.available == Decimal("12345678901.000001")
    assert answer.window is not None
    assert answer.window.end == answer.covered_until
    assert (answer.session, read(b'{"x": 0.1}')["x"]) == ("", Decimal("0.1"))


def test_many_quotes_are_read_together() -> None:
    """A batch has one balance, and a decision for each pair."""
    one = {"person": "ann@example.com", "product": "SKETCH", "decision": "allow", "reason": "tokens", "cost": "7"}

    quotes = quotes_of({"available": "10", "reserved": "0", "decisions": [one]})

    assert (quotes.available, quotes.decisions[0].cost, quotes.decisions[0].covered_until) == (10, 7, None)


@given(sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=40), most=st.integers(1, 7))
def test_batches_keep_every_event_in_order(sizes: list[int], most: int) -> None:
    """Events are cut into requests within both limits, none is lost, none changes its place."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("farebox.client.wire.EVENTS_MAX", most)
        patched.setattr("farebox.client.wire.BYTES_MAX", 4000)
        bodies = [call.body for call in batches({"id": nth, "text": "x" * size} for nth, size in enumerate(sizes))]

    cut = [json.loads(body) for body in bodies]
    assert [event["id"] for batch in cut for event in batch] == list(range(len(sizes)))
    assert all(len(batch) <= most for batch in cut)
    assert all(len(body) <= 4002 for body, batch in zip(bodies, cut, strict=True) if len(batch) > 1)
    assert BYTES_MAX < 8 * 1024 * 1024


def test_receipts_of_many_requests_are_one() -> None:
    """Counts add up over requests, and each verdict names its event's place among all that were sent."""
    events = [{"id": str(nth)} for nth in range(EVENTS_MAX + 1)]
    first = taken(*["accepted"] * (EVENTS_MAX - 1), "duplicate")

    receipt, calls, _ = carry_out(send_events(events, PATIENT), [first, Lost("cut"), taken("rejected")])

    assert len(calls) == 3
    assert calls[1] == calls[2]
    assert (receipt.received, receipt.accepted, receipt.duplicate, receipt.rejected) == (10_001, 9_999, 1, 1)
    assert [(one.index, one.state) for one in receipt.events] == [(9_999, "duplicate"), (10_000, "rejected")]
    assert receipt_of(json.loads(taken("accepted").body)) == Receipt(received=1, accepted=1)


def test_a_session_is_told_under_its_own_id() -> None:
    """A session that is reported afterwards is an event with the session's id, so that it counts once."""
    event = session_event(LAUNCH, "ses_1", EIGHT, NINE, active=[Span(EIGHT, NINE)])

    assert (event["source"], event["id"], event["subject"]) == ("farebox:live", "ses_1", "ann@example.com")
    assert event["data"] == {
        "product": "SKETCH",
        "start": "2026-03-02T08:00:00Z",
        "end": "2026-03-02T09:00:00Z",
        "active": [{"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}],
    }


def test_a_spool_keeps_an_event_once(tmp_path: Path) -> None:
    """An event that is kept again takes its own place, and another team's event of that id has another."""
    spool = Spool(tmp_path / "spool")
    event = session_event(LAUNCH, "ses_1", EIGHT, EIGHT)

    spool.keep(event)
    spool.keep(session_event(LAUNCH, "ses_1", EIGHT, NINE))
    spool.keep(event | {"team": "other"})

    assert [one.event["data"]["end"] for one in spool.kept()] == ["2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z"]


def test_a_spool_is_emptied_by_what_the_server_takes(tmp_path: Path) -> None:
    """What was taken is forgotten, what was rejected is put aside and kept to be looked at."""
    spool = Spool(tmp_path / "spool")
    paths = [spool.keep(session_event(LAUNCH, f"ses_{nth}", EIGHT, NINE)) for nth in range(3)]
    rejected = [one.event["id"] for one in spool.kept()][1]

    receipt, _, _ = carry_out(deliver(spool, PATIENT), [taken("accepted", "rejected", "duplicate")])

    assert receipt.received == len(paths)
    assert spool.kept() == []
    (aside,) = (spool.folder / REJECTED).iterdir()
    assert json.loads(aside.read_text())["id"] == rejected


def test_a_spool_keeps_everything_while_the_server_is_away(tmp_path: Path) -> None:
    """A delivery that gets no answer forgets nothing."""
    spool = Spool(tmp_path / "spool")
    spool.keep(session_event(LAUNCH, "ses_1", EIGHT, NINE))

    with pytest.raises(Unreachable):
        carry_out(deliver(spool, PATIENT), [Lost("away")] * 4)

    assert len(spool.kept()) == 1
