"""
Usage reports as comma-separated text, of any of the schemas in which they were ever published, and of Farebox's own.

Columns are known by their names, in any order and letter case, with blanks or underscores; those that tell nothing
that Farebox keeps are passed over. What single lines say is judged by `domain.usage_report`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from farebox.domain.usage_report import Row
from farebox.importers.lists import Heading, Read, lines_of, read_lists, refused, too_many_or_few

__all__ = ["lines_of", "read_usage_report"]

_CALLED: Mapping[str, str] = {
    "email": "email",
    "user_name": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "hashed_autodesk_id": "pseudonym",
    "hashed_user_id": "pseudonym",
    "offering_name": "offering",
    "offering": "offering",
    "product": "offering",
    "product_name": "offering",
    "product_line_code": "code",
    "seat_assignment": "assignment",
    "assigned_date": "assigned",
    "access_option": "access",
    "days_used": "days_used",
    "tokens_used": "tokens_used",
    "tokens_consumed": "tokens_used",
}
"""What the columns tell, by their names in lower case with underscores."""

_NEEDED = {"email": "Email", "offering": "Product or offering_name", "assignment": "Seat assignment"}
"""Without these a list is no usage report."""

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_]+")


def read_usage_report(lines: Iterable[bytes]) -> Iterator[Row]:
    """
    Yield what each line says, with the number of the line as its place: `/lines/2`.

    Raises `Rejected` as soon as something cannot be read as a usage report.
    """
    return read_lists(lines, _begin, empty="the report has no lines")


def _begin(heading: Heading) -> Read[Row]:
    places = _places(heading)

    def read(fields: Sequence[str], line: int) -> Row:
        fault = too_many_or_few(fields, heading)
        if fault:
            return Row(f"/lines/{line}", fault=fault)
        said = {what: fields[place] for what, place in places.items()}
        return _row(f"/lines/{line}", said)

    return read


def _places(heading: Heading) -> dict[str, int]:
    """Return where each thing that is told stands; the first of several columns counts. Raises `Rejected`."""
    places: dict[str, int] = {}
    for place, name in enumerate(heading):
        what = _CALLED.get(_WORD.sub("_", name.strip()).lower())
        if what is not None:
            places.setdefault(what, place)
    missing = [called for what, called in _NEEDED.items() if what not in places]
    if missing:
        raise refused(1, "wrong_columns", f"this is no usage report: it has no column {', '.join(missing)}")
    return places


def _row(pointer: str, said: Mapping[str, str]) -> Row:
    return Row(
        pointer,
        person=said["email"],
        pseudonym=said.get("pseudonym", ""),
        name=f"{said.get('first_name', '')} {said.get('last_name', '')}",
        offering=said["offering"],
        code=said.get("code", ""),
        assignment=said["assignment"],
        assigned=said.get("assigned", ""),
        access=said.get("access", ""),
        days_used=said.get("days_used", ""),
        tokens_used=said.get("tokens_used", ""),
    )
