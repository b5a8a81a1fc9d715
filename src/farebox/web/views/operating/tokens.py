"""Tokens: packs given and moved, pools adjusted, uses entered by hand. Above the threshold it takes two operators."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox import desk
from farebox.domain.amounts import Tokens, as_text
from farebox.domain.clock import Day, day, day_of
from farebox.domain.errors import NotFound
from farebox.domain.packs import Pool
from farebox.services import operating, packs
from farebox.services.give import POOLS, Purchase
from farebox.services.ingest import by_hand
from farebox.services.ingest.arrival import State
from farebox.services.move import Merge, Move, leaving, rehearse
from farebox.wallclock import now
from farebox.web import present
from farebox.web.move_form import AcrossForm
from farebox.web.operator_forms import POOLS as POOL_NAMES
from farebox.web.operator_forms import AdjustForm, ConsumeForm, GiveForm, MergeForm, amount_of
from farebox.web.shown import operator as shown
from farebox.web.views.operating.sheets import Cleaned, Sheet, Sure, carried_out, changing, fill_in, limit


@changing
def give(request: HttpRequest, contract: int) -> HttpResponse:
    """Give a contract a pack."""
    page = operating.contract_page(contract, at=now())
    sheet = Sheet(
        title=_("Give tokens"),
        button=_("Give tokens"),
        back=reverse("operator-contract", args=[contract]),
        about=f"{page.team} · {page.line.number}",
        told=(_("Open shortfalls are covered from them first, oldest first."), *limit()),
    )
    choices = {"pool": [(pool.value, POOL_NAMES[pool]) for pool in POOLS[page.line.scheme]]}

    def make(sent: QueryDict | None) -> GiveForm:
        return GiveForm(sent, initial={"nonce": token_urlsafe(16)}, choices=choices)

    def do(found: Cleaned) -> HttpResponse:
        purchase = Purchase(
            contract=page.line.number,
            pool=Pool(found["pool"]),
            tokens=amount_of(found),
            since=found["since"],
            until=found["until"],
            order_number=found["order"],
            price_minor=found["price_minor"],
            currency=found["currency"],
        )
        then = reverse("operator-contract", args=[contract]) + "?given=PACK"
        said = _("The tokens are given.")
        return carried_out(request, desk.Giving(purchase), key=found["nonce"], say=lambda done: said, then=then)

    return fill_in(request, sheet, make, do)


@changing
def adjust(request: HttpRequest, team: int) -> HttpResponse:
    """Change a pool of a team by hand."""
    page = operating.team_page(team, at=now())
    pools = [pool for one in page.contracts for pool in POOLS[one.scheme]]
    sheet = Sheet(
        title=_("Adjust tokens"),
        button=_("Adjust"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=(
            _("Tokens added are a pack of their own. Tokens taken leave the packs in the order in which they pay."),
            *limit(),
        ),
    )
    choices = {"pool": [(pool.value, POOL_NAMES[pool]) for pool in pools]}

    def make(sent: QueryDict | None) -> AdjustForm:
        return AdjustForm(sent, initial={"nonce": token_urlsafe(16)}, choices=choices)

    def do(found: Cleaned) -> HttpResponse:
        told = by_hand.Adjustment(
            pool=Pool(found["pool"]),
            tokens=as_text(amount_of(found)),
            reason=found["reason"],
            comment=found["comment"],
        )
        asked = desk.Adjusting(team=page.slug, asked=told, on=day_of_entry(found), id=entry_id(request, found))
        then = reverse("operator-team", args=[team])
        said = _("The tokens are adjusted.")
        return carried_out(request, asked, key=found["nonce"], say=lambda done: said, then=then)

    return fill_in(request, sheet, make, do)


@changing
def consume(request: HttpRequest, team: int) -> HttpResponse:
    """Enter a use that nothing reported, such as one off the network."""
    page = operating.team_page(team, at=now())
    sheet = Sheet(
        title=_("Enter consumption by hand"),
        button=_("Enter"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=(_("For a use that nothing reported, such as one off the network."), *limit()),
    )
    choices = {"product": operating.product_choices()}

    def make(sent: QueryDict | None) -> ConsumeForm:
        return ConsumeForm(sent, initial={"nonce": token_urlsafe(16)}, choices=choices)

    def do(found: Cleaned) -> HttpResponse:
        entry = entry_id(request, found)
        asked = desk.Consuming(team=page.slug, asked=use_of(found), on=day_of_entry(found), id=entry)
        return carried_out(request, asked, key=found["nonce"], say=entered, then=sheet.back)

    def ask(found: Cleaned) -> Sure | None:
        entry = by_hand.Entry(entry_id(request, found), day_of_entry(found))
        return beyond(by_hand.rehearse(page.id, entry, use_of(found), now=now()), found, dict(choices["product"]))

    return fill_in(request, sheet, make, do, ask)


def beyond(found: by_hand.Entered, typed: Cleaned, products: Mapping[str, str]) -> Sure | None:
    """Ask once more where a use draws more than there is; a slip of the key would leave a team without tokens."""
    if not found.short or found.tokens is None:
        return None
    words = {"tokens": present.amount(found.tokens)}
    whose = (typed["person"], products[typed["product"]], present.short_date(day_of_entry(typed)))
    left = {"left": present.amount(Tokens(found.tokens - found.short)), "short": present.amount(found.short)}
    return Sure(
        question=_("Enter a use of %(tokens)s tokens?") % words,
        told=(
            " · ".join(whose),
            _("%(left)s tokens are left for it. %(short)s more are used beyond them.") % left,
        ),
        button=_("Enter"),
    )


def use_of(found: Cleaned) -> by_hand.Consumption:
    """Return the use that a form enters."""
    return by_hand.Consumption(
        person=found["person"],
        product=found["product"],
        tokens="" if found["amount"] is None else as_text(found["amount"]),
        quantity="" if found["quantity"] is None else as_text(found["quantity"]),
        reason=found["reason"],
        comment=found["comment"],
    )


def entered(done: Mapping[str, Any]) -> str:
    """Say what became of a use that was entered."""
    if done["state"] == State.DUPLICATE:
        return _("This form was sent before. Nothing was entered again.")
    if done["tokens"] is None:
        return _("It is entered, and waits for the catalogue, a rate or a contract.")
    return _("It is entered: %s tokens consumed.") % present.amount(done["tokens"])


def entry_id(request: HttpRequest, found: Cleaned) -> str:
    """Return the id of an entry: the reader's own, so that no other form or command enters something in its place."""
    return by_hand.form_id(request.user.pk or 0, found["nonce"])


