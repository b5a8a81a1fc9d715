"""
May somebody open a product now, and what does it cost?

The same test decides a quote, a launch, and whether a running session may go on at its window's end. It sees one
moment: what is known of the person, the product and the contract, what stands, and what is available. Reserving the
tokens is the caller's work, in the same transaction.  (domain A1, F7, F7a, F9)
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.usage import Funding


class Decision(StrEnum):
    """The answer to a product that asks."""

    ALLOW = "allow"
    DENY = "deny"
    ASK = "ask"
    """Allowed, but it costs tokens: ask the person first."""


class Grounds(StrEnum):
    """Why: stable words, for products, people and the record of denials."""

    SEAT = "seat"
    TRIAL = "trial"
    WINDOW_OPEN = "window_open"
    """A charge of the last 24 hours covers it (domain F1)."""
    RESERVED = "reserved"
    """Another launch of the same product has reserved the rate already (domain F7)."""
    COSTS_NOTHING = "costs_nothing"
    ENTERPRISE = "enterprise"
    """An enterprise contract blocks nobody (domain N7)."""
    TOKENS = "tokens"
    """The rate is available, and is reserved by a launch."""
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_VERSION = "unknown_version"
    NOT_A_MEMBER = "not_a_member"
    """The person is no active member of the team: known from usage alone, invited, or gone (domain A1)."""
    NOT_ASSIGNED = "not_assigned"
    NO_CONTRACT = "no_contract"
    """No contract of the team opens the product now."""
    NO_RATE = "no_rate"
    CHARGED_BY_RESULT = "charged_by_result"
    """The product is a service: its jobs are sent as events (domain S1)."""
    INSUFFICIENT_TOKENS = "insufficient_tokens"


class Standing(NamedTuple):
    """What is known at the moment of the question, of a person and product that are both known."""

    member: bool
    funding: Funding
    assigned: bool
    offered: bool
    enterprise: bool
    window_open: bool
    held: bool
    cost: Tokens | None
    """What a launch would cost where no window stands; None where no rate is in force."""
    available: Tokens


class Verdict(NamedTuple):
    """Whether, why, and what it costs now; `cost` is 0 where nothing would be charged."""

    allowed: bool
    grounds: Grounds
    cost: Tokens = ZERO


def decide(standing: Standing) -> Verdict:
    """
    Decide whether somebody may use a product now (domain A1).

    Rules, in order of precedence; the first that applies decides:
    1. Who is no active member is denied.
    2. A seat, then a trial, opens the product and costs nothing.          (domain F9)
    3. A product that no contract opens, or that is not assigned, is denied.
    4. A window that stands, or a launch that has reserved, costs nothing. (domain F1, F7)
    5. Without a rate it is denied; at rate 0 it costs nothing.            (domain T7)
    6. An enterprise contract blocks nobody.                               (domain N7)
    7. It is allowed at its rate if that is available, else denied.        (domain F7)
    """
    if not standing.member:
        return Verdict(False, Grounds.NOT_A_MEMBER)
    if standing.funding is not Funding.TOKENS:
        return Verdict(True, Grounds.SEAT if standing.funding is Funding.SEAT else Grounds.TRIAL)
    if not standing.offered:
        return Verdict(False, Grounds.NO_CONTRACT)
    if not standing.assigned:
        return Verdict(False, Grounds.NOT_ASSIGNED)
    if standing.window_open:
        return Verdict(True, Grounds.WINDOW_OPEN)
    if standing.held:
        return Verdict(True, Grounds.RESERVED)
    return _at_its_rate(standing)


def _at_its_rate(standing: Standing) -> Verdict:
    if standing.cost is None:
        return Verdict(False, Grounds.NO_RATE)
    if standing.cost == ZERO:
        return Verdict(True, Grounds.ENTERPRISE if standing.enterprise else Grounds.COSTS_NOTHING)
    if standing.enterprise:
        return Verdict(True, Grounds.ENTERPRISE, standing.cost)
    if standing.available < standing.cost:
        return Verdict(False, Grounds.INSUFFICIENT_TOKENS, standing.cost)
    return Verdict(True, Grounds.TOKENS, standing.cost)
