"""`POST /v1/events`: what is taken in, how it is counted, and what is answered (docs/events.md)."""

from __future__ import annotations

import json

import pytest
from tests.api.sending import QUIET, WHO, Sender, ago, an_event, state

from farebox.records.models import Charge, Event


def lines(*events: object) -> bytes:
    """Write events as NDJSON."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def test_one_event_is_counted_and_charged(sender: Sender) -> None:
    """An event alone is answered with counts that add up, and with no verdict when it is plainly accepted."""
    sender.world.give("100")

    answer = sender.post(an_event())

    assert answer.status == 200
    assert answer.body == {
        "received": 1,
        "accepted": 1,
        "duplicate": 0,
        "rejected": 0,
        "quarantined": 0,
        "events": [],
    }
    assert sender.world.charges() == ["CHARGED 7"]


def test_a_batch_has_a_verdict_for_each_event_that_is_not_plainly_accepted(sender: Sender) -> None:
    """One bad event does not lose the others; each verdict says its place, its id, its state and why."""
    batch = [an_event("a"), an_event("a"), an_event("b", subject=""), an_event("c", data={"product": "NEW"})]

    answer = sender.post(batch, kind="application/cloudevents-batch+json")

    assert answer.status == 200
    assert answer.counts == (4, 1, 1, 1, 1)
    shown = [
        (v["index"], v["id"], v["state"], [p["code"] for p in v.get("problems", ())]) for v in answer.body["events"]
    ]
    assert shown == [
        (1, "a", "duplicate", []),
        (2, "b", "rejected", ["missing_field"]),
        (3, "c", "quarantined", ["unknown_product"]),
    ]


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/ndjson", "application/jsonl; charset=utf-8"])
def test_an_event_a_line_is_a_batch(sender: Sender, kind: str) -> None:
    """NDJSON holds the same objects; blank lines and Windows line ends are no events; a broken line is one verdict."""
    body = b"\r\n" + lines(an_event("a")) + b"\n  \n{broken\n" + lines(an_event("b")).replace(b"\n", b"\r\n")

    answer = sender.post(body, kind=kind)

    assert answer.status == 200
    assert answer.counts == (3, 2, 0, 1, 0)
    (verdict,) = answer.body["events"]
    assert (verdict["index"], verdict["id"], verdict["problems"][0]["code"]) == (1, "", "invalid_json")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/cloudevents+json", "Application/JSON; charset=UTF-8"]
)
def test_the_content_types_of_json_are_alike(sender: Sender, kind: str) -> None:
    """One event and a list of them are told apart by the body, not by the content type."""
    assert sender.post(an_event("a"), kind=kind).counts == (1, 1, 0, 0, 0)
    assert sender.post([an_event("b"), an_event("c")], kind=kind).counts == (2, 2, 0, 0, 0)


@pytest.mark.parametrize("kind", ["text/plain", "text/json", "multipart/form-data; boundary=x", "application/xml", ""])
def test_other_content_types_are_refused(sender: Sender, kind: str) -> None:
    """A body of another kind is refused before it is read, with the kinds that are spoken."""
    answer = sender.post(an_event(), kind=kind)

    assert (answer.status, answer.body["code"]) == (415, "unknown_media_type")
    assert "application/x-ndjson" in answer.body["detail"]
    assert state()[0] == 0


def test_everything_comes_back_to_who_prefers_it(sender: Sender) -> None:
    """With Prefer: return=representation accepted events are listed too, each with what it was charged as."""
    sender.world.give("10")
    start = ago(hours=30)

    answer = sender.post(
        [an_event("a", data={"start": start, "end": ago(hours=1)}), an_event("a")],
        headers={"Prefer": "return=representation"},
    )

    first, second = answer.body["events"]
    assert (first["index"], first["id"], first["state"]) == (0, "a", "accepted")
    assert first["charge"]["tokens"] == "14"
    assert [row["chargeCategory"] for row in first["charge"]["rows"]] == ["CHARGED", "CHARGED"]
    assert [row["shortfall"] for row in first["charge"]["rows"]] == ["0", "4"]
    assert first["charge"]["rows"][0].keys() == {
        "chargedItemID",
        "usageDate",
        "chargeCategory",
        "tokens",
        "shortfall",
        "start",
        "end",
        "reason",
    }
    assert first["charge"]["rows"][0]["start"] == start
    assert second["problems"][0]["code"] == "conflict"


def test_a_revision_amends_and_a_withdrawal_takes_back(sender: Sender) -> None:
    """A higher revision replaces an event, a withdrawal ends it, a lower revision is a duplicate (domain M3)."""
    sender.world.give("100")
    taken_back = {**an_event("a", type="farebox.withdrawal", revision=3), "data": {}}
    sender.post(an_event("a"))

    assert sender.post(an_event("a", revision=2, data={"product": "B"})).counts == (1, 1, 0, 0, 0)
    assert sender.world.charges() == ["CHARGED 10"]
    assert sender.post(an_event("a", revision=1)).counts == (1, 0, 1, 0, 0)
    assert sender.post(taken_back).counts == (1, 1, 0, 0, 0)
    assert Charge.objects.filter(ended_us__isnull=True).count() == 0


def test_a_single_event_that_is_refused_fails_the_request(sender: Sender) -> None:
    """Alone, a rejected event is 422 and a conflict 409, both with the verdict; in a list the request is 200."""
    sender.post(an_event("a"))

    refused = sender.post(an_event("b", subject=""))
    conflict = sender.post(an_event("a", subject="ben@example.com"))

    assert (refused.status, refused.codes) == (422, ["/subject missing_field"])
    assert (conflict.status, conflict.codes) == (409, ["/id conflict"])
    assert sender.post([an_event("a", subject="ben@example.com")]).status == 200


def test_the_quiet_path_says_nothing_when_all_is_well(sender: Sender) -> None:
    """/api/v1/events answers 204 to what is accepted, known or waiting, as metering SDKs expect."""
    assert sender.post(an_event("a"), path=QUIET).status == 204
    again = sender.post([an_event("a"), an_event("b", data={"product": "NEW"})], path=QUIET)

    assert (again.status, again.body) == (204, None)
    assert Event.objects.count() == 2


def test_the_quiet_path_is_400_with_verdicts_when_one_is_refused(sender: Sender) -> None:
    """The good ones are kept all the same, and verdicts tell which was not."""
    answer = sender.post([an_event("a"), an_event("b", time="yesterday")], path=QUIET)

    assert answer.status == 400
    assert answer.counts == (2, 1, 0, 1, 0)
    assert [verdict["id"] for verdict in answer.body["events"]] == ["b"]
    assert Event.objects.get().event_id == "a"


@pytest.mark.parametrize("path", ["/v1/events", "/api/v1/events"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_events_are_posted(sender: Sender, path: str, method: str) -> None:
    """No other method does anything, with or without a key."""
    got = sender.client.generic(method, path, headers={"Authorization": f"Bearer {sender.key}"})

    assert (got.status_code, got.headers["Allow"]) == (405, "POST")
    assert json.loads(got.content)["code"] == "method_not_allowed"


def test_every_type_of_the_contract_has_its_verdict(sender: Sender) -> None:
    """What no rule charges yet waits, what operators enter by hand is refused to a key, the others are charged."""
    on = ago(days=1)[:10]
    events = [
        an_event("1", type="farebox.cloud-use", data={"hubId": "h", "projectName": "P", "trigger": "open"}),
        {**an_event("2", type="farebox.job"), "data": {"product": "A", "status": "Success", "submitted": ago(hours=3)}},
        {
            **an_event("3", type="farebox.api-call"),
            "data": {"app": "c", "api": "x", "quantity": "12.5", "unit": "minute"},
        },
        {
            **an_event("4", type="farebox.adjustment"),
            "data": {"pool": "FLEX", "tokens": "10", "reasonType": "Refund", "transactionDate": on},
        },
        {
            **an_event("5", type="farebox.consumption"),
            "data": {"person": WHO, "product": "A", "tokens": "7", "reasonType": "Off", "transactionDate": on},
        },
    ]

    answer = sender.post(events)

    assert answer.counts == (5, 2, 0, 2, 1)
    shown = [(v["id"], v["problems"][0]["code"]) for v in answer.body["events"]]
    assert shown == [("3", "no_rule"), ("4", "entered_by_hand"), ("5", "entered_by_hand")]


def test_what_waits_is_charged_once_the_catalogue_knows_it(sender: Sender) -> None:
    """A quarantined event is kept; sent again it is a duplicate, not another."""
    event = an_event("a", data={"product": "NEW"})

    assert sender.post(event).counts == (1, 0, 0, 0, 1)
    assert sender.post(event).counts == (1, 0, 1, 0, 0)
    assert Event.objects.count() == 1
