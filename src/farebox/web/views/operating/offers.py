"""Offers and rate cards; a rate says what it would have changed before it is set."""

from __future__ import annotations

from secrets import token_urlsafe

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox.domain.clock import Instant
from farebox.domain.errors import Rejected
from farebox.services import catalogue, operating
from farebox.services.rate_change import Thought, rate_change
from farebox.wallclock import now
from farebox.web import present
from farebox.web.operator_forms import CodeForm, OpenForm, RateForm, amount_of, moment_of, today
from farebox.web.shown import operator as shown
from farebox.web.views.operating.sheets import Cleaned, Sheet, Sure, changing, fill_in, hand, looking


@looking
def offers(request: HttpRequest) -> HttpResponse:
    """List the offers."""
    return render(request, "operator/offers.html", {"lines": operating.offers()})


@looking
def cards(request: HttpRequest) -> HttpResponse:
    """List the rate cards."""
    return render(request, "operator/cards.html", {"lines": operating.cards()})


@looking
def offer(request: HttpRequest, offer: int) -> HttpResponse:
    """Show an offer: its products, each from a date on."""
    page = operating.offer_page(offer, at=now())
    products = [(one, shown.since(one.since)) for one in page.products]
    return render(request, "operator/offer.html", {"offer": page, "products": products})


@looking
def card(request: HttpRequest, card: int) -> HttpResponse:
    """Show a rate card: the rates that were, are, and will be in force."""
    page = operating.card_page(card, at=now())
    return render(request, "operator/card.html", {"card": page, "rates": shown.rates(page.rates)})


@changing
def new_offer(request: HttpRequest) -> HttpResponse:
    """Make an offer."""
    sheet = Sheet(title=_("Make an offer"), button=_("Make offer"), back=reverse("operator-offers"))

    def do(found: Cleaned) -> HttpResponse:
        made = catalogue.add_offer(found["code"], by=hand(request))
        messages.success(request, _("The offer is made. Add its products next."))
        return redirect("operator-offer", made.pk)

    return fill_in(request, sheet, CodeForm, do)


@changing
def new_card(request: HttpRequest) -> HttpResponse:
    """Make a rate card."""
    sheet = Sheet(title=_("Make a rate card"), button=_("Make rate card"), back=reverse("operator-cards"))

    def do(found: Cleaned) -> HttpResponse:
        made = catalogue.add_card(found["code"], by=hand(request))
        messages.success(request, _("The rate card is made. Set its rates next."))
        return redirect("operator-card", made.pk)

    return fill_in(request, sheet, CodeForm, do)


@changing
def open_product(request: HttpRequest, offer: int) -> HttpResponse:
    """Add a product to an offer from a date on, after asking once more: nobody takes it out again (product A3)."""
    page = operating.offer_page(offer, at=now())
    products = operating.product_choices(not_in_offer=offer)
    sheet = Sheet(
        title=_("Add a product to the offer"),
        button=_("Go on"),
        back=reverse("operator-offer", args=[offer]),
        about=page.code,
        told=(_("Offers only grow: a product that an offer has is never taken out."),),
        lacks_product="" if products else _all_are_in() if page.products else _none_yet(),
    )

    def ask(found: Cleaned) -> Sure:
        words = {"product": dict(products)[found["product"]], "offer": page.code}
        return Sure(
            question=_("Add %(product)s to %(offer)s?") % words,
            told=(
                _("From: %s") % shown.since(moment_of(found, "since", default=today(now()))),
                _("Teams that it opens the product to: %s") % (", ".join(page.teams) or _("none so far")),
                _("People who hold all products of the offer may open it then; default assignments do not grow."),
                _("It is never taken out again."),
            ),
            button=_("Add product"),
        )

    def do(found: Cleaned) -> HttpResponse:
        by = hand(request)
        since = moment_of(found, "since", default=today(by.at))
        catalogue.open_offer(page.code, [catalogue.product_named(found["product"])], since=since, by=by)
        messages.success(request, _("The offer has the product."))
        return redirect("operator-offer", offer)

    return fill_in(request, sheet, lambda sent: OpenForm(sent, choices={"product": products}), do, ask)


