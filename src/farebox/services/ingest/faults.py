"""
Everything that is wrong with one event, when the fast path will not have its text.

The text is read again member by member, so that the sender learns of all its faults at once. What can be read is
put together as if the rest were harmless, and checked like any other event (docs/events.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from farebox.domain.errors import Problem
from farebox.services.ingest.strict import read_strictly
from farebox.services.ingest.wire import DATA_TYPES, ID_LENGTH_MAX, Activity, Data, Date, Envelope, Moment, NoData, Sent
from farebox.services.ingest.wire import decode as decoded

FAULTS_MAX = 1_000
"""Faults that are written down of one text; what is answered is fewer still."""

_PATH = re.compile(r" - at `[^`]*`(?: in `[^`]*`)?$")
_FINE = re.compile(r"(\.[0-9]{6})[0-9]+")
_COMPARED = frozenset({"end_before_start", "too_long"})
_HARMLESS = datetime(2000, 1, 1, tzinfo=UTC)
_HARMLESS_OF: dict[Any, object] = {Moment: _HARMLESS, Date: date(2000, 1, 1)}

K = TypeVar("K", bound=Struct)


class Unread(NamedTuple):
    """An event that cannot be taken: its id and problems, and the rest of it with something harmless for each fault."""

    id: str
    problems: tuple[Problem, ...]
    envelope: Envelope | None = None
    data: Data | None = None
    faulty: frozenset[str] = frozenset()

    def means(self, problem: Problem) -> bool:
        """Tell whether a problem of the rest is one of the event, and not of what stands for a fault."""
        parts = problem.pointer.split("/")
        if self.faulty.intersection("/".join(parts[:end]) for end in range(2, len(parts) + 1)):
            return False
        compared = problem.code in _COMPARED and not problem.pointer.startswith("/data/active/")
        return not (compared and self.faulty & _MOMENTS)


def explain(raw: bytes) -> Sent | Unread:
    """Read an event slowly: return it if it is one after all, else everything that is wrong with its structure."""
    value, problems = read_strictly(raw)
    if not isinstance(value, dict):
        return Unread("", problems or (Problem("", "not_an_object", "an event is a JSON object"),))
    walk = _Walk(list(problems))
    envelope = walk.through(value, Envelope, "")
    kind = _kind_of(value.get("type"), walk)
    data = _data_of(value, kind, walk) if kind is not None else {}
    if not walk.problems:
        sent = decoded(msgspec.json.encode(value))
        assert sent is not None, "what has no fault is an event"
        return sent
    rest = _made(Envelope, envelope), _made(kind or NoData, data)
    return Unread(_id_of(value), tuple(walk.problems), *rest, frozenset(walk.faulty))


def _id_of(value: Mapping[str, object]) -> str:
    found = value.get("id")
    return found[:ID_LENGTH_MAX] if isinstance(found, str) else ""


def _kind_of(name: object, walk: _Walk) -> type[Data] | None:
    if not isinstance(name, str):
        return None
    if name not in DATA_TYPES and "/type" not in walk.faulty:
        walk.fault("/type", "unknown_type", f"no event type {name!r}; known are {', '.join(DATA_TYPES)}")
    return DATA_TYPES.get(name)


def _data_of(value: dict[str, object], kind: type[Data], walk: _Walk) -> dict[str, object]:
    data = value.get("data", {})
    if isinstance(data, dict):
        return walk.through(data, kind, "/data")
    walk.fault("/data", "invalid_value", "data is a JSON object")
    return {}


def _made(kind: type[K], members: Mapping[str, object]) -> K:
    """Return a struct of the members that could be read; a needed one that could not is something harmless."""
    needed = {f.name: _HARMLESS_OF.get(f.type, "") for f in _members(kind).values() if f.required}
    return kind(**{**needed, **members})


@cache
def _members(kind: type[Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return the members of a struct by their names on the wire."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


class _Walk:
    """A walk through the members of an event, which collects problems and the places that have one."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.faulty: set[str] = set()

    def fault(self, pointer: str, code: str, message: str) -> None:
        """Take note of a problem, and of the place as one that says nothing."""
        if len(self.problems) < FAULTS_MAX:
            self.problems.append(Problem(pointer, code, message))
        self.faulty.add(pointer)

    def through(self, value: dict[str, object], kind: type[Struct], at: str) -> dict[str, object]:
        """Return the members of an object that can be read, by the names of our fields."""
        fields = _members(kind)
        self.strangers(value, list(fields), at)
        read: dict[str, object] = {}
        for name, field in fields.items():
            pointer = f"{at}/{name}"
            if name not in value:
                if field.required:
                    self.fault(pointer, "missing_field", f"{name} is needed")
            elif field.type is not msgspec.Raw:
                value[name] = _cut(value[name]) if field.type in _MOMENT_TYPES else value[name]
                found = self.member(name, value[name], field.type, pointer)
                if pointer not in self.faulty:
                    read[field.name] = found
        return read

    def strangers(self, value: dict[str, object], known: list[str], at: str) -> None:
        """Take note of the members that no event of this type has."""
        unknown = [name for name in value if name not in known][:FAULTS_MAX]
        for name in unknown:
            self.fault(
                f"{at}/{_escape(name)}", "unknown_field", f"no member {name[:60]!r}; known are {', '.join(known)}"
            )

    def member(self, name: str, value: object, kind: Any, at: str) -> object:
        """Return one member as its type has it; each part of a list or a mapping has problems of its own."""
        match name, value:
            case "active", list():
                return tuple(self.activity(span, f"{at}/{nth}") for nth, span in enumerate(value))
            case "attributes", dict():
                return {key: self.attribute(key, text, kind, f"{at}/{_escape(key)}") for key, text in value.items()}
            case _:
                return self.converted(value, value, kind, at)

    def activity(self, span: object, at: str) -> Activity:
        """Return one stretch of activity."""
        if not isinstance(span, dict):
            self.fault(at, "invalid_value", "an activity is a JSON object")
            return Activity(_HARMLESS, _HARMLESS)
        read = self.through(span, Activity, at)
        return _made(Activity, read if len(read) == 2 else {})

    def attribute(self, key: str, text: object, kind: Any, at: str) -> object:
        """Return one charge-back value, checked by the type of them all."""
        return self.converted({key: text}, f"{key}{text}" if isinstance(text, str) else key, kind, at) and text

    def converted(self, value: object, text: object, kind: Any, at: str) -> object:
        """Return a value as its type has it, or None with the problem noted; `text` is what it says."""
        if isinstance(text, str) and "\0" in text:
            self.fault(at, "invalid_value", "a text holds no NUL character")
            return None
        try:
            return msgspec.convert(value, kind)
        except (msgspec.ValidationError, OverflowError) as error:
            message = _PATH.sub("", str(error))
            self.fault(at, "naive_time" if "timezone" in message else "invalid_value", message)
            return None


def _cut(value: object) -> object:
    """Cut the digits of a moment beyond the microsecond (domain S2)."""
    return _FINE.sub(r"\1", value) if isinstance(value, str) else value


def _escape(name: str) -> str:
    return name[:60].replace("~", "~0").replace("/", "~1")


_MOMENT_TYPES = (Moment, Moment | None)
_MOMENTS = frozenset(
    f"{at}/{name}"
    for at, kinds in (("", [Envelope]), ("/data", DATA_TYPES.values()))
    for kind in kinds
    for name, field in _members(kind).items()
    if field.type in _MOMENT_TYPES
)
"""Where an event says when something was."""
