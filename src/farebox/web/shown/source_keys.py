"""What a source key opens, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

MAY: Mapping[str, Promise] = {
    "events:write authorize": gettext_lazy("ask and report"),
    "authorize": gettext_lazy("ask who may open what"),
    "events:write": gettext_lazy("report what was used"),
}
"""By the scopes of a key, as they are written."""


def may(scopes: Iterable[str]) -> str:
    """Say what a key may do."""
    return str(MAY.get(" ".join(scopes), ", ".join(scopes)))
