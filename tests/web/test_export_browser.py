"""The export page in a browser: what changes as one chooses, what changes by itself, and the file that is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from tests.web.used import Served
from tests.web.visits import Visit, barriers

from farebox.domain.clock import instant
from farebox.records.models import ExportRequest
from farebox.records.models.exports import ExportState
from farebox.services.export import Runner

PAGE = "/reporting/export"
SECONDS_30 = 30_000


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"


def ask(page: Page) -> None:
    """Ask for a file of the usage as CSV."""
    page.get_by_label("CSV").check()
    page.get_by_label("Last 3 complete months").check()
    page.get_by_role("button", name="Export now").click()
    expect(page.get_by_text("The file is asked for.")).to_be_visible()


def test_the_history_follows_by_itself(visits: Callable[..., Visit], served: Served) -> None:
    """A file that is being made shows how far it is, and turns ready without a new page; then it is saved."""
    page = visits(accept_downloads=True).open(PAGE)
    ask(page)
    Runner(lambda: instant(timezone.now())).run()
    ExportRequest.objects.update(state=ExportState.RUNNING, rows_expected=100, rows_written=40)
    page.goto(served.address + PAGE)
    page.evaluate("window.sameDocument = true")
    expect(page.get_by_role("progressbar", name="Progress of Usage")).to_have_attribute("value", "40")

    ExportRequest.objects.update(state=ExportState.READY)

    link = page.get_by_role("link", name="Download farebox-usage")
    expect(link).to_be_visible(timeout=SECONDS_30)
    expect(page.locator("#announcer")).to_contain_text("Latest export: Usage, Ready")
    assert page.evaluate("window.sameDocument") is True
    assert page.locator("#history").get_attribute("hx-trigger") is None
    with page.expect_download() as saving:
        link.click()
    assert saving.value.suggested_filename.startswith("farebox-usage-flex-team-")
    assert b"usageDate" in Path(saving.value.path()).read_bytes().splitlines()[0]
    assert barriers(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_form_shows_what_goes_with_each_choice(visits: Callable[..., Visit], *, scripts: bool) -> None:
    """Dates go with once, day and hour with each month; on a phone, with scripts and without, nothing overflows."""
    page = visits(viewport={"width": 390, "height": 900}, java_script_enabled=scripts).open(PAGE)
    expect(page.get_by_label("Day of the month")).to_be_hidden()
    page.get_by_label("Custom dates").check()
    expect(page.get_by_label("First date")).to_be_visible()
    page.get_by_label("Each month").check()
    expect(page.get_by_label("First date")).to_be_hidden()
    page.get_by_label("Day of the month").select_option("31")
    page.get_by_label("Hour").select_option("7")

    page.get_by_role("button", name="Make recurring export").click()

    expect(page.get_by_text("The recurring export is made.")).to_be_visible()
    expect(page.get_by_text("Each month on its last day at 7:00")).to_be_visible()
    page.get_by_role("button", name="Pause Usage").click()
    expect(page.get_by_text("The recurring export is paused.")).to_be_visible()
    page.get_by_label("Usage", exact=False).first.uncheck()
    page.get_by_role("button", name="Export now").click()
    expect(page.get_by_text("Choose at least one report type.")).to_be_visible()
