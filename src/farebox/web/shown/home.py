"""The first page: its tiles, its warnings, the questions with their answers, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.clock import as_date
from farebox.domain.periods import Days
from farebox.services import people
from farebox.services.attention import Attention, Steps
from farebox.web import figures, present
from farebox.web.compare import compare
from farebox.web.places import places
from farebox.web.question import Question, Range
from farebox.web.reports.home import Home, Month
from farebox.web.reports.standing import UsageDay
from farebox.web.shown.balances import left_of, line, warnings

BY_PERSON, BY_GROWTH = "-tokensConsumed", "-change"


def own(home: Home, steps: Steps) -> dict[str, Any]:
    """Return the variables of the template."""
    month = home.month
    asked = _asked(home)
    return {
        "home": home,
        "standing": home.standing,
        "choice": home.choice,
        "warnings": warnings(home.accounts),
        "notes": [text for team, found in home.attention.items() for text in _notes(team, found)],
        "tiles": [line(account) | _used(home.recent[account.contract.number]) for account in home.accounts],
        "left_percent": left_of(home.standing.available, home.standing.held)[0],
        "month": month,
        "month_name": places([month.days, month.days])[0].name,
        "compared": compare(month.tokens, month.before),
        "spender": _spender(home),
        "grower": _grower(month),
        "users_address": reverse("token-usage") + asked.address(tab="user", sort=BY_PERSON),
        "products_address": reverse("token-usage") + asked.address(tab="product", sort=BY_GROWTH),
        "summary_address": reverse("token-usage") + asked.address(),
        "balances_address": reverse("balances") + "?" + urlencode({"contract": home.choice.value}),
        "export_address": reverse("export") + "?" + urlencode({"types": "usage"} | _dates(home)),
        "steps": list(_steps(home, steps)),
    }


def _asked(home: Home) -> Question:
    """Return the question about the last complete month, by its dates, so that its link says the same for ever."""
    return Question(range=Range.CUSTOM, days=home.month.days, contract=home.choice.value)


def _dates(home: Home) -> dict[str, str]:
    days: Days = home.month.days
    first, last = as_date(days.since).isoformat(), as_date(type(days.until)(days.until - 1)).isoformat()
    return {"contract": home.choice.value, "range": Range.CUSTOM.value, "since": first, "until": last}
