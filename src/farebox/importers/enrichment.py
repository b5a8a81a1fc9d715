"""
Lists of charge-back values as comma-separated text: `person,value,from`, one line a value.

The text is read a line at a time and never held whole. What is no such list at all (another encoding, another
delimiter, other columns) is refused at once with what to do about it; what single lines say is judged by
`domain.enrichment`, all of them together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from farebox.domain.enrichment import Row
from farebox.domain.errors import Problem, Rejected

COLUMNS = ("person", "value", "from")
"""The columns of the heading, in any order; `from` may be left out."""

LINE_BYTES_MAX = 4_096
"""Longer than any line can be whose texts have a length that is accepted."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = "\ufeff"
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; one that is too long is cut just above the length at which it is refused."""
    while line := stream.readline(LINE_BYTES_MAX + 1):
        yield line


def read_csv(lines: Iterable[bytes]) -> Iterator[Row]:
    """
    Yield what each line says, with the number of the line as its place: `/lines/2`.

    Raises `Rejected` as soon as something cannot be read as a list of values.
    """
    reader = csv.reader(_texts(lines), strict=True)
    try:
        heading = next(reader, None)
        places = _places(heading or [])
        number = 0
        for fields in reader:
            if not any(fields):
                continue
            number += 1
            yield _row(fields, len(heading or []), places, reader.line_num)
    except csv.Error as error:
        raise _refused(reader.line_num, "invalid_csv", f"this is not comma-separated text: {error}") from error
    if not number:
        raise _refused(1, "no_rows", 'the list is empty; to end every value, send {"values": []} to the API')


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith(_UTF_16):
            raise _refused(number, "invalid_encoding", "this is UTF-16; save it as CSV UTF-8")
        if b"\0" in line:
            raise _refused(number, "invalid_text", "a list holds no NUL character; is this a CSV file?")
        if len(line) > LINE_BYTES_MAX:
            raise _refused(number, "line_too_long", f"a line has at most {LINE_BYTES_MAX:,} bytes")
        yield _text(line, number)


def _text(line: bytes, number: int) -> str:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is not UTF-8; if the file is Windows-1252, save it as CSV UTF-8"
        raise _refused(number, "invalid_encoding", message) from error
    return text.removeprefix(_BOM) if number == 1 else text


def _places(heading: Sequence[str]) -> tuple[int, ...]:
    """Return where each of `COLUMNS` stands, -1 for one that is left out. Raises `Rejected` for any other heading."""
    names = [name.strip(" ").lower() for name in heading]
    if len(names) == 1:
        for delimiter, called in _OTHER_DELIMITERS.items():
            if delimiter in names[0]:
                raise _refused(1, "wrong_delimiter", f"the columns are parted by {called}; save it with commas")
    if sorted(names) not in (sorted(COLUMNS), sorted(COLUMNS[:2])):
        message = f"the first line is person,value,from or person,value; this is {','.join(heading)[:80]!r}"
        raise _refused(1, "wrong_columns", message)
    return tuple(names.index(name) if name in names else -1 for name in COLUMNS)


def _row(fields: Sequence[str], columns: int, places: Sequence[int], line: int) -> Row:
    if len(fields) != columns:
        message = f"{len(fields)} columns where the first line has {columns}; a comma inside a value needs quotes"
        return Row(f"/lines/{line}", fault=message)
    person, value, since = ("" if place < 0 else fields[place] for place in places)
    return Row(f"/lines/{line}", person, value, since)


def _refused(line: int, code: str, message: str) -> Rejected:
    return Rejected([Problem(f"/lines/{line}", code, message)])
