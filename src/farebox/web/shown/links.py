"""Links from one report of token usage to another: each keeps the contracts, the range and how days are gathered."""

from __future__ import annotations

from django.urls import reverse

from farebox.web.question import Basis, Offers, Question

_TABS = ("summary", "product", "user")


def tab_address(tab: str, question: Question, sort: str = "") -> str:
    """Return the address of a tab, ordered as it is by itself unless told otherwise."""
    return reverse("token-usage") + _fresh(question, Offers(tabs=_TABS), tab=tab, sort=sort)


def product_address(code: str, question: Question) -> str:
    """Return the address of the page of one product."""
    return reverse("product-usage", args=[code]) + _fresh(question, Offers())


def user_address(pseudonym: str, question: Question) -> str:
    """Return the address of the page of one person, whom only the pseudonym names."""
    return reverse("user-usage", args=[pseudonym]) + _fresh(question, Offers())


def _fresh(question: Question, offers: Offers, *, tab: str = "", sort: str = "") -> str:
    """Return the query string of another page's question; nothing where it is all by default."""
    address = question.address(offers=offers, tab=tab, sort=sort, search="", basis=Basis.TOTAL)
    return address.removesuffix("?")
