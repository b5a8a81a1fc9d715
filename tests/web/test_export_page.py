"""The export page as plain HTML: what is asked for, what the history says, who may do what, what recurs (H1)."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.web.used import Used, person
from tests.world import World

from farebox.domain.clock import DAY, Instant, day_of, instant
from farebox.domain.periods import last_days, last_months
from farebox.domain.report_files import Format, ReportType, Schema
from farebox.domain.rights import Role
from farebox.records.exports import spec_of
from farebox.records.models import ExportRequest, Membership, ReportSchedule, Team
from farebox.records.models.exports import ExportState, Origin
from farebox.records.models.report_schedules import Trouble
from farebox.services.export import Runner, sweep
from farebox.web import present
from farebox.web.shown import export_words

PAGE = "/reporting/export"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"


def words(page: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.decode()))).strip()


def signed_in_as(user: object) -> Client:
    """Return a client in which somebody is signed in."""
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def form(world: World, **changes: object) -> dict[str, object]:
    """Return a form about the usage of the Flex team, as a browser sends it."""
    whole = {
        "sent": "1",
        "nonce": "n",
        "types": ["usage"],
        "contract": world.flex_contract.number,
        "every": "once",
        "range": "30d",
        "format": "csv",
        "schema": "farebox-1",
        "weekday": "1",
        "day": "1",
        "hour": "8",
    }
    return whole | changes


def made() -> None:
    """Have what is asked for written."""
    Runner(lambda: instant(timezone.now())).run()


def test_a_file_is_asked_for_and_downloaded(used: Used) -> None:
    """The form asks, the history tells, the signed link gives the file; loading the answer again asks for no second."""
    ann = signed_in_as(used.ann)

    answers = [ann.post(PAGE, form(used.world)) for _ in range(2)]

    row = ExportRequest.objects.get()
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, f"{PAGE}#history")] * 2
    spec = spec_of(row)
    assert spec is not None
    today = day_of(instant(timezone.now()))
    assert (spec.format, spec.types, spec.days) == (Format.CSV, (ReportType.USAGE,), last_days(today, 30))
    assert (spec.rolling, spec.schema, row.origin, row.owner) == (True, Schema.FAREBOX_1, Origin.PAGE, used.ann)
    waiting = ann.get(PAGE).content
    assert b'hx-trigger="every 3s"' in waiting
    assert "Usage Flex team" in words(waiting)
    assert f"ann@example.com, on this page CSV {row.file_name} Waits for its turn" in words(waiting)
    assert re.search(r"Usage Flex team · [^@]+ · farebox-1 [^@]+ann@example\.com", words(waiting))

    made()

    ready = ann.get(PAGE).content
    assert b"hx-trigger" not in ready.split(b'id="history"')[1].split(b'id="recurring"')[0]
    assert re.search(r"CSV, [\d.]+ kB Names are in it farebox-usage-\S+-farebox-1\.csv Ready Kept until", words(ready))
    key = re.search(rf'href="({PAGE}/[^"]+/download)"', ready.decode())
    assert key
    link = ann.get(html.unescape(key[1]))
    assert (link.status_code, link["Location"].startswith("/downloads/")) == (302, True)
    file = Client().get(link["Location"])
    assert b",usageDate," in b"".join(file.streaming_content).splitlines()[0]  # type: ignore[attr-defined]


def test_an_address_fills_the_form(used: Used) -> None:
    """Other pages link to the file of what they show; the dates are in words, and a foreign contract is not found."""
    ann = signed_in_as(used.ann)
    address = f"{PAGE}?types=users,usage&range=custom&since=2026-01-01&until=2026-01-31&contract=all&every=month&day=31"

    page = ann.get(f"{address}&format=csv&schema=2025").content.decode()

    chosen = re.findall(r'name="(\w+)" value="([^"]*)" checked', page)
    assert chosen == [
        ("types", "users"),
        ("types", "usage"),
        ("contract", "all"),
        ("every", "month"),
        ("range", "custom"),
        ("format", "csv"),
        ("schema", "2025"),
    ]
    assert 'value="2026-01-31"' in page
    assert '<option value="31" selected>last day</option>' in page
    plain = ann.get(PAGE).content.decode()
    month = last_months(day_of(instant(timezone.now())), 1)
    assert ("types", "usage") in re.findall(r'name="(\w+)" value="([^"]*)" checked', plain)
    assert re.sub(r"\s", " ", present.dates(month)) in words(plain.encode())
    assert ann.get(PAGE, {"contract": "none"}).status_code == 404


def test_every_problem_is_listed_and_nothing_is_made(used: Used) -> None:
    """What is wrong is told all at once, at 400, with what was typed; nothing is asked for."""
    ann = signed_in_as(used.ann)
    wrong = form(used.world, types=["seat-usage", "x"], contract="9", format="pdf", schema="2022", range="custom")

    told = ann.post(PAGE, {**wrong, "since": "2026-02-30", "until": "<b>"})

    text = words(told.content)
    assert told.status_code == 400
    for part in ("no such file format", "no such report type", "no such contract", "The first date", "The last date"):
        assert part in text
    assert b"<b>" not in told.content
    other = words(ann.post(PAGE, form(used.world, types=list(ReportType), schema="2022")).content)
    assert other.count("Columns “2022” have no Token usage or Seat usage.") == 1
    assert other.count("Choose other columns, or leave that out.") == 1
    assert "Choose at least one report type." in words(ann.post(PAGE, form(used.world, types=[])).content)
    long = form(used.world, range="custom", since="2010-01-01", until="2026-01-01")
    assert "longer than ten years" in words(ann.post(PAGE, long).content)
    reverse = form(used.world, range="custom", since="2026-01-02", until="2026-01-01")
    assert "The last date comes before the first date." in words(ann.post(PAGE, reverse).content)
    never = form(used.world, every="week", weekday="8", hour="24")
    assert "There is no such day. A day has hours from 0 to 23." in words(ann.post(PAGE, never).content)
    assert (ExportRequest.objects.count(), ReportSchedule.objects.count()) == (0, 0)


def test_a_form_sent_again_with_other_answers(used: Used) -> None:
    """Nobody gets what they did not ask for: it is said, and the form can be sent once more."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world))

    told = ann.post(PAGE, form(used.world, format="xlsx"))

    assert told.status_code == 409
    assert "This form was sent before with other answers." in words(told.content)
    nonce = re.search(r'name="nonce" value="([^"]+)"', told.content.decode())
    assert nonce
    assert ann.post(PAGE, form(used.world, format="xlsx", nonce=nonce[1])).status_code == 302
    assert ExportRequest.objects.count() == 2


