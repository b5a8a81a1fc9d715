"""
Why a charge is what it is: the rule, what it was rated from, who paid, and what would have changed it (product E7).

    service    gather, rate again, and rate what might have been
    basis      the chain or day of a charge, from the records
    write      numbers to names and texts
    words      one sentence for each rule and each alternative
    document   what an explanation has
"""

from __future__ import annotations

from farebox.services.explain.document import Explanation
from farebox.services.explain.service import explain

__all__ = ["Explanation", "explain"]
