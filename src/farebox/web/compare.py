"""How a number of a range compares with the same number of the period before, in words and with a sign."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from farebox.web import present


@dataclass(frozen=True, slots=True)
class Comparison:
    """A sign that repeats what the words say, for eyes that skim; `kind` is its class."""

    kind: str
    sign: str
    words: str


def compare(now: int, before: int) -> Comparison:
    """Compare two numbers of the same unit; a percent needs something to be a percent of."""
    if now == before:
        return Comparison("same", "=", _("the same as in the previous period"))
    if before <= 0:
        return Comparison("new", "·", _("nothing in the previous period to compare with"))
    percent = present.share(abs(now - before), before)
    if now > before:
        return Comparison("more", "▲", _("%(percent)s more than in the previous period") % {"percent": percent})
    return Comparison("less", "▼", _("%(percent)s less than in the previous period") % {"percent": percent})
