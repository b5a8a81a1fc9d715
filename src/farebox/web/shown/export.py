"""What the export page shows, as frozen view-models: the choices of the form, the history, the recurring exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.periods import Days
from farebox.domain.recurring import Every
from farebox.domain.report_files import DATED, OFFERED, Format, ReportType, Schema, Spec
from farebox.services import report, time_zone
from farebox.services.export import ExportState, Made, Origin
from farebox.services.recurring import Planned, Trouble
from farebox.web import export_form, present
from farebox.web.export_form import Filled, Often
from farebox.web.question import ALL, Range
from farebox.web.report import range_names
from farebox.web.shown import export_words as words


class Choice(NamedTuple):
    """One choice of the form: its value, what it is called, what it means, and whether it is taken."""

    value: str
    name: str
    text: str
    chosen: bool
    is_dated: bool = False
    lacks: tuple[str, ...] = ()
    """The columns that do not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All that the form offers."""

    formats: tuple[Choice, ...]
    contracts: tuple[Choice, ...]
    types: tuple[Choice, ...]
    ranges: tuple[Choice, ...]
    schemas: tuple[Choice, ...]
    often: tuple[Choice, ...]
    weekdays: tuple[Choice, ...]
    days: tuple[Choice, ...]
    hours: tuple[Choice, ...]
    clocks: tuple[time_zone.Clock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One export of the history; `percent` is how far one is that is being made."""

    key: str
    anchor: str
    title: str
    about: str
    file_name: str
    requested: Instant
    who: str
    origin: str
    format: str
    size: str
    names: str
    state: str
    percent: int | None
    reason: str
    kept_until: Day | None
    is_own: bool
    is_under_way: bool
    is_ready: bool
    is_empty: bool
    may_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """One recurring export, in words."""

    id: str
    title: str
    about: str
    when: str
    next: str
    next_days: str
    enabled: bool
    last: str
    trouble: str
    made: str
    change: str
    """The address of the form that changes it."""


def choices(
    form: Filled, contracts: Sequence[report.Readable], clocks: Iterable[time_zone.Clock], *, today: Day
) -> Choices:
    """Return what the form offers, each choice with what it means today."""
    return Choices(
        formats=tuple(
            Choice(one, words.FORMAT_NAMES[one], str(words.FORMAT_TEXTS[one]), one == form.format) for one in Format
        ),
        contracts=tuple(_contracts(form, contracts)),
        types=tuple(
            Choice(
                one,
                str(words.TYPE_NAMES[one]),
                str(words.TYPE_TEXTS[one]),
                one in form.types,
                one in DATED,
                _without(one),
            )
            for one in ReportType
        ),
        ranges=tuple(_ranges(form, today)),
        schemas=tuple(Choice(one, words.SCHEMA_NAMES[one], _schema_text(one), one == form.schema) for one in Schema),
        often=tuple(_often(form)),
        weekdays=tuple(Choice(str(on), words.weekday(on), "", str(on) == form.weekday) for on in range(1, 8)),
        days=tuple(Choice(str(on), _day_name(on), "", str(on) == form.day) for on in range(1, 32)),
        hours=tuple(Choice(str(hour), words.hour_of_day(hour), "", str(hour) == form.hour) for hour in range(24)),
        clocks=tuple(clocks),
    )


def line(made: Made, *, address: str) -> Line:
    """Return one export of the history in words; `address` is that of the reader."""
    waits = made.state in (ExportState.REQUESTED, ExportState.RUNNING)
    ready = made.state == ExportState.READY
    return Line(
        key=made.key,
        anchor=f"export-{made.row.pk}",
        title=_titled(made.types) or _("Question of the usage API"),
        about=_about(made),
        file_name=made.file_name,
        requested=made.requested,
        who=address if made.own else made.owner,
        origin=_origin(made.origin),
        format=words.FORMAT_NAMES[made.format],
        size=words.size(made.size_bytes) if ready else "",
        names=_names(made),
        state=_state(made),
        percent=made.percent if made.state == ExportState.RUNNING else None,
        reason=_(made.reason) if made.state == ExportState.FAILED and made.reason else "",
        kept_until=day_of(made.expires) if ready and made.expires is not None else None,
        is_own=made.own,
        is_under_way=waits,
        is_ready=ready,
        is_empty=ready and not made.rows,
        may_repeat=made.own and made.state in (ExportState.FAILED, ExportState.EXPIRED),
    )


def recurrence(planned: Planned, contracts: Sequence[report.Readable]) -> Recurrence:
    """Return one recurring export in words."""
    order = planned.order
    return Recurrence(
        id=planned.id,
        title=_titled(order.spec.types),
        about=" · ".join((_covered(order.spec, contracts), words.FORMAT_NAMES[order.spec.format], order.spec.schema)),
        when=words.rhythm(order.every, order.on, order.hour),
        next=words.clock_in(planned.next.at, planned.zone),
        next_days=present.dates(planned.next.days) if planned.is_dated else "",
        enabled=planned.enabled,
        last=words.clock_in(planned.last, planned.zone) if planned.last is not None else "",
        trouble=_trouble(planned.trouble),
        made=_result(planned),
        change=f"{reverse('export')}?{urlencode(_form_of(planned, contracts))}#new",
    )


def contract_name(contract: report.Readable) -> str:
    """Return what a contract is called in the form: its team, its kind and its number."""
    kind = _("Enterprise") if contract.scheme == "ENTERPRISE" else _("Flex")
    return f"{contract.team} · {kind} {contract.number}"


