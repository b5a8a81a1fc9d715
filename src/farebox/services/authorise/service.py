"""Requests at the moment of use, carried out in shared transactions; and the look at what time alone decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from farebox.domain.amounts import Tokens
from farebox.domain.authorise import Decision, Grounds
from farebox.domain.clock import Instant, Span
from farebox.domain.errors import Conflict, NotFound
from farebox.records import db, holds, idempotency, ledger, live
from farebox.records.catalogue import Catalogue, snapshot, team_of
from farebox.records.tenancy import acting_for, everyone
from farebox.services.authorise import launch, running
from farebox.services.authorise.asked import Answer, Beat, Close, Launch, Mode, Request
from farebox.services.authorise.facts import Found, find
from farebox.services.authorise.lane import Lane
from farebox.services.authorise.review import review

BATCH_MAX = 256
"""Requests that one transaction carries."""

__all__ = ["authorise", "quotes", "review_due", "team_of"]

KEYS_AT_ONCE = 500
"""Persons and products that one transaction of the job looks at."""


def authorise(request: Request, *, now: Instant) -> Answer:
    """
    Carry out a launch, a heartbeat or a close; what it changed is committed when this returns (domain F7, F7a, A1).

    A quote, and a launch with its mode `confirm` that costs something, change nothing. Raises `NotFound` and
    `Conflict` for sessions, `Conflict` for an idempotency key that was used otherwise.
    """
    if isinstance(request, Launch) and request.mode is Mode.QUOTE:
        return quotes([request], now=now)[0]
    return _LANE.ask((request, now))


def quotes(launches: Sequence[Launch], *, now: Instant) -> list[Answer]:
    """Say what launches would be answered, without effect; one reading for all of them."""
    catalogue = snapshot()
    quoted = [one._replace(mode=Mode.QUOTE) for one in launches]
    asking = {one.team for one in launches}
    with acting_for(asking.pop() if len(asking) == 1 else None):
        return launch.answer(quoted, find(quoted, catalogue, now), catalogue, now=now)[0]


def _carry_out(requests: Sequence[tuple[Request, Instant]]) -> list[Answer | Exception]:
    """Carry out requests that may be of several teams: each was checked to be its key's before it came here."""
    with everyone():
        return db.insist(lambda: _commit(requests))


def _commit(requests: Sequence[tuple[Request, Instant]]) -> list[Answer | Exception]:
    now = max(at for _, at in requests)
    with db.atomic():
        ledger.lock(sorted(_teams(request for request, _ in requests)))
        catalogue = snapshot()
        outcomes: dict[int, Answer | Exception] = {}
        for nth, (request, _) in enumerate(requests):
            if not isinstance(request, Launch):
                outcomes[nth] = _run_on(request, catalogue, now=now)
        launches = {nth: one for nth, (one, _) in enumerate(requests) if isinstance(one, Launch)}
        outcomes |= _launch(launches, catalogue, now=now)
    return [outcomes[nth] for nth in range(len(requests))]


def _teams(requests: Iterable[Request]) -> set[int]:
    found: set[int] = set()
    codes = []
    for request in requests:
        if isinstance(request, Launch):
            found.add(request.team)
        else:
            codes.append(request.code)
    return found | {session.team for session in live.with_codes(codes).values()}


def _run_on(request: Beat | Close, catalogue: Catalogue, *, now: Instant) -> Answer | Exception:
    try:
        if isinstance(request, Beat):
            return running.beat(request, catalogue, now=now)
        return running.close(request, catalogue, now=now)
    except (NotFound, Conflict) as error:  # raised before anything is written
        return error


def _launch(launches: dict[int, Launch], catalogue: Catalogue, *, now: Instant) -> dict[int, Answer | Exception]:
    outcomes, fresh = _replayed(launches)
    if not fresh:
        return outcomes
    asked = list(fresh.values())
    found = find(asked, catalogue, now)
    _settle_first([one for one in found if isinstance(one, Found)], catalogue, now=now)
    answers, facts, effects = launch.answer(asked, found, catalogue, now=now)
    launch.write(facts, effects)
    for (nth, one), answer in zip(fresh.items(), answers, strict=True):
        outcomes[nth] = answer
        if one.key:
            idempotency.remember(_scope(one), one.key, _fingerprinted(one), _as_json(answer), at=now)
    return outcomes


