"""Proposals: made by one operator, approved and carried out or refused by another (domain/approval)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from farebox.domain.approval import Kind, State
from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, KeyReused, NotFound, Problem, Rejected
from farebox.domain.teams import canonical
from farebox.records import audit, db, proposals
from farebox.records.models import Proposal, User

Answer = Mapping[str, Any]
PER_PAGE = 200


class Pending(NamedTuple):
    """A proposal: what is to be done, by whom it was proposed, and what became of it."""

    number: int
    kind: Kind
    team: int
    slug: str
    team_name: str
    payload: Mapping[str, Any]
    proposed_by: str
    proposer: str
    proposed: Instant
    lapses: Instant
    state: State
    decided_by: str
    decider: str
    decided: Instant | None
    answer: Answer
    appointed: str = ""
    """The address of who is to lead the team, where that is proposed."""

    def waits(self, at: Instant) -> bool:
        """Tell whether another operator can still approve it."""
        return self.state is State.OPEN and self.lapses > at


def propose(
    kind: Kind,
    team: int,
    payload: Mapping[str, Any],
    *,
    rehearse: Callable[[], object],
    actor: str,
    key: str,
    now: Instant,
) -> Pending:
    """
    Write down what another operator is to approve; the same key of the same operator again proposes nothing more.

    `rehearse` does it, and is undone: what it raises, because it could not be done as things stand, is raised here, and
    nothing is proposed. Raises `KeyReused` for a key that stands for another proposal.
    """
    kept = _scoped(kind, team, key)

    def once() -> int:
        with db.atomic():
            before = Proposal.objects.filter(proposed_by=actor, key=kept).first() if kept else None
            if before is not None:
                if (before.kind, before.payload) != (kind, dict(payload)):
                    raise KeyReused("this idempotency key was used for another proposal")
                return before.pk
            db.rehearse(rehearse)
            row = proposals.add(kind, team, payload, by=actor, key=kept, at=now)
            audit.note([_change(row, "proposal.make")], actor, at=now)
            return row.pk

    return found(db.insist(once))


def standing(kind: Kind, team: int, *, actor: str, key: str) -> State | None:
    """Tell whether what an operator proposed under a key waits, or was carried out; None for neither."""
    made = Proposal.objects.filter(proposed_by=actor, key=_scoped(kind, team, key), state__in=(State.OPEN, State.DONE))
    state = made.values_list("state", flat=True).first() if key else None
    return None if state is None else State(state)


def _scoped(kind: Kind, team: int, key: str) -> str:
    """Return a key as it is kept: it is one of a kind of acts and of a team, and may be longer than a column."""
    return key and hashlib.sha256(f"{kind}:{team}:{key}".encode()).hexdigest()


def instead(
    kind: Kind,
    team: int,
    payload: Mapping[str, Any],
    *,
    carry_out: Callable[[], Answer],
    actor: str,
    now: Instant,
) -> Answer:
    """Carry out at once what may be done alone after all, and take back what the same operator proposed of the same."""

    def once() -> Answer:
        with db.atomic():
            mine = Proposal.objects.filter(team_id=team, kind=kind, proposed_by=actor, state=State.OPEN)
            for row in mine.filter(lapses_us__gt=now):
                if row.payload == dict(payload):
                    _withdraw(row, actor, now)
            return carry_out()

    return db.insist(once)


def approve(number: int, *, actor: str, now: Instant, carry_out: Callable[[Pending], Answer]) -> Answer:
    """
    Carry out what somebody else proposed, with the state of now: all of it, or nothing.

    Who approves is whose act it is. What cannot be carried out raises its problems, and the proposal stays open. Raises
    `NotFound`, `Forbidden` for one's own, `Conflict` for one that is decided or lapsed, `Rejected` where its proposer
    is no operator any more.
    """

    def once() -> Answer:
        with db.atomic():
            _decide(number, State.DONE, actor, now)
            proposed = found(number)
            if not _is_operator(proposed.proposed_by):
                raise Rejected([Problem("", "proposer_left", "who proposed this is no operator any more")])
            answer = carry_out(proposed)
            proposals.keep_answer(number, answer)
            audit.note([_change(Proposal.objects.get(pk=number), "proposal.approve")], actor, at=now)
            return answer

    return db.insist(once)


def _is_operator(actor: str) -> bool:
    """Tell whether who proposed something may still: the host's command line may for ever."""
    number = actor.removeprefix("account ")
    return actor == audit.COMMAND or User.objects.filter(pk=number, is_operator=True, is_active=True).exists()


