"""Two names turn out to be one person: what is in open books is rated again as one."""

from __future__ import annotations

from dataclasses import dataclass

from farebox.domain.amounts import Tokens
from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.records import audit, db, enrichment, joining, ledger, outbox, reuse, seats
from farebox.records.catalogue import snapshot
from farebox.records.models import Person
from farebox.records.models.ledger import ActKind
from farebox.records.models.usage import UseKind
from farebox.records.recording import record
from farebox.records.usage import UseRow

SESSION = db.word(UseKind.SESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What joining changes: how many uses move, and the tokens that come back (below zero: that it costs more)."""

    uses: int
    tokens_back: Tokens
    act: int


class _OnlyPreview(Exception):
    """Everything was tried, and is to be forgotten."""


def join(person: int, into: int, *, actor: str, now: Instant, preview: bool = False) -> Joined:
    """
    Let the name of one person mean another: the same human being (domain M1).

    Uses in open books are rated again under the one key, closed books keep theirs; seats, trials and assignments move
    along. A `preview` says what would change, to the token, and changes nothing. Raises `NotFound` for somebody who is
    not there, `Rejected` for two who cannot be one, `Conflict` while a session of the person is running.
    """
    found: list[Joined] = []
    try:
        with db.atomic():
            found.append(_join(person, into, actor=actor, now=now))
            if preview:
                raise _OnlyPreview
    except _OnlyPreview:
        pass
    return found[0]


def _join(person: int, into: int, *, actor: str, now: Instant) -> Joined:
    one, other = _people(person, into)
    team = one.team_id
    ledger.lock([team])
    if joining.is_running(one.pk):
        raise Conflict("a session or a job of this person is running; join them when it is over")
    both = (one.pk, other.pk)
    before = joining.cost(team, both)
    joining.move(one.pk, other.pk, at=now)
    enrichment.renew_team(team)
    moved = _rated_as_one(team, *both, now=now)
    back = Tokens(before - joining.cost(team, both))
    facts = {"person": one.pk, "into": other.pk, "uses": moved, "tokens_back_micro": back}
    act = audit.act(ActKind.JOIN, audit.Change(team, "joined", f"person {one.pk}", facts), actor, at=now)
    outbox.announce_names()
    return Joined(uses=moved, tokens_back=back, act=act)


def _people(person: int, into: int) -> tuple[Person, Person]:
    found = {one.pk: one for one in Person.objects.select_related("joined").filter(pk__in=[person, into])}
    if len(found) < len({person, into}):
        raise NotFound("no such person")
    one, other = found[person], found[into].joined or found[into]
    problems = []
    if one.joined is not None:
        problems.append(Problem("/person", "joined_already", "this name was joined to a person before"))
    if one.pk == other.pk:
        problems.append(Problem("/into", "invalid_value", "a person is joined to somebody else"))
    if one.team_id != other.team_id:
        problems.append(Problem("/into", "invalid_value", "both belong to one team"))
    if problems:
        raise Rejected(problems)
    return one, other


def _rated_as_one(team: int, person: int, into: int, *, now: Instant) -> int:
    """Record the uses in open books anew under the one key, and return how many moved; a moved seat pays for more."""
    held = _Held(into)
    theirs = reuse.read(joining.open_uses(team, person))
    own = [use for use in reuse.read(joining.open_uses(team, into)) if held.funding(use) != use.funding]
    old = [*theirs, *own]
    if old:
        first = db.reserve("use", len(old))
        anew = [
            use._replace(id=first + nth, person=into, funding=held.funding(use), late=False)
            for nth, use in enumerate(old)
        ]
        record(anew, [reuse.ended(use) for use in old], snapshot(), now=now)
    return len(theirs)


class _Held:
    """The seats and trials of one person."""

    def __init__(self, person: int) -> None:
        self._of = {product: held for (_, product), held in seats.held([person]).items()}

    def funding(self, use: UseRow) -> str:
        """Return what pays for a use, judged at its start (domain F9)."""
        if use.kind != SESSION:
            return use.funding
        return db.word(funding_at(self._of.get(use.product, ()), use.since))
