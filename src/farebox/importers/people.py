"""
Lists of people and of seats as comma-separated text, as spreadsheets of any country save them.

Columns are known by their names in the four languages, in any order; others are passed over and named. The encoding
and the sign between columns are those under which the heading is understood: UTF-8, UTF-16 with its mark, Windows-1252
or Shift JIS; commas, semicolons or tabs. What is no such list at all is refused at once, with what to do about it; what
single lines say is judged by `domain`. A file is never read beyond the size that a whole list can have.
(quality: CSV import)
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar

from farebox.domain.errors import Rejected
from farebox.domain.people_list import FILE_BYTES_MAX, ROWS_MAX, Column, Said
from farebox.domain.seat_list import SeatColumn, SeatSaid
from farebox.importers.lists import refused

T = TypeVar("T")

HEADING_MAX = 100
"""More columns than any such list has."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = ("utf-8", "cp1252", "cp932")
"""What a file without a mark may be, the likeliest first; Shift JIS as Windows writes it."""

_DELIMITERS = ",;\t"

PEOPLE: Mapping[str, str] = {
    "first name": Column.FIRST,
    "given name": Column.FIRST,
    "förnamn": Column.FIRST,
    "prénom": Column.FIRST,
    "prenom": Column.FIRST,
    "名": Column.FIRST,
    "名前": Column.FIRST,
    "last name": Column.LAST,
    "family name": Column.LAST,
    "surname": Column.LAST,
    "efternamn": Column.LAST,
    "nom": Column.LAST,
    "nom de famille": Column.LAST,
    "姓": Column.LAST,
    "名字": Column.LAST,
    "email address": Column.EMAIL,
    "e mail address": Column.EMAIL,
    "email": Column.EMAIL,
    "e mail": Column.EMAIL,
    "e post": Column.EMAIL,
    "e postadress": Column.EMAIL,
    "epost": Column.EMAIL,
    "epost adress": Column.EMAIL,
    "epostadress": Column.EMAIL,
    "adresse e mail": Column.EMAIL,
    "adresse mail": Column.EMAIL,
    "adresse électronique": Column.EMAIL,
    "adresse email": Column.EMAIL,
    "courriel": Column.EMAIL,
    "メールアドレス": Column.EMAIL,
    "電子メールアドレス": Column.EMAIL,
    "電子メール": Column.EMAIL,
    "eメールアドレス": Column.EMAIL,
    "e メールアドレス": Column.EMAIL,
}
"""The columns of people, by their names in lower case with single blanks."""

SEATS: Mapping[str, str] = {
    **{name: SeatColumn.EMAIL for name, column in PEOPLE.items() if column is Column.EMAIL},
    "product code": SeatColumn.PRODUCT,
    "product": SeatColumn.PRODUCT,
    "produktkod": SeatColumn.PRODUCT,
    "code produit": SeatColumn.PRODUCT,
    "code du produit": SeatColumn.PRODUCT,
    "製品コード": SeatColumn.PRODUCT,
    "kind": SeatColumn.KIND,
    "typ": SeatColumn.KIND,
    "slag": SeatColumn.KIND,
    "type": SeatColumn.KIND,
    "種類": SeatColumn.KIND,
    "start": SeatColumn.START,
    "startdatum": SeatColumn.START,
    "début": SeatColumn.START,
    "開始": SeatColumn.START,
    "開始日": SeatColumn.START,
    "end": SeatColumn.END,
    "slut": SeatColumn.END,
    "slutdatum": SeatColumn.END,
    "fin": SeatColumn.END,
    "終了": SeatColumn.END,
    "終了日": SeatColumn.END,
}
"""The columns of seats and trials."""

