"""`POST /v1/events` where books are closed: what is late says so, what is counted cannot be taken back."""

from __future__ import annotations

from tests.api.sending import Sender, an_event

from farebox.domain.clock import DAY, Day, Instant, as_iso, day_of
from farebox.services.close_books import close
from farebox.wallclock import now

ALL = {"Prefer": "return=representation"}


def a_week_ago(name: str) -> dict[str, object]:
    """Return a session of a week ago."""
    start = Instant(now() - 7 * DAY)
    return an_event(name, data={"start": as_iso(start), "end": as_iso(Instant(start + DAY // 24))})


def close_lately(sender: Sender) -> None:
    """Close the books through the day before yesterday: what ended an hour ago may have begun yesterday."""
    at = now()
    close(sender.world.flex_contract.number, Day(day_of(at) - 2), actor="test", now=at)


def test_a_late_event_is_answered_as_late(sender: Sender) -> None:
    """The representation tells a late event from one in open books, and the row why it was charged."""
    sender.world.give("100")
    close_lately(sender)

    answer = sender.post([a_week_ago("old"), an_event("new")], headers=ALL)

    old, new = (verdict["charge"] for verdict in answer.body["events"])
    assert (old["late"], old["tokens"], [row["reason"] for row in old["rows"]]) == (True, "7", ["late"])
    assert ("late" in new, new["tokens"]) == (False, "7")


def test_a_withdrawal_from_closed_books_is_refused_with_its_code(sender: Sender) -> None:
    """One event alone that cannot be taken back is 422, and its charge stays."""
    sender.world.give("100")
    sender.post(a_week_ago("old"))
    close_lately(sender)
    envelope = {"specversion": "1.0", "id": "old", "source": "test", "type": "farebox.withdrawal", "revision": 1}

    answer = sender.post({**envelope, "time": as_iso(now())})

    assert (answer.status, answer.codes) == (422, ["/id books_closed"])
    assert sender.world.charges() == ["CHARGED 7"]
