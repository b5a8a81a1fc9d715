"""`verify`, which is SQL, and the books' oracle, which is Python, say the same of any history, honest or not."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services import books
from tests.services.deliveries import PLAIN, deliver, deliveries, furnish, sessions
from tests.services.tampering import forgotten, tampering
from tests.world import World

from farebox.domain.clock import Instant
from farebox.records import db
from farebox.services.seal import seal
from farebox.services.verify import verify

TAMPERS = (
    "UPDATE records_pack SET left_micro = left_micro + 1 WHERE id = (SELECT MIN(id) FROM records_pack)",
    "UPDATE records_pack SET lapsed_micro = lapsed_micro + 1 WHERE id = (SELECT MAX(id) FROM records_pack)",
    "UPDATE records_pack SET reserved_micro = reserved_micro + 1 WHERE id = (SELECT MAX(id) FROM records_pack)",
    "UPDATE records_entry SET tokens_micro = tokens_micro + 1 WHERE id = (SELECT MAX(id) FROM records_entry)",
    "UPDATE records_entry SET kind = 'MOVED' WHERE id = (SELECT MAX(id) FROM records_entry)",
    "DELETE FROM records_entry WHERE id = (SELECT MAX(id) FROM records_entry)",
    "UPDATE records_ledgerhead SET number = number + 1",
    "UPDATE records_charge SET until_us = until_us + 1 WHERE ended_us IS NULL",
    "UPDATE records_intake SET received = received + 1",
    "UPDATE records_event SET state = 'QUARANTINED'",
    "INSERT INTO records_window (id, contract_id, person_id, product_id, start_us) "
    "SELECT 9000, contract_id, person_id, product_id, 1 FROM records_use WHERE id = (SELECT MAX(id) FROM records_use)",
)
"""Changes that both can see, whatever the history."""


def _broken() -> list[str]:
    return [f"{line.rule} {line.name}: {line.offences}" for line in verify() if not line.is_sound]


@given(data=st.data())
@settings(PLAIN, max_examples=few(30))
def test_honest_histories_are_sound_to_both(world: World, data: st.DataObject) -> None:
    """However sessions arrive, in whichever order and how often, neither finds anything."""
    enterprise = data.draw(st.booleans())
    told = data.draw(sessions(enterprise=enterprise))
    requests = data.draw(deliveries(told))
    with forgotten():
        furnish(world)
        wrong = deliver(world, requests, enterprise=enterprise)
        unsealed = _broken()
        seal(now=Instant(0))

        assert wrong == unsealed == _broken() == []


@given(data=st.data())
@settings(PLAIN, max_examples=few(30))
def test_tampered_histories_are_broken_to_both(world: World, data: st.DataObject) -> None:
    """Whatever is changed in whichever history, both find it."""
    told = data.draw(sessions(enterprise=False))
    requests = data.draw(deliveries(told))
    statement = data.draw(st.sampled_from(TAMPERS))
    with forgotten():
        furnish(world)
        deliver(world, requests, enterprise=False)
        with tampering():
            db.execute(statement)
        found: tuple[Callable[[], list[str]], ...] = (_broken, books.faults)

        assert [bool(find()) for find in found] == [True, True]
