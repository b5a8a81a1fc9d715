"""
What lines of a debug log can be, and what they can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from farebox.importers.flexnet.dates import Dated


class LineKind(StrEnum):
    """What a line is; every line of a log is of exactly one kind."""

    CHECK_OUT = "check_out"
    CHECK_IN = "check_in"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    TIMESTAMP = "timestamp"
    START = "start"
    EXIT = "exit"
    REREAD = "reread"
    QUEUE = "queue"
    CHECK_IN_FAILED = "check_in_failed"
    STATISTICS = "statistics"
    MESSAGE = "message"
    UNREADABLE = "unreadable"
    UNTIMED = "untimed"
    BLANK = "blank"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Licences that went out to a person at a machine, or came back in."""

    out: bool
    feature: str
    user: str
    host: str
    licenses: int = 1
    label: str = ""
    inactive: bool = False
    borrowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A licence that was asked for and not given, in the server's words."""

    unsupported: bool
    feature: str
    user: str
    host: str
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Start:
    """A daemon that starts: the one named, or all of them when the licence manager itself starts."""

    daemon: str | None
    server: str | None = None
    listing: bool = False
    """Whether this is the list of features served, which a reread repeats without a restart."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A daemon that ends."""

    daemon: str


@dataclass(frozen=True, slots=True)
class Reread:
    """A licence file that is read again; nobody loses a licence by it."""


Fact = Movement | Refusal | Start | Exit | Reread


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: where it stands, what it is, and when and by whom it was said if it tells."""

    number: int
    kind: LineKind
    seconds: int | None = None
    daemon: str = ""
    date: Dated | None = None
    fact: Fact | None = None
