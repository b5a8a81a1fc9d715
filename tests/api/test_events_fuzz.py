"""Bodies that nobody thought of: never an error of the server, always JSON back, and nothing half done."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.api.sending import LOUD, QUIET, Sender, ago, an_event, state
from tests.drawn import few

from farebox.records.models import Intake
from farebox.services.ingest.faults import Unread, explain
from farebox.services.ingest.wire import DATA_TYPES, Envelope, Sent, read_event

relaxed = settings(deadline=None, max_examples=few(150), suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "1.0", "A", "ann@example.com", "farebox.session", "flex", "Normal", "\0", "é", "2026-02-30"])
    | st.sampled_from([ago(hours=1), ago(hours=2), ago(days=4_000), ago(minutes=-9), "2026-03-04T09:12:00"])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
members = st.sampled_from(
    [field for kind in (Envelope, *DATA_TYPES.values()) for field in kind.__struct_encode_fields__]
)
near = st.builds(
    lambda kind, outer, inner: {**an_event(type=kind), **outer, "data": {**an_event()["data"], **inner}},
    st.sampled_from([*DATA_TYPES, "farebox.session", "nap"]),
    st.dictionaries(members, anything, max_size=3),
    st.dictionaries(members, anything, max_size=4),
)
bodies = (
    st.binary(max_size=200)
    | anything.map(lambda value: json.dumps(value).encode())
    | near.map(lambda value: json.dumps(value).encode())
    | st.lists(near | anything, max_size=4).map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    )
)


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """Return the text of an event with some bytes of it replaced, doubled or lost."""
    text = bytearray(json.dumps(draw(near)).encode())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 6)))
        text[at:until] = draw(
            st.binary(max_size=4) | st.sampled_from([b'"', b"\\", b"\\u0000", b":", b",", b"{", b"}", b"\n"])
        )
    return bytes(text)


@relaxed
@given(
    body=bodies | torn(),
    path=st.sampled_from([LOUD, QUIET]),
    kind=st.sampled_from(["application/json", "application/x-ndjson", "application/cloudevents+json"]),
)
def test_any_body_is_answered(sender: Sender, body: bytes, path: str, kind: str) -> None:
    """Whatever is sent, the answer is one that the contract declares, and what is rejected changes nothing."""
    before = state()

    answer = sender.post(body, path=path, kind=kind)

    assert answer.status in {200, 204, 400, 409, 413, 422}
    assert (answer.body is None) == (answer.status == 204)
    if answer.body is not None and "code" not in answer.body:
        received, *fates = answer.counts
        assert received == sum(fates)
        kept = fates[0] + fates[3]
        assert state()[0] - before[0] <= kept
        assert kept or state() == before
    elif answer.body is not None:
        assert state() == before


@relaxed
@given(batch=st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_counts_add_up_whatever_is_sent(sender: Sender, batch: list[int]) -> None:
    """received = accepted + duplicate + rejected + quarantined, in each answer and in the records (invariant I4)."""
    kinds: list[Any] = [
        an_event("a"),
        an_event("a", subject="ben"),
        an_event("b"),
        {},
        7,
        an_event("q", data={"product": "N"}),
    ]

    answer = sender.post([kinds[kind] for kind in batch])

    assert answer.counts[0] == len(batch) == sum(answer.counts[1:])
    for intake in Intake.objects.all():
        assert intake.received == intake.accepted + intake.duplicate + intake.rejected + intake.quarantined


def content(sent: Sent) -> tuple[object, ...]:
    """Return all that an event says; its data as they were understood."""
    return sent.data, sent.payload, sent.fingerprint, replace(sent.envelope, data=b"")


def agree(raw: bytes) -> None:
    """Assert that the fast reading and the slow one make the same of a text."""
    quick, slow = read_event(raw), explain(raw)

    if isinstance(slow, Unread):
        assert slow.problems
        assert quick is None
    elif quick is not None:
        assert content(quick) == content(slow)


@settings(deadline=None, max_examples=few(1_500))
@given(raw=torn() | near.map(lambda value: json.dumps(value).encode()))
def test_both_ways_of_reading_accept_the_same_texts(raw: bytes) -> None:
    """The fast path takes nothing that the slow one refuses, and makes the same event of what both take."""
    agree(raw)


names = st.text(alphabet='a:/\\"\t{}, ', max_size=5)
blanks = st.text(alphabet=" \t\r\n", max_size=2)


@st.composite
def attributed(draw: st.DrawFn) -> bytes:
    """Return an event whose charge-back values have names that look like JSON, written in every way, maybe twice."""
    written = []
    for name in draw(st.lists(names.filter(bool), max_size=4)):
        key = draw(st.sampled_from([json.dumps(name), json.dumps(name).replace("/", "\\/").replace("a", "\\u0061")]))
        gaps = [draw(blanks) for _ in range(4)]
        written.append(f"{gaps[0]}{key}{gaps[1]}:{gaps[2]}{json.dumps(draw(names))}{gaps[3]}")
    return json.dumps(an_event(data={"attributes": 0})).replace(": 0}", f": {{{','.join(written)}}}}}").encode()


@settings(deadline=None, max_examples=few(1_500))
@given(raw=attributed())
def test_no_name_hides_that_it_stands_twice(raw: bytes) -> None:
    """Names that look like JSON, and escapes, lead neither reading to another event than the other."""
    agree(raw)
    slow = explain(raw)
    inner = json.loads(raw, object_pairs_hook=list)
    attributes = dict(dict(inner)["data"])["attributes"]
    twice = len(dict(attributes)) < len(attributes)
    assert twice == (isinstance(slow, Unread) and "duplicate_key" in {problem.code for problem in slow.problems})
