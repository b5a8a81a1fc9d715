"""The first page: its tiles, its warnings, the questions with their answers, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from secrets import token_urlsafe
from typing import Any

from babel.lists import format_list
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.amounts import Tokens
from farebox.domain.report_files import Format, Schema
from farebox.services import people
from farebox.services.attention import Attention, Silent, Steps, Waiting
from farebox.web import figures, present
from farebox.web.compare import compare
from farebox.web.export_form import Often
from farebox.web.places import places
from farebox.web.question import Question, Range
from farebox.web.reports.home import Home
from farebox.web.reports.standing import UsageDay
from farebox.web.shown import waiting as shown_waiting
from farebox.web.shown.balances import line, warnings
from farebox.web.shown.links import product_address, tab_address, user_address

MOST_GROWN = "-growth"
"""The order of the table of products in which the answer stands first; users are in that order by themselves."""


def own(home: Home, steps: Steps) -> dict[str, Any]:
    """Return the variables of the template."""
    month, asked = home.month, _asked(home)
    return {
        "home": home,
        "standing": home.standing,
        "choice": home.choice,
        "warnings": warnings(home.accounts),
        "notes": list(_notes(home)),
        "tiles": [line(account) | _recent(home.recent[account.contract.number]) for account in home.accounts],
        "month_name": places([month.days])[0].name,
        "compared": compare(month.tokens, month.before),
        "spender": _spender(home, asked),
        "grower": _grower(home, asked),
        "users_address": tab_address("user", asked),
        "products_address": tab_address("product", asked, MOST_GROWN),
        "month_address": tab_address("summary", asked),
        "balances_address": f"{reverse('balances')}?{urlencode({'contract': home.choice.value})}",
        "export_address": f"{reverse('export')}?{urlencode(_file(home, asked))}",
        "export_now": _file(home, asked) | _once(),
        "steps": list(_steps(home, steps)),
    }


def _asked(home: Home) -> Question:
    """Return the question about the last complete month by its dates, so that its link says the same for ever."""
    return Question(range=Range.CUSTOM, days=home.month.days, contract=home.choice.value)


def _file(home: Home, asked: Question) -> dict[str, str]:
    """Return what the export page is to be filled with: the usage of that month."""
    dates = {"since": asked.first.isoformat(), "until": asked.last.isoformat()}
    return {"types": "usage", "contract": home.choice.value, "range": Range.CUSTOM.value, **dates}


def _once() -> dict[str, str]:
    """Return what else a form says that asks for a workbook with the usual columns at once."""
    wanted = {"format": Format.XLSX.value, "schema": Schema.FAREBOX_1.value, "every": Often.ONCE.value}
    return wanted | {"sent": "1", "nonce": token_urlsafe(16)}


def _recent(days: Sequence[UsageDay]) -> dict[str, object]:
    """Return what a contract used in the last 30 days, in a number and a small chart."""
    used = Tokens(sum(day.tokens for day in days))
    name = _("Tokens of each of the last %(days)s days") % {"days": present.count(len(days))}
    return {"used": used, "spark": figures.spark(name, [int(day.tokens) for day in days]) if used else ""}


def _spender(home: Home, asked: Question) -> dict[str, object] | None:
    """Return who spent most, by name where names are shown (quality P1)."""
    most = home.month.spender
    if most is None:
        return None
    known = people.named(home.choice.chosen, [most.pseudonym]).get(most.pseudonym)
    share = present.share(most.tokens, home.month.tokens) if home.month.tokens > 0 else ""
    return {
        "name": known.name if known else most.pseudonym,
        "number": present.plural(most.tokens),
        "tokens": present.amount(most.tokens),
        "share": share,
        "address": user_address(most.pseudonym, asked),
    }


def _grower(home: Home, asked: Question) -> dict[str, object] | None:
    grew = home.month.grower
    if grew is None:
        return None
    percent = "" if grew.before <= 0 else present.share(grew.more, grew.before)
    return {
        "name": grew.name,
        "number": present.plural(grew.more),
        "more": present.amount(grew.more),
        "percent": percent,
        "address": product_address(grew.code, asked),
    }


def _notes(home: Home) -> Iterator[str]:
    """Yield what else wants attention, of each team; whose it is, where there are several."""
    names = {contract.team_id: contract.team for contract in home.choice.chosen}
    for team, found in home.attention.items():
        for text in (*_waiting(found), *map(_silent, found.silent)):
            yield present.labelled(names[team], text) if len(names) > 1 else text


def _waiting(found: Attention) -> Iterator[str]:
    """Say how many events wait, and for what, the commonest reason first (domain M2)."""
    events = sum(one.events for one in found.waiting)
    if events:
        said = ngettext(
            "%(number)s event waits and is not charged yet: %(reasons)s. The operator of this installation sees it on "
            "a page, and releases it.",
            "%(number)s events wait and are not charged yet: %(reasons)s. The operator of this installation sees them "
            "on a page, and releases them.",
            events,
        )
        reasons = [_reason(one, several=len(found.waiting) > 1) for one in found.waiting]
        listed = format_list(reasons, locale=present.locale())
        yield said % {"number": present.count(events), "reasons": listed}


def _reason(one: Waiting, *, several: bool) -> str:
    reason = shown_waiting.reason(one.problem)
    return f"{reason} ({present.count(one.events)})" if several else reason


def _silent(source: Silent) -> str:
    if source.seen is None:
        return _("“%(name)s” has not sent anything yet.") % {"name": source.name}
    return _("“%(name)s” has sent nothing since %(time)s, longer than it should.") % {
        "name": source.name,
        "time": present.clock(source.seen),
    }


def _steps(home: Home, steps: Steps) -> Iterator[dict[str, object]]:
    """Yield what a team does first, and whether it is done; nothing where all of it is."""
    emptied = home.standing.was_emptied
    first = next((one.team_id for one in home.choice.chosen), "")
    has_tokens = not all(one.is_new for one in home.accounts) and not emptied
    told = [
        _step(has_tokens, _("Tokens are here"), _("Tokens"),
              _("The tokens that were here were moved or taken away. The operator moves some back, or adds a pack.")
              if emptied else _("The operator of this installation adds a token pack to the team.")),
        _step(home.nobody_in is None, _("People may open products"), _("Invite people"),
              _("Write their names and addresses, and choose what they may open; several at once."),
              address=f"{reverse('users-by-user')}?{urlencode({'team': home.nobody_in or '', 'invite': 1})}#invite"),
        _step(home.is_used, _("Use comes in"), _("First launch"),
              _("A product or a licence server asks at each launch, or reports what was used. It shows a source key, "
                "which you make."), address=f"{reverse('source-keys')}?{urlencode({'team': first})}"),
        _step(steps.has_token, _("You have a personal token"), _("Personal token"),
              _("Make one, so that a script or a BI tool can ask."), address=f"{reverse('settings')}#tokens"),
        _step(steps.has_export, _("You exported a file"), _("First export"),
              _("Ask for a file, once or every month."), address=reverse("export")),
    ]  # fmt: skip
    if not all(step["done"] for step in told):
        yield from told


def _step(done: bool, said: str, name: str, text: str, *, address: str = "") -> dict[str, object]:
    """Return a step: what is said of it once it is done, else its name, and how it is taken."""
    if done:
        return {"done": True, "name": said, "text": "", "address": ""}
    return {"done": False, "name": name, "text": text, "address": address}
