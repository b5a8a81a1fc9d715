"""Operators who decide one proposal at the same moment: it is carried out once, or not at all (L8, quality T5)."""

from __future__ import annotations

from tests.filed import Filed
from tests.services.books import faults
from tests.world import NOW, World

from farebox import desk
from farebox.domain.amounts import tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import FareboxError
from farebox.domain.packs import Pool
from farebox.records.models import Audit, Pack, Proposal
from farebox.services import proposals
from farebox.services.give import Purchase

ROUNDS, OPERATORS = 4, 4


def proposed(number: str, nth: int) -> int:
    """Propose a pack, and return the number of the proposal."""
    purchase = Purchase(contract=number, pool=Pool.FLEX, tokens=tokens("500"))
    waits = desk.act(desk.Giving(purchase), actor="account 1", now=NOW, key=f"k{nth}")
    assert isinstance(waits, desk.Waits)
    return waits.number


def decided(waiting: list[int], operator: int) -> int:
    """Approve each of the proposals, or refuse it at every second turn; return how many it decided."""
    done = 0
    for nth, number in enumerate(waiting):
        actor, at = f"account {operator}", Instant(NOW + 1)
        try:
            if (nth + operator) % 2:
                desk.approve(number, actor=actor, now=at)
            else:
                proposals.refuse(number, actor=actor, now=at)
            done += 1
        except FareboxError:
            pass  # another was quicker
    return done


def test_a_proposal_is_decided_once(filed: Filed, settings: object) -> None:
    """However many approve and refuse at once, each proposal is decided by one of them, and has one pack or none."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    world = filed.run(World)
    number = world.flex_contract.number
    waiting = [filed.run(lambda nth=nth: proposed(number, nth)) for nth in range(ROUNDS)]  # type: ignore[misc]

    counts = filed.run_together(
        [lambda who=who: decided(waiting, who) for who in range(1, OPERATORS + 1)]  # type: ignore[misc]
    )

    states = filed.run(lambda: list(Proposal.objects.order_by("pk").values_list("state", "decided_by", "proposed_by")))
    assert sum(counts) == ROUNDS
    assert "OPEN" not in {state for state, _by, _from in states}
    done = [by for state, by, _from in states if state == "DONE"]
    assert "account 1" not in done
    assert filed.run(Pack.objects.count) == len(done)
    assert filed.run(lambda: Audit.objects.filter(verb="pack.give").count()) == len(done)
    assert filed.run(faults) == []
