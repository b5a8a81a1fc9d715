"""
Mail: what it is about, how far it is, and when it is tried again.

A mail says nothing by itself: it is words made of numbers at the moment at which it is sent. How it is sent, and to
whom, is not decided here.  (product B5, quality X27)
"""

from __future__ import annotations

from enum import StrEnum
from unicodedata import category

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant


class MailKind(StrEnum):
    """What a mail is about; its words are the templates of that name."""

    INVITATION = "INVITATION"
    """Somebody is asked to join a team."""
    ASSIGNED = "ASSIGNED"
    """Products were assigned to one person by hand [S 003]."""
    SEAT = "SEAT"
    """A seat or a trial was given to one person by hand [S 003]."""
    RESET = "RESET"
    """A way to a new password, asked for by whoever typed the address."""
    HANDOVER = "HANDOVER"
    """Somebody is to become the primary administrator of a team."""
    SIGN_IN_CHANGED = "SIGN_IN_CHANGED"
    """A password or another way to sign in was changed: a notice to whom it belongs."""
    TOKENS_OFFERED = "TOKENS_OFFERED"
    """Tokens of another team are offered to a primary administrator."""


class MailState(StrEnum):
    """How far a mail is."""

    WAITING = "WAITING"
    SENT = "SENT"
    FAILED = "FAILED"
    """It was refused for good, or tried for two days."""
    DROPPED = "DROPPED"
    """What it was about had ended before it was sent."""


class Trouble(StrEnum):
    """Why the latest try failed, in words that hold no address."""

    UNREACHABLE = "UNREACHABLE"
    """The mail server was not to be reached, or the line broke."""
    SIGN_IN = "SIGN_IN"
    """It refused the user or the password."""
    SECURITY = "SECURITY"
    """It offered no encryption, or none that can be trusted."""
    SENDER = "SENDER"
    """It refused the address that mails come from."""
    RECIPIENT = "RECIPIENT"
    """It refused the address that the mail goes to."""
    REFUSED = "REFUSED"
    """It refused the mail."""
    BROKEN = "BROKEN"
    """The mail could not be written."""


PAUSES = tuple(Instant(n * MINUTE) for n in (1, 5, 15)) + tuple(Instant(n * HOUR) for n in (1, 2, 4, *[6] * 7))
"""How long after each try the next one follows: just over two days in all."""

LEASE = Instant(15 * MINUTE)
"""For how long who sends a mail has it to himself; if he died meanwhile, it is sent by another then."""

KEPT = Instant(30 * DAY)
"""For how long a mail that needs nothing more stays on record."""


def next_try(tries: int, *, now: Instant) -> Instant | None:
    """Return when a mail that failed for the `tries`th time is tried again, None for never."""
    return Instant(now + PAUSES[tries - 1]) if tries <= len(PAUSES) else None


def on_one_line(text: str) -> str:
    """Return a name as a mail can hold it: what cannot be seen, turns text around or ends a line is a blank."""
    seen = "".join(" " if category(character) in _UNSEEN else character for character in text)
    return " ".join(seen.split())


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
