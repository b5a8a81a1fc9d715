"""
The words around the rows of a file, in the language of whoever asked for it; columns are never translated.

The texts are marked here and translated where they are written, as those of the catalogue of fields are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext, override

from farebox.domain.report_files import ReportType
from farebox.query.declarations import N_

SHEETS: Mapping[ReportType, str] = {
    ReportType.SUBSCRIPTIONS: N_("Subscriptions"),
    ReportType.USERS: N_("Users"),
    ReportType.USAGE: N_("Usage"),
    ReportType.USAGE_REPORT: N_("Usage report"),
    ReportType.TOKEN_USAGE: N_("Token usage"),
    ReportType.SEAT_USAGE: N_("Seat usage"),
}
ABOUT, SUMMARY = N_("About this file"), N_("Summary")
TEAM, CONTRACT, TEAMS, CONTRACTS = N_("Team"), N_("Contract"), N_("Teams"), N_("Contracts")
DATES, REPORTS, EMPTY = N_("Dates"), N_("Reports"), N_("Without any row")
SCHEMA, NAMES, MADE = N_("Column schema"), N_("Names"), N_("Made")
AS_OF, POSITION = N_("Usage as of"), N_("Ledger position")
PRODUCT, CODE, TOKENS = N_("Product"), N_("Product line code"), N_("Tokens used")
NO_VALUE, BY_HAND, TOTAL = N_("No value"), N_("Adjustments by hand"), N_("Total")
SHOWN, HIDDEN, NO_DATES = N_("Shown"), N_("Hidden"), N_("As things stand")

REASONS = (
    N_("who asked for it may no longer read this contract"),
    N_("there was no room for the file"),
    N_("the file could not be written"),
    N_("the file has expired; retry makes it again"),
    N_("there was no room for the file: what is left of the disk is for the records; ask who runs the server"),
    N_("whoever wrote it was stopped 3 times before the file was done"),
    N_("the file could not be made: a fault of the program, which is in its log"),
)
"""Why there is no file, as far as the words are always the same; pages translate them."""


def texts() -> Iterator[str]:
    """Yield every text that the translators have to know."""
    yield from SHEETS.values()
    yield from (ABOUT, SUMMARY, TEAM, CONTRACT, TEAMS, CONTRACTS, DATES, REPORTS, EMPTY, SCHEMA, NAMES, MADE)
    yield from (AS_OF, POSITION, PRODUCT, CODE, TOKENS, NO_VALUE, BY_HAND, TOTAL, SHOWN, HIDDEN, NO_DATES)
    yield from REASONS


class Words:
    """Says texts in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, text: str) -> str:
        """Return a text in the language."""
        with override(self._language):
            return gettext(text)
