"""The catalogue: products found, added and told anew."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox.domain.usage import UsageCategory
from farebox.services import catalogue, operating, where_to_get
from farebox.wallclock import now
from farebox.web.operator_forms import NewProductForm, ProductForm, WhereForm, moment_of, today
from farebox.web.people_forms import searched
from farebox.web.shown import operator as shown
from farebox.web.views.operating.sheets import Cleaned, Sheet, actor, changing, fill_in, hand, looking


@looking
def listed(request: HttpRequest) -> HttpResponse:
    """List the products that a search finds."""
    search = searched(request.GET)
    rows = [(one, shown.category(one.category)) for one in operating.products(search)]
    return render(request, "operator/products.html", {"rows": rows, "search": search})


@looking
def product(request: HttpRequest, product: int) -> HttpResponse:
    """Show a product: its names and codes, the offers that have it, its rates."""
    page = operating.product_page(product)
    context = {
        "product": page,
        "category": shown.category(page.category),
        "offers": [(one, shown.since(one.since)) for one in page.offers],
        "rates": [(one, shown.since(one.since)) for one in page.rates],
    }
    return render(request, "operator/product.html", context)


@changing
def new(request: HttpRequest) -> HttpResponse:
    """Add a product, and open it in an offer if one is chosen."""
    sheet = Sheet(title=_("Add a product"), button=_("Add product"), back=reverse("operator-products"))
    offers = [("", _("none for now")), *((one.code, one.code) for one in operating.offers())]

    def make(sent: QueryDict | None) -> NewProductForm:
        initial = {"code": request.GET.get("code", "").replace("\x00", "")[:60]}
        return NewProductForm(sent, initial=initial, choices={"offer": offers})

    def do(found: Cleaned) -> HttpResponse:
        by = hand(request)
        made = catalogue.add_product(
            catalogue.NewProduct(
                code=found["code"],
                name=found["name"],
                family=found["family"],
                category=UsageCategory(found["category"]),
                versions=found["versions"],
                codes=found["codes"],
                idle_aware=found["idle_aware"],
            ),
            by=by,
        )
        if found["offer"]:
            since = moment_of(found, "since", default=today(by.at))
            catalogue.open_offer(found["offer"], [made], since=since, by=by)
        messages.success(request, _("The product is added. Set its rate on a rate card next."))
        return redirect("operator-product", made.pk)

    return fill_in(request, sheet, make, do)


@changing
def edit(request: HttpRequest, product: int) -> HttpResponse:
    """Tell a product anew."""
    page = operating.product_page(product)
    sheet = Sheet(
        title=_("Change the product"),
        button=_("Save"),
        back=reverse("operator-product", args=[product]),
        about=page.code,
        told=(
            _(
                "What is booked stays as it is. "
                "Events that waited for a code or a version are released under Waiting events."
            ),
        ),
    )
    initial = {
        "name": page.name,
        "family": "" if page.family == page.code else page.family,
        "versions": "\n".join(page.versions),
        "codes": "\n".join(_written(page.codes)),
        "idle_aware": page.idle_aware,
    }

    def do(found: Cleaned) -> HttpResponse:
        told = catalogue.Edit(
            name=found["name"],
            family=found["family"],
            versions=found["versions"],
            codes=found["codes"],
            idle_aware=found["idle_aware"],
        )
        catalogue.edit_product(page.code, told, by=hand(request))
        messages.success(request, _("The product is changed."))
        return redirect("operator-product", product)

    return fill_in(request, sheet, lambda sent: ProductForm(sent, initial=initial), do)


def _written(codes: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{code}={version}" if version else code for code, version in codes]


@changing
def where(request: HttpRequest, product: int) -> HttpResponse:
    """Say where people get a product (product B8)."""
    page = operating.product_page(product)
    sheet = Sheet(
        title=_("Where people get it"),
        button=_("Save"),
        back=reverse("operator-product", args=[product]),
        about=page.name,
    )

    def do(found: Cleaned) -> HttpResponse:
        where_to_get.set_where(page.code, found["address"], found["note"], actor=actor(request), now=now())
        messages.success(request, _("The product is changed."))
        return redirect("operator-product", product)

    initial = {"address": page.where, "note": page.where_note}
    return fill_in(request, sheet, lambda sent: WhereForm(sent, initial=initial), do)
