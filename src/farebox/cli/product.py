"""`farebox product`: the catalogue and its rates."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened, read_moment

app = typer.Typer(help="Products, offers and rates.", no_args_is_help=True)


class Kind(StrEnum):
    """What kind of thing a product is, as the command names it."""

    DESKTOP = "desktop"
    CLOUD = "cloud"
    SERVICE = "service"


_CATEGORIES: Mapping[Kind, str] = {
    Kind.DESKTOP: "DESKTOP_PRODUCT",
    Kind.CLOUD: "CLOUD_PRODUCT",
    Kind.SERVICE: "CLOUD_SERVICE",
}


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Product line code, like ACD.")],
    name: Annotated[str, typer.Argument(help="Name for people.")],
    family: Annotated[str, typer.Option(help="Family (enterprise contracts charge its dearest product a day).")] = "",
    alias: Annotated[list[str] | None, typer.Option(help="Another code, or CODE=VERSION for a feature code.")] = None,
    offer: Annotated[list[str] | None, typer.Option(help="Offer that opens it.")] = None,
    since: Annotated[str, typer.Option(help="From when the offer has it: a date or a moment; now if left out.")] = "",
    kind: Annotated[Kind, typer.Option(help="A service has rates by class of job and by time.")] = Kind.DESKTOP,
) -> None:
    """Add a product to the catalogue, and to offers."""
    with opened():
        from farebox.domain.usage import UsageCategory
        from farebox.services import catalogue
        from farebox.wallclock import now

        codes = {code: version for code, _, version in (text.partition("=") for text in alias or ())}
        at = now()
        by = catalogue.Hand("command", at)
        opens = read_moment(since, default=at)
        new = catalogue.NewProduct(
            code=code, name=name, family=family, codes=codes, category=UsageCategory(_CATEGORIES[kind])
        )
        product = catalogue.add_product(new, by=by)
        for one in offer or ():
            catalogue.open_offer(one, [product], since=opens, by=by)
        typer.echo(f"{code} is in the catalogue; next: farebox product rate {code} TOKENS --card …")


@app.command()
def rate(
    code: Annotated[str, typer.Argument(help="Product line code.")],
    amount: Annotated[str, typer.Argument(help="Tokens for one window, day, result or unit, like 7 or 0.5.")],
    card: Annotated[str, typer.Option(help="Rate card; it is made if it is new.")],
    since: Annotated[str, typer.Option(help="From when: a date or a moment; now if left out.")] = "",
    complexity: Annotated[str, typer.Option("--class", help="Of a service: the class of job that it prices.")] = "",
    unit_seconds: Annotated[
        int, typer.Option(help="Of a service: the tokens pay for so many seconds of work, and not for a result.")
    ] = 0,
) -> None:
    """Set a product's rate from an instant on; charges from before keep theirs."""
    with opened():
        from farebox.domain.amounts import tokens
        from farebox.services import catalogue
        from farebox.wallclock import now

        at = now()
        catalogue.set_rate(
            card,
            catalogue.product_named(code),
            tokens(amount),
            since=read_moment(since, default=at),
            complexity=complexity,
            unit_seconds=unit_seconds,
            by=catalogue.Hand("command", at),
        )
        typer.echo(f"{code} costs {amount} on {card}; waiting events: farebox quarantine release")


@app.command()
def where(
    code: Annotated[str, typer.Argument(help="Product line code.")],
    address: Annotated[str, typer.Argument(help="Page where people get it, https or http; empty takes it back.")],
    note: Annotated[str, typer.Option(help="What to know before getting it, in a sentence.")] = "",
) -> None:
    """Say where people get a product; each sees it on the page "My use"."""
    with opened():
        from farebox.services.where_to_get import set_where
        from farebox.wallclock import now

        set_where(code, address, note, actor="command", now=now())
        typer.echo(f"people get {code} at {address}" if address else f"where people get {code} is no longer said")
