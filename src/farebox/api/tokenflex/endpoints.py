"""Every endpoint of the compatible usage API, in the order in which addresses are matched."""

from __future__ import annotations

from farebox.api.tokenflex import contracts, exports, query, schedules, usage
from farebox.api.tokenflex.app import api

__all__ = ["api"]

api.add_router("", contracts.router)
api.add_router("", usage.router)
api.add_router("", query.router)
api.add_router("", schedules.router)
api.add_router("", exports.router)
