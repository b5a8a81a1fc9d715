"""
Seats and trials of a team: given to its people, ended, listed, and given by a list (product B6, domain F9)  [S 003].

While a person holds one, no tokens are used for its product by the same identity. Administrators give and end what
their team has; Farebox counts no purchased seats. Nothing is given or taken back for a time that has passed: what was
used then stays as it was charged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from farebox.domain import seat_list, seats
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.seat_list import ROWS_MAX, Asked, SeatJudged, SeatSaid, SeatVerdict
from farebox.domain.seats import KINDS, Held, Standing
from farebox.domain.usage import Funding
from farebox.records import audit, chosen, db, ledger, mails, people_lists
from farebox.records import seats as rows
from farebox.records.chosen import By, Command, Thing
from farebox.records.models import Entitlement, Person, Product

__all__ = [
    "PAGE_ROWS", "Command", "Funding", "ListShown", "SeatPage", "SeatRow", "SeatVerdict", "Standing", "change_end",
    "end_now", "give", "give_list", "listed", "of", "one", "products",
]  # fmt: skip

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """A seat or a trial, whose it is, and for what."""

    id: int
    person: int
    name: str
    """The name, or where none is known the address or login."""
    key: str
    product: Thing
    kind: Funding
    since: Instant
    until: Instant | None
    standing: Standing
    may_open: bool
    """Whether the person is a member: for who is invited it counts from the acceptance."""


class SeatPage(NamedTuple):
    """Some seats and trials: which page of how many, how many are found, and how many the team has at all."""

    rows: tuple[SeatRow, ...]
    found: int
    number: int
    pages: int
    all: int


class ListShown(NamedTuple):
    """A list as it was judged, what tells this judgement from others, and whether it was done."""

    lines: tuple[SeatJudged, ...]
    digest: str
    is_done: bool


def listed(
    by: By, team: int, *, search: str = "", standing: Standing | None = None, page: int = 1, now: Instant
) -> SeatPage:
    """Return the seats and trials of a team by person; without `standing` those that have not ended."""
    chosen.allowed(by, team)
    everything = rows.rows_of(team)
    wanted = everything.filter(rows.that_are(standing, now))
    for word in search.split():
        wanted = wanted.filter(
            Q(person__name__icontains=word)
            | Q(person__key__icontains=word)
            | Q(product__name__icontains=word)
            | Q(product__code__iexact=word)
        )
    found = wanted.count()
    pages = max(1, -(-found // PAGE_ROWS))
    number = min(max(page, 1), pages)
    ordered = wanted.order_by("person__name", "person__key", "person_id", "product__name", "since_us", "pk")
    shown = tuple(_row(one, now) for one in ordered[(number - 1) * PAGE_ROWS : number * PAGE_ROWS])
    return SeatPage(shown, found, number, pages, everything.count())


def of(by: By, team: int, person: int, *, now: Instant) -> tuple[SeatRow, ...]:
    """Return what a person of a team holds or will hold. Raises `NotFound` for a person of another."""
    chosen.allowed(by, team)
    chosen.people_of(team, [person])
    found = rows.rows_of(team, person).filter(rows.that_are(None, now))
    return tuple(_row(one, now) for one in found.order_by("product__name", "since_us", "pk"))


def one(by: By, team: int, number: int, *, now: Instant) -> SeatRow:
    """Return a seat or trial of a team. Raises `NotFound` for any other."""
    chosen.allowed(by, team)
    return _row(_entitlement(team, number), now)


def products(by: By, team: int) -> tuple[Thing, ...]:
    """Return all products: a seat opens one whether or not tokens of the team do (domain A1)."""
    chosen.allowed(by, team)
    return chosen.things(Product.objects.values_list("pk", flat=True))


def give(
    by: By,
    team: int,
    people: Sequence[int],
    product: str,
    kind: Funding,
    *,
    start: Day | None = None,
    end: Day | None = None,
    language: str = "",
    now: Instant,
) -> list[int]:
    """
    Give people a seat or a trial each from a day on, or from now, and return their numbers; members are told by mail.

    What is given from now begins after a use that was judged before this is known: it stays as it was (domain F9).

    Raises `NotFound` for a person of another team, and `Rejected` with every problem: of the product, the dates, and
    at `/people/N` of who left or holds one of the same kind at that time; then nobody is given any.
    """
    actor = chosen.allowed(by, team)
    with db.atomic():
        ledger.lock([team])  # no launch is told that tokens pay while it is given
        found = chosen.people_of(team, people, hold=True)
        number = rows.products().get(product.strip().casefold(), 0)
        pairs = [(one.pk, number) for one in found]
        held, judged = rows.held([one.pk for one in found]), rows.judged(team, pairs, now=now)
        since = {pair: seats.begins(start, judged=judged.get(pair), now=now) for pair in pairs}
        until = seats.ends(end)
        problems = _problems(number, kind, seats.begins(start, now=now), until, now)
        if not problems:
            for pair in pairs:
                against = seats.problems_of(kind, since[pair], until, held.get(pair, ()), now)
                problems += [problem._replace(pointer=f"/people/{pair[0]}") for problem in against]
        problems += chosen.who_left(found)
        if problems:
            raise Rejected(problems)
        made = {pair: rows.give(*pair, kind, since=since[pair], until=until, now=now) for pair in pairs}
        given = [_given(team, new, *pair, kind, since[pair], until) for pair, new in made.items()]
        audit.note(given, actor, at=now)
        _tell({person: new for (person, _), new in made.items()}, language=language, now=now)
        return list(made.values())


def _problems(number: int, kind: Funding, since: Instant, until: Instant | None, now: Instant) -> list[Problem]:
    """Return what is wrong with what is to be given, whoever it is given to."""
    problems = []
    if not number:
        problems.append(Problem("/product", "unknown_product", "there is no product of this code"))
    if kind not in KINDS:
        problems.append(Problem("/kind", "invalid_kind", "the kind is seat or trial"))
    return problems + seats.problems_of(kind, since, until, (), now)


def change_end(by: By, team: int, number: int, end: Day | None, *, now: Instant) -> None:
    """
    Give a seat or a trial another last day; None is no end, which only a seat may have.

    Raises `NotFound` for one of another team, `Rejected` for one that has ended, for a day that is over or before it
    begins, and where the person holds another of the kind by then.
    """
    _change(by, team, number, lambda *_: seats.ends(end), now=now)


def end_now(by: By, team: int, number: int, *, now: Instant) -> None:
    """
    End a seat or a trial at once: the next launch uses tokens, and what is open goes on as it began.

    One that has not begun is deleted, and only the audit tells of it: it was never in force.

    Raises `NotFound` for one of another team, `Rejected` for one that has ended.
    """
    _change(by, team, number, seats.soonest_end, now=now)


def _change(by: By, team: int, number: int, end: Callable[[Held, Instant], Instant | None], *, now: Instant) -> None:
    actor = chosen.allowed(by, team)
    with db.atomic():
        ledger.lock([team])  # no launch is told that it pays while it ends
        row = _entitlement(team, number)
        pair = (row.person_id, row.product_id)
        held = rows.locked([row.person_id])[pair]
        this = next(one for one in held if one.id == number)
        begun = rows.judged(team, [pair], now=now).get(pair)
        at = now if begun is None else Instant(begun + 1)  # the clock was read before a launch that was judged
        until = end(this, at)
        problems = seats.problems_of_change(this, until, held, at)
        if problems:
            raise Rejected(problems)
        rows.end(this, until, now=at)
        facts = {"person": row.person_id, "product": row.product_id, "until": until}
        audit.note([audit.Change(team, f"{_word(this.kind)} end set", f"entitlement {number}", facts)], actor, at=now)


def give_list(by: By, team: int, said: Sequence[SeatSaid], *, digest: str = "", now: Instant) -> ListShown:
    """
    Judge a list of seats and trials, and give what it says if `digest` is that of this judgement; no mail is sent.

    Lines that are refused or held already are left out. With another digest, or none, nothing is done.
    """
    actor = chosen.allowed(by, team)
    if not 0 < len(said) <= ROWS_MAX:
        raise Rejected([Problem("/lines", "too_many", f"a list has 1 to {ROWS_MAX:,} lines")])
    asked = [seat_list.read(one) for one in said]
    emails = [one.email for one in asked if one.email]
    with db.atomic():
        if digest:
            ledger.lock([team])  # no launch is told that tokens pay while something is given
            rows.locked(sorted(set(people_lists.by_address(team, emails).values())))
        judged = _judged(team, asked, people_lists.by_address(team, emails), now)
        found = seat_list.digest(judged)
        is_done = digest == found
        if is_done:
            _give_all(team, judged, actor, now)
    return ListShown(tuple(judged), found, is_done)


def _judged(team: int, asked: Sequence[Asked], people: Mapping[str, int], now: Instant) -> list[SeatJudged]:
    known, held = rows.products(), rows.held(sorted(set(people.values())))
    uses = rows.judged(team, seat_list.asked_pairs(asked, people, known), now=now)
    return seat_list.judge(asked, seat_list.Team(people, known, held, uses), now=now)


def _give_all(team: int, judged: Sequence[SeatJudged], actor: str, now: Instant) -> None:
    changes = []
    for line in judged:
        if line.verdict is SeatVerdict.GIVEN:
            span = (line.since, line.until)
            made = rows.give(line.person_id, line.product_id, line.kind, since=span[0], until=span[1], now=now)
            changes.append(_given(team, made, line.person_id, line.product_id, line.kind, *span))
    audit.note(changes, actor, at=now)


def _given(
    team: int, made: int, person: int, product: int, kind: Funding, since: Instant, until: Instant | None
) -> audit.Change:
    facts = {"person": person, "product": product, "since": since, "until": until}
    return audit.Change(team, f"{_word(kind)} given", f"entitlement {made}", facts)


def _word(kind: Funding) -> str:
    return "trial" if kind == Funding.TRIAL else "seat"


def _tell(made: Mapping[int, int], *, language: str, now: Instant) -> None:
    """Tell members what each of them holds from when on, by the numbers of the people and of what was made [S 003]."""
    for row in Person.objects.filter(pk__in=made, member_us__isnull=False).order_by("pk"):
        mails.tell_seat(row, made[row.pk], language=language, now=now)


def _entitlement(team: int, number: int) -> Entitlement:
    row = rows.rows_of(team).filter(pk=number).first()
    if row is None:
        raise NotFound("no such seat or trial in this team")
    return row


def _row(row: Entitlement, now: Instant) -> SeatRow:
    held = rows.as_held(row)
    return SeatRow(
        id=row.pk,
        person=row.person_id,
        name=row.person.name or row.person.key,
        key=row.person.key,
        product=Thing(row.product_id, row.product.code, row.product.name),
        kind=held.kind,
        since=held.since,
        until=held.until,
        standing=held.standing(now),
        may_open=row.person.member_us is not None and row.person.left_us is None,
    )