def refuse(number: int, *, actor: str, now: Instant) -> State:
    """Refuse what somebody else proposed, or take back what one proposed. Raises `NotFound`, `Conflict`."""
    with db.atomic():
        row = Proposal.objects.filter(pk=number).first()
        if row is None:
            raise NotFound(f"no proposal {number}")
        if row.proposed_by == actor:
            return _withdraw(row, actor, now)
        _decide(number, State.REFUSED, actor, now)
        audit.note([_change(row, "proposal.refuse")], actor, at=now)
        return State.REFUSED


def _withdraw(row: Proposal, actor: str, now: Instant) -> State:
    _decide(row.pk, State.WITHDRAWN, actor, now)
    audit.note([_change(row, "proposal.withdraw")], actor, at=now)
    return State.WITHDRAWN


def found(number: int) -> Pending:
    """Return a proposal. Raises `NotFound`."""
    row = Proposal.objects.select_related("team").filter(pk=number).first()
    if row is None:
        raise NotFound(f"no proposal {number}")
    return _pending(row, _names([row]))


def listed(*, is_open: bool, at: Instant) -> list[Pending]:
    """Return the proposals that wait, the oldest first, or all others, the latest first."""
    rows = Proposal.objects.select_related("team")
    if is_open:
        some = list(rows.filter(state=State.OPEN, lapses_us__gt=at).order_by("proposed_us", "pk")[:PER_PAGE])
    else:
        decided = rows.exclude(state=State.OPEN, lapses_us__gt=at)
        some = list(decided.order_by("-proposed_us", "-pk")[:PER_PAGE])
    names = _names(some)
    return [_pending(row, names) for row in some]


def waiting(*, at: Instant) -> int:
    """Return how many proposals wait for another operator."""
    return Proposal.objects.filter(state=State.OPEN, lapses_us__gt=at).count()


def account_of(team: int, address: str) -> int:
    """Return the number of a member's account, as proposals name people. Raises `NotFound`."""
    found = User.objects.filter(email=canonical(address, pointer="/address"), memberships__team_id=team).first()
    if found is None:
        raise NotFound("nobody with this address is a member of the team and has an account")
    return found.pk


def address_of(account: int) -> str:
    """Return the address of an account. Raises `NotFound`."""
    found = User.objects.filter(pk=account).first()
    if found is None:
        raise NotFound(f"no account {account}")
    return found.email


def _decide(number: int, state: State, actor: str, now: Instant) -> None:
    if proposals.decide(number, state, by=actor, at=now):
        return
    row = Proposal.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"no proposal {number}")
    if row.state == State.OPEN and row.lapses_us > now:
        raise Forbidden("another operator approves this, not the one who proposed it")
    raise Conflict(f"proposal {number} is decided already, or lapsed")


def _change(row: Proposal, verb: str) -> audit.Change:
    return audit.Change(row.team_id, verb, f"proposal {row.pk}", {"kind": row.kind, "by": row.proposed_by})


def _pending(row: Proposal, names: Mapping[str, str]) -> Pending:
    return Pending(
        number=row.pk,
        kind=Kind(row.kind),
        team=row.team_id,
        slug=row.team.slug,
        team_name=row.team.name,
        payload=row.payload,
        proposed_by=row.proposed_by,
        proposer=names.get(row.proposed_by, ""),
        proposed=Instant(row.proposed_us),
        lapses=Instant(row.lapses_us),
        state=State(row.state),
        decided_by=row.decided_by,
        decider=names.get(row.decided_by, ""),
        decided=None if row.decided_us is None else Instant(row.decided_us),
        answer=row.answer,
        appointed=names.get(f"account {row.payload.get('account', 0)}", ""),
    )


def _names(rows: list[Proposal]) -> dict[str, str]:
    """Return the addresses of the accounts that proposed and decided."""
    actors = {actor for row in rows for actor in (row.proposed_by, row.decided_by) if actor.startswith("account ")}
    numbers = [int(actor.removeprefix("account ")) for actor in actors]
    numbers += [int(row.payload["account"]) for row in rows if row.kind == Kind.APPOINT]
    return {f"account {pk}": email for pk, email in User.objects.filter(pk__in=numbers).values_list("pk", "email")}
