"""The rule of two: an act is done at once, or when another operator has approved it (domain/approval)."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from farebox.desk.acts import KINDS, Act
from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.approval import State, takes_two
from farebox.domain.clock import Instant
from farebox.services import proposals
from farebox.services.proposals import Answer, Pending

_FORM, _PROPOSAL, _COMMAND = "form:", "proposal:", "command:"
"""How idempotency keys begin: a form's, an approval's, and a command's that would begin like one of these."""


class Waits(NamedTuple):
    """
    An act that another operator has to approve first: the proposal, and what became of it where it was said before.

    One that nobody approved in time is open for ever and waits no more.
    """

    number: int
    state: State
    is_waiting: bool = False


def threshold() -> Tokens:
    """Return above how many tokens an act takes two operators; 0: the rule is off."""
    return Tokens(settings.APPROVAL_TOKENS * MICRO)


def act(asked: Act, *, actor: str, now: Instant, key: str = "", alone: bool = False) -> Answer | Waits:
    """
    Do what an operator asks for and tell what came of it, or propose it where it takes two.

    What cannot be done as things stand is refused at once, with every problem, also where it would only be proposed.
    The same key again does and proposes nothing more (domain L8). `alone` is for whoever has the host, and so the
    records themselves; what they proposed of the very same is taken back, as nobody shall approve it as well.
    """

    def carry_out(key: str) -> Answer:
        return asked.carry_out(actor=actor, now=now, key=key)

    team, written, key = asked.team_id(), asked.written(), _own(key, actor)
    standing = proposals.standing(asked.kind, team, actor=actor, key=key)
    if alone and standing is not State.DONE:
        return proposals.instead(asked.kind, team, written, carry_out=lambda: carry_out(key), actor=actor, now=now)
    if standing is None and not _takes_two(asked, now, key):
        return carry_out(key)
    made = proposals.propose(asked.kind, team, written, rehearse=lambda: carry_out(""), actor=actor, key=key, now=now)
    return Waits(made.number, made.state, made.waits(now))


def approve(number: int, *, actor: str, now: Instant) -> Answer:
    """Carry out what another operator proposed. Raises what `proposals.approve` and the act itself raise."""

    def carry_out(pending: Pending) -> Answer:
        asked = KINDS[pending.kind].read(pending.payload)
        return asked.carry_out(actor=actor, now=now, key=f"{_PROPOSAL}{pending.number}")

    return proposals.approve(number, actor=actor, now=now, carry_out=carry_out)


def _takes_two(asked: Act, now: Instant, key: str) -> bool:
    """Tell whether an act takes two operators; so does one of which nobody can tell yet what it will cost."""
    if not threshold() or asked.was_done(key):
        return False
    amounts = asked.amounts(now)
    return amounts is None or takes_two(asked.kind, amounts, threshold())


def _own(key: str, actor: str) -> str:
    """
    Return a key in the space of whoever says it, so that nobody takes the key of another's form, or of an approval.

    A command's keys stay as they are, unless they begin like those: scripts say theirs again after years (domain L8).
    """
    if not key:
        return ""
    if actor != "command":
        return f"{_FORM}{actor.removeprefix('account ')}:{key}"
    return f"{_COMMAND}{key}" if key.startswith((_FORM, _PROPOSAL, _COMMAND)) else key
