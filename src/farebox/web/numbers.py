"""The numbers of records in addresses: as long as the records can count, and nothing is found behind longer ones."""

from __future__ import annotations

NUMBER_MAX = 2**63 - 1


def number_in(text: str) -> int | None:
    """Return the number that was sent as a text; none where it is no number that a record can have."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(NUMBER_MAX))
    return int(text) if is_number and int(text) <= NUMBER_MAX else None


class Number:
    """A number in an address; one that no record can have makes the address one that is not there."""

    regex = "[0-9]{1,19}"

    def to_python(self, text: str) -> int:
        """Return the number. Raises `ValueError` where it is too long."""
        number = int(text)
        if number > NUMBER_MAX:
            raise ValueError("no record has this number")
        return number

    def to_url(self, number: int) -> str:
        """Write a number."""
        return str(number)
