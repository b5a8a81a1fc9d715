"""
Identifiers that leave the system, and numbers made of identifiers that enter it.

A charged item's id looks random and says nothing about how many charges there are to a casual eye; it is not a
secret and protects nothing. Both directions are exact, so nothing needs to be stored.
"""

from __future__ import annotations

from hashlib import blake2b

from farebox.domain.errors import NotFound

CHARGES_MAX = 2**60
"""Charges are numbered below this: twelve characters of five bits."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals without I, L, O and U, which are read wrongly."""
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_MASK = CHARGES_MAX - 1
FACTOR = 0x9E3779B97F4A7C5
_INVERSE = pow(FACTOR, -1, CHARGES_MAX)
HALF = 30


def charged_item_id(charge: int) -> str:
    """Return the id that reports show for a charge: twelve digits and capitals, different for every charge."""
    assert 0 <= charge < CHARGES_MAX, "charges are numbered from 0 to 2**60 - 1"
    number = charge * FACTOR & _MASK
    number = (number ^ number >> HALF) * FACTOR & _MASK
    return "".join(ALPHABET[number >> shift & 31] for shift in range(55, -1, -5))


def charge_of(item_id: str) -> int:
    """Return the charge that a charged item's id stands for. Raises `NotFound` for what is no such id."""
    if len(item_id) != 12 or not _VALUES.keys() >= set(item_id):
        raise NotFound("there is no charged item with this id")
    number = 0
    for character in item_id:
        number = number << 5 | _VALUES[character]
    number = number * _INVERSE & _MASK
    return (number ^ number >> HALF) * _INVERSE & _MASK


def tie_of(source: str, event_id: str) -> int:
    """
    Return 63 bits of an event's own identity.

    They order uses that start together the same way in any order of arrival (domain N4, N5). The length of the
    source keeps ("ab", "c") and ("a", "bc") apart.
    """
    identity = f"{len(source)}:{source}{event_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(identity, digest_size=8).digest(), "big") >> 1
