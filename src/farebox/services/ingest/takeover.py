"""
Sessions that the server saw itself, and that their products report now: the report counts, once (events.md, M3).

A product that was allowed a session sends it afterwards as an event with the session's id. Whatever source it names,
it is the same event that the server keeps for the session, and amends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import structs

from farebox.domain.clock import Instant
from farebox.records import holds, live
from farebox.records.catalogue import Catalogue
from farebox.records.live import LIVE_SOURCE, Session
from farebox.records.usage import UseRow
from farebox.services.ingest.wire import Sent

_CODE = re.compile(r"ses_[0-9a-f]{32}")


def is_session(event_id: str) -> bool:
    """Tell whether an event's id is the id of a session that was allowed at the moment of use."""
    return event_id.startswith("ses_") and _CODE.fullmatch(event_id) is not None


def as_kept(sent: Sent) -> Sent:
    """Return the event of an allowed session under the identity that the server keeps it by."""
    return sent._replace(envelope=structs.replace(sent.envelope, source=LIVE_SOURCE))


def take_over(
    events: Iterable[tuple[str, int, int]], uses: Sequence[UseRow], catalogue: Catalogue, *, now: Instant
) -> set[int]:
    """
    Close the live sessions that these events report, as (id, team, event), and release what is held for them.

    What a report charges draws in the same transaction. Returns the contracts in which something was released.
    """
    told = {code: (team, event) for code, team, event in events if is_session(code)}
    if not told:
        return set()
    sessions = [s for code, s in live.with_codes(sorted(told)).items() if s.team == told[code][0]]
    use_of = {use.event: use for use in uses}
    changed = []
    for session in sessions:
        event = told[session.code][1]
        runs = event in use_of and bool(use_of[event].open)
        changed.append(session._replace(event=event, closed=session.closed if runs else session.closed or now))
    live.change(changed)
    reported = {session.key for session in changed if _outlasts(use_of.get(session.event), session)}
    return _release({session.key for session in changed}, reported, catalogue, now=now)


def _outlasts(use: UseRow | None, session: Session) -> bool:
    """Tell whether a report is of the product that was launched, and of more than a mistake (domain F3)."""
    return use is not None and use.product == session.product and use.until - use.since > use.grace_us


def _release(keys: set[live.Key], reported: set[live.Key], catalogue: Catalogue, *, now: Instant) -> set[int]:
    """End the holds of what was reported as used, and of what nothing runs of any more."""
    running = live.running(sorted(keys))
    ended = [hold for key, hold in holds.of_keys(sorted(keys)).items() if key in reported or key not in running]
    for contract in {hold.contract for hold in ended}:
        of_contract = [hold for hold in ended if hold.contract == contract]
        holds.end_holds(catalogue.contracts[contract], of_contract, booked=False, now=now)
    holds.mark_booked([hold.id for hold in ended if (hold.contract, hold.person, hold.product) in reported])
    return {hold.contract for hold in ended}
