"""A product is opened: the decision, and the reservation and session that follow from it (domain F7, A1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.authorise import Decision, Grounds, Verdict, decide
from farebox.domain.charging.flex import WINDOW_US
from farebox.domain.clock import DAY, MINUTE, Instant, Span, day_of, midnight
from farebox.domain.rates import setting_in_force
from farebox.domain.usage import Funding
from farebox.records import db, live
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.holds import Wanted
from farebox.records.live import CODE_PREFIX, DenialRow, Session
from farebox.records.models.contracts import Scheme
from farebox.services.authorise.asked import Answer, Launch, Mode
from farebox.services.authorise.facts import Facts, Found, gather

GRACE_MINUTES = 5
"""The grace where a contract sets none (domain F3)."""

SESSION_US_MAX = DAY
"""How long a session without heartbeats is taken to run (domain M4)."""


@dataclass
class Effects:
    """What a batch of launches has to record, beside what its reservations do."""

    sessions: list[Session] = field(default_factory=list)
    denials: list[DenialRow] = field(default_factory=list)


def answer(
    launches: Sequence[Launch], found: Sequence[Found | Grounds], catalogue: Catalogue, *, now: Instant
) -> tuple[list[Answer], Facts, Effects]:
    """Decide launches in the order given, each seeing what those before it reserved; nothing is written yet."""
    known = [one for one in found if isinstance(one, Found)]
    others = {launch.team for launch, one in zip(launches, found, strict=True) if not isinstance(one, Found)}
    facts = gather(known, catalogue, now=now, also=_contracts_of(others, catalogue))
    effects = Effects()
    answers = [
        _answer(one, facts, effects) if isinstance(one, Found) else _unknown(launch, one, facts, effects)
        for launch, one in zip(launches, found, strict=True)
    ]
    return answers, facts, effects


def write(facts: Facts, effects: Effects) -> None:
    """Record what was decided."""
    facts.reserve.write()
    if effects.sessions:
        first = db.reserve("session", len(effects.sessions))
        live.add([session._replace(id=first + nth) for nth, session in enumerate(effects.sessions)])
    live.deny(effects.denials)


def grace_us(contract: ContractFacts, at: Instant) -> int:
    """Return the grace of a session that starts `at` that instant (domain F3)."""
    return setting_in_force(contract.settings.get("GRACE_MINUTES", ()), at, GRACE_MINUTES) * MINUTE


def _unknown(launch: Launch, grounds: Grounds, facts: Facts, effects: Effects) -> Answer:
    if launch.mode is not Mode.QUOTE and launch.team:
        effects.denials.append(
            DenialRow(launch.team, 0, 0, 0, launch.person, launch.product, grounds.value, 0, 0, None, facts.now)
        )
    contracts = _contracts_of([launch.team], facts.catalogue)
    if not contracts:
        return Answer(Decision.DENY, grounds)
    available, reserved = facts.reserve.available(contracts[0].id, facts.now), facts.reserve.reserved(contracts[0].id)
    return Answer(Decision.DENY, grounds, available=available, reserved=reserved)


def _contracts_of(teams: Iterable[int], catalogue: Catalogue) -> list[ContractFacts]:
    """Return the contract whose tokens a team is told about where nothing else says which: Flex, if it has one."""
    return [contracts[-1] for team in teams if (contracts := catalogue.contracts_of.get(team, ()))]


def _answer(found: Found, facts: Facts, effects: Effects) -> Answer:
    verdict = decide(facts.standing(found))
    launch = found.launch
    if not verdict.allowed:
        if launch.mode is not Mode.QUOTE:
            effects.denials.append(_denial(found, verdict, facts))
        return _told(Decision.DENY, found, verdict, facts)
    if _asks(launch, verdict):
        return _told(Decision.ASK, found, verdict, facts)
    code = "" if launch.mode is Mode.QUOTE else _launch(found, verdict, facts, effects)
    return _told(Decision.ALLOW, found, verdict, facts)._replace(session=code)


def _asks(launch: Launch, verdict: Verdict) -> bool:
    """Tell whether the person has to be asked first: a price that nobody agreed to yet."""
    if launch.mode is Mode.CONFIRM:
        return verdict.cost > (launch.agreed or ZERO)
    return launch.mode is Mode.CHARGE and launch.agreed is not None and verdict.cost > launch.agreed


def _launch(found: Found, verdict: Verdict, facts: Facts, effects: Effects) -> str:
    now, contract = facts.now, found.contract
    due = Instant(now + grace_us(contract, now))
    check = Instant(now + SESSION_US_MAX)
    window = facts.window_of(found.key)
    if window is not None:
        check = min(check, window.until)
    elif facts.funding(found) is Funding.TOKENS and contract.scheme != Scheme.ENTERPRISE:
        check = due  # until then it is not known whether the launch opens a window
    if verdict.grounds is Grounds.TOKENS:
        placed = facts.reserve.place(Wanted(*found.key, "LAUNCH", 0, now, due, verdict.cost))
        assert placed, "what is available can be reserved"
        facts.fresh[found.key] = now
    code = CODE_PREFIX + secrets.token_hex(16)
    launch = found.launch
    effects.sessions.append(
        Session(
            0, contract.team, contract.id, found.person, found.product.id, code, launch.version, launch.machine,
            now, now, check, None, "", False, None, 0,
        )
    )  # fmt: skip
    return code


def _denial(found: Found, verdict: Verdict, facts: Facts) -> DenialRow:
    available = facts.reserve.available(found.contract.id, facts.now)
    contract = found.contract
    return DenialRow(
        contract.team, contract.id, found.person, found.product.id, "", "", verdict.grounds.value,
        verdict.cost, available, None, facts.now,
    )  # fmt: skip


def _told(decision: Decision, found: Found, verdict: Verdict, facts: Facts) -> Answer:
    contract, now = found.contract, facts.now
    start = facts.covered_from(found.key)
    until = None if start is None else Instant(start + WINDOW_US)
    if decision is Decision.ALLOW and verdict.grounds is Grounds.TOKENS and until is None:
        until = Instant(now + WINDOW_US)  # a quote: what a launch would cover
    elif verdict.grounds is Grounds.ENTERPRISE and contract.scheme == Scheme.ENTERPRISE:
        until = midnight(day_of(Instant(now + DAY)))
    return Answer(
        decision,
        verdict.grounds,
        Tokens(verdict.cost),
        until if decision is Decision.ALLOW else None,
        facts.reserve.available(contract.id, now),
        facts.reserve.reserved(contract.id),
        window=facts.window_of(found.key) or (Span(start, Instant(start + WINDOW_US)) if start is not None else None),
    )