@changing
def set_rate(request: HttpRequest, card: int) -> HttpResponse:
    """Set a rate, after showing what it would have changed in the last month (product A2)."""
    page = operating.card_page(card, at=now())
    products = operating.product_choices()
    sheet = Sheet(
        title=_("Set a rate"),
        button=_("See what it would change"),
        back=reverse("operator-card", args=[card]),
        about=page.code,
        told=(
            _("Charges from before keep their rate. A rate is never changed or taken away; a later one follows it."),
        ),
        lacks_product="" if products else _none_yet(),
    )

    def make(sent: QueryDict | None) -> RateForm:
        priced = {one.code for one in page.rates}
        bare = next((code for code, _name in products if code not in priced), "")
        initial = {"product": request.GET.get("product", bare), "nonce": token_urlsafe(16)}
        return RateForm(sent, initial=initial, choices={"product": products})

    def ask(found: Cleaned) -> Sure:
        at = now()
        _check(found)
        thought = Thought(
            card=page.code,
            product=found["product"],
            tokens=amount_of(found),
            complexity=found["complexity"],
            unit_seconds=found["unit_seconds"] or 0,
        )
        what_if = rate_change(thought, at=at)
        return Sure(
            question=_("Set the rate of %(product)s to %(tokens)s tokens?") % _words(found),
            told=_told(page, _start(page, found, at), at),
            button=_("Set the rate"),
            shown={"periods": [shown.period(what_if.month), shown.period(what_if.rolling)]},
        )

    def do(found: Cleaned) -> HttpResponse:
        by = hand(request)
        catalogue.set_rate(
            page.code,
            catalogue.product_named(found["product"]),
            amount_of(found),
            since=_start(page, found, by.at),
            complexity=found["complexity"],
            unit_seconds=found["unit_seconds"] or 0,
            by=by,
            key=f"form:{request.user.pk}:{found['nonce']}:{found['since'] or ''}",
        )
        messages.success(request, _("The rate is set."))
        return redirect("operator-card", card)

    return fill_in(request, sheet, make, do, ask)


def _none_yet() -> str:
    return _("There is no product yet.")


def _all_are_in() -> str:
    return _("The offer has every product already.")


def _start(page: operating.CardPage, found: Cleaned, at: Instant) -> Instant:
    """
    Return from when a rate holds: today's start where nothing is said, now where one began today, to correct it.

    The same rate again keeps its instant, so that a form that is sent twice sets one.
    """
    asked = found["product"], found["complexity"].strip().casefold()
    begun = (one for one in page.rates if (one.code, one.complexity) == asked and today(at) <= one.since <= at)
    last = next(begun, None)
    default = today(at)
    if last is not None:
        is_same = (last.tokens, last.unit_seconds) == (amount_of(found), found["unit_seconds"] or 0)
        default = last.since if is_same else at
    return moment_of(found, "since", default=default)


def _words(found: Cleaned) -> dict[str, str]:
    return {"product": found["product"], "tokens": present.amount(amount_of(found))}


def _check(found: Cleaned) -> None:
    product = catalogue.product_named(found["product"])
    problems = catalogue.check_rate(amount_of(found), found["complexity"], found["unit_seconds"] or 0, of=product)
    if problems:
        raise Rejected(problems)


def _told(page: operating.CardPage, since: Instant, at: Instant) -> tuple[str, ...]:
    late = (
        _(
            "The date is over: uses that were charged since then keep what they cost; "
            "only what is reported late pays it."
        )
        if since < today(at)
        else _("Uses of today that are charged already keep what they cost.")
    )
    return (
        _("From: %s") % shown.since(since),
        *((late,) if since < at else ()),
        _("Teams that pay by this card: %s") % (", ".join(page.teams) or _("none so far")),
    )
