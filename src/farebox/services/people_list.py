"""
People are imported by a list: read, judged and shown first, then done as it was shown, and nobody is told by mail.

Judging changes nothing. Who has a list imported sends the digest of what was shown: if the team changed meanwhile, what
differs is shown, and asked again. The lines are then done a stretch at a time by a job, which goes on where it was
after a kill. An imported person is a member at once, without an account.  (product B5) [S 003]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from farebox.domain.access import completed
from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.domain.people_list import (
    LEFT_OUT,
    ROWS_MAX,
    Choice,
    Judged,
    Row,
    Said,
    Verdict,
    counts,
    digest,
    judge,
    read,
)
from farebox.records import access, audit, chosen, db, people_lists
from farebox.records.chosen import By, Command
from farebox.records.models import Group, PeopleList
from farebox.records.models.people_lists import ListState
from farebox.records.people_lists import Wanted

__all__ = [
    "Answer", "Command", "Read", "Shown", "begin", "check", "discard", "finish", "lists", "run_due", "shown", "step",
    "tidy",
]  # fmt: skip

CHUNK_LINES = 100
"""Lines that one transaction imports: few, as whoever wants to open a product waits for it where one writer works."""

KEPT_UNSAID = DAY
"""How long a list waits for somebody to say yes."""
KEPT_DONE = 30 * DAY
"""How long is told what became of a list."""

LISTS_MAX = 20
"""Lists of one team that wait at once, and that a page shows."""


class Answer(StrEnum):
    """What became of the wish to import a list."""

    BEGUN = "begun"
    DIFFERS = "differs"
    """The team changed since the list was shown: look again."""


@dataclass(frozen=True, slots=True)
class Read:
    """How a file was understood."""

    encoding: str = "utf-8"
    delimiter: str = ","
    passed_over: tuple[str, ...] = ()
    empty_lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A list, as pages and commands show it; of one that is over the lines are gone, and counts are told."""

    id: int
    state: ListState
    lines: tuple[Judged, ...]
    counts: dict[Verdict, int]
    read_as: Read
    digest: str
    differs: dict[int, Verdict]
    """Lines whose verdict changed since they were shown, by the earlier one."""
    left_out: tuple[int, ...]
    total: int
    done: int
    created: Instant
    ended: Instant | None

    @property
    def taken(self) -> int:
        """How many lines are imported."""
        return sum(number for verdict, number in self.counts.items() if verdict not in LEFT_OUT)


def check(by: By, team: int, said: Sequence[Said], read_as: Read = Read(), *, now: Instant) -> int:
    """
    Judge the lines of a list and keep them for a day, and return the number of the list; nothing else is done.

    Raises `Rejected` for more lines than a list has, `Conflict` where too many lists wait.
    """
    actor = chosen.allowed(by, team)
    if not 0 < len(said) <= ROWS_MAX:
        raise Rejected([Problem("/lines", "too_many", f"a list names 1 to {ROWS_MAX:,} people")])
    judged = _judge(team, [read(one) for one in said])
    with db.atomic():
        _tidy(now=now)
        if PeopleList.objects.filter(team_id=team, state=ListState.CHECKED).count() >= LISTS_MAX:
            raise Conflict("too many lists wait already; import or discard one of them")
        made = PeopleList.objects.create(
            team_id=team,
            actor=actor,
            state=ListState.CHECKED,
            rows=_packed(judged),
            read_as={
                "encoding": read_as.encoding,
                "delimiter": read_as.delimiter,
                "over": list(read_as.passed_over),
                "empty": read_as.empty_lines,
            },
            digest=digest(judged),
            counts=_counted(judged),
            total=len(judged),
            created_us=now,
        )
        facts: audit.Facts = {"lines": made.total, "digest": made.digest[:16]}
        audit.note([audit.Change(team, "import read", f"people list {made.pk}", facts)], actor, at=now)
    return made.pk


def shown(by: By, team: int, number: int) -> Shown:
    """Return a list of a team. Raises `NotFound` for any other, and for one that is gone."""
    chosen.allowed(by, team)
    return _shown(_row(team, number))


