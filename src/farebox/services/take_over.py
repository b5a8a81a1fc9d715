"""
What another system's usage report tells is taken over: people with their names, their seats and assignments.

Nothing is charged, and no use is recorded: a report has sums and no uses. What was used is counted, so that it can be
compared; people, and what they hold from when, is what whoever moves here would otherwise type in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Q

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.usage import Funding
from farebox.domain.usage_report import PROBLEMS_MAX, ROWS_MAX, Kind, Row, Said, read
from farebox.records import audit, db, names, outbox, seats
from farebox.records.models import Assignment, Person, Product, ProductCode, Team


class Verdict(StrEnum):
    """What becomes of a line."""

    ASSIGNED = "assigned"
    """The product is assigned to the person."""
    SEATED = "seated"
    """The person gets a seat of the product."""
    KNOWN = "known"
    """The person holds it already."""
    ENDED = "ended"
    """The report says that it is held no more; the person is taken over."""
    TRIAL = "trial"
    """A trial, whose end a report does not tell; the person is taken over."""
    UNKNOWN_PRODUCT = "unknown_product"
    """The catalogue has no product of that name; the person is taken over."""
    HIDDEN = "hidden"
    """The report does not say who it is, what they hold, or of what: tokens adjusted by hand are nobody's."""


@dataclass(slots=True)
class Taken:
    """What became of a report: verdicts by line, people, products that are unknown, and what the report counts."""

    verdicts: list[tuple[str, Verdict]] = field(default_factory=list)
    people: int = 0
    people_new: int = 0
    unknown_products: Counter[str] = field(default_factory=Counter)
    days_used: int = 0
    tokens_used: Tokens = ZERO

    @property
    def counts(self) -> Mapping[str, int]:
        """How many lines got each verdict."""
        found = Counter(verdict for _, verdict in self.verdicts)
        return {verdict.value: found[verdict] for verdict in Verdict}


class _OnlyPreview(Exception):
    """Everything was tried, and is to be forgotten."""


def take_over(team: str, rows: Iterable[Row], *, actor: str, now: Instant, preview: bool = False) -> Taken:
    """
    Take over what a usage report tells about a team, all of it or nothing; again, it changes nothing.

    A `preview` says the verdict on every line and changes nothing. Raises `Rejected` with every problem of every line,
    `NotFound` for a team that is not there.
    """
    said = _read(rows)
    taken = Taken()
    try:
        with db.atomic():
            _Taking(_team(team), taken, actor, now).all(said)
            if preview:
                raise _OnlyPreview
    except _OnlyPreview:
        pass
    return taken


def _read(rows: Iterable[Row]) -> list[Said]:
    found: list[Said] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise Rejected([Problem(row.pointer, "too_many", f"a report has at most {ROWS_MAX:,} lines")])
        try:
            found.append(read(row))
        except Rejected as error:
            problems += error.problems
    if problems:
        raise Rejected(problems[:PROBLEMS_MAX])
    return found


def _team(slug: str) -> Team:
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"no team {slug!r}")
    return found


class _Taking:
    """Takes lines over, one at a time, into one team."""

    def __init__(self, team: Team, taken: Taken, actor: str, now: Instant) -> None:
        self._team = team
        self._taken = taken
        self._actor = actor
        self._now = now
        self._products = _products()
        self._people = {one.key: one for one in Person.objects.filter(team=team).select_related("joined")}
        self._pseudonyms = {one.pseudonym: one for one in self._people.values()}
        self._met: set[int] = set()
        self._changes: list[audit.Change] = []

    def all(self, said: Iterable[Said]) -> None:
        """Take over every line."""
        for one in said:
            self._taken.verdicts.append((one.pointer, self._take(one)))
            self._taken.days_used += one.days_used
            self._taken.tokens_used = Tokens(self._taken.tokens_used + one.tokens_used)
        self._taken.people = len(self._met)
        audit.note(self._changes, self._actor, at=self._now)
        outbox.announce_names()

    def _take(self, said: Said) -> Verdict:
        person = self._person(said)
        if person is None or not said.product or said.kind is Kind.HIDDEN:
            return Verdict.HIDDEN
        self._met.add(person.pk)
        product = None if said.everything else self._products.get(said.product)
        if product is None and not said.everything:
            self._taken.unknown_products[said.product] += 1
            return Verdict.UNKNOWN_PRODUCT
        match said.kind:
            case Kind.NOTHING:
                return Verdict.ENDED
            case Kind.TRIAL:
                return Verdict.TRIAL
            case Kind.SEAT if product is not None:
                return self._seat(person, product, said.since or self._now)
            case _:
                return self._assign(person, product, said.since or self._now)

    def _person(self, said: Said) -> Person | None:
        """Return the person that a line is about, made or named where that is news; None where it does not say who."""
        found = self._people.get(said.person) if said.person else self._pseudonyms.get(said.pseudonym)
        if found is None and said.person:
            found = self._add(said)
        elif found is not None and said.name and not found.name:
            found.name = said.name
            Person.objects.filter(pk=found.pk).update(name=said.name)
        return None if found is None else (found.joined or found)

    def _add(self, said: Said) -> Person:
        made = Person.objects.create(
            team=self._team, key=said.person, name=said.name, pseudonym=names.pseudonym(), created_us=self._now
        )
        self._people[made.key] = made
        self._taken.people_new += 1
        return made

    def _assign(self, person: Person, product: int | None, since: Instant) -> Verdict:
        held = Assignment.objects.filter(person_id=person.pk)
        if held.filter(product__isnull=True).exists():
            return Verdict.KNOWN  # all that there is was given already
        if product is not None and held.filter(product_id=product).exists():
            return Verdict.KNOWN
        Assignment.objects.create(person_id=person.pk, product_id=product, since_us=since)
        self._make_member(person)
        self._note(person, "assigned", product)
        return Verdict.ASSIGNED

    def _seat(self, person: Person, product: int, since: Instant) -> Verdict:
        held = seats.held([person.pk]).get((person.pk, product), ())
        if any(one.kind is Funding.SEAT and not one.has_ended(self._now) for one in held):
            return Verdict.KNOWN
        seats.give(person.pk, product, Funding.SEAT, since=since, until=None, now=self._now)
        self._make_member(person)
        self._note(person, "seated", product)
        return Verdict.SEATED

    def _make_member(self, person: Person) -> None:
        """Let who holds something be a member of the team, from now on where they were none (domain A1)."""
        members = Person.objects.filter(pk=person.pk)
        members.filter(Q(member_us__isnull=True) | Q(left_us__isnull=False)).update(member_us=self._now, left_us=None)

    def _note(self, person: Person, verb: str, product: int | None) -> None:
        self._changes.append(audit.Change(self._team.pk, verb, f"person {person.pk}", {"product": product}))


def _products() -> dict[str, int]:
    """Return the products by all that they are called, in lower case; a code beats a name."""
    found: dict[str, int] = {
        name.casefold(): pk for pk, name in Product.objects.order_by("-pk").values_list("pk", "name")
    }
    found |= {code.casefold(): pk for code, pk in ProductCode.objects.values_list("code", "product_id")}
    found |= {code.casefold(): pk for pk, code in Product.objects.values_list("pk", "code")}
    return found
