"""
What time alone decides of running sessions: a hold is due, a window ends, a silence has lasted too long.

Looked at by a job, and before every decision about the same person and product, so that nothing depends on when the
job runs (domain F7, F7a, M4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from farebox.domain.authorise import Verdict, decide
from farebox.domain.charging.flex import WINDOW_US, is_idle
from farebox.domain.clock import DAY, MINUTE, Instant, day_of, midnight
from farebox.domain.rates import rate_in_force, setting_in_force
from farebox.domain.silence import SILENCE_MINUTES
from farebox.domain.usage import Funding, Use
from farebox.records import holds, live, seats
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.holds import OpenHold, Wanted
from farebox.records.live import DenialRow, Key, Session
from farebox.records.models.contracts import Scheme
from farebox.services.authorise.asked import Launch
from farebox.services.authorise.conclude import Evidence, by_tokens, conclude, spans_of
from farebox.services.authorise.facts import Facts, Found, gather
from farebox.services.authorise.launch import SESSION_US_MAX, grace_us

JUST_AFTER_US = 1
"""A session that is not closed by the end of its grace has lasted longer than it."""


@dataclass
class Group:
    """The running sessions of one person and product under one contract, with what stands for them."""

    key: Key
    contract: ContractFacts
    sessions: list[Session]
    hold: OpenHold | None
    window: Instant | None
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def is_flex(self) -> bool:
        """Whether windows and reservations apply."""
        return self.contract.scheme != Scheme.ENTERPRISE

    @property
    def is_launched(self) -> bool:
        """Whether a launch has reserved its rate, and it is not known yet whether it opens a window."""
        return self.hold is not None and self.hold.kind == "LAUNCH"

    def window_end(self) -> Instant | None:
        """Return the end of the last window."""
        return None if self.window is None else Instant(self.window + WINDOW_US)

    def covers(self, at: Instant) -> bool:
        """Tell whether the last window covers an instant."""
        return self.window is not None and self.window <= at < self.window + WINDOW_US

    def may_open(self, session: Session) -> bool:
        """Tell whether no window reaches to a session, so that it opens one if tokens pay for it (domain F1)."""
        end = self.window_end()
        return self.is_flex and (end is None or end <= session.since)

    def silent_at(self, session: Session) -> Instant:
        """Return when a session is closed that is not heard of again (domain M4)."""
        if session.seen == session.since:
            return Instant(session.since + SESSION_US_MAX)
        minutes = setting_in_force(self.contract.settings.get("SILENCE_MINUTES", ()), session.seen, SILENCE_MINUTES)
        return Instant(session.seen + minutes * MINUTE)

    def outlasts_at(self, session: Session) -> Instant:
        """Return when a session has lasted longer than its grace (domain F3)."""
        return Instant(session.since + grace_us(self.contract, session.since))

    def is_brief(self, session: Session) -> bool:
        """
        Tell whether a session that is not heard of again is over within its grace, by its last word (domain F3, M4).

        By when it was due, whenever that is looked at. What was concluded of it before stands.
        """
        return not session.event and self.silent_at(session) <= self.outlasts_at(session)

    def check_at(self, session: Session, *, now: Instant) -> Instant:
        """Return when a session has to be looked at next."""
        checks = [self.silent_at(session)]
        end = self.window_end()
        if end is not None and now < end:
            checks.append(end)
        if self.is_flex and now < self.outlasts_at(session) and not self.covers(now):
            checks.append(self.outlasts_at(session))
        return min(checks)


def groups_of(keys: Sequence[Key], catalogue: Catalogue, *, now: Instant) -> list[Group]:
    """Read the running sessions of these keys, and what stands for them."""
    running = live.running(keys)
    held = holds.of_keys(keys)
    windows = live.last_windows(keys, at=now)
    return [
        Group(key, catalogue.contracts[key[0]], running.get(key, []), held.get(key), windows.get(key)) for key in keys
    ]


def review(keys: Sequence[Key], catalogue: Catalogue, *, now: Instant, leaving: int = 0) -> None:
    """
    Decide all that is due of these keys, and note when each session has to be looked at next.

    `leaving` is a session that its product is closing just now: what it shows is not judged here.
    """
    if not keys:
        return
    groups = groups_of(keys, catalogue, now=now)
    seated = over_seats(groups)
    ended = [group.hold for group in groups if _settle(group, seated, leaving, now=now) and group.hold]
    evidence = [one for group in groups for one in group.evidence]
    changed = {one.session.id: one.session for one in evidence if one.session.closed}
    changed |= conclude(evidence, ended, catalogue, now=now)
    live.change(list(changed.values()))
    groups = groups_of(keys, catalogue, now=now)
    denied = _roll_over([group for group in groups if group.is_flex and group.sessions], catalogue, now=now)
    live.change(
        [
            session._replace(check=group.check_at(session, now=now), denied=denied.get(session.id, session.denied))
            for group in groups
            for session in group.sessions
        ]
    )


def over_seats(groups: Sequence[Group]) -> set[int]:
    """Return the sessions that a seat or a trial pays for, read where that decides: of a hold, or recorded already."""
    asked = [
        session
        for group in groups
        for session in group.sessions
        if (group.hold is not None and (len(group.sessions) > 1 or not group.is_launched))
        or (session.event and group.may_open(session))
    ]
    held = seats.held(sorted({session.person for session in asked})) if asked else {}
    return {session.id for session in asked} - {session.id for session in by_tokens(asked, held)}


def _settle(group: Group, seated: Collection[int], leaving: int, *, now: Instant) -> bool:
    """
    Collect what a launch hold that is due, and sessions that fell silent, show; return whether the hold ends.

    What runs over a seat opens no window: it is recorded once until it ends, and ends no hold (domain F9). No hold
    stays behind the last session that it was for.
    """
    staying = [session for session in group.sessions if session.id != leaving]
    closing = [session for session in staying if now >= group.silent_at(session)]
    outlasting = [s for s in staying if now >= group.outlasts_at(s) and not group.is_brief(s)]
    for session in outlasting:
        is_known = session.event and session.id in seated
        if session not in closing and not is_known and (group.may_open(session) or group.is_launched):
            group.evidence.append(Evidence(session, _at_least(group, session), open=True))
    for session in closing:
        group.evidence.append(Evidence(session._replace(closed=now), _last_evidence(group, session), open=False))
    if group.hold is None:
        return False
    metered = [session for session in group.sessions if session.id not in seated]
    if group.is_launched and any(session in metered for session in outlasting):
        return True
    return all(session in closing for session in metered)  # without any later evidence it is released (F7, F7a)


def _at_least(group: Group, session: Session) -> Instant:
    """Return until when a session has run at least; never less than what was concluded of it before."""
    seen = session.seen + JUST_AFTER_US if session.event else session.seen
    return Instant(max(seen, group.outlasts_at(session) + JUST_AFTER_US))


def _last_evidence(group: Group, session: Session) -> Instant:
    """
    Return until when a session that fell silent is taken to have run (domain M4).

    The last heartbeat; without any, 24 hours, or to the end of the window or of the day that it began in, beyond
    which only evidence charges (domain F7a).
    """
    until = session.seen if group.is_brief(session) else _at_least(group, session)
    if session.seen == session.since:
        until = Instant(session.since + SESSION_US_MAX)
        end = group.window_end() if group.is_flex else midnight(day_of(Instant(session.since + DAY)))
        if end is not None and session.since < end:
            until = min(until, end)
    if group.hold is not None and group.hold.kind == "ROLL":
        until = min(until, group.hold.since)
    return until


def _roll_over(groups: Sequence[Group], catalogue: Catalogue, *, now: Instant) -> dict[int, Instant]:
    """
    Reserve the next window of what runs across the end of the last, or deny it; return the denials (domain F7a).

    Only sessions that tokens pay for roll over and are denied, by id (domain F9).
    """
    across = [(group, end, awake) for group in groups for end, awake in _across(group, now=now)]
    if not across:
        return {}
    held = seats.held(sorted({group.key[1] for group, _, _ in across}))
    rolling = [(group, end) for group, end, awake in across if by_tokens(awake, held)]
    found = [question_of(group, catalogue) for group, _ in rolling]
    facts = gather(found, catalogue, now=now)
    denials: list[DenialRow] = []
    denied: dict[int, Instant] = {}
    for (group, end), one in zip(rolling, found, strict=True):
        verdict = recheck(one, facts, at=end)
        if verdict.allowed and verdict.cost:
            facts.reserve.place(Wanted(*group.key, "ROLL", 0, end, Instant(end + WINDOW_US), verdict.cost))
        elif not verdict.allowed:
            denied |= {session.id: end for session in by_tokens(group.sessions, held)}
            denials.append(denial(one, verdict, facts, at=end))
    facts.reserve.write()
    live.deny(denials)
    return denied


def _across(group: Group, *, now: Instant) -> list[tuple[Instant, list[Session]]]:
    """Return the end of the window, if it is past and nothing is decided of it, with what is in use across it."""
    end = group.window_end()
    if end is None or now < end or group.hold is not None:
        return []
    across = [s for s in group.sessions if s.since < end and now >= group.outlasts_at(s)]
    if any(session.denied == end for session in across):
        return []
    awake = [session for session in across if not session.idles or not is_idle(_as_use(session, now), end)]
    return [(end, awake)] if awake else []


def _as_use(session: Session, now: Instant) -> Use:
    return Use(session.id, session.since, now, session.id, 0, tuple(spans_of(session)))


def question_of(group: Group, catalogue: Catalogue) -> Found:
    """Ask of a running session what a launch would be asked."""
    contract = group.contract
    product = catalogue.products[group.key[2]]
    launch = Launch(contract.team, "", product.code)
    offered = product.id in contract.opens
    return Found(launch, group.key[1], live.is_member(group.key[1]), product, contract, offered)


def recheck(found: Found, facts: Facts, *, at: Instant) -> Verdict:
    """Decide whether a running session may go on into a window that begins `at` an instant (domain A1, F7a)."""
    rates = facts.catalogue.rates.get((found.contract.card, found.product.id), ())
    rate = rate_in_force(rates, at)
    standing = facts.standing(found)._replace(
        funding=Funding.TOKENS, window_open=False, held=False, cost=None if rate is None else rate.tokens
    )
    return decide(standing)


def denial(found: Found, verdict: Verdict, facts: Facts, *, at: Instant) -> DenialRow:
    """Write down that a running session was denied its next window, which was to begin `at` an instant."""
    contract = found.contract
    available = facts.reserve.available(contract.id, facts.now)
    return DenialRow(
        contract.team, contract.id, found.person, found.product.id, "", "", verdict.grounds.value, verdict.cost,
        available, at, facts.now,
    )  # fmt: skip