def _settle_first(found: Sequence[Found], catalogue: Catalogue, *, now: Instant) -> None:
    """Decide what is due of these persons and products before they are asked about; a launch is evidence of use."""
    keys = sorted({one.key for one in found})
    if not keys:
        return
    review(live.due_keys(keys, now=now), catalogue, now=now)
    rolled = [key for key, hold in holds.of_keys(keys).items() if hold.kind == "ROLL"]
    launched = {one.key for one in found if one.launch.mode is Mode.CHARGE}
    running.show_use({key: now for key in rolled if key in launched}, catalogue, now=now)


def _replayed(launches: dict[int, Launch]) -> tuple[dict[int, Answer | Exception], dict[int, Launch]]:
    """Return the answers of requests that were answered before, and the requests that are new (domain L8)."""
    outcomes: dict[int, Answer | Exception] = {}
    fresh: dict[int, Launch] = {}
    asked: set[tuple[str, str]] = set()
    for nth, one in launches.items():
        if not one.key:
            fresh[nth] = one
            continue
        try:
            before = idempotency.replayed(_scope(one), one.key, _fingerprinted(one))
        except Conflict as error:
            outcomes[nth] = error
            continue
        if before is not None:
            outcomes[nth] = _from_json(before)
        elif (_scope(one), one.key) in asked:
            outcomes[nth] = Conflict(f"the idempotency key {one.key!r} is being used by another request")
        else:
            asked.add((_scope(one), one.key))
            fresh[nth] = one
    return outcomes, fresh


def _scope(one: Launch) -> str:
    return f"authorise {one.source}"


def _fingerprinted(one: Launch) -> dict[str, object]:
    return {name: value for name, value in one._asdict().items() if name not in ("key", "source")}


def _as_json(answer: Answer) -> dict[str, object]:
    return answer._asdict()


def _from_json(kept: object) -> Answer:
    assert isinstance(kept, dict), "an answer is kept as an object"
    window = kept["window"]
    return Answer(
        **{
            **kept,
            "decision": Decision(kept["decision"]),
            "grounds": Grounds(kept["grounds"]),
            "cost": Tokens(kept["cost"]),
            "window": None if window is None else Span(*window),
        }
    )


def review_due(*, now: Instant) -> int:
    """
    Decide what time alone decides of running sessions by now; return how many keys were looked at (F7, F7a, M4).

    One that cannot be decided does not keep the others waiting; what was wrong with it is raised at the end.
    """
    looked = 0
    wrong: list[Exception] = []
    after = (Instant(0), 0)
    while page := live.due(now=now, after=after, limit=KEYS_AT_ONCE):
        after = page[-1].check, page[-1].id
        keys = list(dict.fromkeys(session.key for session in page))
        looked += len(keys)
        wrong += _review_each(keys, now=now)
    if wrong:
        raise ExceptionGroup("sessions that could not be decided", wrong)
    return looked


def _review_each(keys: Sequence[live.Key], *, now: Instant) -> list[Exception]:
    """Look at keys together, or one by one where that fails; return what was wrong with some."""
    try:
        db.insist(lambda: _review(keys, now=now))
    except Exception as error:
        if len(keys) == 1:
            return [error]
        return [wrong for key in keys for wrong in _review_each([key], now=now)]
    return []


def _review(keys: Sequence[live.Key], *, now: Instant) -> None:
    with db.atomic():
        contracts = snapshot().contracts
        ledger.lock(sorted({contracts[contract].team for contract, _, _ in keys}))
        review(live.due_keys(keys, now=now), snapshot(), now=now)


_LANE: Lane[tuple[Request, Instant], Answer] = Lane(_carry_out, most=BATCH_MAX)
