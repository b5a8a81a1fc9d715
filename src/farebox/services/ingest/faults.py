"""
Everything that is wrong with one event, when the fast path will not have its text.

The text is read again member by member, so that the sender learns of all its faults at once. What can be read is
put together as if the rest were harmless, and checked like any other event (docs/events.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Struct

from farebox.domain.errors import Problem
from farebox.services.ingest.strict import read_strictly
from farebox.services.ingest.wire import DATA_TYPES, ID_LENGTH_MAX, Activity, Data, Envelope, NoData, Sent, decode

_PATH = re.compile(r" - at `[^`]*`(?: in `[^`]*`)?$")
_FINE = re.compile(r"(\.[0-9]{6})[0-9]+")
_HARMLESS = datetime(2000, 1, 1, tzinfo=UTC)
_COMPARED = frozenset({"end_before_start", "too_long"})


class Unread(NamedTuple):
    """An event that cannot be taken: its id and problems, and the rest of it with something harmless for each fault."""

    id: str
    problems: tuple[Problem, ...]
    envelope: Envelope | None = None
    data: Data | None = None
    faulty: frozenset[str] = frozenset()

    def speaks_of(self, problem: Problem) -> bool:
        """Tell whether a problem of the rest is one of the event, and not of what stands for a fault."""
        parts = problem.pointer.split("/")
        if self.faulty.intersection("/".join(parts[:end]) for end in range(2, len(parts) + 1)):
            return False
        moments = problem.code in _COMPARED and not problem.pointer.startswith("/data/active/")
        return not (moments and any(pointer in self.faulty for pointer in _MOMENTS))


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
        sent = decode(msgspec.json.encode(value))
        assert sent is not None, "what has no fault is an event"
        return sent
    return Unread(
        _id_of(value),
        tuple(walk.problems),
        cast(Envelope, _made(Envelope, envelope)),
        cast(Data, _made(kind or NoData, data)),
        frozenset(walk.faulty),
    )


def _id_of(value: Mapping[str, object]) -> str:
    found = value.get("id")
    return found[:ID_LENGTH_MAX] if isinstance(found, str) else ""


def _kind_of(name: object, walk: _Walk) -> type[Data] | None:
    if not isinstance(name, str):
        return None
    if name not in DATA_TYPES and "/type" not in walk.faulty:
        known = ", ".join(DATA_TYPES)
        walk.fault(Problem("/type", "unknown_type", f"no event type {name!r}; known are {known}"))
    return DATA_TYPES.get(name)


def _data_of(value: dict[str, object], kind: type[Data], walk: _Walk) -> dict[str, object]:
    data = value.get("data", {})
    if isinstance(data, dict):
        return walk.through(data, kind, "/data")
    walk.fault(Problem("/data", "invalid_value", "data is a JSON object"))
    return {}


def _made(kind: type[Struct], members: Mapping[str, object]) -> Struct:
    """Return a struct of the members that could be read; a needed one that could not is something harmless."""
    needed = {f.name: _HARMLESS if _is_moment(f.type) else "" for f in msgspec.structs.fields(kind) if f.required}
    return kind(**needed | members)


class _Walk:
    """A walk through the members of an event, which collects problems and the places that have one."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.faulty: set[str] = set()

    def fault(self, problem: Problem) -> None:
        """Take note of a problem, and of the place as one that says nothing."""
        self.problems.append(problem)
        self.faulty.add(problem.pointer)

    def through(self, value: dict[str, object], kind: type[Struct], at: str) -> dict[str, object]:
        """Return the members of an object that can be read, by the names of our fields; cut digits beyond µs."""
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for name in value.keys() - fields.keys():
            message = f"no member {name[:60]!r}; known are {', '.join(fields)}"
            self.fault(Problem(f"{at}/{_escape(name)}", "unknown_field", message))
        read: dict[str, object] = {}
        for name, field in fields.items():
            pointer = f"{at}/{name}"
            if name not in value:
                if field.required:
                    self.fault(Problem(pointer, "missing_field", f"{name} is needed"))
            elif field.type is not msgspec.Raw:
                if _is_moment(field.type):
                    value[name] = _cut(value[name])
                found = self.member(name, value[name], field.type, pointer)
                if pointer not in self.faulty:
                    read[field.name] = found
        return read

    def member(self, name: str, value: object, kind: Any, at: str) -> object:
        """Return one member as its type has it; each part of a list or a mapping has problems of its own."""
        match name, value:
            case "active", list():
                return tuple(self.activity(span, f"{at}/{nth}") for nth, span in enumerate(value))
            case "attributes", dict():
                for key, text in value.items():
                    self.attribute(key, text, kind, f"{at}/{_escape(key)}")
                return value
            case _:
                return self.converted(value, kind, at)

    def activity(self, span: object, at: str) -> Activity:
        """Return one stretch of activity."""
        if not isinstance(span, dict):
            self.fault(Problem(at, "invalid_value", "an activity is a JSON object"))
            return Activity(_HARMLESS, _HARMLESS)
        read = self.through(span, Activity, at)
        whole = len(read) == 2
        return cast(Activity, _made(Activity, read if whole else {}))

    def attribute(self, key: str, text: object, kind: Any, at: str) -> None:
        """Check one charge-back value by the type of them all."""
        self.converted({key: text}, kind, at)

    def converted(self, value: object, kind: Any, at: str) -> object:
        """Return a value as its type has it, or None with the problem noted."""
        if _holds_nul(value):
            self.fault(Problem(at, "invalid_value", "a text holds no NUL character"))
            return None
        try:
            return msgspec.convert(value, kind)
        except (msgspec.ValidationError, OverflowError) as error:
            message = _PATH.sub("", str(error))
            self.fault(Problem(at, "naive_time" if "timezone" in message else "invalid_value", message))
            return None


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(key) or _holds_nul(text) for key, text in value.items())
        case _:
            return False


def _is_moment(kind: Any) -> bool:
    return "datetime" in str(kind)


def _cut(value: object) -> object:
    """Cut the digits of a moment beyond the microsecond (domain S2)."""
    return _FINE.sub(r"\1", value) if isinstance(value, str) else value


def _escape(name: str) -> str:
    return name[:60].replace("~", "~0").replace("/", "~1")


_MOMENTS = tuple(
    f"{at}/{field.encode_name}"
    for at, kind in (("", Envelope), *(("/data", kind) for kind in DATA_TYPES.values()))
    for field in msgspec.structs.fields(kind)
    if _is_moment(field.type) and field.encode_name != "active"
)
"""Where an event says when something was."""
