"""What products ask at the moment of use, and what they are answered."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.authorise import Decision, Grounds
from farebox.domain.clock import Instant, Span


class Mode(StrEnum):
    """What a product wants: to know the price, to launch, or to launch unless it costs something."""

    QUOTE = "quote"
    CHARGE = "charge"
    CONFIRM = "confirm"


class Launch(NamedTuple):
    """
    May this person open this product? `person` is canonical; `agreed` is the price that the person agreed to.

    `key` is the request's idempotency key, or empty.
    """

    team: int
    person: str
    product: str
    mode: Mode = Mode.CHARGE
    version: str = ""
    machine: str = ""
    agreed: Tokens | None = None
    key: str = ""
    source: int = 0


class Beat(NamedTuple):
    """A session runs on; `active` tells whether somebody worked in it since the last time."""

    team: int | None
    code: str
    active: bool = True


class Close(NamedTuple):
    """A session ended."""

    team: int | None
    code: str


Request = Launch | Beat | Close


class Answer(NamedTuple):
    """The answer to a product; amounts in millionths of a token, instants in UTC."""

    decision: Decision
    grounds: Grounds
    cost: Tokens = ZERO
    covered_until: Instant | None = None
    available: Tokens = ZERO
    reserved: Tokens = ZERO
    session: str = ""
    window: Span | None = None
    closed: bool = False
