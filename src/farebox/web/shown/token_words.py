"""What the pages call contracts, pools, events and warnings, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from farebox.domain.alerts import Alert, Warned, days_until
from farebox.domain.clock import Instant, day_of
from farebox.domain.packs import Pool
from farebox.services.report import Readable
from farebox.services.token_events import ACCOUNT, TokenEvent, TokenEventKind
from farebox.web import present

POOLS = {
    Pool.FLEX: gettext_lazy("Flex tokens"),
    Pool.CREDIT: gettext_lazy("Cloud credits"),
    Pool.CY: gettext_lazy("Tokens of the contract year"),
    Pool.MY: gettext_lazy("Multi-year tokens"),
}

EVENTS = {
    TokenEventKind.PURCHASED: gettext_lazy("Bought"),
    TokenEventKind.MOVED_IN: gettext_lazy("Moved in"),
    TokenEventKind.MOVED_OUT: gettext_lazy("Moved out"),
    TokenEventKind.MERGED_IN: gettext_lazy("Came with a merged team"),
    TokenEventKind.MERGED_OUT: gettext_lazy("Went with a merged team"),
    TokenEventKind.ADJUSTED: gettext_lazy("Adjusted by hand"),
    TokenEventKind.EXPIRED: gettext_lazy("Expired"),
    TokenEventKind.BACK_FROM_LAPSE: gettext_lazy("Expiry undone for a use reported late"),
    TokenEventKind.COVERED: gettext_lazy("Covered earlier use"),
}


_BY_RULE = (TokenEventKind.EXPIRED, TokenEventKind.BACK_FROM_LAPSE, TokenEventKind.COVERED)
"""What happens when a pack ends or begins, without anybody's act."""


def contract_label(contract: Readable) -> str:
    """Name a contract as the chooser does: its team, what kind it is, its number."""
    kind = _("Enterprise") if contract.scheme == "ENTERPRISE" else _("Flex")
    return f"{contract.team} · {kind} {contract.number}"


def event_label(event: TokenEvent) -> str:
    """Say what happened; a covering that came back is told from one that was paid (domain L5)."""
    if event.kind is TokenEventKind.COVERED and event.tokens > 0:
        return _("Covered use taken back")
    return str(EVENTS[event.kind])


def pack_label(number: int, order_number: str) -> str:
    """Name a pack: by its order, else by its number."""
    return order_number or _("Pack %(number)s") % {"number": number}


def money(minor: int, currency: str) -> str:
    """Write a price in the reader's language."""
    written: str = format_currency(major(minor, currency), currency, locale=present.locale())
    return written


def major(minor: int, currency: str) -> Decimal:
    """Return a price in the currency's own unit; a yen has no hundredths."""
    digits = get_currency_precision(currency)
    return Decimal(minor).scaleb(-digits)


def in_days(then: Instant, at: Instant) -> str:
    """Say how far away a date is: today, in 12 days, 3 days ago."""
    days = days_until(then, at)
    if days == 0:
        return _("today")
    number = {"days": present.count(abs(days))}
    if days < 0:
        return ngettext("%(days)s day ago", "%(days)s days ago", -days) % number
    return ngettext("in %(days)s day", "in %(days)s days", days) % number


def who(event: TokenEvent, *, names_hidden: bool) -> str:
    """
    Say who did something to tokens; where names are hidden, what kind of person or program it was.

    Packs are given by the operator alone; what a rule does is nobody's act.
    """
    if event.actor.startswith(ACCOUNT):
        return _("an administrator") if names_hidden or not event.who else event.who
    if event.kind is TokenEventKind.PURCHASED or event.actor in ("command", "farebox:command"):
        return _("the operator")
    if event.kind in _BY_RULE:
        return _("by itself")
    return _("a program") if names_hidden else event.actor


def warning(alert: Alert, *, at: Instant, pack: str = "") -> str:
    """Say what an alert is about; `pack` names the pack that it concerns."""
    facts = {
        "number": present.plural(alert.tokens, tenths=True),
        "tokens": present.rounded(alert.tokens),
        "pack": pack,
        "date": "" if alert.at is None else present.short_date(day_of(alert.at)),
        "when": "" if alert.at is None else in_days(alert.at, at),
    }
    return _WARNINGS[alert.what] % facts


_WARNINGS = {
    Warned.NOTHING_LEFT: gettext_lazy("No tokens are left."),
    Warned.LOW: ngettext_lazy(
        "Low: %(tokens)s token is left, a fifth or less of what there was.",
        "Low: %(tokens)s tokens are left, a fifth or less of what there was.",
        "number",
    ),
    Warned.SHORT: ngettext_lazy(
        "%(tokens)s token was used beyond the packs. The next pack covers it first.",
        "%(tokens)s tokens were used beyond the packs. The next pack covers them first.",
        "number",
    ),
    Warned.OVER: ngettext_lazy(
        "%(tokens)s token was used beyond the tokens of the contract year.",
        "%(tokens)s tokens were used beyond the tokens of the contract year.",
        "number",
    ),
    Warned.RUNS_OUT: gettext_lazy("At the present pace the tokens run out about %(date)s, %(when)s."),
    Warned.ALL_LAPSE: gettext_lazy("The last pack ends on %(date)s, %(when)s. No tokens are left after that."),
    Warned.PACK_ENDS: ngettext_lazy(
        "%(pack)s ends on %(date)s, %(when)s. At the present pace %(tokens)s token of it expires unused.",
        "%(pack)s ends on %(date)s, %(when)s. At the present pace %(tokens)s tokens of it expire unused.",
        "number",
    ),
}
