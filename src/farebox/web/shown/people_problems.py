"""What is wrong with people as they were typed, in words: each problem with the number of its entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.errors import Problem
from farebox.domain.invitations import entries_begin
from farebox.web import present

WORDS: dict[str, Promise] = {
    "nobody": gettext_lazy("Name at least one person."),
    "too_many": gettext_lazy("That is too many at once: at most 100 people. Import a list of more."),
    "too_long": gettext_lazy("That is too much text. Import a list instead."),
    "invalid_person": gettext_lazy("this is no e-mail address, or it has letters that look like others."),
    "no_address": gettext_lazy("an e-mail address is missing. Write it as Full Name <name@example.com>."),
    "twice": gettext_lazy("this address is named twice."),
    "name_too_long": gettext_lazy("the name is too long."),
    "invalid_name": gettext_lazy("the name has signs that cannot be seen, or that pile up."),
    "name_like_address": gettext_lazy("the name looks like an address: it may hold no @, < or >, and no ://."),
    "quotes": gettext_lazy("quotes go around the whole name, and come in pairs."),
    "unknown_product": gettext_lazy("One of the products is not in the offer any more. Choose again."),
    "nothing": gettext_lazy("Tick at least one product, or choose all of them or none."),
    "missing": gettext_lazy("Tick at least one product, or choose all."),
    "left": gettext_lazy("Somebody of them has left the team. Invite them again."),
    "not_offered": gettext_lazy("One of the products is not in the offer any more. Choose again."),
    "administrator": gettext_lazy(
        "Somebody of them administers the team. Take the role first; the primary role is handed over."
    ),
    "no_person": gettext_lazy("Tick at least one person, or type a new one."),
}
"""By code; those of one entry go on after its number."""


def in_words(problems: Iterable[Problem], typed: str = "") -> list[str]:
    """Say every problem, in its order; those of an entry of what was `typed` say how the entry begins."""
    entries = entries_begin(typed)
    return [_said(problem, entries) for problem in problems]


def _said(problem: Problem, entries: Sequence[str]) -> str:
    words = str(WORDS.get(problem.code, _("this cannot be read.")))
    entry = problem.pointer.removeprefix("/people/")
    if entry == problem.pointer or not entry.isdecimal():
        return words
    number = int(entry)
    if not 0 < number <= len(entries):
        return present.labelled(_("Entry %(number)s") % {"number": present.count(number)}, words)
    said = _("Entry %(number)s, “%(entry)s”") % {"number": present.count(number), "entry": entries[number - 1]}
    return present.labelled(said, words)
