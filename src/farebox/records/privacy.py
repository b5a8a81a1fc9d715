"""Whether a team's reports show names: the switch, what else it touches in its transaction, and who turned it last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import F, Q

from farebox.domain.clock import Instant
from farebox.records import audit, exports
from farebox.records.models import Audit, Person, Team, User
from farebox.records.models.exports import ExportState

HIDE, SHOW = "names.hide", "names.show"
REVEAL, REVEAL_MISSED = "names.reveal", "names.reveal.missed"

_ACCOUNT = "account "


class Turned(NamedTuple):
    """When a switch was last turned and by whose account; `by_command`: by an operator, in that person's name."""

    hidden: bool
    at: Instant
    account: int
    by_command: bool


def turn(team: int, *, hidden: bool, account: int, actor: str, reason: str = "", now: Instant) -> bool:
    """
    Hide or show the names of a team; False where that was so already. Call it in a transaction.

    Files that are being written at this moment are begun anew when names are hidden: who writes one has read the
    switch before. Call `begin_anew` once more when the transaction is done, for what was claimed meanwhile.
    """
    changed = Team.objects.filter(pk=team, names_hidden=not hidden).update(names_hidden=hidden)
    if not changed:
        return False
    if hidden:
        begin_anew(team)
    facts: dict[str, str | int | None] = {"account": account} | ({"reason": reason} if reason else {})
    audit.note([audit.Change(team, HIDE if hidden else SHOW, f"team {team}", facts)], actor, at=now)
    return True


def begin_anew(team: int) -> None:
    """Take the files about a team, alone or among others, from whoever writes them: the next runner starts again."""
    again = {"state": ExportState.REQUESTED, "tries": F("tries") - 1, "claimed_until_us": None}
    exports.covering(team).filter(state=ExportState.RUNNING).update(**again)


def last_turned(team: int) -> Turned | None:
    """Return how a team's switch was turned last; None where nobody ever did."""
    row = Audit.objects.filter(team_id=team, verb__in=(HIDE, SHOW)).order_by("-at_us", "-pk").first()
    if row is None:
        return None
    account = int(row.facts.get("account") or 0)
    return Turned(row.verb == HIDE, Instant(row.at_us), account, not row.actor.startswith(_ACCOUNT))


def behind(pseudonym: str, teams: Iterable[int]) -> list[Person]:
    """Return who has a pseudonym in some teams: one person, or nobody."""
    found = Person.objects.filter(pseudonym=pseudonym, team_id__in=list(teams)).select_related("team")
    return list(found.order_by("team__name"))


def reveals(account: int, teams: Iterable[int], *, since: Instant) -> int:
    """Count how often an account asked who is behind a pseudonym, and keep it from asking beside this transaction."""
    list(User.objects.select_for_update(no_key=True).filter(pk=account).values_list("pk"))
    whose = Q(team_id__in=list(teams)) | Q(team_id__isnull=True)
    asked = Audit.objects.filter(whose, at_us__gt=since, actor=f"{_ACCOUNT}{account}")
    return asked.filter(verb__in=(REVEAL, REVEAL_MISSED)).count()
