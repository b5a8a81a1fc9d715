"""What the privacy line of the reports links to."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def privacy_policy() -> str:
    """Return the address of the operator's privacy policy; empty where the operator names none (product K1)."""
    return str(settings.PRIVACY_URL)