def lists(by: By, team: int) -> list[Shown]:
    """Return the last lists of a team, the newest first, without their lines."""
    chosen.allowed(by, team)
    rows = PeopleList.objects.filter(team_id=team).order_by("-pk").defer("rows")[:LISTS_MAX]
    return [_shown(row, with_lines=False) for row in rows]


def begin(
    by: By,
    team: int,
    number: int,
    said: str,
    *,
    products: Collection[str] = (),
    every: bool = False,
    group: int = 0,
    now: Instant,
) -> Answer:
    """
    Have a list imported as it was shown: `said` is the digest of that, the rest is what everybody of it is given.

    Where the team changed meanwhile, the list is judged anew and what differs is kept to be shown; nothing is done.
    Raises `NotFound` for a list or a group of another team, `Rejected` for products that the offer has not, and for a
    list of which nothing would be imported, `Conflict` for one that is under way or done.
    """
    actor = chosen.allowed(by, team)
    with db.atomic():
        row = PeopleList.objects.select_for_update().filter(pk=number, team_id=team).first()
        if row is None:
            raise NotFound("no such list in this team")
        if row.state != ListState.CHECKED:
            raise Conflict("this list is under way, or done")
        choice = _choice(team, products, every=every, group=group, now=now)
        before = _unpacked(row.rows)
        judged = _judge(team, [one.row for one in before])
        if digest(judged) != said:
            _keep(row, before, judged)
            return Answer.DIFFERS
        if not any(one.is_taken for one in judged):
            raise Rejected([Problem("/lines", "nobody", "nobody of this list can be imported")])
        row.state, row.actor, row.began_us = ListState.RUNNING, actor, now
        row.choice = {"products": sorted(choice.products), "every": choice.every, "group": choice.group}
        row.save(update_fields=["state", "actor", "began_us", "choice"])
        facts: audit.Facts = {"people": sum(one.is_taken for one in judged), "digest": row.digest[:16]}
        audit.note([audit.Change(team, "import began", f"people list {row.pk}", facts)], actor, at=now)
        return Answer.BEGUN


def discard(by: By, team: int, number: int, *, now: Instant) -> None:
    """Forget a list; one that is under way goes on. Raises `NotFound`, `Conflict`."""
    actor = chosen.allowed(by, team)
    with db.atomic():
        row = _row(team, number)
        if not PeopleList.objects.filter(pk=row.pk).exclude(state=ListState.RUNNING).delete()[0]:
            raise Conflict("this list is under way")
        audit.note([audit.Change(team, "import forgotten", f"people list {number}", {})], actor, at=now)


def run_due(*, now: Instant) -> int:
    """Import what is left of the lists that somebody said yes to, a stretch each; return how many lines were done."""
    numbers = list(PeopleList.objects.filter(state=ListState.RUNNING).order_by("pk").values_list("pk", flat=True)[:50])
    return sum(step(number, now=now) for number in numbers)


def finish(number: int, *, now: Instant) -> None:
    """Import all that is left of a list."""
    while step(number, now=now):
        pass


def step(number: int, *, now: Instant) -> int:
    """Import the next stretch of a list, in one transaction with its cursor; return how many lines that were."""
    return db.insist(lambda: _step(number, now))


def _step(number: int, now: Instant) -> int:
    with db.atomic():
        row = PeopleList.objects.select_for_update().filter(pk=number, state=ListState.RUNNING).first()
        if row is None:
            return 0
        lines = _unpacked(row.rows[row.done : row.done + CHUNK_LINES])
        chose = row.choice or {}
        choice = Choice(frozenset(chose["products"]), chose["every"], chose["group"])
        if choice.group and not Group.objects.filter(pk=choice.group, team_id=row.team_id).exists():
            _end(row, ListState.STOPPED, now)
            return 0
        wanted = [Wanted(one.row.line, one.row.name, one.row.email, one.verdict) for one in lines if one.is_taken]
        source = f"people list {row.pk}"
        row.left_out += people_lists.record(row.team_id, wanted, choice, actor=row.actor, source=source, now=now)
        row.done += len(lines)
        row.save(update_fields=["done", "left_out"])
        if row.done >= row.total:
            _end(row, ListState.DONE, now)
        return len(lines)


