"""Sessions that are open, in words: the advice to close them, and why they look left open (product B9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.amounts import Tokens
from farebox.domain.clock import HOUR, Instant
from farebox.domain.left_open import Opened, Sign
from farebox.domain.usage import Funding
from farebox.services.mine import Running
from farebox.web import present


def advice(one: Running) -> str:
    """Say what a session costs already, until when it has to be closed, and what it costs otherwise [S 003]."""
    said_already = [_due(one.due_tokens)] if one.due_tokens else []
    said_already += [_reserved(one.reserved_tokens)] if one.reserved_tokens else []
    return " ".join([*said_already, _onwards(one)])


def _due(tokens: Tokens) -> str:
    said_due = ngettext(
        "%(tokens)s token is due for it already.",
        "%(tokens)s tokens are due for it already.",
        present.plural(tokens),
    )
    return said_due % {"tokens": present.amount(tokens)}


def _reserved(tokens: Tokens) -> str:
    said_reserved = ngettext(
        "%(tokens)s token is reserved for it.",
        "%(tokens)s tokens are reserved for it.",
        present.plural(tokens),
    )
    return said_reserved % {"tokens": present.amount(tokens)}


def _onwards(one: Running) -> str:
    tokens, number = present.amount(one.next_tokens), present.plural(one.next_tokens)
    if one.next_at is not None:
        said_until = ngettext(
            "Close it before %(time)s, or another %(tokens)s token is charged.",
            "Close it before %(time)s, or another %(tokens)s tokens are charged.",
            number,
        )
        return said_until % {"time": present.clock(one.next_at), "tokens": tokens}
    if one.waits:
        said_waiting = ngettext(
            "Nothing covers it now: going on in it costs %(tokens)s token.",
            "Nothing covers it now: going on in it costs %(tokens)s tokens.",
            number,
        )
        return said_waiting % {"tokens": tokens}
    if one.funding is Funding.TOKENS:
        return _("It costs nothing while it is open.")
    return _("It uses no tokens, as a seat or a trial pays for it.")


def said(opened: Opened, signs: Sequence[Sign], *, at: Instant) -> tuple[str, ...]:
    """Say why a session looks left open."""
    return tuple(_said(opened, sign, at) for sign in signs)


def _said(opened: Opened, sign: Sign, at: Instant) -> str:
    match sign:
        case Sign.LONG:
            hours = (at - opened.since) // HOUR
            words = ngettext("Open for %(hours)s hour", "Open for %(hours)s hours", hours)
            return words % {"hours": present.count(hours)}
        case Sign.IDLE:
            return _("Nobody has worked in it since %(time)s") % {"time": present.clock(opened.active or opened.since)}
        case Sign.SILENT:
            times = {"heard": present.clock(opened.heard), "closes": present.clock(opened.closes_at)}
            return _("Nothing was heard of it since %(heard)s; it will be closed at %(closes)s") % times
    assert_never(sign)