def test_one_that_failed_or_is_over_is_made_again(used: Used) -> None:
    """The reason is told in words; a file whose time is over leaves its line, and both can be made again."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world))
    row = ExportRequest.objects.get()
    reason = "there was no room for the file"
    ExportRequest.objects.update(state=ExportState.FAILED, reason=reason)

    assert f"Failed {reason}" in words(ann.get(PAGE).content)
    assert f"Misslyckades {reason}" not in words(ann.get(PAGE, headers={"accept-language": "sv"}).content)
    assert ann.post(f"{PAGE}/{row.key.replace('#', '%23')}/retry").status_code == 302
    made()
    ExportRequest.objects.update(expires_us=instant(timezone.now()))
    sweep(now=instant(timezone.now()))
    page = ann.get(PAGE).content
    assert "Removed after its time" in words(page)
    assert b"Make again" in page
    gone = ann.get(f"{PAGE}/{row.key.replace('#', '%23')}/download", follow=True)
    assert "This file is not there, or not any more." in words(gone.content)


def test_one_is_cancelled_or_deleted(used: Used) -> None:
    """What is under way is stopped at once; what is finished is deleted after a question."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world))
    address = f"{PAGE}/{ExportRequest.objects.get().key.replace('#', '%23')}/delete"
    assert "Delete this export?" in words(ann.get(address).content)

    told = ann.post(address, follow=True)

    assert "The export is cancelled. " in words(told.content)
    assert "Nothing was exported yet." in words(told.content)
    assert ExportRequest.objects.count() == 0
    assert ann.post(address).status_code == 404


