"""Seats and trials as they are recorded: who holds which, given and ended while the person's row is held."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Least

from farebox.domain.clock import Instant
from farebox.domain.seats import Held, Standing, soonest_end
from farebox.domain.usage import Funding
from farebox.records import db, ticks
from farebox.records.models import Contract, Entitlement, LiveSession, Product, ProductCode, Use

Pair = tuple[int, int]
"""A person and a product."""


_SELECT = "SELECT e.person_id, e.product_id, e.id, e.kind, e.since_us, e.until_us FROM records_entitlement e "


def held(people: Sequence[int]) -> dict[Pair, list[Held]]:
    """Return what some people hold or held, by person and product, in the order of its beginning."""
    return _held("WHERE e.person_id", people)


def held_in(teams: Sequence[int]) -> dict[Pair, list[Held]]:
    """Return the same of all people of some teams."""
    return _held("JOIN records_person p ON p.id = e.person_id WHERE p.team_id", teams)


def _held(owners: str, numbers: Sequence[int]) -> dict[Pair, list[Held]]:
    found: dict[Pair, list[Held]] = defaultdict(list)
    for chunk in db.chunks(numbers, db.CHUNK_ROWS):
        sql = f"{_SELECT} {owners} IN ({db.marks(chunk)}) ORDER BY e.since_us, e.id"
        for person, product, number, kind, since, until in db.rows(sql, chunk):
            found[person, product].append(Held(number, Funding(kind), since, until))
    return found


def locked(people: Sequence[int]) -> dict[Pair, list[Held]]:
    """Return what some people hold or held, and keep others from changing it until the transaction ends."""
    ticks.locked(ticks.PEOPLE, people)
    return held(people)


def rows_of(team: int, *people: int) -> QuerySet[Entitlement]:
    """Return the rows of a team, or of some of its people, with whose they are and for what."""
    rows = Entitlement.objects.filter(person__team_id=team).select_related("person", "product")
    return rows.filter(person_id__in=people) if people else rows


def that_are(standing: Standing | None, now: Instant) -> Q:
    """Return the condition of rows that stand so in time; without `standing`, of those that have not ended."""
    ended = Q(until_us__isnull=False, until_us__lte=now)
    match standing:
        case Standing.ENDED:
            return ended
        case Standing.HELD:
            return ~ended & Q(since_us__lte=now)
        case Standing.LATER:
            return ~ended & Q(since_us__gt=now)
        case _:
            return ~ended


def as_held(row: Entitlement) -> Held:
    """Return a row as the rules know it."""
    until = None if row.until_us is None else Instant(row.until_us)
    return Held(row.pk, Funding(row.kind), Instant(row.since_us), until)


def judged(team: int, pairs: Sequence[Pair], *, now: Instant) -> dict[Pair, Instant]:
    """
    Return when the last use began of each pair of a team that has one from `now` on: open live, or recorded.

    It was judged by what was held then (domain F9). Whoever gives something may have read the clock before.
    """
    contracts = Contract.objects.filter(team_id=team).order_by("pk").values_list("pk", flat=True)
    asked = [(contract, *pair) for contract in contracts for pair in pairs]
    of_key = "WHERE {0}.contract_id = k.contract_id AND {0}.person_id = k.person_id AND {0}.product_id = k.product_id"
    sql = (
        "WITH k (i, now_us, contract_id, person_id, product_id) AS (VALUES {keys}) SELECT k.i, "
        f"(SELECT MAX(s.since_us) FROM records_livesession s {of_key.format('s')} AND s.closed_us IS NULL "
        f"AND s.since_us >= k.now_us), (SELECT MAX(u.since_us) FROM records_use u {of_key.format('u')} "
        "AND u.ended_us IS NULL AND u.until_us >= k.now_us AND u.since_us >= k.now_us) FROM k"
    )
    found: dict[Pair, Instant] = {}
    for i, live, recorded in db.rows_for(sql, [(i, now, *key) for i, key in enumerate(asked)]):
        _, person, product = asked[i]
        begun = [Instant(at) for at in (live, recorded, found.get((person, product))) if at is not None]
        if begun:
            found[person, product] = max(begun)
    return found


def give(person: int, product: int, kind: Funding, *, since: Instant, until: Instant | None, now: Instant) -> int:
    """Give something to a person who is held, and return its number; who was only known from usage is a member now."""
    made = Entitlement.objects.create(person_id=person, product_id=product, kind=kind, since_us=since, until_us=until)
    ticks.make_members([person], now=now)
    return made.pk


def end(one: Held, until: Instant | None, *, now: Instant) -> None:
    """Give something another end."""
    row = Entitlement.objects.filter(pk=one.id)
    if until == soonest_end(one, now):
        _end_now(row, now)
    else:
        row.update(until_us=until)


def end_all(people: Sequence[int], *, now: Instant) -> Counter[int]:
    """End at once all that people hold or will hold, and return how many each had."""
    rows = Entitlement.objects.filter(that_are(None, now), person_id__in=people)
    found = Counter(rows.values_list("person_id", flat=True))
    _end_now(rows, now)
    return found


def _end_now(held: QuerySet[Entitlement], now: Instant) -> None:
    """
    End seats and trials at once, but not before a launch that was told that they pay.

    Whoever ends one may have read the clock before waiting for that launch, which may be over again by now, or may
    have come after the end that was set: none ends later than it would. What has not begun is deleted: it was never in
    force, and is in nobody's way.
    """
    last = Greatest(_last_of(LiveSession.objects.filter(closed_us=None)), _last_of(_begun(now)))
    at = Greatest(last + 1, now)
    held.filter(since_us__gt=at).delete()
    held.update(until_us=Greatest(F("since_us") + 1, Least(at, Coalesce(F("until_us"), at))))


def _begun(now: Instant) -> QuerySet[Use]:
    return Use.objects.filter(ended_us=None, until_us__gte=now, since_us__gte=now)


def _last_of(uses: QuerySet[LiveSession] | QuerySet[Use]) -> Coalesce:
    """Return when the last began of these uses that are of the person and product of a row; 0 without any."""
    key = {name: OuterRef(name) for name in ("person_id", "product_id")}
    rows = uses.filter(contract__team__people=OuterRef("person_id"), **key)
    return Coalesce(Subquery(rows.order_by("-since_us").values("since_us")[:1]), 0)


def products() -> dict[str, int]:
    """Return the products by each of their codes in lower case; a product's own code beats another's alias."""
    found = {code.casefold(): pk for code, pk in ProductCode.objects.values_list("code", "product_id")}
    return found | {code.casefold(): pk for pk, code in Product.objects.values_list("pk", "code")}
