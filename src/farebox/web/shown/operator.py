"""What the operators' pages say: the first steps, what is amiss, contracts, packs, rates and proposals in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.approval import Kind, State
from farebox.domain.clock import DAY, Day, Instant, day_of
from farebox.domain.contracts import ContractYear
from farebox.domain.errors import InvalidAmount
from farebox.services.ingest.entries import Listed as Entry
from farebox.services.operating.offers import RateLine, When
from farebox.services.operating.overview import Amiss, Leads, Steps
from farebox.services.packs import Listed
from farebox.services.policies import InForce
from farebox.services.proposals import Pending
from farebox.services.rate_change import Period
from farebox.web import present
from farebox.web.operator_forms import CATEGORIES, POOLS, SETTINGS
from farebox.web.reports.measures import change_of
from farebox.web.shown import entries
from farebox.web.shown.token_words import money

SCHEMES: Mapping[str, Promise] = {"FLEX": gettext_lazy("Flex"), "ENTERPRISE": gettext_lazy("Enterprise")}
_WHEN: Mapping[When, Promise] = {
    When.PAST: gettext_lazy("over"),
    When.NOW: gettext_lazy("in force"),
    When.COMING: gettext_lazy("to come"),
}
_KINDS: Mapping[Kind, Promise] = {
    Kind.GIVE: gettext_lazy("Give tokens"),
    Kind.ADJUST: gettext_lazy("Adjust tokens"),
    Kind.CONSUME: gettext_lazy("Enter consumption by hand"),
    Kind.WITHDRAW: gettext_lazy("Withdraw an entry by hand"),
    Kind.MOVE: gettext_lazy("Move tokens"),
    Kind.MERGE: gettext_lazy("Move all tokens of a team"),
    Kind.APPOINT: gettext_lazy("Appoint a primary administrator"),
}
STATES: Mapping[State, Promise] = {
    State.OPEN: gettext_lazy("lapsed"),
    State.DONE: gettext_lazy("approved and done"),
    State.REFUSED: gettext_lazy("refused"),
    State.WITHDRAWN: gettext_lazy("withdrawn"),
}
"""What became of a proposal that does not wait any more."""


class Step(NamedTuple):
    """A step from an empty installation to people at work; `address` leads to where it is taken."""

    words: str
    address: str
    is_done: bool


class Matter(NamedTuple):
    """Something that wants looking after."""

    words: str
    address: str


def steps(taken: Steps, leads: Leads) -> list[Step]:
    """Return the first steps in their order; none where all are taken, and no address where it is too early."""
    if all(taken):
        return []
    found: list[tuple[str, str, tuple[int, ...], bool]] = [
        (_("Make an offer: which products a contract opens"), "operator-offer-new", (), taken.offer),
        (_("Add the products that are metered, each with the offer that opens it"), *_products(leads), taken.product),
        (_("Make a rate card, and set what each product costs"), "operator-cards", (), taken.rate),
        (_("Add a team"), "operator-team-new", (), taken.team),
        (_("Give it a contract, on the team’s page"), "operator-contract-new", (leads.bare,), taken.contract),
        (_("Give the contract its first tokens, on its page"), "operator-give", (leads.empty,), taken.pack),
        (_("Make a key for the product or the licence server"), "operator-key-new", (leads.keyless,), taken.key),
        (
            _("Invite the primary administrator, who invites the people"),
            "operator-primary",
            (leads.leaderless,),
            taken.primary,
        ),
    ]
    return [
        Step(words, reverse(name, args=numbers) if all(numbers) else "", is_done)
        for words, name, numbers, is_done in found
    ]


def _products(leads: Leads) -> tuple[str, tuple[int, ...]]:
    """Return where products are added; where there are some and no offer has any, where the offer gets them."""
    return ("operator-offer-open", (leads.closed,)) if leads.closed else ("operator-product-new", ())


def amiss(found: Amiss, proposals: int) -> list[Matter]:
    """Return what wants looking after, in words; nothing where all is well."""
    home = reverse("operator")
    kept = [
        (
            proposals,
            ngettext("%s proposal waits for another operator.", "%s proposals wait for another operator.", proposals),
            reverse("operator-approvals"),
        ),
        (
            found.waiting,
            ngettext(
                "%s event waits for the catalogue, a rate or a contract.",
                "%s events wait for the catalogue, a rate or a contract.",
                found.waiting,
            ),
            reverse("operator-waiting"),
        ),
        (
            found.failed_mails,
            ngettext("%s mail could not be sent.", "%s mails could not be sent.", found.failed_mails),
            "",
        ),
        (
            found.leaderless,
            ngettext(
                "%s team has no primary administrator.", "%s teams have no primary administrator.", found.leaderless
            ),
            home,
        ),
        (found.bare, ngettext("%s team has no contract.", "%s teams have no contract.", found.bare), home),
    ]
    matters = [Matter(text % present.count(number), address) for number, text, address in kept if number]
    return matters + [Matter(_("The source %s has been silent for too long.") % name, "") for name in found.silent]


def page_addresses(path: str, search: str, page: int, pages: int) -> dict[str, str]:
    """Return the addresses of the pages before and after one; empty where there is none."""

    def address(number: int) -> str:
        kept = {name: value for name, value in (("q", search), ("page", number if number > 1 else "")) if value}
        return f"{path}?{urlencode(kept)}" if kept else path

    return {"before": address(page - 1) if page > 1 else "", "after": address(page + 1) if page < pages else ""}


def category(value: str) -> str:
    """Return what kind of thing a product is."""
    return str(dict(CATEGORIES).get(value, value))


def pool(value: str) -> str:
    """Return what kind of tokens a pool has."""
    return str(POOLS.get(value, value))


def since(at: Instant) -> str:
    """Write from when something holds: a date where it is midnight UTC, else the minute."""
    return present.short_date(day_of(at)) if at % DAY == 0 else present.clock(at)


class PackRow(NamedTuple):
    """A pack as a table shows it."""

    id: int
    kind: str
    left: Tokens
    reserved: Tokens
    size: Tokens
    lapsed: bool
    since: str
    until: str
    order: str
    origin: str


_ORIGINS: Mapping[str, Promise] = {
    "PURCHASED": gettext_lazy("bought"),
    "MOVED": gettext_lazy("moved here"),
    "ADJUSTED": gettext_lazy("adjustment"),
}


def packs(found: Iterable[Listed], number: str, *, at: Instant) -> list[PackRow]:
    """Return the packs of one contract, those that pay first before the others, ended ones last."""
    rows = [
        PackRow(
            one.id,
            pool(one.pool),
            one.left,
            one.reserved,
            one.size,
            one.until <= at,
            present.short_date(day_of(one.since)),
            present.short_date(day_of(one.until)),
            one.order_number,
            str(_ORIGINS.get(one.origin, one.origin)),
        )
        for one in found
        if one.contract == number
    ]
    return sorted(rows, key=lambda row: row.lapsed)


class YearRow(NamedTuple):
    """A year of a contract as a table shows it (domain N6)."""

    number: int
    dates: str
    year: ContractYear


def years(found: Iterable[ContractYear]) -> list[YearRow]:
    """Return the years of a contract with their dates in words."""
    return [YearRow(one.number, present.dates(one.days), one) for one in found]


class SettingRow(NamedTuple):
    """A setting of a contract, from an instant on."""

    words: str
    minutes: int
    since: str


def settings(found: Iterable[InForce]) -> list[SettingRow]:
    """Return the dated settings of a contract in words."""
    words = dict(SETTINGS)
    return [SettingRow(str(words.get(one.name, one.name)), one.minutes, since(one.since)) for one in found]


class RateRow(NamedTuple):
    """A rate as a table shows it."""

    line: RateLine
    unit: str
    since: str
    when: str
    is_in_force: bool


def rates(found: Iterable[RateLine]) -> list[RateRow]:
    """Return rates with what their tokens pay for, in words."""
    return [RateRow(one, _unit(one), since(one.since), str(_WHEN[one.when]), one.when is When.NOW) for one in found]


def _unit(one: RateLine) -> str:
    said = [_("jobs of the class %s") % one.complexity] if one.complexity else []
    if one.unit_seconds:
        each = ngettext("each %s second of work", "each %s seconds of work", one.unit_seconds)
        said.append(each % present.count(one.unit_seconds))
    return " · ".join(said) or _("a window, a day, a result")


class PeriodShown(NamedTuple):
    """What some dates would have cost, with the differences in words."""

    dates: str
    period: Period
    was: str
    would: str
    difference: str
    share: str
    rows: list[tuple[str, str, str, str, str]]


def period(found: Period) -> PeriodShown:
    """Write what a rate would have changed on some dates, team by team and in total."""
    cost = found.cost
    rows = [
        (
            one.team,
            present.amount(one.cost.was),
            present.amount(one.cost.would),
            present.signed(one.cost.difference),
            _share(one.cost.difference, one.used),
        )
        for one in found.contracts
    ]
    return PeriodShown(
        present.dates(found.days),
        found,
        present.amount(cost.was),
        present.amount(cost.would),
        present.signed(cost.difference),
        _share(cost.difference, found.used),
        rows,
    )


def _share(difference: Tokens, used: Tokens) -> str:
    """Write a difference as a part of all that was used; a dash where nothing was."""
    change = change_of(Tokens(used + difference), used)
    return "–" if change is None else present.change(change)


class ProposalRow(NamedTuple):
    """A proposal in words."""

    pending: Pending
    kind: str
    what: list[tuple[str, str]]
    proposed: str
    lapses: str
    state: str
    is_own: bool


def act(kind: str) -> str:
    """Say what a proposal is about; a kind of another version of the program is shown as it is."""
    return str(_KINDS[Kind(kind)]) if kind in set(Kind) else kind


def proposal(one: Pending, reader: str, entry: Entry | None = None, *, who: str = "") -> ProposalRow:
    """Write a proposal for a reader: what is to be done, line by line, whom it is about, and what it withdraws."""
    about = [] if entry is None else entries.facts(entry, entries.to_operators)
    return ProposalRow(
        one,
        str(_KINDS[one.kind]),
        _withdrawal(one, about) if one.kind is Kind.WITHDRAW else _what(one, who),
        present.clock(one.proposed),
        present.clock(one.lapses),
        str(STATES[one.state]),
        one.proposed_by == reader,
    )


def _withdrawal(one: Pending, about: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*about, (_("Id of the entry"), one.payload["id"]), (_("Reason to withdraw it"), one.payload["reason"])]


def _what(one: Pending, who: str) -> list[tuple[str, str]]:
    told = {**one.payload, **one.payload.get("asked", {})}
    lines = [
        (_("Contract"), str(told.get("contract", ""))),
        (_("Pack"), str(told.get("pack", ""))),
        (_("To the team"), str(told.get("to", told.get("into", "")))),
        (_("Kind of tokens"), pool(str(told["pool"])) if told.get("pool") else ""),
        (_("Person"), who),
        (_("Product"), str(told.get("product", ""))),
        (_("Tokens"), _tokens_of(one.kind, told.get("tokens"))),
        (_("Units"), str(told.get("quantity", ""))),
        (_("From"), since(Instant(told["since"])) if told.get("since") else ""),
        (_("Until"), since(Instant(told["until"])) if told.get("until") else ""),
        (_("Date"), present.short_date(Day(told["on"])) if told.get("on") else ""),
        (_("Order number"), str(told.get("order_number", ""))),
        (_("Price"), money(told["price_minor"], told["currency"]) if told.get("price_minor") is not None else ""),
        (_("Corrects the entry"), str(told["id"]) if told.get("revision") else ""),
        (_("Also where the teams have different primary administrators"), _("yes") if told.get("across") else ""),
        (_("Primary administrator"), one.appointed),
        (_("Reason"), str(told.get("reason", ""))),
        (_("Comment"), str(told.get("comment", ""))),
    ]
    return [(name, value) for name, value in lines if value]


def _tokens_of(kind: Kind, told: Any) -> str:
    if told is None:
        return _("all that is left") if kind is Kind.MOVE else ""
    if kind is Kind.CONSUME:
        return present.amount(tokens(told)) if told else ""
    if isinstance(told, int):
        return present.amount(Tokens(told))
    try:
        return present.signed(tokens(str(told).removeprefix("+")))
    except InvalidAmount:
        return str(told)
