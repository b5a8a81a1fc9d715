"""What the pages about people are asked: the list as its address says, invitations as typed, products as ticked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from farebox.services.assign import State
from farebox.web.numbers import number_in
from farebox.web.question import PAGE_MAX, SEARCH_MAX

NAME_MAX = 100
TYPED_MAX = 60_000
"""The longest list of new people: a hundred entries of the longest names and addresses."""

SORTS = ("name", "-name", "state", "-state", "since", "-since")


class Which(StrEnum):
    """What is given of the offer: all of it at any time, the products that are ticked, or nothing for now."""

    ALL = "all"
    THESE = "these"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Products as a form asks for them; `every`: all that the offer has at any time (domain A2)."""

    which: Which
    products: tuple[str, ...] = ()

    @property
    def every(self) -> bool:
        """Whether later products are meant, too."""
        return self.which is Which.ALL

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is asked for."""
        return not self.every and not self.products


def wanted(sent: QueryDict) -> Wanted:
    """Read products as they were ticked; ticks count only beside “only these”."""
    which = next((one for one in Which if one == sent.get("which")), Which.THESE)
    return Wanted(which, codes(sent, "product") if which is Which.THESE else ())


def codes(sent: QueryDict, name: str) -> tuple[str, ...]:
    """Return the codes of products that were sent under a name, each once; what can be no code is left out."""
    return tuple(dict.fromkeys(code for code in sent.getlist(name) if code.isprintable()))


def numbers(texts: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers of records among what was sent, each once; what can be none is left out."""
    found = (number_in(text) for text in texts)
    return tuple(dict.fromkeys(number for number in found if number is not None))


def searched(sent: QueryDict, name: str = "q") -> str:
    """Return what is searched for, without blanks around it, as much of it as a search may have."""
    return " ".join(sent.get(name, "").replace("\x00", "").split())[:SEARCH_MAX]


def page_of(sent: QueryDict) -> int:
    """Return the number of the page that is asked for; the first where that is none."""
    return min(number_in(sent.get("page", "")) or 1, PAGE_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a list of people asks: whom it finds, in which order, which page."""

    path: str
    team: str = ""
    search: str = ""
    state: str = ""
    product: str = ""
    sort: str = "name"
    page: int = 1

    def address(self, **changes: object) -> str:
        """Return the address of the list with some of it changed; another order or filter begins at the first page."""
        other = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        said = {"team": other.team, "q": other.search, "state": other.state, "product": other.product}
        said |= {"sort": "" if other.sort == "name" else other.sort, "page": str(other.page) if other.page > 1 else ""}
        kept = {name: value for name, value in said.items() if value}
        return f"{other.path}?{urlencode(kept)}" if kept else other.path

    @property
    def whom(self) -> dict[str, Any]:
        """Whom the list finds, as the service is asked for them."""
        state = next((one for one in State if one == self.state), None)
        return {"search": self.search, "state": state, "product": self.product}

    @property
    def is_filtered(self) -> bool:
        """Whether some people may be left out."""
        return bool(self.search or self.state or self.product)


def asked(path: str, sent: QueryDict, *, team: str) -> Asked:
    """Read the address of a list of people; what it cannot mean is as if it were not there."""
    sort = sent.get("sort", "")
    return Asked(
        path=path,
        team=team,
        search=searched(sent),
        state=sent.get("state", "")[:20],
        product=sent.get("product", "").replace("\x00", ""),
        sort=sort if sort in SORTS else "name",
        page=page_of(sent),
    )


class InviteForm(forms.Form):
    """New people as they are typed, and the language of the mail to them."""

    people = forms.CharField(
        label=_("New people"),
        required=False,
        max_length=TYPED_MAX,
        help_text=_(
            "Full name, then the e-mail address in angle brackets: Ann Example <ann@example.com>. "
            "Several with a comma, a semicolon or a new line between them."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the mail"), required=False, choices=settings.LANGUAGES, widget=forms.Select
    )


class GroupForm(forms.Form):
    """The name of a group."""

    name = forms.CharField(
        label=_("Name of the group"),
        required=False,
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
