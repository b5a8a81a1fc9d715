"""Sessions that fell silent are closed: at the last heartbeat, or after a day without any word."""

from __future__ import annotations

from collections.abc import Sequence

from farebox.domain.clock import MINUTE, Instant
from farebox.domain.rates import setting_in_force
from farebox.domain.silence import SILENCE_MINUTES, silent_end
from farebox.records import db, ledger, reuse
from farebox.records.catalogue import Catalogue, snapshot
from farebox.records.recording import record
from farebox.records.reuse import OpenUse

PAGE = 500
"""Sessions that one transaction closes at most."""

SESSION = "farebox.session"


def close_silent(*, now: Instant) -> int:
    """
    Close reported sessions that have gone silent, and return how many (domain M4).

    A session with heartbeats ends at the last one once that is as old as the contract's setting says; it costs what
    it cost. One without ends 24 hours after its start and is rated again. What is used in the cloud and tells no end
    keeps no length. An end that is reported later amends either. Running it twice closes nothing twice.
    """
    closed, after = 0, (Instant(0), 0)
    latest = Instant(now - _shortest_us(snapshot()))
    while page := reuse.open_uses(after=after, until=latest, limit=PAGE):
        after = page[-1].until, page[-1].use
        with db.atomic():
            ledger.lock(sorted({one.team for one in page}))
            closed += _close(page, snapshot(), now=now)
    return closed


def _shortest_us(catalogue: Catalogue) -> int:
    """Return the shortest silence that closes a session under any contract."""
    set_ones = [
        setting.value for one in catalogue.contracts.values() for setting in one.settings.get("SILENCE_MINUTES", ())
    ]
    return min([SILENCE_MINUTES, *set_ones]) * MINUTE


def _close(page: Sequence[OpenUse], catalogue: Catalogue, *, now: Instant) -> int:
    ends = {one.use: end for one in page if (end := _end(one, catalogue, now=now)) is not None}
    uses = [use for use in reuse.read(ends) if use.open]  # the others were amended since the page was read
    longer = [use for use in uses if ends[use.id] > use.until]
    reuse.close([use.id for use in uses if ends[use.id] <= use.until])
    if longer:
        first = db.reserve("use", len(longer))
        anew = [
            use._replace(id=first + nth, until=ends[use.id], open=False, late=False) for nth, use in enumerate(longer)
        ]
        record(anew, [reuse.ended(use) for use in longer], catalogue, now=now)
    return len(uses)


def _end(one: OpenUse, catalogue: Catalogue, *, now: Instant) -> Instant | None:
    settings = catalogue.contracts[one.contract].settings.get("SILENCE_MINUTES", ())
    silence_us = setting_in_force(settings, one.until, SILENCE_MINUTES) * MINUTE
    heartbeat = one.until if one.has_heartbeat else None
    end = silent_end(one.since, heartbeat, silence_us=silence_us, now=now)
    return end if end is None or one.kind == SESSION else one.until
