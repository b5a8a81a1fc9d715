"""
What one line of a FlexNet debug log says.

A line is `h:mm:ss (daemon) message`; it carries no date. Anything that is no licence line is given a kind and
is otherwise left alone: reading a line never fails. Whether the fact fits the lines around it is the business
of `dating` and `pairing`.
"""

from __future__ import annotations

import re
from typing import Final

from farebox.importers.flexnet.dates import Dated, numeric, spelled_out
from farebox.importers.flexnet.facts import Exit, Fact, Line, LineKind, Movement, Refusal, Reread, Start

LINE_CHARS_MAX: Final = 16_384
"""A longer line is no licence line; it is counted and not looked at."""

_TIMED = re.compile(r"\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s+\(([^()\s]+)\)\s?(.*)", re.DOTALL)
_ASKED = re.compile(r'\s*"([^"]+)"\s*(?:\([^()]*\)\s*)?(.*)', re.DOTALL)
_WHO_ENDS = re.compile(r"\s{2,}|\t|\s+(?=[(\[^])|\s*$")
_LICENSES = re.compile(r"\((\d{1,6})(?: licenses?)?\)")
_LABEL = re.compile(r"\[([^\]]*)\]")
_LINGER = re.compile(r"\(linger:\s*\d+")
_BORROW = re.compile(r"\bBORROW(?:ED|ING)?\b")
_CODE = re.compile(r"\((-?\d+,-?\d+)")
_STARTED_ON = re.compile(r"started on (\S+)(?: \([^()]*\))?(?: \(([\d/.-]+)\))?")
_STARTED = re.compile(r"(?:Started|Restarted) (\S+) \(")
_EXITED = re.compile(r"(\S+) exited with status")
_VERBOSE = "^^^"


def recognise(text: str, number: int = 1) -> Line:
    """Read one line, without its line end."""
    if len(text) > LINE_CHARS_MAX:
        return Line(number=number, kind=LineKind.TOO_LONG)
    timed = _TIMED.match(text)
    if timed is None or int(timed[1]) > 23 or int(timed[2]) > 59 or int(timed[3] or 0) > 59:
        return Line(number=number, kind=LineKind.UNTIMED if text.strip() else LineKind.BLANK)
    seconds = int(timed[1]) * 3600 + int(timed[2]) * 60 + int(timed[3] or 0)
    kind, date, fact = _read(timed[4], timed[5])
    return Line(number=number, kind=kind, seconds=seconds, daemon=timed[4], date=date, fact=fact)


_Reading = tuple[LineKind, Dated | None, Fact | None]


def _read(daemon: str, message: str) -> _Reading:
    verb, colon, rest = message.partition(":")
    match verb if colon else "":
        case "OUT" | "IN":
            return _movement(rest, out=verb == "OUT")
        case "DENIED" | "UNSUPPORTED":
            return _refusal(rest, unsupported=verb == "UNSUPPORTED")
        case "QUEUED" | "DEQUEUED":
            return LineKind.QUEUE, None, None
        case _ if message.startswith("(@"):
            return _statistics(message)
        case _ if message.startswith("TIMESTAMP"):
            return LineKind.TIMESTAMP, numeric(message.removeprefix("TIMESTAMP")), None
        case _ if message.startswith("Checkin failed"):
            return LineKind.CHECK_IN_FAILED, None, None
        case _:
            return _lifecycle(daemon, message)


def _movement(rest: str, *, out: bool) -> _Reading:
    kind = LineKind.CHECK_OUT if out else LineKind.CHECK_IN
    asked = _asked(rest)
    if asked is None:
        return LineKind.UNREADABLE, None, None
    feature, user, host, tail = asked
    licenses = _LICENSES.search(tail)
    movement = Movement(
        out=out,
        feature=feature,
        user=user,
        host=host,
        licenses=max(1, int(licenses[1])) if licenses else 1,
        label=_label(tail),
        inactive="(INACTIVE)" in tail,
        borrowed=out and bool(_BORROW.search(tail) or _LINGER.search(tail)),
    )
    return kind, None, movement


def _refusal(rest: str, *, unsupported: bool) -> _Reading:
    kind = LineKind.UNSUPPORTED if unsupported else LineKind.DENIED
    asked = _asked(rest)
    if asked is None:
        return LineKind.UNREADABLE, None, None
    feature, user, host, tail = asked
    words = tail.split(_VERBOSE)[0].strip()
    code = _CODE.search(words)
    reason = (words[: code.start()] if code else words).strip().removeprefix("(")
    reason = reason.strip() if code else reason.removesuffix(")").strip()
    refusal = Refusal(
        unsupported=unsupported, feature=feature, user=user, host=host, reason=reason, code=code[1] if code else ""
    )
    return kind, None, refusal


def _asked(rest: str) -> tuple[str, str, str, str] | None:
    """
    Split `"feature" user@host  tail`; None where that cannot be read.

    Users may hold spaces, parentheses and at signs, hosts spaces; so the last at sign before the tail divides,
    and the tail begins after two blanks, or at a bracket.
    """
    asked = _ASKED.match(rest)
    at = asked[2].find("@") if asked else -1
    if asked is None or at < 0:
        return None
    ends = _WHO_ENDS.search(asked[2], at)
    end = ends.start() if ends else len(asked[2])
    user, _, host = asked[2][:end].rpartition("@")
    tail = asked[2][end:].strip()
    user = user.strip() or _verbose(tail, 1)
    feature, host = asked[1].strip(), host.strip()
    if not feature or not user or _has_control(feature + user + host):
        return None
    return feature, user, host, tail


def _has_control(text: str) -> bool:
    return any(character < " " or character == "\x7f" for character in text)


def _label(tail: str) -> str:
    """Return what tells one check-out of a person from the next: `[data]`, or the handle of a verbose line."""
    label = _LABEL.search(tail)
    return label[1].strip() if label else _verbose(tail, 4)


def _verbose(tail: str, position: int) -> str:
    """Return one word of the verbose tail `^^^ version user ip pid handle … ^^^`, or nothing."""
    _, marked, words = tail.partition(_VERBOSE)
    fields = words.split()
    return fields[position] if marked and len(fields) > position else ""


def _statistics(message: str) -> _Reading:
    """Read a line of the summary log: only `Time:` and `Start-Date:` say what day it is now."""
    words = message.partition("@) ")[2]
    starts = words.startswith("Start-Date: ")
    date = spelled_out(words, starts=starts) if starts or words.startswith("Time: ") else None
    return LineKind.STATISTICS, date, None


def _lifecycle(daemon: str, message: str) -> _Reading:
    by_manager = daemon == "lmgrd"
    if by_manager and message.startswith("Server's System Date and Time"):
        return LineKind.START, spelled_out(message, starts=True), Start(None)
    if (started_on := _STARTED_ON.search(message)) and message.startswith(("FlexNet", "FLEX", "Server started")):
        date = numeric(started_on[2], starts=True) if started_on[2] else None
        return LineKind.START, date, Start(None if by_manager else daemon, started_on[1], listing=not by_manager)
    if not by_manager and message.startswith("FlexNet Licensing version"):
        return LineKind.START, None, Start(daemon)
    if by_manager and (started := _STARTED.match(message)):
        return LineKind.START, None, Start(started[1])
    if by_manager and (exited := _EXITED.match(message)):
        return LineKind.EXIT, None, Exit(exited[1])
    if not by_manager and message.startswith("EXITING"):
        return LineKind.EXIT, None, Exit(daemon)
    if "reread" in message.lower():
        return LineKind.REREAD, None, Reread()
    return LineKind.MESSAGE, None, None