def test_who_sees_and_changes_what(used: Used) -> None:
    """The primary administrator sees and downloads others' files and changes none; others see their own (matrix)."""
    secondary = person("bea@example.com")
    Membership.objects.create(team=used.world.flex, user=secondary, role=Role.SECONDARY)
    bea, ann = signed_in_as(secondary), signed_in_as(used.ann)
    ann.post(PAGE, form(used.world))
    bea.post(PAGE, form(used.world))
    made()
    own, other = ExportRequest.objects.order_by("pk").values_list("key", flat=True)
    own, other = (f"{PAGE}/{key.replace('#', '%23')}" for key in (own, other))

    assert words(ann.get(PAGE).content).count("Kept until") == 2
    assert words(bea.get(PAGE).content).count("Kept until") == 1
    assert ann.get(f"{other}/download")["Location"].startswith("/downloads/")
    assert [ann.post(f"{other}/{what}").status_code for what in ("retry", "delete")] == [403, 403]
    assert bea.get(f"{own}/download").status_code == 404
    assert [bea.post(f"{own}/{what}").status_code for what in ("retry", "delete")] == [404, 404]
    assert ExportRequest.objects.count() == 2


def test_members_and_strangers(used: Used) -> None:
    """Who administers no team is told so and can ask for nothing; who is not signed in is asked to."""
    member = person("mia@example.com")
    Membership.objects.create(team=used.world.flex, user=member, role=Role.USER)
    mia = signed_in_as(member)

    assert "you administer none" in words(mia.get(PAGE).content)
    assert mia.post(PAGE, form(used.world)).status_code == 403
    assert mia.get(f"/settings/time-zone/{used.world.flex.pk}").status_code == 403
    assert mia.get(f"/settings/time-zone/{used.world.ent.pk}").status_code == 404
    for address in (PAGE, f"{PAGE}/x/download", f"{PAGE}/recurring/x", f"/settings/time-zone/{used.world.flex.pk}"):
        assert Client().get(address)["Location"].startswith("/accounts/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(used.ann)
    assert strict.post(PAGE, form(used.world)).status_code == 403


def test_a_file_is_made_each_month(used: Used) -> None:
    """The same form makes it recur: by the team's clock, about the month before; it is paused, resumed and deleted."""
    ann = signed_in_as(used.ann)
    Team.objects.filter(pk=used.world.flex.pk).update(time_zone="Europe/Stockholm")

    told = ann.post(PAGE, form(used.world, every="month", day="31", hour="7", range="nonsense"), follow=True)

    row = ReportSchedule.objects.get()
    assert ExportRequest.objects.count() == 0
    assert (row.every, row.on_day, row.hour, row.owner, row.team) == ("month", 31, 7, used.ann, used.world.flex)
    text = words(told.content)
    assert "Each month on its last day at 7:00" in text
    assert re.search(r"\(Europe/Stockholm\) covers \w+ 1 – \d+, \d+", re.sub(r"\s", " ", text))
    address = f"{PAGE}/recurring/{row.pk}"
    assert "Paused" in words(ann.post(address, {"do": "pause"}, follow=True).content)
    assert "The recurring export runs again." in words(ann.post(address, {"do": "resume"}, follow=True).content)
    ReportSchedule.objects.update(trouble=Trouble.NO_ROLE, last_us=row.next_us)
    assert "Made nothing: you no longer administer all that it is about." in words(ann.get(PAGE).content)
    assert ann.post(address, {"do": "x"}).status_code == 404
    assert "Delete this recurring export?" in words(ann.get(address).content)
    assert "No file is made by itself yet." in words(ann.post(address, {"do": "delete"}, follow=True).content)
    assert ann.get(address).status_code == 404


def test_one_that_recurs_is_run_now(used: Used) -> None:
    """It asks once for the file of the last whole month, and leaves the rhythm; pressed twice it is one file (I7)."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world, every="month", day="20", types=["usage", "users"], format="xlsx"))
    address = f"{PAGE}/recurring/{ReportSchedule.objects.get().pk}"

    told = [ann.post(address, {"do": "run", "nonce": "m"}, follow=True) for _ in range(2)]

    row = ExportRequest.objects.get()
    spec = spec_of(row)
    assert spec is not None
    month = last_months(day_of(instant(timezone.now())), 1)
    assert (spec.days, spec.types, spec.format) == (month, (ReportType.USERS, ReportType.USAGE), Format.XLSX)
    assert (row.origin, ReportSchedule.objects.get().last_us) == (Origin.PAGE, None)
    assert "The file is asked for." in words(told[0].content)
    bea = person("bea@example.com")
    Membership.objects.create(team=used.world.flex, user=bea, role=Role.SECONDARY)
    assert signed_in_as(bea).post(address, {"do": "run"}).status_code == 404
    Membership.objects.filter(user=used.ann, team=used.world.flex).delete()
    refused = words(ann.post(address, {"do": "run", "nonce": "o"}, follow=True).content)
    assert "Nothing is made: you no longer administer all that it is about" in refused
    assert ExportRequest.objects.count() == 1


def test_one_that_recurs_is_changed_in_the_form(used: Used) -> None:
    """Its link fills the form with what it is; the form that is sent changes it, and nothing is made beside it."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world, every="month", day="20", types=["usage", "users"], format="xlsx"))
    row = ReportSchedule.objects.get()
    link = html.unescape(
        re.search(r'href="(/reporting/export\?types[^"]+change[^"]+)"', ann.get(PAGE).content.decode())[1]
    )  # type: ignore[index]

    page = ann.get(link).content.decode()
    told = ann.post(PAGE, form(used.world, every="week", weekday="5", contract="all", change=str(row.pk)), follow=True)

    chosen = re.findall(r'name="(\w+)" value="([^"]*)" checked', page)
    assert {("types", "users"), ("types", "usage"), ("every", "month"), ("format", "xlsx")} <= set(chosen)
    assert '<option value="20" selected>' in page
    assert "You change “Users and Usage”, Each month on day 20 at 8:00" in re.sub(r"\s", " ", words(page.encode()))
    assert "The recurring export is changed." in words(told.content)
    row.refresh_from_db()
    assert (row.every, row.on_day, row.wanted["contracts"], row.wanted["types"]) == ("week", 5, [], ["usage"])
    assert (ReportSchedule.objects.count(), ExportRequest.objects.count()) == (1, 0)
    assert ann.get(PAGE, {"change": "none"}).status_code == 404
    assert ann.post(PAGE, form(used.world, every="week", change="none")).status_code == 404


def test_types_that_the_columns_lack_are_marked(used: Used) -> None:
    """Each type says which columns do not have it, shown once these are chosen; an empty file says so."""
    ann = signed_in_as(used.ann)

    page = ann.get(PAGE).content.decode()
    dates = {"range": "custom", "since": "2019-01-01", "until": "2019-01-02"}
    ann.post(PAGE, form(used.world, types=["seat-usage"], **dates))
    made()

    assert re.findall(r'class="help lacks (lacks-[\w-]+)"', page) == ["lacks-farebox-1", "lacks-2022", "lacks-2022"]
    assert "Without Token usage and Seat usage." in words(page.encode())
    assert "Ready Without any row Kept until" in words(ann.get(PAGE).content)


def test_whether_names_will_be_in_it(used: Used) -> None:
    """The form says whose names are hidden; what was made before the switch keeps its names, and says so."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world))
    made()
    assert "The file has names and e-mail addresses." in words(ann.get(PAGE).content)

    Team.objects.filter(pk=used.world.flex.pk).update(names_hidden=True)

    text = words(ann.get(PAGE).content)
    assert "Hidden: Flex team. A file about them has pseudonyms" in text
    assert "Shown: Enterprise team. A file about all teams hides every name" in text
    assert "Names are in it" in text
    ann.post(PAGE, form(used.world, nonce="m", contract="all"))
    made()
    text = words(ann.get(PAGE).content)
    assert "Usage 2 teams" in text
    assert re.search(r"Names are hidden \S+\.csv Ready", text)


def test_a_long_history_has_pages(used: Used, django_assert_max_num_queries: object) -> None:
    """Twenty lines a page, the newest first, each page an address; how many there are costs no more questions."""
    ann = signed_in_as(used.ann)
    for number in range(23):
        ann.post(PAGE, form(used.world, nonce=str(number)))

    first = ann.get(PAGE).content.decode()
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        second = ann.get(PAGE, {"page": "2"}).content.decode()

    assert (first.count("Waits for its turn"), second.count("Waits for its turn")) == (20, 3)
    assert 'href="?page=2#history"' in first
    assert 'href="?page=1#history"' in second
    assert "There are no older exports." in words(ann.get(PAGE, {"page": "3"}).content)
    assert ann.get(PAGE, {"page": "-1"}).content.decode().count("Waits for its turn") == 20


def test_too_many_are_refused(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fifty under way, the page says what to do."""
    monkeypatch.setattr("farebox.services.export.asking.OUTSTANDING_MAX", 0)

    told = signed_in_as(used.ann).post(PAGE, form(used.world))

    assert told.status_code == 429
    assert "exports are under way. Wait until one is done, or cancel one." in words(told.content)


def test_the_clock_is_chosen_in_the_settings(used: Used) -> None:
    """The settings say it for each team; the choice is by area of the world, and what is no clock is refused."""
    ann, address = signed_in_as(used.ann), f"/settings/time-zone/{used.world.flex.pk}"
    assert "Flex team UTC Change" in words(ann.get("/settings").content)

    assert ann.post(address, {"zone": "Mars/Base"}).status_code == 400
    assert b'<optgroup label="Europe">' in ann.get(address).content
    told = ann.post(address, {"zone": "Asia/Tokyo"}, follow=True)

    assert "Flex team Asia/Tokyo Change" in words(told.content)


@pytest.mark.parametrize("language", ["sv", "fr", "ja"])
def test_it_speaks_every_language(used: Used, language: str) -> None:
    """No English sentence is left, in the form, the history or the recurring exports."""
    ann, spoken = signed_in_as(used.ann), {"headers": {"accept-language": language}}
    ann.post(PAGE, form(used.world), **spoken)
    ann.post(PAGE, form(used.world, every="week", nonce="m"), **spoken)
    ExportRequest.objects.update(state=ExportState.FAILED, reason="the file could not be written")

    text = words(ann.get(PAGE, **spoken).content)

    english = r"\b(the|of|with|about|each|names?|file|is|and|made|next)\b"
    assert re.findall(english, text.split("farebox-1")[0], re.IGNORECASE) == []
    assert "could not be written" not in text


def test_sizes_are_in_words() -> None:
    """Kilobytes, megabytes and gigabytes, with one decimal at most."""
    sizes = [export_words.size(number) for number in (0, 442, 999_949, 14_249_999, 2 * 10**9)]

    assert sizes == ["0 kB", "0.4 kB", "999.9 kB", "14.2 MB", "2 GB"]


def test_a_missing_day_of_a_form_is_no_crash(used: Used) -> None:
    """A form without any of its fields lists problems, as does one whose fields are strange."""
    ann = signed_in_as(used.ann)

    assert ann.post(PAGE, {}).status_code in (302, 400)
    assert ann.post(PAGE, {"sent": "1"}).status_code == 400
    strange = form(used.world, every="month", day="١", hour="9" * 40, types=["usage\x00"])
    assert ann.post(PAGE, strange).status_code == 400


def test_old_files_are_swept(used: Used) -> None:
    """After fourteen days the file is gone and its line says so."""
    ann = signed_in_as(used.ann)
    ann.post(PAGE, form(used.world))
    made()

    sweep(now=Instant(instant(timezone.now()) + 15 * DAY))

    assert "Removed after its time" in words(ann.get(PAGE).content)


def test_a_form_that_leaves_out_its_fields_asks_for_nothing(used: Used) -> None:
    """Usual values are for addresses: what a form does not say is a problem of its own, and all are listed."""
    ann = signed_in_as(used.ann)

    empty = ann.post(PAGE, {"nonce": "n"})
    weekly = ann.post(PAGE, {"nonce": "n", "every": "week"})
    dates = {key: value for key, value in form(used.world, range="custom").items() if key not in ("since", "until")}
    undated = ann.post(PAGE, dates)
    ranged = ann.post(PAGE, {key: value for key, value in form(used.world).items() if key != "range"})

    assert [one.status_code for one in (empty, weekly, undated, ranged)] == [400] * 4
    for part in ("no such file format", "no such contract", "no such columns", "at least one report type",
                 "Choose once, each week or each month"):  # fmt: skip
        assert part in words(empty.content)
    assert "There is no such day. A day has hours from 0 to 23." in words(weekly.content)
    assert "The first date is not in the calendar." in words(undated.content)
    assert "There is no such range." in words(ranged.content)
    assert (ExportRequest.objects.count(), ReportSchedule.objects.count()) == (0, 0)
