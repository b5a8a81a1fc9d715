"""The people of a team, as lists show them: who they are, where they stand, what they may open (quality P1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from farebox.domain.access import EVERY, Held
from farebox.domain.charging.precedence import paying
from farebox.domain.clock import Instant
from farebox.domain.invitations import InvitationState, has_lapsed
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.records import access, chosen, seats
from farebox.records.chosen import By
from farebox.records.models import Invitation, Membership, Person, Product
from farebox.services.assign.told import Page, PersonRow, State, Through

PAGE_ROWS = 50
SUGGESTED_MAX = 8
_STATES = list(State)


class Someone(NamedTuple):
    """A person of a team, before it is known what they hold."""

    id: int
    name: str
    key: str
    state: State
    role: Role
    since: Instant | None
    has_account: bool = False

    def matches(self, words: Sequence[str]) -> bool:
        """Tell whether each of some words is somewhere in the name or the address."""
        text = f"{self.name}\n{self.key}".casefold()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Holding:
    """What some people hold: all that they were given, and the seats and trials that stand now, by product."""

    held: Mapping[int, Held]
    entitled: Mapping[int, Mapping[int, Funding]]

    def of(self, one: Someone) -> Held:
        """Return what somebody holds; of who has not accepted an invitation yet, what they will."""
        found = self.held.get(one.id, Held())
        if one.state in (State.PENDING, State.LAPSED):
            found.member_since = found.member_since or one.since
        return found

    def has(self, one: Someone, product: int, offer: frozenset[int]) -> bool:
        """Tell whether somebody holds a product in any way; `EVERY`: anything by tokens."""
        found = self.of(one)
        if product == EVERY:
            return bool(found.holds())
        return product in self.entitled.get(one.id, {}) or (product in offer and found.may_open(product))


def everybody(team: int, *, only: int | None = None, now: Instant) -> list[Someone]:
    """
    Return everybody of a team, those who left included, or `only` one.

    Names that were joined to somebody are nobody (domain M1).
    """
    invited = {
        person: Instant(sent)
        for person, sent in Invitation.objects.filter(team_id=team, state=InvitationState.OPEN).values_list(
            "person_id", "sent_us"
        )
    }
    by_email, by_account = _roles(team)
    rows = Person.objects.filter(team_id=team, joined__isnull=True).order_by("pk")
    columns = (rows if only is None else rows.filter(pk=only)).values_list(
        "pk", "name", "key", "member_us", "left_us", "user_id", "user__name"
    )
    return [
        Someone(
            pk,
            name or account or key,
            key,
            _state(member, left, invited.get(pk), now),
            by_account.get(user) or by_email.get(key) or Role.USER,
            invited.get(pk) if member is None or left is not None else Instant(member),
            bool(user) or key in by_email,
        )
        for pk, name, key, member, left, user, account in columns
    ]


def _roles(team: int) -> tuple[dict[str, Role], dict[int, Role]]:
    held = Membership.objects.filter(team_id=team).values_list("user__email", "user_id", "role")
    return {email: Role(role) for email, _, role in held}, {user: Role(role) for _, user, role in held}


def _state(member: int | None, left: int | None, invited: Instant | None, now: Instant) -> State:
    if member is not None and left is None:
        return State.ACTIVE
    if invited is not None:
        return State.LAPSED if has_lapsed(invited, now=now) else State.PENDING
    return State.UNCLAIMED if left is None else State.LEFT


def holding(people: Iterable[int], *, now: Instant) -> Holding:
    """Return what some people hold."""
    numbers = sorted(people)
    entitled: dict[int, dict[int, Funding]] = defaultdict(dict)
    for (person, product), held in seats.held(numbers).items():
        one = paying(held, now)
        if one is not None:
            entitled[person][product] = one.kind
    return Holding(access.held(numbers), entitled)


def people(
    user: By,
    team: int,
    *,
    search: str = "",
    state: State | None = None,
    product: str = "",
    sort: str = "name",
    page: int = 1,
    now: Instant,
) -> Page[PersonRow]:
    """
    Return a page of the people of a team; without a `state`, of all but those who left.

    `product` finds those who hold it in any way. An order that there is none of is by name; a page past the last is
    the last.
    """
    chosen.allowed(user, team)
    offer = access.offer(team, now=now)
    found = _matching(team, search, state, product, offer, now)
    order = _ORDERS.get(sort.removeprefix("-"), _ORDERS["name"])
    found.sort(key=order, reverse=sort.startswith("-"))
    shown = paged(found, page)
    rows = _rows(shown.rows, offer, now)
    return Page(rows, shown.found, shown.number, shown.pages, shown.per_page)


_ORDERS: Mapping[str, Callable[[Someone], Any]] = {
    "name": lambda one: one.name.casefold(),
    "state": lambda one: _STATES.index(one.state),
    "since": lambda one: one.since or 0,
}


def everyone(
    user: By, team: int, *, search: str = "", state: State | None = None, product: str = "", now: Instant
) -> list[Someone]:
    """Return all that the pages of `people` have together, by name."""
    chosen.allowed(user, team)
    return _matching(team, search, state, product, access.offer(team, now=now), now)


def _matching(
    team: int, search: str, state: State | None, product: str, offer: frozenset[int], now: Instant
) -> list[Someone]:
    words = search.casefold().split()
    found = [
        one
        for one in everybody(team, now=now)
        if (one.state is state if state else one.state is not State.LEFT) and one.matches(words)
    ]
    if product:
        wanted = chosen.existing([product])
        held = holding((one.id for one in found), now=now)
        found = [one for one in found if any(held.has(one, number, offer) for number in wanted)]
    return sorted(found, key=_by_name)


def named(user: By, team: int, people: Iterable[int], *, now: Instant) -> list[Someone]:
    """Return people of a team by their numbers, by name; numbers of others are left out."""
    chosen.allowed(user, team)
    wanted = set(people)
    return sorted((one for one in everybody(team, now=now) if one.id in wanted), key=_by_name) if wanted else []


def _by_name(one: Someone) -> tuple[str, str]:
    return one.name.casefold(), one.key


def paged(rows: Sequence[Someone], page: int) -> Page[Someone]:
    """Cut one page of rows out."""
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    number = min(max(1, page), pages)
    cut = rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return Page(tuple(cut), len(rows), number, pages, PAGE_ROWS)


def _rows(shown: Sequence[Someone], offer: frozenset[int], now: Instant) -> tuple[PersonRow, ...]:
    held = holding((one.id for one in shown), now=now)
    names = dict(Product.objects.values_list("pk", "name"))
    return tuple(row_of(one, held, offer, names) for one in shown)


def row_of(one: Someone, holding: Holding, offer: frozenset[int], names: Mapping[int, str]) -> PersonRow:
    """Return a person as a list shows them."""
    holds = holding.of(one).holds()
    entitled = holding.entitled.get(one.id, {})
    opened = ({hold.product for hold in holds} & offer) | set(entitled)
    through = [Through(hold.way.value) for hold in holds] + [Through(kind.value.lower()) for kind in entitled.values()]
    return PersonRow(
        id=one.id,
        name=one.name,
        key=one.key,
        state=one.state,
        role=one.role,
        products=tuple(sorted((names[product] for product in opened), key=str.casefold)),
        every=any(hold.product == EVERY for hold in holds),
        through=tuple(way for way in Through if way in through),
        since=one.since,
        has_account=one.has_account,
    )


def suggest(user: By, team: int, text: str, *, now: Instant) -> list[Someone]:
    """Return existing people whose name or address has what is being typed, those that begin with it first [S 003]."""
    chosen.allowed(user, team)
    words = text.casefold().split()
    if not words:
        return []
    found = [one for one in everybody(team, now=now) if one.state is not State.LEFT and one.matches(words)]
    found.sort(key=lambda one: (not _begins(one, words[0]), *_by_name(one)))
    return found[:SUGGESTED_MAX]


def _begins(one: Someone, word: str) -> bool:
    return any(part.startswith(word) for part in (*one.name.casefold().split(), one.key))


def someone(team: int, person: int, *, now: Instant) -> Someone:
    """Return one person of a team. Raises `NotFound` for any other, existing or not (quality T2)."""
    chosen.people_of(team, [person])
    return everybody(team, only=person, now=now)[0]
