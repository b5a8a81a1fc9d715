"""A list of people as its page and its file show it: verdicts in words, what is wrong, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from farebox.domain.clock import day_of
from farebox.domain.errors import Problem
from farebox.domain.people_list import LEFT_OUT, Judged, Verdict, problems_first
from farebox.services.people_list import Read, Shown
from farebox.web import present
from farebox.web.shown.people_problems import WORDS
from farebox.web.tables import Kind, Sheet

PAGE_LINES = 50
LINES_NAMED_MAX = 20
"""How many left-out lines are named before the others are counted."""

_FILES: Mapping[str, Promise] = {
    "too_large": gettext_lazy(
        "The file is larger than any list of 5,000 people. Choose another, or cut it into several."
    ),
    "no_rows": gettext_lazy("The file names nobody: it is empty, or has a heading and no line."),
    "invalid_encoding": gettext_lazy("The letters of this file cannot be read. Save it as CSV UTF-8."),
    "invalid_text": gettext_lazy("This is no CSV file. Save the list as CSV, not as a workbook."),
    "invalid_csv": gettext_lazy("This is no CSV file from here on: a quote is not closed, or a text is far too long."),
    "too_many": gettext_lazy("A list has at most 5,000 lines. Cut it into several."),
    "no_file": gettext_lazy("Choose a file first."),
    "waiting": gettext_lazy("Too many lists wait already. Import or discard one of them first."),
}
"""What is wrong with a whole file."""

_LINES: Mapping[str, Promise] = {
    "wrong_columns": gettext_lazy("this line has not as many columns as the first."),
    "no_name": gettext_lazy("a name is missing."),
    "no_address": gettext_lazy("an e-mail address is missing, or this is none."),
}
"""What is wrong with a line, where people that are typed have other words for it."""

_COLUMNS: Mapping[str, Promise] = {
    "/first": gettext_lazy("First name"),
    "/last": gettext_lazy("Last name"),
    "/email": gettext_lazy("Email address"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list, in words."""

    number: int
    name: str
    email: str
    verdict: str
    notes: tuple[str, ...]
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines got a verdict, and where only these are shown."""

    words: str
    number: int
    href: str
    is_shown: bool
    is_left_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The lines that one page shows, and the way to the others."""

    lines: tuple[Line, ...]
    first: int
    last: int
    found: int
    before: str
    after: str


def file_problem(problem: Problem, columns: Sequence[object] = ()) -> str:
    """Say what is wrong with a whole file, and on which line; `columns` are those that its first line has to name."""
    if problem.code == "wrong_columns":
        needed = present.comma().join(str(one) for one in columns or _COLUMNS.values())
        found = problem.message.rpartition("; it has ")[2]
        said = _("The first line has to name these columns: %(columns)s. It has: %(found)s")
        return said % {"columns": needed, "found": found}
    words = str(_FILES.get(problem.code, _("this cannot be read.")))
    line = problem.pointer.removeprefix("/lines/")
    if line in ("", "1") or not line.isdecimal():
        return words
    return present.labelled(_("Line %(number)s") % {"number": present.count(int(line))}, words)


def verdict(one: Judged) -> str:
    """Say what becomes of a line."""
    match one.verdict:
        case Verdict.NEW:
            return _("new: is added")
        case Verdict.KNOWN:
            return _("known from usage: becomes a member")
        case Verdict.MEMBER:
            return _("in the team already: gets what is chosen")
        case Verdict.INVITED:
            return _("invited: gets what is chosen, and opens it after accepting")
        case Verdict.BACK:
            return _("was here and left: comes back")
        case Verdict.DUPLICATE:
            return _("the same person as on line %(line)s: left out") % {"line": present.count(one.of)}
        case Verdict.REFUSED:
            return _("refused: left out")
        case _:
            assert_never(one.verdict)


def _group(of: Verdict) -> str:
    """Name the lines of a verdict."""
    match of:
        case Verdict.NEW:
            return _("New people")
        case Verdict.KNOWN:
            return _("Known from usage")
        case Verdict.MEMBER:
            return _("In the team already")
        case Verdict.INVITED:
            return _("Invited already")
        case Verdict.BACK:
            return _("Back in the team")
        case Verdict.DUPLICATE:
            return _("Named twice")
        case Verdict.REFUSED:
            return _("Refused")
        case _:
            assert_never(of)


def line(one: Judged, before: Verdict | None = None) -> Line:
    """Return a line in words; `before` is the verdict that was shown earlier, where it was another."""
    notes = [problem(found) for found in one.row.problems]
    if one.known and one.known != one.row.name and one.is_taken:
        notes.append(_("stays %(name)s, as the team knows this person") % {"name": one.known})
    if before is not None:
        notes.append(_("was shown before as: %(words)s") % {"words": _group(before)})
    row = one.row
    return Line(row.line, row.name, row.email, verdict(one), tuple(notes), not one.is_taken)