_CALLED = {
    Column.FIRST: "First name",
    Column.LAST: "Last name",
    Column.EMAIL: "Email address",
    SeatColumn.PRODUCT: "Product code",
    SeatColumn.KIND: "Kind",
}
"""What the columns are called where one is missing."""


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A list that was read: its lines, how the file was understood, and the columns and lines that were passed over."""

    rows: tuple[T, ...]
    encoding: str
    delimiter: str
    passed_over: tuple[str, ...] = ()
    empty_lines: int = 0
    """Lines with nothing between their commas."""


def read_people(stream: BinaryIO) -> Table[Said]:
    """Read a list of people. Raises `Rejected` for what is no such list."""
    needed = (Column.FIRST, Column.LAST, Column.EMAIL)
    return _read(
        stream,
        PEOPLE,
        needed,
        lambda line, said, fault: (
            Said(line, fault=fault)
            if fault
            else Said(line, said.get(Column.FIRST, ""), said.get(Column.LAST, ""), said.get(Column.EMAIL, ""))
        ),
    )


def read_seats(stream: BinaryIO) -> Table[SeatSaid]:
    """Read a list of seats and trials. Raises `Rejected` for what is no such list."""
    needed = (SeatColumn.EMAIL, SeatColumn.PRODUCT, SeatColumn.KIND)
    return _read(
        stream,
        SEATS,
        needed,
        lambda line, said, fault: (
            SeatSaid(line, fault=fault) if fault else SeatSaid(line, *(said.get(column, "") for column in SeatColumn))
        ),
    )


Make = Callable[[int, Mapping[str, str], str], T]
"""Makes something of a line: its number, what stands in the columns that are known, and what is wrong with its form."""


def _read(stream: BinaryIO, names: Mapping[str, str], needed: Sequence[str], make: Make[T]) -> Table[T]:
    data = stream.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise refused(1, "too_large", f"a list has at most {FILE_BYTES_MAX // 1024 // 1024} MB")
    if not data.strip():
        raise refused(1, "no_rows", "the file is empty")
    text, encoding, delimiter = _understood(data, names, needed)
    empty: list[int] = []
    heading, lines = _lines(text, delimiter, empty)
    places = _places(heading, names)
    rows = tuple(_rows(lines, heading, places, needed, make))
    if not rows:
        raise refused(1, "no_rows", "the list names nobody: it has a heading and no line")
    known = set(places.values())
    passed_over = tuple(name.strip()[:40] for at, name in enumerate(heading) if at not in known and name.strip())
    return Table(rows, encoding, delimiter, passed_over, len(empty))


def _understood(data: bytes, names: Mapping[str, str], needed: Sequence[str]) -> tuple[str, str, str]:
    """Return the text, its encoding and the sign between its columns: those under which the heading is understood."""
    for encoding in _encodings(data):
        text = _decoded(data, encoding)
        if text is None:
            continue
        for delimiter in _DELIMITERS:
            if set(needed) <= set(_places(_heading(text, delimiter), names)):
                return text, encoding, delimiter
    raise _not_understood(data, names, needed)


def _encodings(data: bytes) -> tuple[str, ...]:
    marked = tuple(encoding for mark, encoding in _BOMS if data.startswith(mark))
    return marked or _GUESSES


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _not_understood(data: bytes, names: Mapping[str, str], needed: Sequence[str]) -> Rejected:
    """Return why a file is no such list: what it is instead, or which columns it lacks."""
    readings = (_decoded(data, encoding) for encoding in _encodings(data))
    text = next((text for text in readings if text is not None), None)
    if text is None:
        return refused(1, "invalid_encoding", "the letters of this file cannot be read; save it as CSV UTF-8")
    if "\0" in text:
        return refused(1, "invalid_text", "a list holds no NUL character; is this a CSV file?")
    headings = [_heading(text, delimiter) for delimiter in _DELIMITERS]
    heading = max(headings, key=len)
    places = _places(heading, names)
    missing = ", ".join(_CALLED[one] for one in needed if one not in places)  # type: ignore[index]
    found = ", ".join(name.strip()[:40] for name in heading[:10])
    return refused(1, "wrong_columns", f"the first line lacks {missing}; it has {found[:200]}")


def _heading(text: str, delimiter: str) -> list[str]:
    """Return the fields of the first line, or of the least that is a line."""
    try:
        first = next(csv.reader(io.StringIO(text[: csv.field_size_limit()], newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []
    return first[:HEADING_MAX]


_BETWEEN = re.compile(r"[\s_\-‐‑]+")


def _places(heading: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    """Return where each column stands; the first of several counts."""
    places: dict[str, int] = {}
    for at, name in enumerate(heading):
        column = names.get(_BETWEEN.sub(" ", name.strip().strip("\ufeff")).casefold())
        if column is not None:
            places.setdefault(column, at)
    return places


def _lines(text: str, delimiter: str, empty: list[int]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """
    Return the heading, and the lines that say something, with the number of the line on which each ends.

    The numbers of those with nothing between their commas are added to `empty`.
    """
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise refused(line, "invalid_text", "a list holds no NUL character; is this a CSV file?")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    def lines() -> Iterator[tuple[int, list[str]]]:
        try:
            for fields in reader:
                if any(field.strip() for field in fields):
                    yield reader.line_num, fields
                elif fields:
                    empty.append(reader.line_num)
        except csv.Error as error:
            message = f"this is not comma-separated text: {error}"
            raise refused(reader.line_num, "invalid_csv", message) from error

    found = lines()
    _, heading = next(found, (1, []))
    if len(heading) > HEADING_MAX:
        raise refused(
            1, "wrong_columns", f"the first line has {len(heading)} columns; a list has at most {HEADING_MAX}"
        )
    return heading, found


def _rows(
    lines: Iterator[tuple[int, list[str]]],
    heading: Sequence[str],
    places: Mapping[str, int],
    needed: Sequence[str],
    make: Make[T],
) -> Iterator[T]:
    last = max(places[column] for column in needed)
    for count, (line, fields) in enumerate(lines, 1):
        if count > ROWS_MAX:
            raise refused(line, "too_many", f"a list names at most {ROWS_MAX:,} people; cut it into several")
        filled = _without_empty_end(fields, len(heading))
        if last < len(filled) <= len(heading):
            yield make(line, {column: filled[at] for column, at in places.items() if at < len(filled)}, "")
        else:
            yield make(line, {}, f"{len(fields)} columns where the first line has {len(heading)}")


def _without_empty_end(fields: list[str], wanted: int) -> list[str]:
    """Return the fields without the empty ones that spreadsheets write behind the last column."""
    while len(fields) > wanted and not fields[-1].strip():
        fields = fields[:-1]
    return fields
