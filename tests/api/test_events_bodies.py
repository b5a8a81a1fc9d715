"""How large a request may be, and in what encodings it comes: counted after decompression, and never trusted."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from tests.api.sending import Sender, an_event, state

MEBIBYTE = 2**20
CAP = 8 * MEBIBYTE


def squeezed(body: object) -> bytes:
    """Write a body as JSON in gzip."""
    return gzip.compress(json.dumps(body).encode())


def test_ten_thousand_events_are_taken_and_one_more_is_too_many(sender: Sender) -> None:
    """The limit is exact, for lists and for lines, and nothing of what exceeds it is kept."""
    broken = [{}] * 10_000

    assert sender.post(broken).counts == (10_000, 0, 0, 10_000, 0)
    listed = sender.post([*broken, {}])
    by_line = sender.post(b"{}\n" * 10_001, kind="application/x-ndjson")

    assert [(a.status, a.body["code"]) for a in (listed, by_line)] == [(413, "too_many_events")] * 2
    assert "10001" in listed.body["detail"]


@pytest.mark.parametrize("body", [b"", b"  \n ", b"[]", b" [ ] "])
def test_a_body_without_an_event_is_refused(sender: Sender, body: bytes) -> None:
    """Nothing sent is an error of the sender's, not an empty success."""
    answer = sender.post(body)

    assert (answer.status, answer.body["code"]) == (400, "no_events")


def test_a_body_of_blank_lines_is_refused(sender: Sender) -> None:
    """The same holds for lines."""
    answer = sender.post(b"\n \r\n", kind="application/x-ndjson")

    assert (answer.status, answer.body["code"]) == (400, "no_events")


def test_a_body_of_eight_megabytes_is_read_and_one_byte_more_is_not(sender: Sender) -> None:
    """The cap is exact."""
    event = json.dumps(an_event()).encode()

    assert sender.post(event.ljust(CAP)).status == 200
    answer = sender.post(event.ljust(CAP + 1))

    assert (answer.status, answer.body["code"]) == (413, "body_too_large")
    assert "8 MB" in answer.body["detail"]


def test_a_length_that_claims_too_much_is_refused_unread(sender: Sender) -> None:
    """What says that it is too large is believed."""
    answer = sender.stream(b"", length=str(CAP + 1))

    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


def test_a_body_shorter_than_its_length_is_refused(sender: Sender) -> None:
    """An upload that was cut is not taken for a whole one, even where it breaks between two events."""
    whole = json.dumps(an_event()).encode()
    answer = sender.stream(whole, length=str(len(whole) + 100))

    assert (answer.status, answer.body["code"]) == (400, "incomplete_body")
    assert state()[0] == 0


def test_a_body_longer_than_its_length_is_read_to_its_length(sender: Sender) -> None:
    """What follows the length belongs to nobody's request."""
    whole = json.dumps(an_event()).encode()

    assert sender.stream(whole + whole, length=str(len(whole))).counts == (1, 1, 0, 0, 0)


def test_a_body_in_chunks_is_read_up_to_the_cap(sender: Sender) -> None:
    """A body without a length is read as far as a body may go."""
    assert sender.stream(json.dumps(an_event()).encode(), chunked=True).counts == (1, 1, 0, 0, 0)
    assert sender.stream(b" " * (CAP + 1), chunked=True).status == 413


def test_gzip_is_unpacked(sender: Sender) -> None:
    """Batches may come compressed; the name of the encoding is case-insensitive."""
    body = squeezed([an_event("a"), an_event("b")])

    assert sender.post(body, headers={"Content-Encoding": "GZip"}).counts == (2, 2, 0, 0, 0)
    assert sender.post(an_event("c"), headers={"Content-Encoding": "identity"}).counts == (1, 1, 0, 0, 0)


def test_a_gzip_bomb_is_stopped_at_the_cap(sender: Sender) -> None:
    """What is counted is what comes out: a thousandfold of what went in is not unpacked."""
    bomb = gzip.compress(b" " * (64 * MEBIBYTE))
    assert len(bomb) < MEBIBYTE // 8

    answer = sender.post(bomb, headers={"Content-Encoding": "gzip"})

    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


def test_what_comes_out_may_be_as_large_as_the_cap(sender: Sender) -> None:
    """The cap is exact after decompression as well."""
    body = json.dumps(an_event()).encode().ljust(CAP)

    assert sender.post(gzip.compress(body), headers={"Content-Encoding": "gzip"}).status == 200
    assert sender.post(gzip.compress(body + b" "), headers={"Content-Encoding": "gzip"}).status == 413


WHOLE = squeezed([])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="plain text"),
        pytest.param(WHOLE[:-1], id="cut"),
        pytest.param(WHOLE[:-8] + bytes(8), id="a wrong checksum"),
        pytest.param(WHOLE + b"x", id="something behind"),
        pytest.param(WHOLE + WHOLE, id="two streams"),
        pytest.param(zlib.compress(b"[]"), id="zlib"),
    ],
)
def test_broken_gzip_is_refused(sender: Sender, body: bytes) -> None:
    """One whole gzip stream is expected, and nothing else."""
    answer = sender.post(body, headers={"Content-Encoding": "gzip"})

    assert (answer.status, answer.body["code"]) == (400, "broken_encoding")


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd", "x-gzip", "gzip, identity"])
def test_other_encodings_are_refused(sender: Sender, encoding: str) -> None:
    """One encoding is spoken, once."""
    answer = sender.post(squeezed([an_event()]), headers={"Content-Encoding": encoding})

    assert (answer.status, answer.body["code"]) == (415, "unknown_encoding")
    assert state()[0] == 0


def test_gzip_in_gzip_is_no_json(sender: Sender) -> None:
    """Only the one layer that the header names is unpacked."""
    answer = sender.post(gzip.compress(squeezed(an_event())), headers={"Content-Encoding": "gzip"})

    assert (answer.status, answer.codes) == (422, [" invalid_json"])
