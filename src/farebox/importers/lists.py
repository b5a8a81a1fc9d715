"""
Lists as comma-separated text, a line at a time: what every list that is read has to be, whatever its columns.

The text is never held whole. What is no such list at all (another encoding, another delimiter) is refused at once, with
what to do about it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, TypeVar

from farebox.domain.errors import Problem, Rejected

T = TypeVar("T")

LINE_BYTES_MAX = 4_096
"""Longer than any line can be whose texts have a length that is accepted."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = "\ufeff"
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Heading = Sequence[str]
Read = Callable[[Sequence[str], int], T]
"""Makes something of the fields of a line, given the line's number."""


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; one that is too long is cut just above the length at which it is refused."""
    while line := stream.readline(LINE_BYTES_MAX + 1):
        yield line


def read_lists(lines: Iterable[bytes], begin: Callable[[Heading], Read[T]], *, empty: str) -> Iterator[T]:
    """
    Yield what each line says, as the function reads it that `begin` returns for the heading.

    Raises `Rejected` as soon as something cannot be read as a list, and with the words of `empty` where it has no line.
    """
    reader = csv.reader(_texts(lines), strict=True)
    try:
        heading = next(reader, None) or []
        _check_delimiter(heading)
        read, number = begin(heading), 0
        for fields in reader:
            if any(fields):
                number += 1
                yield read(fields, reader.line_num)
    except csv.Error as error:
        raise refused(reader.line_num, "invalid_csv", f"this is not comma-separated text: {error}") from error
    if not number:
        raise refused(1, "no_rows", empty)


def refused(line: int, code: str, message: str) -> Rejected:
    """Return the refusal of a whole list."""
    return Rejected([Problem(f"/lines/{line}", code, message)])


def too_many_or_few(fields: Sequence[str], heading: Heading) -> str:
    """Return what is wrong with a line that has not as many columns as the first, or nothing."""
    if len(fields) == len(heading):
        return ""
    return f"{len(fields)} columns where the first line has {len(heading)}; a comma inside a value needs quotes"


def _check_delimiter(heading: Heading) -> None:
    for delimiter, called in _OTHER_DELIMITERS.items():
        if len(heading) == 1 and delimiter in heading[0]:
            raise refused(1, "wrong_delimiter", f"the columns are parted by {called}; save it with commas")


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith(_UTF_16):
            raise refused(number, "invalid_encoding", "this is UTF-16; save it as CSV UTF-8")
        if b"\0" in line:
            raise refused(number, "invalid_text", "a list holds no NUL character; is this a CSV file?")
        if len(line) > LINE_BYTES_MAX:
            raise refused(number, "line_too_long", f"a line has at most {LINE_BYTES_MAX:,} bytes")
        yield _text(line, number)


def _text(line: bytes, number: int) -> str:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is not UTF-8; if the file is Windows-1252, save it as CSV UTF-8"
        raise refused(number, "invalid_encoding", message) from error
    return text.removeprefix(_BOM) if number == 1 else text
