"""Sessions that run on and end: heartbeats, closes, and what they are evidence of (domain F7, F7a, M4)."""

from __future__ import annotations

from collections.abc import Mapping

from farebox.domain.authorise import Decision, Grounds
from farebox.domain.charging.flex import WINDOW_US
from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import MINUTE, Instant, Span
from farebox.domain.errors import Conflict, NotFound
from farebox.domain.rates import setting_in_force
from farebox.domain.usage import Funding
from farebox.records import live, seats
from farebox.records.catalogue import Catalogue
from farebox.records.holds import Reserve
from farebox.records.live import Key, Session
from farebox.records.rerate import SAVE_MINUTES
from farebox.services.authorise.asked import Answer, Beat, Close
from farebox.services.authorise.conclude import Evidence, by_tokens, conclude, funding_of, with_activity
from farebox.services.authorise.facts import gather
from farebox.services.authorise.review import Group, denial, groups_of, question_of, recheck, review


def show_use(shown: Mapping[Key, Instant], catalogue: Catalogue, *, now: Instant) -> None:
    """
    Book the roll-overs that these keys have reserved: their sessions were in use until now (domain F7a).

    `shown`: when that began which shows it. What runs over a seat or a trial shows no use by tokens (domain F9).
    """
    groups = [g for g in groups_of(list(shown), catalogue, now=now) if g.hold is not None and g.hold.kind == "ROLL"]
    held = seats.held(sorted({group.key[1] for group in groups}))
    groups = [g for g in groups if funding_at(held.get(g.key[1:], ()), shown[g.key]) is Funding.TOKENS]
    evidence = [Evidence(one, now, open=True) for group in groups for one in by_tokens(group.sessions, held)]
    if evidence:
        changed = conclude(evidence, [group.hold for group in groups if group.hold], catalogue, now=now)
        live.change(list(changed.values()))
        review([group.key for group in groups], catalogue, now=now)


def beat(request: Beat, catalogue: Catalogue, *, now: Instant) -> Answer:
    """
    Take a heartbeat, book what it is evidence of, and say whether the session may go on.

    Raises `NotFound` for a session that the team does not have, `Conflict` for one that is closed.
    """
    session = _session(request.team, request.code)
    if session.closed is not None:
        raise Conflict("the session is closed; ask for a new one")
    session = with_activity(session, active=request.active, now=max(now, session.seen))
    live.change([session])
    group = _group(session.key, catalogue, now=now)
    if session.check <= now or group.hold is not None or not group.covers(now):
        review([session.key], catalogue, now=now)
        if request.active:
            show_use({session.key: session.since}, catalogue, now=now)
            _show_resumption(session.key, catalogue, now=now)
        group = _group(session.key, catalogue, now=now)
    else:
        live.change([session._replace(check=group.check_at(session, now=now))])
    return _told(session, group, catalogue, now=now)


def _group(key: Key, catalogue: Catalogue, *, now: Instant) -> Group:
    return groups_of([key], catalogue, now=now)[0]


def _show_resumption(key: Key, catalogue: Catalogue, *, now: Instant) -> None:
    """
    Begin a window where somebody works on outside every window and nothing is reserved (domain F4, F7a, F8).

    Only for what tokens pay for (domain F9). After an idle stretch the same test runs again as at a launch. After a
    denial, what runs on beyond the time to save and close is a use that happened: it is charged, short or not.
    """
    group = _group(key, catalogue, now=now)
    if not group.is_flex or group.hold is not None or group.covers(now) or group.window is None:
        return
    paying = by_tokens(group.sessions, seats.held([group.key[1]]))
    awake = [s for s in paying if s.seen == now and now > group.outlasts_at(s)]
    if not awake:
        return
    denied = max((s.denied for s in paying if s.denied is not None), default=None)
    if denied is not None and denied >= group.window + WINDOW_US:
        if now <= _save_until(group, denied):
            return
    elif _is_refused(group, catalogue, now=now):
        live.change([s._replace(denied=now) for s in paying])
        return
    evidence = [Evidence(session, Instant(now + 1), open=True) for session in awake]
    live.change(list(conclude(evidence, [], catalogue, now=now).values()))
    review([key], catalogue, now=now)


