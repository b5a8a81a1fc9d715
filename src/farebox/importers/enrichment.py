"""
Lists of charge-back values as comma-separated text: `person,value,from`, one line a value.

What is no such list at all is refused at once with what to do about it; what single lines say is judged by
`domain.enrichment`, all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from farebox.domain.enrichment import Row
from farebox.importers.lists import LINE_BYTES_MAX, Heading, Read, lines_of, read_lists, refused, too_many_or_few

__all__ = ["COLUMNS", "LINE_BYTES_MAX", "lines_of", "read_csv"]

COLUMNS = ("person", "value", "from")
"""The columns of the heading, in any order; `from` may be left out."""

_EMPTY = 'the list is empty; to end every value, send {"values": []} to the API'


def read_csv(lines: Iterable[bytes]) -> Iterator[Row]:
    """
    Yield what each line says, with the number of the line as its place: `/lines/2`.

    Raises `Rejected` as soon as something cannot be read as a list of values.
    """
    return read_lists(lines, _begin, empty=_EMPTY)


def _begin(heading: Heading) -> Read[Row]:
    places = _places(heading)

    def read(fields: Sequence[str], line: int) -> Row:
        fault = too_many_or_few(fields, heading)
        if fault:
            return Row(f"/lines/{line}", fault=fault)
        person, value, since = ("" if place < 0 else fields[place] for place in places)
        return Row(f"/lines/{line}", person, value, since)

    return read


def _places(heading: Heading) -> tuple[int, ...]:
    """Return where each of `COLUMNS` stands, -1 for one that is left out. Raises `Rejected` for any other heading."""
    names = [name.strip(" ").lower() for name in heading]
    if sorted(names) not in (sorted(COLUMNS), sorted(COLUMNS[:2])):
        message = f"the first line is person,value,from or person,value; this is {','.join(heading)[:80]!r}"
        raise refused(1, "wrong_columns", message)
    return tuple(names.index(name) if name in names else -1 for name in COLUMNS)
