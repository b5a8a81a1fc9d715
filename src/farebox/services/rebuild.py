"""Every stored balance and window of the records, computed anew from the facts (domain L2; invariant L8)."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.records import db, ledger, rebuild, usage
from farebox.records.rebuild import Mended


def rebuild_records() -> Mended:
    """
    Write anew what packs have, what charges are short or over, and which windows stand; return what was wrong.

    Sound books are left as they are to the byte. Nobody books meanwhile, and nothing of it is seen before all is done.
    """
    with db.atomic():
        ledger.lock(rebuild.teams())
        packs, charges = rebuild.packs_off(), rebuild.charges_off()
        missing, too_many = rebuild.windows_off()
        rebuild.mend_packs(packs)
        rebuild.mend_charges(charges)
        usage.move_windows(
            [(one.chain, Instant(one.start)) for one in too_many], [(one.chain, Instant(one.start)) for one in missing]
        )
        return Mended(len(packs), len(charges), len(missing) + len(too_many))
