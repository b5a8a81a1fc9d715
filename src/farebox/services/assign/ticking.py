"""An administrator gives products to people: the ticks of one person, or some products to several (product B3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.access import EVERY, Assignment, Held, saved
from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected
from farebox.records import access, audit, chosen, db, mails, ticks
from farebox.records.chosen import By, Saved
from farebox.records.models import Person, Product
from farebox.records.ticks import PEOPLE


class Given(NamedTuple):
    """What is new to one person: codes of products, or all of the offer; and whether a mail tells them."""

    person: int
    products: tuple[str, ...]
    every: bool
    told: bool

    @property
    def is_new(self) -> bool:
        """Whether anything is new."""
        return self.every or bool(self.products)


def set_products(
    user: By,
    team: int,
    person: int,
    products: Collection[str],
    *,
    every: bool = False,
    shown: Collection[str] | None = None,
    shown_every: bool = False,
    language: str = "",
    now: Instant,
) -> Saved:
    """
    Save the ticks of one person: what was changed since they were `shown` changes, and nothing else.

    With `every`, or with all products of the offer ticked, later ones are accessible as well [S 003]. Without `shown`
    the ticks are all that the person is to have. Who is told of what is new: the person, by mail [S 003]. Raises
    `NotFound` for who is not of the team, `Rejected` for who left and for products that the offer has not.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = chosen.people_of(team, [person], hold=True)
        before = ticks.locked(PEOPLE, [person])[person]
        held, offer = ticks.as_assignment(before), access.offer(team, now=now)
        numbers, problems = chosen.numbers_of(products, offer | held.products)
        problems += chosen.who_left(found)
        if problems:
            raise Rejected(problems)
        seen = chosen.seen(held, shown, shown_every)
        had = access.held([person])[person]
        written = ticks.write(PEOPLE, person, before, saved(held, seen, Assignment(numbers, every), offer), now=now)
        if written.given:
            ticks.make_members([person], now=now)
        audit.note(ticks.changes(team, f"person {person}", written), actor, at=now)
        _tell(found, {person: written.new}, {person: had}, language=_language(user, language), now=now)
        return chosen.saved(before, written)


def assign_people(
    user: By,
    team: int,
    people: Sequence[int],
    products: Collection[str],
    *,
    every: bool = False,
    language: str = "",
    now: Instant,
) -> list[Given]:
    """
    Give some products, or all of the offer, to several people of a team, and return what is new to each.

    What somebody has already stays. Each is told by one mail of all that is new [S 003]. Raises `NotFound` for who is
    not of the team, `Rejected` with every problem, and then nothing is done.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = chosen.people_of(team, people, hold=True)
        offer = access.offer(team, now=now)
        numbers, problems = chosen.numbers_of(products, offer)
        if not numbers and not every and not problems:
            problems = [Problem("/products", "missing", "choose at least one product")]
        problems += chosen.who_left(found)
        if problems:
            raise Rejected(problems)
        more = Assignment(numbers, every)
        had = access.held([one.pk for one in found])
        new = ticks.give({one.pk: more for one in found}, offer=offer, now=now)
        audit.note(ticks.given_changes(team, new), actor, at=now)
        told = _tell(found, new, had, language=_language(user, language), now=now)
        codes = dict(Product.objects.filter(pk__in=numbers).values_list("pk", "code"))
        return [_given(one.pk, new[one.pk], codes, told=one.pk in told) for one in found]


def _given(person: int, new: frozenset[int], codes: Mapping[int, str], *, told: bool) -> Given:
    return Given(person, tuple(sorted(codes[product] for product in new if product)), EVERY in new, told)


def _tell(
    people: Sequence[Person],
    new: Mapping[int, frozenset[int]],
    had: Mapping[int, Held],
    *,
    language: str,
    now: Instant,
) -> set[int]:
    """
    Tell those who may open more than before, once each, and return who gets a mail.

    What rests under defaults is no news (domain A2).
    """
    mailed: set[int] = set()
    has = access.held([one.pk for one in people])
    for person in people:
        before, after = had[person.pk].in_force(), has[person.pk].in_force()
        opened = frozenset(after) - frozenset(before) if EVERY not in before else frozenset()
        told = opened & new[person.pk]
        if mails.tell_assigned(person, sorted(told - {EVERY}), every=EVERY in told, language=language, now=now):
            mailed.add(person.pk)
    return mailed


def _language(by: By, said: str) -> str:
    """Return the language to write in to who has chosen none: the one that was said, else that of who asks."""
    return said or str(getattr(by, "language", ""))
