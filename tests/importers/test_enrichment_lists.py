"""CSV lists of charge-back values: what is read, and what is refused as no such list, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.enrichment import Row
from farebox.domain.errors import Rejected
from farebox.importers.enrichment import LINE_BYTES_MAX, lines_of, read_csv

HEAD = b"person,value,from\n"


def rows(raw: bytes) -> list[tuple[str, ...]]:
    """Read a list; a row is its place, what it says, and its fault if it has one."""
    return [tuple(row) for row in read_csv(lines_of(BytesIO(raw)))]


def refused(raw: bytes) -> str:
    """Return why a list is refused as a whole: place and code."""
    with pytest.raises(Rejected) as error:
        rows(raw)
    (problem,) = error.value.problems
    return f"{problem.pointer} {problem.code}"


def test_a_list_is_read_line_by_line() -> None:
    """Each line is a row at its number; quotes, a byte-order mark, CRLF and empty lines mean what they usually do."""
    raw = b'\xef\xbb\xbfperson,value,from\r\nann,"R&D, Lund",2026-04-01\r\n\r\nben,,\r\ncy,"a ""b"""," "\r\n'

    assert rows(raw) == [
        ("/lines/2", "ann", "R&D, Lund", "2026-04-01", ""),
        ("/lines/4", "ben", "", "", ""),
        ("/lines/5", "cy", 'a "b"', " ", ""),
    ]


def test_columns_may_stand_in_any_order_and_the_date_may_be_left_out() -> None:
    """The heading says which column is which, in any letter case."""
    assert rows(b"Value, FROM ,Person\nLund,2026-04-01,ann\n") == [("/lines/2", "ann", "Lund", "2026-04-01", "")]
    assert rows(b"person,value\nann,Lund") == [("/lines/2", "ann", "Lund", "", "")]


def test_a_line_of_other_columns_is_one_problem_of_that_line() -> None:
    """What stands on the other lines is read all the same, so that everything wrong is told at once."""
    found = rows(HEAD + b"ann,R&D, Lund,2026-04-01\nben\ncy,Lund,\n")

    assert [(row[0], bool(row[4])) for row in found] == [("/lines/2", True), ("/lines/3", True), ("/lines/4", False)]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "/lines/1 wrong_columns"),
        (HEAD, "/lines/1 no_rows"),
        (HEAD + b"\n,,\n", "/lines/1 no_rows"),
        (b"ann,Lund,2026-04-01\n", "/lines/1 wrong_columns"),
        (b"person,value,from,person\nann,Lund,,\n", "/lines/1 wrong_columns"),
        (b"person,from\nann,\n", "/lines/1 wrong_columns"),
        (b"person;value;from\nann;Lund;\n", "/lines/1 wrong_delimiter"),
        (b"person\tvalue\nann\tLund\n", "/lines/1 wrong_delimiter"),
        (b"person|value\nann|Lund\n", "/lines/1 wrong_delimiter"),
        ("person,value\nann,Lund\n".encode("utf-16"), "/lines/1 invalid_encoding"),
        ("person,value\nann,Lund\n".encode("utf-16-be"), "/lines/1 invalid_text"),
        (HEAD + "ann,Malmö,\n".encode("cp1252"), "/lines/2 invalid_encoding"),
        (HEAD + b"ann,Lu\0nd,\n", "/lines/2 invalid_text"),
        (HEAD + b"ann," + b"x" * LINE_BYTES_MAX + b"\n", "/lines/2 line_too_long"),
        (b"x," * 1_000_000, "/lines/1 line_too_long"),
        (b"PK\x03\x04\x14\x00\x06\x00", "/lines/1 invalid_text"),
        (HEAD + b'ann,"Lund,\n', "/lines/2 invalid_csv"),
        (HEAD + b'ann,"Lund"x,\n', "/lines/2 invalid_csv"),
        (HEAD + b"ann,Lund,\rben,Lund,\r\n", "/lines/2 invalid_csv"),
    ],
)
def test_what_is_no_list_is_refused_at_once(raw: bytes, why: str) -> None:
    """Other encodings, delimiters, headings and kinds of file are told apart by what is to be done about them."""
    assert refused(raw) == why


def test_a_line_without_an_end_is_not_read_to_its_end() -> None:
    """A gigabyte in one line costs no more memory than a line may have, and a field that is never closed not much."""
    given_out = 0

    def endless() -> Iterator[bytes]:
        nonlocal given_out
        yield HEAD
        yield b'ann,"'
        while True:
            given_out += 1
            yield b"x" * 1000 + b"\n"

    with pytest.raises(Rejected):
        list(read_csv(endless()))
    assert given_out < 1000


@given(st.lists(st.tuples(*(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])) for _ in range(2)))))
def test_what_a_writer_of_csv_writes_is_read_back(said: list[tuple[str, str]]) -> None:
    """Whatever stands in the fields, quoted as RFC 4180 says, comes back as it was."""
    wanted = [one for one in said if any(one) and len("".join(one)) < 200]
    quoted = [",".join('"' + field.replace('"', '""') + '"' for field in one) for one in wanted]
    raw = "\r\n".join(["person,value", *quoted]).encode()

    if wanted:
        found = [(row[1], row[2]) for row in rows(raw)]
        assert found == wanted


def test_a_row_is_a_row_of_the_rules() -> None:
    """What comes out is what `domain.enrichment` takes in."""
    assert list(read_csv([HEAD, b"ann,Lund,2026-04-01\n"])) == [Row("/lines/2", "ann", "Lund", "2026-04-01")]