def problem(found: Problem) -> str:
    """Say what is wrong with a line, and in which column."""
    words = str(_LINES.get(found.code) or WORDS.get(found.code) or _("this cannot be read."))
    column = _COLUMNS.get(found.pointer)
    return words if column is None else present.labelled(str(column), words)


def counts(shown: Shown, path: str, only: Verdict | None, query: str) -> list[Count]:
    """Return how many lines got each verdict, the problems first; each leads to its lines, and from there to all."""
    order = [*LEFT_OUT, *(one for one in Verdict if one not in LEFT_OUT)]
    return [
        Count(
            _group(one),
            shown.counts[one],
            _address(path, query, show="" if one is only else one.value),
            one is only,
            one in LEFT_OUT,
        )
        for one in order
        if shown.counts[one]
    ]


def piece(shown: Shown, path: str, only: Verdict | None, page: int, query: str) -> Piece:
    """Return the lines of one page, problems first."""
    wanted = [one for one in problems_first(shown.lines) if only in (None, one.verdict)]
    pages = max(1, -(-len(wanted) // PAGE_LINES))
    at = min(max(page, 1), pages)
    found = wanted[(at - 1) * PAGE_LINES : at * PAGE_LINES]
    show = only.value if only else ""
    return Piece(
        lines=tuple(line(one, shown.differs.get(one.row.line)) for one in found),
        first=(at - 1) * PAGE_LINES + 1,
        last=(at - 1) * PAGE_LINES + len(found),
        found=len(wanted),
        before=_address(path, query, show=show, page=at - 1) if at > 1 else "",
        after=_address(path, query, show=show, page=at + 1) if at < pages else "",
    )


def _address(path: str, query: str, *, show: str = "", page: int = 1) -> str:
    said = [query.removeprefix("?"), f"show={show}" if show else "", f"page={page}" if page > 1 else ""]
    kept = "&".join(part for part in said if part)
    return f"{path}?{kept}" if kept else path


def read_as(read: Read) -> str:
    """Say how the file was understood, where that was not the usual way."""
    told = []
    if read.encoding not in ("utf-8", "utf-8-sig"):
        name = {"cp1252": "Windows-1252", "cp932": "Shift JIS", "utf-16": "UTF-16"}.get(read.encoding, read.encoding)
        said = _("Its letters were read as %(name)s: if a name below looks wrong, save the list as CSV UTF-8.")
        told.append(said % {"name": name})
    if read.passed_over:
        told.append(_("Columns that were passed over: %(names)s.") % {"names": present.comma().join(read.passed_over)})
    if read.empty_lines:
        lines = ngettext(
            "%(number)s empty line was passed over.", "%(number)s empty lines were passed over.", read.empty_lines
        )
        told.append(lines % {"number": present.count(read.empty_lines)})
    return " ".join(told)


def import_words(taken: int) -> str:
    """Return the words of the button."""
    return ngettext("Import %(number)s person", "Import %(number)s people", taken) % {"number": present.count(taken)}


def done_words(shown: Shown) -> str:
    """Say how many people a list brought."""
    taken = shown.taken - len(shown.left_out)
    said = ngettext("%(number)s person is imported.", "%(number)s people are imported.", taken)
    return said % {"number": present.count(taken)}


def left_out_words(lines: Sequence[int]) -> str:
    """Name the lines that were left out as somebody changed the person meanwhile."""
    named = present.comma().join(present.count(one) for one in lines[:LINES_NAMED_MAX])
    more = "…" if len(lines) > LINES_NAMED_MAX else ""
    said = ngettext(
        "One line was left out, because the person was changed meanwhile: line %(lines)s.",
        "%(number)s lines were left out, because the people were changed meanwhile: lines %(lines)s.",
        len(lines),
    )
    return said % {"number": present.count(len(lines)), "lines": named + more}


def history(lists: Iterable[Shown]) -> list[tuple[int, str, str]]:
    """Return the lists of a team: the number, when it was read, and how far it is."""
    return [(one.id, present.short_date(day_of(one.created)), _state(one)) for one in lists]


def _state(one: Shown) -> str:
    if one.ended is not None:
        return done_words(one)
    if one.state.value == "RUNNING":
        return _("is being imported")
    said = ngettext("%(number)s line, waits for your yes", "%(number)s lines, waits for your yes", one.total)
    return said % {"number": present.count(one.total)}


def sheet(shown: Shown) -> Sheet:
    """Return the file of the verdicts: all lines, problems first."""
    rows = tuple(
        (one.number, one.name, one.email, one.verdict, " ".join(one.notes))
        for one in (line(found, shown.differs.get(found.row.line)) for found in problems_first(shown.lines))
    )
    names = ("line", "name", "email", "verdict", "notes")
    return Sheet("verdicts", names, (Kind.COUNT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT), rows)
