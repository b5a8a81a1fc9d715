"""The notice to somebody to whom tokens of another team are offered."""

from __future__ import annotations

from typing import Any

from django import template

from farebox.services.move import offering
from farebox.wallclock import now
from farebox.web.shown import moves

register = template.Library()


@register.inclusion_tag("_token_offer_notice.html", takes_context=True)
def token_offer_notice(context: dict[str, Any]) -> dict[str, object]:
    """Return the offers to the reader that may still be accepted."""
    user, at = context["request"].user, now()
    found = offering.offered_to(user, now=at) if user.is_authenticated else []
    return {"token_offers": [moves.offer(one, at=at) for one in found]}