def day_of_entry(found: Cleaned) -> Day:
    """Return the date that something is entered for: today (UTC) where the form was left without one."""
    return day_of(now()) if found["on"] is None else day(found["on"])


@changing
def move(request: HttpRequest, pack: int) -> HttpResponse:
    """Move tokens of a pack to another team."""
    at = now()
    page = operating.team_page(packs.team_of(pack), at=at)
    row = next((one for one in packs.packs_of(page.slug, at=at, ended=True) if one.id == pack), None)
    if row is None:
        raise NotFound(f"no pack {pack}")
    contract = next(one for one in page.contracts if one.number == row.contract)
    left = _("Pack %(pack)s has %(left)s tokens left, until %(until)s.") % {
        "pack": pack,
        "left": present.amount(row.left),
        "until": shown.since(row.until),
    }
    sheet = Sheet(
        title=_("Move tokens to another team"),
        button=_("Go on"),
        back=reverse("operator-contract", args=[contract.id]),
        about=page.name,
        told=(left, *limit()),
    )
    teams = operating.team_choices(besides=page.id)

    def make(sent: QueryDict | None) -> AcrossForm:
        return AcrossForm(sent, initial={"nonce": token_urlsafe(16)}, choices={"to": teams})

    def asked(found: Cleaned) -> Move:
        return Move(pack=pack, to=found["to"], tokens=found["amount"], reason=found["reason"], across=found["across"])

    def ask(found: Cleaned) -> Sure:
        rehearse(asked(found), now=now())
        amount = row.left if found["amount"] is None else found["amount"]
        words = {"tokens": present.amount(amount), "team": dict(teams)[found["to"]]}
        return Sure(question=_("Move %(tokens)s tokens to %(team)s?") % words, told=_moving(), button=_("Move tokens"))

    def do(found: Cleaned) -> HttpResponse:
        then = reverse("operator-contract", args=[contract.id])
        said = _("The tokens are moved to %s.") % dict(teams)[found["to"]]
        return carried_out(request, desk.Moving(asked(found)), key=found["nonce"], say=lambda done: said, then=then)

    return fill_in(request, sheet, make, do, ask)


def _moving() -> tuple[str, ...]:
    return (
        _("Order, price, end and original size stay; reserved tokens stay where they are."),
        _("People and what they may open do not follow."),
        _("Open shortfalls of the other team are covered from them first."),
    )


@changing
def merge(request: HttpRequest, team: int) -> HttpResponse:
    """Move all living packs of a team to another."""
    page = operating.team_page(team, at=now())
    sheet = Sheet(
        title=_("Move all tokens to another team"),
        button=_("Go on"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=limit(),
    )
    teams = operating.team_choices(besides=page.id)

    def make(sent: QueryDict | None) -> MergeForm:
        return MergeForm(sent, initial={"nonce": token_urlsafe(16)}, choices={"into": teams})

    def asked(found: Cleaned) -> Merge:
        return Merge(team=page.slug, into=found["into"], reason=found["reason"], across=found["across"])

    def ask(found: Cleaned) -> Sure:
        going = leaving(asked(found), now=now())
        lines = tuple(
            _("Pack %(pack)s: %(tokens)s tokens, until %(until)s")
            % {"pack": one.pack, "tokens": present.amount(one.tokens), "until": shown.since(one.until)}
            for one in going
        )
        question = _("Move all of this to %s?") % dict(teams)[found["into"]]
        return Sure(question=question, told=(*lines, *_moving()), button=_("Move tokens"))

    def do(found: Cleaned) -> HttpResponse:
        then = reverse("operator-team", args=[team])
        said = _("The tokens are moved to %s.") % dict(teams)[found["into"]]
        return carried_out(request, desk.Merging(asked(found)), key=found["nonce"], say=lambda done: said, then=then)

    return fill_in(request, sheet, make, do, ask)