def _end(row: PeopleList, state: ListState, now: Instant) -> None:
    """End a list, and forget whom it named."""
    taken = sum(one.is_taken for one in _unpacked(row.rows[: row.done])) - len(row.left_out)
    row.state, row.ended_us, row.rows, row.differs = state, now, [], {}
    row.save(update_fields=["state", "ended_us", "rows", "differs"])
    facts = {"state": state.value, "lines": row.done, "people": taken, "leftOut": len(row.left_out)}
    audit.note([audit.Change(row.team_id, "import ended", f"people list {row.pk}", facts)], row.actor, at=now)


def tidy(*, now: Instant) -> int:
    """Forget lists that nobody said yes to, and after a while what became of the others."""
    with db.atomic():
        return _tidy(now=now)


def _tidy(*, now: Instant) -> int:
    unsaid = PeopleList.objects.filter(state=ListState.CHECKED, created_us__lt=now - KEPT_UNSAID)
    over = PeopleList.objects.filter(ended_us__lt=now - KEPT_DONE)
    return unsaid.delete()[0] + over.delete()[0]


def _judge(team: int, rows: Sequence[Row]) -> list[Judged]:
    return judge(rows, people_lists.known(team, [row.email for row in rows if not row.problems]))


def _keep(row: PeopleList, before: Sequence[Judged], judged: Sequence[Judged]) -> None:
    """Keep what is judged now, and beside each line whose verdict differs what was shown first."""
    pairs = zip(before, judged, strict=True)
    row.differs = {str(new.row.line): old.verdict.value for old, new in pairs if old.verdict is not new.verdict}
    row.rows, row.digest, row.counts = _packed(judged), digest(judged), _counted(judged)
    row.save(update_fields=["differs", "rows", "digest", "counts"])


def _choice(team: int, products: Collection[str], *, every: bool, group: int, now: Instant) -> Choice:
    if group:
        chosen.group_of(team, group)
    offer = access.offer(team, now=now)
    numbers, problems = chosen.numbers_of(() if every else products, offer)
    if problems:
        raise Rejected(problems)
    return Choice(numbers, every or completed(numbers, offer).every, group)


def _row(team: int, number: int) -> PeopleList:
    found = PeopleList.objects.filter(pk=number, team_id=team).first()
    if found is None:
        raise NotFound("no such list in this team")
    return found


def _shown(row: PeopleList, *, with_lines: bool = True) -> Shown:
    return Shown(
        id=row.pk,
        state=ListState(row.state),
        lines=tuple(_unpacked(row.rows)) if with_lines else (),
        counts={verdict: row.counts.get(verdict.value, 0) for verdict in Verdict},
        read_as=_read_as(row.read_as),
        digest=row.digest,
        differs={int(line): Verdict(verdict) for line, verdict in row.differs.items()},
        left_out=tuple(row.left_out),
        total=row.total,
        done=row.done,
        created=Instant(row.created_us),
        ended=None if row.ended_us is None else Instant(row.ended_us),
    )


def _read_as(said: Mapping[str, Any]) -> Read:
    return Read(said["encoding"], said["delimiter"], tuple(said["over"]), said.get("empty", 0))


def _counted(judged: Sequence[Judged]) -> dict[str, int]:
    return {verdict.value: number for verdict, number in counts(judged).items()}


def _packed(judged: Sequence[Judged]) -> list[list[object]]:
    return [
        [one.row.line, one.row.name, one.row.email, [list(p) for p in one.row.problems], one.verdict, one.of, one.known]
        for one in judged
    ]


def _unpacked(rows: Sequence[list[object]]) -> list[Judged]:
    return [_line(*row) for row in rows]  # type: ignore[arg-type]  # as `_packed` wrote them


def _line(
    line: int, name: str, email: str, problems: Sequence[Sequence[str]], verdict: str, of: int, known: str
) -> Judged:
    return Judged(Row(line, name, email, tuple(Problem(*one) for one in problems)), Verdict(verdict), of, known)
