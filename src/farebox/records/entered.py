"""What was entered by hand in a team: each entry as it stands, what it costs, and who entered and withdrew it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import QuerySet, Sum

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.records import late
from farebox.records.models import Audit, Charge, Event, EventRevision, Person, User
from farebox.records.models.events import EventState

ADJUST, CONSUME, WITHDREW = "tokens.adjust", "tokens.consume", "withdrew"
"""What the audit says of an entry; a row is about the entry's event."""

AS_PRIMARY = "primary"
"""What the row of an entry has as its fact `as` where a primary administrator entered it for their own team."""


class EntryRow(NamedTuple):
    """
    An entry by hand; `kind` and `payload` are what revision `told` says: the last one that does more than withdraw it.

    `tokens` is what it consumes as it counts now; None where it costs nothing. Closed books keep what they count of it.
    """

    event: int
    id: str
    revision: int
    told: int
    state: EventState
    kind: str
    payload: bytes
    received: Instant
    tokens: Tokens | None
    is_closed: bool


class Hands(NamedTuple):
    """Who entered something, as the audit names them, whether as a primary administrator, and who withdrew it."""

    by: str = ""
    as_primary: bool = False
    withdrawn_by: str = ""


class Account(NamedTuple):
    """An account that entered something."""

    email: str
    name: str


def count(team: int, source: str) -> int:
    """Return how many entries a team has."""
    return _of(team, source).count()


def page(team: int, source: str, *, after: int, limit: int) -> list[EntryRow]:
    """Return some entries of a team, the newest first."""
    return _rows(list(_of(team, source).order_by("-pk")[after : after + limit]))


def one(team: int, source: str, **which: str | int) -> EntryRow | None:
    """Return one entry of a team, by its number (`pk`) or its id (`event_id`)."""
    found = _rows(list(_of(team, source).filter(**which)))
    return found[0] if found else None


def _of(team: int, source: str) -> QuerySet[Event]:
    return Event.objects.filter(team=team, source=source)


def _rows(found: list[Event]) -> list[EntryRow]:
    numbers = [event.pk for event in found]
    before = _before(numbers)
    tokens = dict(
        Charge.objects.filter(use__event__in=numbers, ended_us__isnull=True)
        .order_by()
        .values_list("use__event")
        .annotate(Sum("tokens_micro"))
    )
    closed = late.closed_events(numbers)
    return [_row(event, before.get(event.pk, []), tokens.get(event.pk), event.pk in closed) for event in found]


def _before(numbers: Sequence[int]) -> Mapping[int, list[EventRevision]]:
    """Return the earlier revisions of events, the first one first."""
    found: dict[int, list[EventRevision]] = {}
    for row in EventRevision.objects.filter(event__in=numbers).order_by("event", "revision"):
        found.setdefault(row.event_id, []).append(row)
    return found


def _row(event: Event, before: list[EventRevision], tokens: int | None, is_closed: bool) -> EntryRow:
    """Return an entry; what was withdrawn is told by the last revision that says more than that."""
    told: Event | EventRevision = event
    if event.state == EventState.WITHDRAWN:
        told = next((one for one in reversed(before) if one.kind != event.kind), event)
    return EntryRow(
        event.pk,
        event.event_id,
        event.revision,
        told.revision,
        EventState(event.state),
        told.kind,
        bytes(told.payload),
        Instant(before[0].received_us if before else event.received_us),
        None if tokens is None else Tokens(tokens),
        is_closed,
    )


def hands(team: int, entries: Sequence[EntryRow]) -> dict[int, Hands]:
    """Return who entered, and who withdrew, some entries of a team, by their numbers."""
    if not entries:
        return {}
    of = {f"event {entry.event}": entry.event for entry in entries}
    rows = Audit.objects.filter(
        team=team,
        at_us__gte=min(entry.received for entry in entries),
        object__in=list(of),
        verb__in=(ADJUST, CONSUME, WITHDREW),
    )
    found: dict[int, Hands] = {}
    for verb, told, actor, facts in rows.order_by("pk").values_list("verb", "object", "actor", "facts"):
        entry = found.get(of[told], Hands())
        if verb == WITHDREW:
            found[of[told]] = entry._replace(withdrawn_by=actor)
        else:
            found[of[told]] = entry._replace(by=actor, as_primary=facts.get("as") == AS_PRIMARY)
    return found


def accounts(numbers: Sequence[int]) -> dict[int, Account]:
    """Return the accounts with these numbers."""
    rows = User.objects.filter(pk__in=numbers).values_list("pk", "email", "name")
    return {pk: Account(email, name) for pk, email, name in rows}


def people(team: int, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of people of a team by canonical names; who turned out to be somebody else is that one (M1)."""
    found = Person.objects.filter(team=team, key__in=keys).select_related("joined")
    return {row.key: _name(row.joined or row) for row in found}


def _name(person: Person) -> str:
    return person.name or person.key
