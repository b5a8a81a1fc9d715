"""
What people enter by hand: changes of a pool, consumption that no product told of, and taking both back.

Each is an event and is ingested, so that it is deduplicated, amended, withdrawn and rated like any other (domain N6).
What closed books count is not taken back: their totals never change (domain L5a).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from farebox.domain.amounts import ZERO, Tokens, tokens
from farebox.domain.clock import Day, Instant, as_date, as_iso, day, midnight
from farebox.domain.errors import Problem, Rejected
from farebox.domain.packs import Pool
from farebox.records import audit, db, entered, events, ledger
from farebox.records.catalogue import snapshot
from farebox.records.entered import EntryRow
from farebox.records.models.events import EventState
from farebox.services.ingest.arrival import SourceKey, State
from farebox.services.ingest.service import Verdict, ingest
from farebox.services.ingest.wire import BY_HAND, BY_HAND_SOURCE, WITHDRAWAL, read_payload

SOURCE = BY_HAND_SOURCE
"""The source of the events that are entered by hand."""

REASON_MAX = 100
"""How long the reason for taking something back may be, as that of an entry."""

_NO_CONTRACT = Problem("/data/transactionDate", "no_contract", "no contract of the team ran on that date")


class Entry(NamedTuple):
    """Under which id something is entered, and for which date; the same id and revision again count once (I2)."""

    id: str
    on: Day
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Tokens that are added to a pool, or taken from it where they have a minus."""

    event_type: ClassVar = "farebox.adjustment"
    pool: Pool
    tokens: str
    reason: str
    comment: str = ""

    def data(self) -> dict[str, str]:
        """Return what the event tells of it, but for its date and reason."""
        return {"pool": self.pool.value, "tokens": self.tokens.removeprefix("+")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """A use that nothing reported: tokens, or how many units at the product's rate."""

    event_type: ClassVar = "farebox.consumption"
    person: str
    product: str
    reason: str
    tokens: str = ""
    quantity: str = ""
    comment: str = ""

    def data(self) -> dict[str, str]:
        """Return what the event tells of it, but for its date and reason."""
        amounts = {"tokens": self.tokens, "quantity": self.quantity}
        return {"person": self.person, "product": self.product} | {name: text for name, text in amounts.items() if text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of an entry: its state, the tokens that it consumed, and why it waits if it does."""

    id: str
    state: State
    tokens: Tokens | None
    problems: tuple[Problem, ...]
    short: Tokens = ZERO
    """How many of the tokens consumed no pack pays."""


class Standing(NamedTuple):
    """
    An entry as it stands: its latest revision, and the date of that one.

    `moves` is how many tokens come back or go when it is withdrawn; None where it waits and nobody can tell yet.
    """

    revision: int
    is_withdrawn: bool
    on: Day
    moves: Tokens | None

    @property
    def next(self) -> int:
        """The revision by which it is withdrawn, also where that was done already."""
        return self.revision if self.is_withdrawn else self.revision + 1


def form_id(account: int, nonce: str) -> str:
    """Return the id of what a form enters: its account's own, so that nothing else enters something in its place."""
    return f"by-hand-{account}-{nonce}"


def is_from_form(id: str, account: int) -> bool:  # noqa: A002
    """Tell whether an entry is from a form that this account filled in, whoever approved it."""
    return account > 0 and id.startswith(form_id(account, ""))


def enter(
    team: int,
    entry: Entry,
    asked: Adjustment | Consumption,
    *,
    now: Instant,
    actor: str = audit.COMMAND,
    as_primary: bool = False,
) -> Entered:
    """
    Change a pool, or enter a use of tokens or of units, by hand. Raises `Rejected`, `Busy`.

    What is dated where no contract of the team ran would wait for ever, and is refused.
    """
    if isinstance(asked, Consumption):
        _check(team, entry.on, asked)
    told = asked.data() | {"reasonType": asked.reason} | ({"reasonComment": asked.comment} if asked.comment else {})
    told["transactionDate"] = as_date(entry.on).isoformat()
    event = _event(asked.event_type, told, entry)
    return db.insist(lambda: _enter_once(team, event, entry.on, actor, now, as_primary=as_primary))


def _check(team: int, on: Day, asked: Consumption) -> None:
    amounts = {"tokens": asked.tokens, "quantity": asked.quantity}
    problems = [
        Problem(f"/data/{name}", "invalid_value", "a use is of more than nothing")
        for name, text in amounts.items()
        if text and not text.strip("0.")
    ]
    if all(amounts.values()):
        problems.append(Problem("/quantity", "invalid_value", "a use has tokens or units, not both"))
    if problems:
        raise Rejected(problems if _had_contract(team, on) else [*problems, _NO_CONTRACT])


def rehearse(team: int, entry: Entry, asked: Adjustment | Consumption, *, now: Instant) -> Entered:
    """Tell what would become of an entry, and leave everything as it is. Raises as `enter` does."""
    return db.rehearse(lambda: enter(team, entry, asked, now=now))


def standing(team: int, id: str, *, source: str = SOURCE) -> Standing:  # noqa: A002
    """Return an entry as it stands. Raises `Rejected` where nothing was entered under the id."""
    return _standing(_row(team, id, source))


def _row(team: int, id: str, source: str) -> EntryRow:  # noqa: A002
    """Return an entry, also one that a program sent while it still could; what was used is none."""
    row = entered.one(team, source, event_id=id)
    if row is None or row.kind not in BY_HAND:
        raise Rejected([Problem("/id", "withdraws_nothing", "nothing was entered by hand under this id")])
    return row


def _standing(row: EntryRow) -> Standing:
    sent = read_payload(SOURCE, row.id, row.kind, row.payload)
    said: str | None = getattr(sent.data, "tokens", None)
    moves = row.tokens if row.tokens is not None or said is None else tokens(said)
    return Standing(row.revision, row.state is EventState.WITHDRAWN, day(sent.envelope.time.date()), moves)


def withdraw(
    team: int,
    id: str,  # noqa: A002
    *,
    revision: int,
    reason: str,
    now: Instant,
    actor: str = audit.COMMAND,
    source: str = SOURCE,
) -> Entered:
    """
    Take back, by the revision after its own, what was entered under an id; what was withdrawn already stays so, once.

    The tokens of the answer are below zero where they count as consumed no more. Raises `Rejected` where nothing was
    entered, for any other revision, so that what was amended meanwhile is looked at again, or where closed books count
    it (domain L5a), and `Busy`.
    """
    if not reason.strip() or len(reason) > REASON_MAX:
        raise Rejected([Problem("/reason", "invalid_value", f"a reason of at most {REASON_MAX} characters is needed")])
    key = SourceKey(0, team, actor, reason.strip())
    return db.insist(lambda: _withdraw_once(team, source, id, revision, key, now))


def _withdraw_once(
    team: int,
    source: str,
    id: str,  # noqa: A002
    revision: int,
    key: SourceKey,
    now: Instant,
) -> Entered:
    with db.atomic():
        ledger.lock([team])  # what is read here is what is withdrawn: nobody amends, releases or withdraws it meanwhile
        row = _row(team, id, source)
        found = _standing(row)
        if found.is_withdrawn:
            return Entered(id=id, state=State.DUPLICATE, tokens=None, problems=())
        if revision != found.next:
            raise Rejected([_other_revision(revision, found)])
        try:
            verdict = _ingested(_event(WITHDRAWAL, None, Entry(id, found.on, revision), source), key, now)
        except Rejected as refusal:  # what its event says of an amount is about the whole entry
            raise Rejected([problem._replace(pointer="/id") for problem in refusal.problems]) from refusal
        back = None if row.tokens is None else Tokens(-row.tokens)
        return Entered(id=id, state=verdict.state, tokens=back, problems=verdict.problems)


def _other_revision(revision: int, found: Standing) -> Problem:
    stands = f"is at revision {found.revision}, and is withdrawn by revision {found.next}"
    if revision < found.next:
        return Problem("", "amended_since", f"the entry was amended; it {stands}")
    return Problem("", "not_next", f"the entry {stands} only")


def _event(kind: str, data: dict[str, str] | None, entry: Entry, source: str = SOURCE) -> dict[str, object]:
    """Write an entry; it is said at the start of its date, so that the same entry again is the same event."""
    event: dict[str, object] = {"specversion": "1.0", "id": entry.id, "source": source, "type": kind}
    return event | {"time": as_iso(midnight(entry.on)), "revision": entry.revision, "data": data or {}}


def _enter_once(team: int, event: dict[str, object], on: Day, actor: str, now: Instant, *, as_primary: bool) -> Entered:
    with db.atomic():
        is_new = not events.known(team, SOURCE, [str(event["id"])])
        verdict = _ingested(event, SourceKey(0, team, actor), now)
        if verdict.state is State.QUARANTINED and not _had_contract(team, on):
            raise Rejected([_NO_CONTRACT])
        if verdict.state is not State.DUPLICATE and is_new:
            number = events.known(team, SOURCE, [verdict.id])[verdict.id].id
            audit.note([_change(team, number, event, verdict, as_primary=as_primary)], actor, at=now)
    return _entered(verdict)


def _had_contract(team: int, on: Day) -> bool:
    contracts = snapshot().contracts_of.get(team, ())
    return any(one.start_day <= on and (one.end_day is None or on < one.end_day) for one in contracts)


def _ingested(event: dict[str, object], key: SourceKey, now: Instant) -> Verdict:
    """Have an event ingested. Raises `Rejected`."""
    verdict = ingest([json.dumps(event).encode()], key=key, now=now, with_charges=True).verdicts[0]
    if verdict.state is State.REJECTED:
        raise Rejected(verdict.problems)
    return verdict


def _change(team: int, number: int, event: dict[str, object], verdict: Verdict, *, as_primary: bool) -> audit.Change:
    """Return the row of a first entry; what amends or withdraws one has its row already (quality T5)."""
    verb = entered.ADJUST if event["type"] == Adjustment.event_type else entered.CONSUME
    tokens_micro = -sum(charge.tokens_micro for charge in verdict.charges)
    facts: dict[str, str | int | None] = {"tokens_micro": tokens_micro, "state": verdict.state.value}
    return audit.Change(team, verb, f"event {number}", facts | ({"as": entered.AS_PRIMARY} if as_primary else {}))


def _entered(verdict: Verdict) -> Entered:
    consumed = Tokens(sum(charge.tokens_micro for charge in verdict.charges)) if verdict.charges else None
    short = Tokens(sum(charge.shortfall_micro + charge.over_micro for charge in verdict.charges))
    return Entered(id=verdict.id, state=verdict.state, tokens=consumed, problems=verdict.problems, short=short)
