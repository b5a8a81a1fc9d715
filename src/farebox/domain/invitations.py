"""
Who is to be invited, as somebody types it: `Ann Ek <ann@example.com>`, several at once  [S 003].

Entries are separated by commas, semicolons and line ends; a name with one of these stands in quotes. Signs that a
Japanese keyboard makes of them count alike, because they only separate: `＜ ＞ ， ； 、`. The address itself is read by
`teams.canonical`, which takes no look-alikes. A name shows on pages and in mails, so that it holds nothing that turns
text around, hides in it, ends a line or looks like an address. Whether somebody is known already is not decided here.
(product B2, domain A3)
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Problem, Rejected
from farebox.domain.mails import on_one_line
from farebox.domain.teams import canonical, is_email

PEOPLE_MAX = 100
"""How many are invited at once; more are a list to import."""

TEXT_MAX = 60_000
NAME_MAX = 200
BEGIN_MAX = 40
"""How much of an entry is quoted where something is wrong with it."""

MARKS_MAX = 3
"""How many marks may sit on one letter."""

LASTING = Instant(7 * DAY)
"""An invitation that is not accepted within seven days has to be sent again [S 003]."""

_SEPARATORS = frozenset(",;，；、\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_BRACKETS = str.maketrans("＜＞", "<>")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


class Named(NamedTuple):
    """Somebody to invite: the full name, empty where only an address was given, and the canonical address."""

    name: str
    email: str


class InvitationState(StrEnum):
    """How far an invitation is; that it lapsed follows from the time and is written nowhere."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    WITHDRAWN = "WITHDRAWN"


def has_lapsed(sent: Instant, *, now: Instant) -> bool:
    """Tell whether an invitation that was sent then can be accepted no more: after exactly seven days."""
    return now >= sent + LASTING


def read_people(text: str) -> list[Named]:
    """
    Read the people to invite.

    Raises `Rejected` with every problem of every entry, each at `/people/N`, N counted from 1.
    """
    if len(text) > TEXT_MAX:
        raise Rejected([Problem("/people", "too_long", f"at most {TEXT_MAX} characters")])
    entries = _named_in(text)
    if not entries:
        raise Rejected([Problem("/people", "nobody", "name at least one person")])
    if len(entries) > PEOPLE_MAX:
        raise Rejected([Problem("/people", "too_many", f"at most {PEOPLE_MAX} people at once; import a list of more")])
    found: dict[str, Named] = {}
    problems: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        problems += _read_into(found, entry, f"/people/{number}")
    if problems:
        raise Rejected(problems)
    return list(found.values())


def entries_begin(text: str) -> list[str]:
    """Return how each entry of a text begins, on one line, to say which is meant; of too long a text nothing."""
    entries = _named_in(text)[:PEOPLE_MAX] if len(text) <= TEXT_MAX else []
    return [begin if len(begin) <= BEGIN_MAX else f"{begin[: BEGIN_MAX - 1]}…" for begin in map(on_one_line, entries)]


def _named_in(text: str) -> list[str]:
    """Return the entries of a text without the empty ones."""
    return [entry for entry in (_trimmed(entry) for entry in _entries(text)) if entry]


def name_problems(name: str, pointer: str) -> list[Problem]:
    """Return what is wrong with the name of a person; none has to be given."""
    problems = []
    if len(name) > NAME_MAX:
        problems.append(Problem(pointer, "name_too_long", f"a name has at most {NAME_MAX} characters"))
    if any(unicodedata.category(character) in _UNSEEN for character in name) or _is_piled_up(name):
        problems.append(Problem(pointer, "invalid_name", "a name has letters and signs that can be seen, on one line"))
    if any(sign in name for sign in ("<", ">", "@", "://")):
        problems.append(Problem(pointer, "name_like_address", "a name holds no address: no @, no < and >, no ://"))
    return problems


def _read_into(found: dict[str, Named], entry: str, pointer: str) -> list[Problem]:
    """Add whom an entry names, and return what is wrong with it."""
    name, address, problems = _parts(entry, pointer)
    try:
        email = canonical(address, pointer=pointer) if address else ""
    except Rejected as error:
        return [*problems, *error.problems]
    if address and not is_email(email):
        problems.append(Problem(pointer, "no_address", "an e-mail address is missing: Full Name <name@example.com>"))
    elif email in found:
        problems.append(Problem(pointer, "twice", f"{email} is named twice"))
    if not problems:
        found[email] = Named(name, email)
    return problems


def _parts(entry: str, pointer: str) -> tuple[str, str, list[Problem]]:
    """Return the name and the address of an entry as they stand there, and what is wrong with its form."""
    plain = entry.translate(_BRACKETS)
    before, bracket, rest = plain.rpartition("<")
    if not bracket:
        if "@" in plain and not plain.startswith('"'):
            return "", plain, []
        message = "an e-mail address is missing: Full Name <name@example.com>"
        return "", "", [Problem(pointer, "no_address", message)]
    name, problems = _unquoted(_trimmed(before), pointer)
    if not rest.endswith(">") or rest.count(">") > 1:
        problems.append(Problem(pointer, "no_address", "the address stands between < and >, and nothing follows it"))
        return name, "", problems
    if not rest[:-1].strip():
        problems.append(Problem(pointer, "no_address", "an e-mail address is missing: Full Name <name@example.com>"))
    return name, _trimmed(rest[:-1]), problems + name_problems(name, pointer)


def _unquoted(name: str, pointer: str) -> tuple[str, list[Problem]]:
    """Return a name without the quotes around it, with single blanks."""
    if '"' not in name:
        return " ".join(name.split()), []
    inner = name[1:-1]
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')) or '"' in inner.replace('\\"', ""):
        return name, [Problem(pointer, "quotes", "quotes go around the whole name, and come in pairs")]
    return " ".join(inner.replace('\\"', '"').split()), []


def _entries(text: str) -> list[str]:
    """Cut a text where a separator stands outside quotes; the end of a line ends quotes as well."""
    found, since, quoted = [], 0, False
    for at, character in enumerate(text):
        if character == '"' and not (quoted and at and text[at - 1] == "\\"):
            quoted = not quoted
        elif character in _SEPARATORS and (not quoted or character in _LINE_ENDS):
            found.append(text[since:at])
            since, quoted = at + 1, False
    return [*found, text[since:]]


def _trimmed(text: str) -> str:
    """Return a text without the blanks around it, the wide one of Japanese among them."""
    return text.strip(" \t\u3000\u00a0")


def _is_piled_up(name: str) -> bool:
    """Tell whether more marks sit on one letter than writing needs."""
    run = 0
    for character in unicodedata.normalize("NFC", name):
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if run > MARKS_MAX:
            return True
    return False
