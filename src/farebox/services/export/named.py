"""Files of a team in which names stand: listed when its names are hidden or shown, and taken away on request."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from farebox.domain.clock import Instant
from farebox.domain.report_files import ReportType
from farebox.records import audit, db, exports
from farebox.records.models import ExportRequest
from farebox.records.models.exports import ExportState
from farebox.services.export import files

LISTED_MAX = 50
"""Files that a list gives, the newest of them."""

REMOVED = "the file was removed because names are hidden; retry makes it again"

_PERSONAL = {"userName", "machineName"}
"""The fields that name people, or what stands on their desks."""


def history(team_id: int) -> list[ExportRequest]:
    """Return what was asked for of a team, the newest first: who, when, and whether names are in it."""
    rows = exports.covering(team_id).select_related("owner")
    return list(rows.order_by("-requested_us", "-pk")[:LISTED_MAX])


def has_names(row: ExportRequest) -> bool:
    """Tell whether people are named in the file of a request: it was made with names, of columns that have them."""
    if row.names_hidden:
        return False
    spec = exports.spec_of(row)
    return spec.types != (ReportType.SUBSCRIPTIONS,) if spec else not _PERSONAL.isdisjoint(row.question["fields"])


def with_names(team_id: int, *, now: Instant) -> list[ExportRequest]:
    """Return the requests whose files can still be downloaded and name people, the newest first."""
    return [row for row in _there(team_id, now).select_related("owner").order_by("-pk") if has_names(row)]


def remove_with_names(team_id: int, user: AbstractBaseUser, *, now: Instant) -> int:
    """
    Take away the files of a team that name people, as far as `user` may; return how many there were.

    The requests stay, as they stay when a file expires: links to the files open nothing any more, and retry makes
    the file again, as names are shown or hidden then.
    """
    led = team_id in exports.teams_led(user.pk)
    mine = [row for row in with_names(team_id, now=now) if row.owner_id == user.pk or led]
    with db.atomic():
        gone = ExportRequest.objects.filter(pk__in=[row.pk for row in mine], state=ExportState.READY)
        gone.update(state=ExportState.EXPIRED, reason=REMOVED, expires_us=now)
        changes = [audit.Change(team_id, "export.remove", f"export {row.pk}", {}) for row in mine]
        audit.note(changes, f"account {user.pk}", at=now)
    for row in mine:
        files.remove_all(row.pk)
    return len(mine)


def _there(team_id: int, now: Instant) -> QuerySet[ExportRequest]:
    """Return the requests of a team that have a file now."""
    return exports.covering(team_id).filter(state=ExportState.READY, expires_us__gt=now)
