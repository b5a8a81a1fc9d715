"""What the services refuse of an operator's form, in the reader's words, beside the field that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.errors import (
    Apart,
    Conflict,
    FareboxError,
    Forbidden,
    InvalidAmount,
    KeyReused,
    NotFound,
    Problem,
    Rejected,
    Taken,
)
from farebox.web import present
from farebox.web.shown.people_problems import in_words

_FIELDS = {
    "/tokens": "amount",
    "/data/tokens": "amount",
    "/unit-seconds": "unit_seconds",
    "/class": "complexity",
    "/data/quantity": "quantity",
    "/data/person": "person",
    "/data/product": "product",
    "/data/transactionDate": "on",
    "/data/reasonType": "reason",
    "/data/reasonComment": "comment",
    "/data/pool": "pool",
    "/time": "on",
    "/contract": "to",
}
"""The fields that a pointer means, where it is not called like one."""

_DATES = gettext_lazy("Dates from 1990 to 2099 are accepted.")

_TEXTS: Mapping[tuple[str, str], object] = {
    ("invalid_value", "/slug"): gettext_lazy("A short name is 1 to 60 small letters, digits and hyphens."),
    ("conflict", "/slug"): gettext_lazy("Another team has this short name already."),
    ("invalid_value", "/name"): gettext_lazy("A name has 1 to 200 printable characters."),
    ("invalid_value", "/code"): gettext_lazy("No address can end in this code, or it has characters that no code has."),
    ("invalid_value", "/codes"): gettext_lazy("Each code and version has printable characters, without blanks around."),
    ("invalid_value", "/versions"): gettext_lazy("A version has 1 to 60 printable characters, without blanks around."),
    ("invalid_value", "/family"): gettext_lazy("A family has 1 to 60 printable characters, without blanks around."),
    ("invalid_value", "/currency"): gettext_lazy("A price and a currency of three letters come together."),
    ("invalid_value", "/pool"): gettext_lazy("The contract has no tokens of this kind."),
    ("invalid_value", "/team"): gettext_lazy("The team has nothing left to move."),
    ("invalid_value", "/amount"): gettext_lazy("A rate is not negative, and at most 100,000 tokens."),
    ("not_a_service", ""): gettext_lazy("Only a service has this; the product is a desktop product."),
    ("invalid_value", "/tokens"): gettext_lazy(
        "Write more than 0 and at most 1,000,000,000 tokens; of an empty pack nothing goes."
    ),
    ("pack_ended", ""): gettext_lazy("The pack has ended; what was left of it lapsed."),
    ("invalid_value", "/to"): gettext_lazy("The pack is that team’s own already."),
    ("not_found", "/to"): gettext_lazy("That team has no contract that can hold these tokens."),
    ("insufficient_tokens", "/data/tokens"): gettext_lazy(
        "When that date begins, at 00:00 UTC, the pool has not so many tokens; what was bought later is not there yet."
        " What is given without a date can be taken from the next day on,"
        " what is given from a date on that day already."
    ),
    ("insufficient_tokens", "/id"): gettext_lazy("Of the tokens that it added some were used or moved on since."),
    ("amended_since", ""): gettext_lazy("This entry was amended meanwhile. Look at it again in the list."),
    ("not_next", ""): gettext_lazy("This form is not of the entry as it stands. Open the page again."),
    ("insufficient_tokens", ""): gettext_lazy("There are not so many tokens to take."),
    ("end_before_start", ""): gettext_lazy("It ends before it starts."),
    ("out_of_range", "/start"): gettext_lazy("A contract starts and ends between 1990 and 2100."),
    ("out_of_range", "/since"): gettext_lazy("A pack starts and ends between 1990 and 2100."),
    ("out_of_range", "/through"): gettext_lazy("The contract starts after that day."),
    ("in_future", "/through"): gettext_lazy("Only days that are over can be closed."),
    ("in_future", ""): gettext_lazy("This date is still to come."),
    ("books_closed", ""): gettext_lazy("The books are closed for that date, and are never opened again."),
    ("missing_field", "/data/tokens"): gettext_lazy("Say how many tokens, or how many units."),
    ("no_contract", ""): gettext_lazy("The team has no contract that ran on that date."),
    ("invalid_value", "/quantity"): gettext_lazy("A use has tokens or units, not both."),
    ("proposer_left", ""): gettext_lazy("Who proposed this is no operator any more. Refuse it and propose it again."),
    ("other_version", ""): gettext_lazy("An earlier version wrote this proposal. Refuse it and propose it again."),
    ("invalid_person", ""): gettext_lazy("This is neither an e-mail address nor a login."),
    ("invalid_value", "/data/person"): gettext_lazy("An e-mail address or a login has at most 254 characters."),
    ("invalid_value", "/data/tokens"): gettext_lazy("Write more than 0 and at most 1,000,000,000 tokens."),
    ("invalid_value", "/data/quantity"): gettext_lazy("Write more than 0 and at most 1,000,000 units."),
    ("conflict", "/id"): gettext_lazy("This form was sent before with something else in it. Open it anew."),
    ("withdraws_nothing", ""): gettext_lazy("Nothing was entered by hand under this id."),
    ("out_of_range", "/data/transactionDate"): _DATES,
    ("out_of_range", "/time"): _DATES,
}
"""What is said of a problem, by code and pointer; without a pointer of every other one."""


SAID: Mapping[str, tuple[str, object]] = {
    "nobody with this address is a member of the team and has an account": (
        "/address",
        gettext_lazy("Nobody with this address is a member of the team and has an account."),
    ),
    "another operator approves this, not the one who proposed it": (
        "",
        gettext_lazy("You proposed this, so another operator approves it."),
    ),
    "the team has a primary administrator; the role is handed over": (
        "/people",
        gettext_lazy("The team has a primary administrator by now; the role is handed over."),
    ),
    "a primary administrator is invited already; withdraw that invitation first": (
        "/people",
        gettext_lazy("A primary administrator is invited already. Withdraw that invitation first."),
    ),
    "this person is a member of the team already; the role is handed over to members": (
        "/people",
        gettext_lazy("This person is a member of the team already. The role is handed over to members."),
    ),
}
"""Where something is said of a refusal that has no code of its own, and what: by the sentence of its service."""

_OF_EVENTS = ("/data/", "/id", "/time", "/source", "/type", "/revision")
"""Where an entry is refused as an event; what the decoder says of a value is for programs."""


def told(form: forms.Form, error: FareboxError) -> None:
    """Say at each field of a form what was refused, and above it what belongs to none."""
    problems = error.problems if isinstance(error, Rejected) else ()
    for field, words in dict.fromkeys((_field(form, problem), _words(problem)) for problem in problems):
        form.add_error(field, words)
    if not problems:
        form.add_error(_field(form, Problem(_place(error), error.code, str(error))), _of(error))


def _place(error: FareboxError) -> str:
    """Return where a refusal belongs that is no list of problems; nothing where it belongs to the whole form."""
    match error:
        case Taken(pointer=pointer):
            return pointer
        case Apart():
            return "/across"
        case _:
            return SAID.get(str(error), ("", ""))[0]


def _field(form: forms.Form, problem: Problem) -> str | None:
    first = "/" + problem.pointer.strip("/").partition("/")[0] if problem.pointer else ""
    name = _FIELDS.get(problem.pointer) or _FIELDS.get(first) or first.strip("/")
    if name == "people" and "primary" in form.fields:
        name = "primary"
    if name == "address" and "people" in form.fields:
        name = "people"
    return name if name in form.fields else None


def _words(problem: Problem) -> str:
    if problem.pointer.startswith("/people"):
        return " ".join(in_words([problem]))
    text = _TEXTS.get((problem.code, problem.pointer)) or _TEXTS.get((problem.code, ""))
    if text:
        return str(text)
    if problem.code == "invalid_value" and problem.pointer.startswith(_OF_EVENTS):
        return _("This is too long, too large, or not written as it should be.")
    return _("This cannot be: %s") % problem.message


def _of(error: FareboxError) -> str:
    match error:
        case KeyReused():
            return _("This form did something else before. Open the page again.")
        case Taken(pointer=pointer, taken=taken):
            return _taken(pointer, taken)
        case Apart():
            return _("The teams have no primary administrator in common. Tokens go across only where that is ticked.")
        case _ if str(error) in SAID:
            return str(SAID[str(error)][1])
        case Conflict():
            return _("This is there already, or was decided by somebody else meanwhile. Look again.")
        case Forbidden():
            return _("This may not be done so: %s") % error
        case NotFound():
            return _("What this is about is not there any more.")
        case InvalidAmount():
            return amount_like()
        case _:
            return _("This cannot be done just now. Send it again.")


def _taken(pointer: str, taken: str) -> str:
    match pointer:
        case "/scheme":
            return _("The team has a contract that charges so already.")
        case "/since":
            return _("Another rate is set from that instant already.")
        case _:
            return _("There already: %s. Choose another.") % taken


def in_one_line(error: FareboxError) -> str:
    """Say everything that was refused, where there is no field to say it beside."""
    return " ".join(dict.fromkeys(map(_words, error.problems))) if isinstance(error, Rejected) else _of(error)


def amount_like() -> str:
    """Say how an amount is typed, with the decimal sign of the reader's language."""
    half = present.amount(Tokens(MICRO // 2))
    said = _("Write an amount like 500 or %(half)s, without signs for thousands and with six decimals at most.")
    return said % {"half": half}
