"""The notice to somebody to whom the primary role of a team is offered."""

from __future__ import annotations

from typing import Any

from django import template

from farebox.services import handover
from farebox.wallclock import now

register = template.Library()


@register.inclusion_tag("_handover_notice.html", takes_context=True)
def handover_notice(context: dict[str, Any]) -> dict[str, object]:
    """Return the offers to the reader that may still be accepted."""
    user = context["request"].user
    return {"handover_offers": handover.offered_to(user, now=now()) if user.is_authenticated else []}
