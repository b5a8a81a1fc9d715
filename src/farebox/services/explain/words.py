"""
The sentences of an explanation: the rule behind each reason, and what an alternative would have meant.

A reason and a change each have one sentence, and a test holds that none is without. The page of rules is
`docs/domain.md`; the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, assert_never

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.clock import Instant, as_iso
from farebox.domain.explain import Change, WhatIf
from farebox.domain.usage import Reason


class Rule(NamedTuple):
    """A rule by its number, and what it said of a charge."""

    number: str
    says: str


RULES: Mapping[str, Rule] = {
    Reason.WINDOW_OPENED: Rule(
        "domain F1", "a launch outside every window opens one of 24 hours and is charged in full, at the rate of then"
    ),
    Reason.WINDOW_ROLLED: Rule(
        "domain F2", "it was in use at the end of a window, so that it was charged again and a new window began there"
    ),
    Reason.WINDOW_RESUMED: Rule(
        "domain F4", "nobody worked in it at the end of its window; activity came back and opened the next one"
    ),
    Reason.IN_WINDOW: Rule("domain F1", "a window that is paid for already covers it"),
    Reason.WITHIN_GRACE: Rule(
        "domain F3", "the whole session was no longer than the grace, outside every window: it opens none"
    ),
    Reason.IDLE: Rule("domain F4", "it was running after its window's end without anybody working in it"),
    Reason.GRACE_AFTER_DENIAL: Rule(
        "domain F7a", "the next window was denied for lack of tokens; the time to save and close is free"
    ),
    Reason.FIRST_OF_DAY: Rule(
        "domain N2", "it was the first chargeable product of its family for this person on that day"
    ),
    Reason.DEARER_PRODUCT: Rule(
        "domain N2", "it is dearer than what was charged in its family that day, and pays the difference"
    ),
    Reason.NOT_DEARER: Rule("domain N2", "it is no dearer than what was charged in its family that day"),
    Reason.ALREADY_CHARGED: Rule("domain N2", "the product already counted that day"),
    Reason.BELOW_MINIMUM: Rule("domain N2", "the product's time that day had not reached the minimum"),
    Reason.SEAT: Rule("domain F9", "the person has a named subscription to the product, which pays before tokens"),
    Reason.TRIAL: Rule("domain F9", "the person has a trial of the product, which pays before tokens"),
    Reason.LATE: Rule(
        "domain L5a", "it is dated in closed books: what it adds to the total of its key is charged, dated at receipt"
    ),
    Reason.JOB_SUCCEEDED: Rule("domain S1", "the job gave its result, at the rate of its class when it was submitted"),
    Reason.JOB_FAILED: Rule("domain S1", "the job failed, was cancelled or timed out, which costs nothing"),
    Reason.JOB_RUNNING: Rule("domain S1", "the job is not done yet; what it may cost is reserved"),
    Reason.ENTERED_BY_HAND: Rule("domain T2", "somebody entered it by hand, for its transaction date"),
    Reason.ADJUSTED: Rule("domain N6", "an adjustment consumes minus what it changed its pool by"),
}
"""The rule behind each reason."""


def change_text(what: WhatIf, product: str) -> str:
    """Say in a clause what would have been otherwise; `product` is the name of the product that it speaks of."""
    at = "" if what.at is None else as_iso(Instant(what.at))
    match what.change:
        case Change.ENDED_BY:
            return f"ended by {at}"
        case Change.WITHIN_GRACE:
            return f"ended by {at}, within the grace"
        case Change.OUTLASTED_GRACE:
            return f"running until {at}, longer than the grace"
        case Change.STILL_IN_USE:
            return f"still in use at {at}, the end of its window"
        case Change.IDLE:
            return f"without activity from {at} on"
        case Change.ACTIVE:
            return f"with activity at {at}"
        case Change.NOT_DENIED:
            return "with tokens enough at the end of the window"
        case Change.SEAT:
            return f"with a seat for {product} from {at} on"
        case Change.NO_SEAT:
            return f"without the seat or trial of {product}"
        case Change.WITHOUT_PRODUCT:
            return f"without {product} that day"
        case Change.BELOW_MINIMUM:
            return f"with {product} below the minimum that day"
        case Change.REACHED_MINIMUM:
            return f"running until {at}, for as long as the minimum"
        case Change.FIRST_PIECE:
            return f"without the earlier use of {product} that day"
        case Change.FAILED:
            return "had the job failed"
        case Change.SUCCEEDED:
            return "once the job gives its result"
    assert_never(what.change)


def outcome_text(what: WhatIf) -> str:
    """Say what the charge would have been, and what it would have changed in all."""
    would = "no charge" if what.category is None else f"{what.category} {as_text(what.tokens)}"
    if not what.difference:
        return f"{would}, the total the same"
    sign = "+" if what.difference > 0 else ""
    return f"{would}, the total {sign}{as_text(Tokens(what.difference))}"
