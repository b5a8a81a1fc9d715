"""What goes wrong while a file is made is told at once, holds up nobody else, and tells the log no names (X18, P1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import openpyxl
import pytest
import structlog
from django.conf import settings as configured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from tests.services.report_world import Reported, entries, now
from tests.world import NOW, World

from farebox import logs
from farebox.domain.errors import Busy
from farebox.domain.report_files import SHEET_NAME_MAX, Format, ReportType, sheet_name
from farebox.domain.rights import Role
from farebox.records import exports, privacy
from farebox.records.exports import Written
from farebox.records.models import ExportRequest, Membership, Team
from farebox.records.models.exports import ExportState
from farebox.services import catalogue
from farebox.services.export import REASONS, Runner
from farebox.services.export.reports.sections import Row
from farebox.services.export.reports.words import ABOUT, SHEETS, SUMMARY, Words
from farebox.services.export.reports.writers import CsvWriter
from farebox.warehouse.duck import Warehouse


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def reported(world: World, house: Warehouse) -> Reported:
    """Return the two teams with their use."""
    return Reported(world)


@pytest.fixture
def logged() -> Iterator[None]:
    """Log as a server does."""
    before = structlog.get_config()
    logs.configure()
    yield
    structlog.configure(**before)


def test_a_fault_fails_its_file_alone(
    reported: Reported, folder: Path, logged: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is honest and at once; what else is asked for is made; the log has code and no names."""

    def fault(writer: CsvWriter, rows: Iterable[Row]) -> None:
        told = [list(row) for row in rows]
        raise RuntimeError(len(told))

    monkeypatch.setattr(CsvWriter, "rows", fault)
    failed = reported.ask(ReportType.USERS)
    other = reported.ask(ReportType.USERS, format=Format.XLSX)

    taken = Runner(now).run()

    failed.refresh_from_db()
    written = capsys.readouterr().out
    assert taken == 2
    assert (failed.state, failed.tries) == (ExportState.FAILED, 1)
    assert "a fault of the program" in failed.reason
    assert failed.reason in REASONS
    assert [path.suffix for path in folder.iterdir()] == [".xlsx"]
    assert reported.opened(other).path.is_file()
    assert (written.count("export failed"), written.count("Traceback")) == (1, 1)
    assert "ann@example.com" not in written


def test_records_out_of_reach_are_no_fault(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is not failed: the claim lapses, and the file is made when the records are back."""
    row = reported.ask(ReportType.USERS)
    honest = exports.finish

    def busy(of: ExportRequest, written: Written, **told: object) -> bool:
        raise Busy("the records are busy")

    monkeypatch.setattr(exports, "finish", busy)
    with pytest.raises(Busy):
        Runner(now).run()
    row.refresh_from_db()
    between = row.state
    monkeypatch.setattr(exports, "finish", honest)
    ExportRequest.objects.update(claimed_until_us=NOW - 1)
    Runner(now).run()

    row.refresh_from_db()
    assert (between, row.state) == (ExportState.RUNNING, ExportState.READY)


@pytest.mark.parametrize("language", [code for code, _ in configured.LANGUAGES])
def test_every_sheet_can_be_called_so(language: str) -> None:
    """In each language the names of all sheets are as a spreadsheet wants them, and differ."""
    names: list[str] = []
    for text in (ABOUT, SUMMARY, *SHEETS.values()):
        names.append(sheet_name(Words(language)(text), names))

    assert max(map(len, names)) <= SHEET_NAME_MAX
    assert len({name.casefold() for name in names}) == len(names)


def test_a_long_name_of_a_sheet_is_cut(reported: Reported) -> None:
    """The Swedish name of Seat usage is longer than a sheet may be called."""
    path = reported.made(ReportType.SEAT_USAGE, format=Format.XLSX, language="sv")

    assert openpyxl.load_workbook(path).sheetnames[-1] == Words("sv")(SHEETS[ReportType.SEAT_USAGE])[:31].strip()


@given(titles=st.lists(st.text(st.sampled_from("aA[:?'/ é年"), max_size=40), max_size=15))
def test_sheets_have_names_of_their_own(titles: list[str]) -> None:
    """Whatever they are to be called: short enough, without the signs that no sheet has, and each once."""
    names: list[str] = []
    for title in titles:
        names.append(sheet_name(title, names))

    assert all(1 <= len(name) <= SHEET_NAME_MAX for name in names)
    assert not set("[]:*?/\\'") & set("".join(names))
    assert len({name.casefold() for name in names}) == len(names)


def test_names_hidden_while_a_file_finds_its_teams_are_hidden_in_it(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team that its owner gained since, hidden between reading its switch and recording that the file is about it."""
    world = reported.world
    user = catalogue.add_account("two@example.com", "correct horse battery", "Two",
                                 roles={world.flex: Role.SECONDARY}, now=NOW)  # fmt: skip
    row = reported.ask(ReportType.USERS, ReportType.USAGE_REPORT, user=user, contracts=())
    Membership.objects.create(team=world.ent, user=user, role=Role.SECONDARY)
    honest = exports.cover

    def late(of: ExportRequest, *, contract_id: int, teams: list[int]) -> bool:
        monkeypatch.setattr(exports, "cover", honest)
        Team.objects.filter(pk=world.ent.pk).update(names_hidden=True)
        privacy.begin_anew(world.ent.pk)
        return honest(of, contract_id=contract_id, teams=teams)

    monkeypatch.setattr(exports, "cover", late)
    Runner(now).run()

    text = str(entries(reported.opened(row).path))
    assert "Enterprise team" in text
    assert "example.com" not in text
    assert row.names_hidden