def _is_refused(group: Group, catalogue: Catalogue, *, now: Instant) -> bool:
    """Test again whether the product may be used; write down a denial (domain F4, F7a)."""
    found = question_of(group, catalogue)
    facts = gather([found], catalogue, now=now)
    verdict = recheck(found, facts, at=now)
    if not verdict.allowed:
        live.deny([denial(found, verdict, facts, at=now)])
    return not verdict.allowed


def _save_until(group: Group, denied: Instant) -> Instant:
    minutes = setting_in_force(group.contract.settings.get("SAVE_MINUTES", ()), denied, SAVE_MINUTES)
    return Instant(denied + minutes * MINUTE)


def close(request: Close, catalogue: Catalogue, *, now: Instant) -> Answer:
    """
    End a session; charge it, or release what was reserved for it (domain F7).

    Closing twice changes nothing. A session that was closed for its silence gets its true end (domain M4).
    Raises `NotFound` for a session that the team does not have.
    """
    session = _session(request.team, request.code)
    if session.closed is None or session.seen != session.closed:
        if session.closed is None:
            review([session.key], catalogue, now=now, leaving=session.id)
            session = _session(request.team, request.code)
        _close(session, catalogue, now=max(now, session.seen))
        session = _session(request.team, request.code)
    group = _group(session.key, catalogue, now=now)
    return _told(session, group, catalogue, now=now)._replace(closed=True)


def _close(session: Session, catalogue: Catalogue, *, now: Instant) -> None:
    group = _group(session.key, catalogue, now=now)
    others = [other for other in group.sessions if other.id != session.id]
    over = session._replace(seen=now, closed=now)
    evidence = [Evidence(over, now, open=False)]
    ends = False
    held = seats.held([session.person]) if group.hold is not None and (others or not group.is_launched) else {}
    is_metered, waiting = funding_of(session, held) is Funding.TOKENS, by_tokens(others, held)
    if group.is_launched:
        ends = not waiting or (is_metered and now > group.outlasts_at(session))
    elif group.hold is not None and is_metered:
        ends = not waiting or now > group.hold.since
        evidence += [Evidence(other, now, open=True) for other in waiting]
    changed = conclude(evidence, [group.hold] if ends and group.hold else [], catalogue, now=now)
    live.change(list({over.id: over, **changed}.values()))
    if others:
        review([session.key], catalogue, now=now)


def _session(team: int | None, code: str) -> Session:
    session = live.with_codes([code]).get(code)
    if session is None or (team is not None and session.team != team):
        raise NotFound("no such session")
    return session


def _told(session: Session, group: Group, catalogue: Catalogue, *, now: Instant) -> Answer:
    contract = catalogue.contracts[session.contract]
    reserve = Reserve([contract], now=now)
    available, reserved = reserve.available(contract.id, now), reserve.reserved(contract.id)
    told = Answer(
        Decision.ALLOW,
        Grounds.COSTS_NOTHING if group.is_flex else Grounds.ENTERPRISE,
        available=available,
        reserved=reserved,
        session=session.code,
    )
    start = group.window if group.covers(now) else group.hold.since if group.hold is not None else None
    if start is not None:
        window = Span(start, Instant(start + WINDOW_US))
        grounds = Grounds.WINDOW_OPEN if group.covers(now) else Grounds.RESERVED
        return told._replace(grounds=grounds, covered_until=window.until, window=window)
    denied = next((s.denied for s in group.sessions if s.id == session.id), None)
    refused = group.is_flex and denied is not None and denied >= (group.window_end() or denied)
    if refused and denied is not None:
        why = Grounds(live.denied_for(session.key, denied))
        return told._replace(decision=Decision.DENY, grounds=why, covered_until=_save_until(group, denied))
    return told
