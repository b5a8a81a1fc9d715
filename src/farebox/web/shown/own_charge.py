"""One charge, said to the one who was charged: what, when, how much, why, and what had cost less (product E7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import Instant, read_instant
from farebox.domain.explain import Change
from farebox.domain.usage import Reason
from farebox.services.explain.document import ExplainedSession, ExplainedWhatIf, Explanation
from farebox.web import present

SESSIONS_MAX = 20
"""How many of one's own uses are listed that the rule looked at."""

BECAUSE: Mapping[str, Promise] = {
    Reason.WINDOW_OPENED: gettext_lazy(
        "You opened it outside every window that was paid for: that costs its rate and covers 24 hours."
    ),
    Reason.WINDOW_ROLLED: gettext_lazy(
        "It was still in use when the 24 hours before ended: it was charged again, and the next 24 hours began."
    ),
    Reason.WINDOW_RESUMED: gettext_lazy(
        "Nobody worked in it when its 24 hours ended; when work went on, the next 24 hours began."
    ),
    Reason.IN_WINDOW: gettext_lazy(
        "A charge before covers it: within 24 hours everything with the same product is free."
    ),
    Reason.WITHIN_GRACE: gettext_lazy("It was open for a few minutes only, which costs nothing."),
    Reason.IDLE: gettext_lazy("It was open after its 24 hours without anybody working in it, which costs nothing."),
    Reason.GRACE_AFTER_DENIAL: gettext_lazy(
        "There were not enough tokens to go on; the time to save and close costs nothing."
    ),
    Reason.FIRST_OF_DAY: gettext_lazy("It was the first product of its family that day; a day costs the rate once."),
    Reason.DEARER_PRODUCT: gettext_lazy(
        "It is dearer than what was charged of its family that day: it costs the difference."
    ),
    Reason.NOT_DEARER: gettext_lazy(
        "It is no dearer than what was charged of its family that day, and costs nothing more."
    ),
    Reason.ALREADY_CHARGED: gettext_lazy("The product was charged that day already, and costs nothing more."),
    Reason.BELOW_MINIMUM: gettext_lazy("It was used for a few minutes only that day, which costs nothing."),
    Reason.SEAT: gettext_lazy("You hold a seat for the product: no tokens are used."),
    Reason.TRIAL: gettext_lazy("You were in a trial of the product: no tokens are used."),
    Reason.LATE: gettext_lazy("It was reported after the books of its date were closed: what it adds is charged."),
    Reason.JOB_SUCCEEDED: gettext_lazy("The job gave its result, which costs the rate of its class."),
    Reason.JOB_FAILED: gettext_lazy("The job gave no result, which costs nothing."),
    Reason.JOB_RUNNING: gettext_lazy("The job is not done yet; it is charged when it gives its result."),
    Reason.ENTERED_BY_HAND: gettext_lazy("Somebody entered this use by hand."),
    Reason.ADJUSTED: gettext_lazy("Somebody adjusted the tokens by hand."),
}
"""Why a charge is what it is, said to the one who was charged."""


_LESS: Mapping[str, Promise] = {
    Change.ENDED_BY: gettext_lazy("Had you closed it before it was charged again"),
    Change.IDLE: gettext_lazy("Had nobody worked in it then"),
    Change.SEAT: gettext_lazy("Had you held a seat for it"),
    Change.WITHOUT_PRODUCT: gettext_lazy("Without the other product of its family that day"),
    Change.BELOW_MINIMUM: gettext_lazy("Had it been used for fewer minutes that day"),
}
"""What would have cost less, of what a person can do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of the uses that the rule looked at: when, what, and what it was charged."""

    since: Instant
    until: Instant
    product: str
    tokens: Tokens
    is_this: bool


def own(found: Explanation) -> dict[str, Any]:
    """
    Return the variables of the page.

    What the explanation says of packs, balances and shortfalls is the team's and is left out (quality: *team
    balances*), and so is the text of events.
    """
    return {
        "told": found,
        "product": found.product.name or _("Adjustments by hand"),
        "since": read_instant(found.since),
        "until": read_instant(found.until),
        "cost": tokens(found.tokens),
        "because": BECAUSE.get(found.reason, ""),
        "rate": tokens(found.rate.tokens) if found.rate else None,
        "rate_since": read_instant(found.rate.since) if found.rate else None,
        "window": (read_instant(found.window.since), read_instant(found.window.until)) if found.window else None,
        "sessions": [_session(one) for one in found.considered[:SESSIONS_MAX]],
        "more": max(0, found.considered_total - SESSIONS_MAX),
        "less": list(_less(found.what_if, found.settings.get("grace_minutes", 0))),
    }


def _session(one: ExplainedSession) -> Session:
    return Session(
        since=read_instant(one.since),
        until=read_instant(one.until),
        product=one.product,
        tokens=Tokens(sum(tokens(row.tokens) for row in one.rows)),
        is_this=one.explained,
    )


def _less(what_ifs: tuple[ExplainedWhatIf, ...], grace_minutes: int) -> Iterator[str]:
    """Yield what would have cost less, and how much less in all; the grace is the one that was in force then."""
    within = ngettext(
        "Had you closed it within the first %(number)s minute",
        "Had you closed it within the first %(number)s minutes",
        grace_minutes,
    ) % {"number": present.count(grace_minutes)}
    changes: dict[str, str | Promise] = dict(_LESS)
    if grace_minutes:
        changes[Change.WITHIN_GRACE] = within
    for one in what_ifs:
        if one.difference.startswith("-") and one.change in changes:
            saved = tokens(one.difference.removeprefix("-"))
            words = ngettext(
                "%(change)s, it would have been %(tokens)s token less.",
                "%(change)s, it would have been %(tokens)s tokens less.",
                present.plural(saved),
            )
            yield words % {"change": changes[one.change], "tokens": present.amount(saved)}
