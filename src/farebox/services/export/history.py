"""What was asked for, as pages show it: who, when, what, how far, how large, and whether it names people (H1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from farebox.domain.clock import Instant
from farebox.domain.periods import Days
from farebox.domain.report_files import Format, ReportType, Schema, Spec
from farebox.records.exports import spec_of
from farebox.records.models import ExportRequest, ExportTeam
from farebox.records.models.exports import ExportState, Origin
from farebox.services.export.asking import Whose, find
from farebox.services.export.named import has_names
from farebox.services.export.reports.words import REASONS

HISTORY_MAX = 100

__all__ = ["HISTORY_MAX", "REASONS", "Made", "history", "made"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """
    An export as its history shows it; `row` is what links are made of.

    What was asked for over the API, or by one of its schedules, has no `types` and no `schema`. `names_hidden` is not
    known before the file is there. `reason` is one of `REASONS`, or a sentence of its own, in English.
    """

    row: ExportRequest
    own: bool
    owner: str
    teams: tuple[str, ...]
    spec: Spec | None

    @property
    def key(self) -> str:
        """By what it is found again."""
        return self.row.key

    @property
    def origin(self) -> Origin:
        """Who asked: a program, a schedule, or somebody on the page."""
        return Origin(self.row.origin)

    @property
    def schedule(self) -> str:
        """The schedule that asked, if one did."""
        return self.row.schedule

    @property
    def team(self) -> str:
        """The teams it is about, in a line."""
        return ", ".join(self.teams)

    @property
    def types(self) -> tuple[ReportType, ...]:
        """The reports in it."""
        return self.spec.reports if self.spec else ()

    @property
    def format(self) -> Format:
        """How it is written."""
        return self.spec.format if self.spec else Format.CSV

    @property
    def schema(self) -> Schema | None:
        """Which columns it has."""
        return self.spec.schema if self.spec else None

    @property
    def days(self) -> Days | None:
        """The days that its usage is of."""
        return self.spec.days if self.spec else None

    @property
    def file_name(self) -> str:
        """The name under which it is downloaded."""
        return self.row.file_name

    @property
    def state(self) -> ExportState:
        """How far it is."""
        return ExportState(self.row.state)

    @property
    def requested(self) -> Instant:
        """When it was asked for."""
        return Instant(self.row.requested_us)

    @property
    def finished(self) -> Instant | None:
        """When it was done, or failed."""
        return None if self.row.finished_us is None else Instant(self.row.finished_us)

    @property
    def expires(self) -> Instant | None:
        """Until when the file is kept."""
        return None if self.row.expires_us is None else Instant(self.row.expires_us)

    @property
    def as_of(self) -> Instant | None:
        """Which moment its usage shows."""
        return Instant(self.row.as_of_us) if self._is_made else None

    @property
    def rows(self) -> int:
        """How many rows are written."""
        return self.row.rows_written

    @property
    def expected(self) -> int | None:
        """How many there will be, as far as that is known."""
        return self.row.rows_expected

    @property
    def percent(self) -> int | None:
        """How much of it is written, in whole percents; it is all there only when it is ready."""
        if self.state is ExportState.READY:
            return 100
        return min(99, 100 * self.rows // self.expected) if self.expected else None

    @property
    def size_bytes(self) -> int:
        """How large the file is."""
        return self.row.size_bytes

    @property
    def names_hidden(self) -> bool | None:
        """Whether pseudonyms stand in it instead of names."""
        return self.row.names_hidden if self._is_made else None

    @property
    def has_names(self) -> bool | None:
        """Whether people are named in it."""
        return has_names(self.row) if self._is_made else None

    @property
    def reason(self) -> str:
        """Why there is no file."""
        return self.row.reason

    @property
    def _is_made(self) -> bool:
        return self.state in (ExportState.READY, ExportState.EXPIRED)


def history(whose: Whose, *, limit: int = HISTORY_MAX, offset: int = 0) -> list[Made]:
    """Return what the asker may see, the newest first: his own, and that of others in teams that he leads."""
    rows = whose.seen().select_related("contract__team", "owner").order_by("-requested_us", "-pk")
    return _shown(list(rows[offset : offset + limit]), whose)


def made(whose: Whose, key: str) -> Made:
    """Return one export that the asker may see. Raises `Rejected` for any other."""
    return _shown([find(whose, key)], whose)[0]


def _shown(rows: Sequence[ExportRequest], whose: Whose) -> list[Made]:
    several: dict[int, list[str]] = {}
    covered = ExportTeam.objects.filter(export_id__in=[row.pk for row in rows]).order_by("team__name", "team_id")
    for export, team in covered.values_list("export_id", "team__name"):
        several.setdefault(export, []).append(team)
    return [
        Made(
            row=row,
            own=row.owner_id == whose.user.pk,
            owner=row.owner.get_full_name(),
            teams=tuple(several.get(row.pk) or [row.contract.team.name]),
            spec=spec_of(row),
        )
        for row in rows
    ]
