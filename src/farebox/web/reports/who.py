"""
What a report says of people beside their pseudonyms: names, and the teams of several contracts.

Both come from the records and only for those who are seen: a page has fifty of perhaps 20,000. Whoever sorts by names,
searches, or takes the file needs all. Where names are hidden there are none (quality P1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from farebox.services import people
from farebox.services.people import Named
from farebox.services.report import Readable
from farebox.web.question import Format, Question

_TOLD = ("userName", "team")
"""The columns that are not known before everybody is."""


@dataclass(frozen=True, slots=True)
class Known:
    """Names and teams by pseudonym; no teams where there is but one."""

    named: Mapping[str, Named]
    teams: Mapping[str, str]

    def said(self, pseudonym: str, user: str) -> tuple[str, str]:
        """Return what is said of a person: the name and what tells it from others, or `user` for both."""
        named = self.named.get(pseudonym)
        return (user, "") if named is None or named.name == user else (named.name, user)

    def name(self, pseudonym: str) -> str | None:
        """Return a name, if it is known."""
        named = self.named.get(pseudonym)
        return named.name if named else None

    def team(self, pseudonym: str) -> str:
        """Return the name of a person's team; nothing where there is but one."""
        return self.teams.get(pseudonym, "")


NOBODY = Known({}, {})


def known(contracts: Sequence[Readable], only: Iterable[str] | None = None) -> Known:
    """Return what is known of everybody, or of `only` some."""
    wanted = None if only is None else {one for one in only if one}
    several = len({contract.team_id for contract in contracts}) > 1
    return Known(people.named(contracts, wanted), people.teams(contracts, wanted) if several else {})


def needs_all(question: Question) -> bool:
    """Return whether what is shown cannot be found without knowing everybody."""
    return bool(question.search) or question.sort.removeprefix("-") in _TOLD or question.format is not Format.PAGE