def _contracts(form: Filled, contracts: Sequence[report.Readable]) -> Iterable[Choice]:
    if len(contracts) > 1:
        text = _teams(len({one.team_id for one in contracts}))
        yield Choice(ALL, _("All contracts that I administer"), text, form.contract == ALL)
    for one in contracts:
        yield Choice(one.number, contract_name(one), "", form.contract == one.number)


def _ranges(form: Filled, today: Day) -> Iterable[Choice]:
    names = {export_form.LAST_MONTH: _("Last complete month")}
    names |= {one.value: name for one, name in range_names().items()}
    for value in export_form.RANGES:
        dates = present.dates(export_form.days_of(value, today)) if value != Range.CUSTOM else ""
        yield Choice(value, names[value], dates, form.range == value)


def _often(form: Filled) -> Iterable[Choice]:
    texts = (
        (Often.ONCE, _("Once, now"), ""),
        (Often.WEEK, _("Each week"), _("The whole week before each run, Monday to Sunday")),
        (Often.MONTH, _("Each month"), _("The whole month before each run")),
    )
    for value, name, text in texts:
        yield Choice(value, name, text, form.often == value)


def _day_name(on: int) -> str:
    return _("last day") if on == 31 else present.count(on)


def _form_of(planned: Planned, contracts: Sequence[report.Readable]) -> dict[str, str]:
    """Return what the form is to be filled with that changes a recurring export."""
    order = planned.order
    readable = [one.number for one in contracts if one.number in order.spec.contracts]
    return {
        "types": ",".join(order.spec.types),
        **({} if order.spec.contracts and not readable else {"contract": readable[0] if readable else ALL}),
        "every": order.every,
        "weekday" if order.every is Every.WEEK else "day": str(order.on),
        "hour": str(order.hour),
        "format": order.spec.format,
        "schema": order.spec.schema,
        "change": planned.id,
    }


def _without(report_type: ReportType) -> tuple[str, ...]:
    return tuple(words.SCHEMA_NAMES[one] for one in Schema if report_type not in OFFERED[one])


def _schema_text(schema: Schema) -> str:
    """Return what a schema is for, and which reports it lacks; Usage of Farebox's own is Token usage already."""
    lacks = (one for one in ReportType if one not in OFFERED[schema])
    lacking = "" if schema is Schema.FAREBOX_1 else _titled(lacks)
    without = _("Without %(types)s.") % {"types": lacking} if lacking else ""
    return f"{words.SCHEMA_TEXTS[schema]} {without}".rstrip()


def _titled(types: Iterable[ReportType]) -> str:
    return words.listed([str(words.TYPE_NAMES[one]) for one in types])


def _about(made: Made) -> str:
    """Return which teams and which dates a file is about, and which columns it has."""
    teams = made.team if len(made.teams) < 2 else _teams(len(made.teams))
    return " · ".join(part for part in (teams, _dates(made.days), made.schema) if part)


def _teams(count: int) -> str:
    return ngettext("%(count)s team", "%(count)s teams", count) % {"count": present.count(count)}


def _dates(days: Days | None) -> str:
    return present.dates(days) if days is not None else ""


def _covered(spec: Spec, contracts: Sequence[report.Readable]) -> str:
    """Return the contracts that a recurring export is about; one that is no longer the reader's has only its number."""
    if not spec.contracts:
        return _("All contracts that I administer")
    names = {one.number: contract_name(one) for one in contracts}
    return words.listed([names.get(number, number) for number in spec.contracts])


def _origin(origin: Origin) -> str:
    match origin:
        case Origin.PAGE:
            return _("on this page")
        case Origin.API:
            return _("by a program")
        case Origin.SCHEDULE:
            return _("by a schedule")
        case _:
            assert_never(origin)


def _names(made: Made) -> str:
    """Return whether people are named in a file; nothing before it is there, and where it is not about people."""
    if made.has_names:
        return _("Names are in it")
    return _("Names are hidden") if made.names_hidden else ""


def _state(made: Made) -> str:
    match made.state:
        case ExportState.REQUESTED:
            return _("Waits for its turn")
        case ExportState.RUNNING:
            return _("Is being made")
        case ExportState.READY:
            return _("Ready")
        case ExportState.FAILED:
            return _("Failed")
        case ExportState.EXPIRED:
            return _("Removed after its time")
        case _:
            assert_never(made.state)


def _trouble(trouble: Trouble | None) -> str:
    match trouble:
        case None:
            return ""
        case Trouble.NO_ROLE:
            return _("Made nothing: you no longer administer all that it is about.")
        case Trouble.NO_ROOM:
            return _("It waits: many exports of the team’s schedules are under way.")
        case Trouble.REFUSED:
            return _("Made nothing: what it asks for is no longer offered. Make it anew.")
        case _:
            assert_never(trouble)


def _result(planned: Planned) -> str:
    """Return what became of the latest file."""
    if planned.made is None or planned.trouble is not None:
        return ""
    match ExportState(planned.made.state):
        case ExportState.READY:
            return _("Its file is ready.")
        case ExportState.REQUESTED | ExportState.RUNNING:
            return _("Its file is being made.")
        case ExportState.FAILED:
            return _("Its file failed.")
        case ExportState.EXPIRED:
            return _("Its file was removed after its time.")
        case other:
            assert_never(other)
