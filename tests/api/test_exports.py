"""`/tokenflex/v1/export/{contract}/requests`: asked for, made, listed, read, retried, deleted (usage-api 6)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings
from tests.api.askers import Askers, Who
from tests.api.sending import Sender

from farebox.domain.clock import DAY, Instant
from farebox.query.plan import Question
from farebox.records import exports
from farebox.records.models import ExportRequest, Membership, User
from farebox.records.models.exports import ExportState
from farebox.services.export import OUTSTANDING_MAX, Runner, sweep
from farebox.wallclock import now

SIMPLE = {"fields": ["productName"], "metrics": ["tokensConsumed"]}
SESSIONS = {
    "fields": ["usageDate", "userName", "chargedItemID", "sessionStartDate"],
    "metrics": ["tokensConsumed", "usageHours"],
    "usageCategory": ["DESKTOP_PRODUCT"],
    "where": "productName = 'Product A'",
}
KEY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d#[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass
class Program:
    """A program that exports, for everybody who may ask."""

    client: Client
    askers: Askers

    def call(self, method: str, path: str, body: object = None, *, who: Who = Who.PRIMARY, **more: Any) -> Any:
        """Call an address below `/export`; return the status and the body."""
        raw = json.dumps(body).encode() if body is not None else b""
        headers = self.askers.headers(who) | more.pop("headers", {})
        kind = "application/json" if raw else ""
        url = f"/tokenflex/v1/export/{more.pop('number', self.askers.own)}/requests{path}"
        got = self.client.generic(method, url, raw, content_type=kind, headers=headers)
        return got.status_code, json.loads(got.content) if got.content else None

    def ask(self, body: object = SIMPLE, **more: Any) -> dict[str, Any]:
        """Request an export and return it."""
        status, shown = self.call("POST", "", body, **more)
        assert status == 200, shown
        found: dict[str, Any] = shown
        return found

    def one(self, key: str, *, action: str = "", method: str = "GET", **more: Any) -> Any:
        """Call the address of one export, with its key encoded; return the status and the body."""
        return self.call(method, f"/{quote(key, safe='')}{action}", **more)

    def file(self, body: object = SIMPLE) -> str:
        """Have a file made and return what is in it."""
        key = self.ask(body)["requestKey"]
        made()
        _, shown = self.one(key)
        assert shown["requestStatus"] == "Download", shown
        got = self.client.get(shown["downloadUrl"])
        return b"".join(got).decode()  # type: ignore[arg-type]


def made() -> int:
    """Let a runner make every file that is asked for."""
    return Runner(now).run()


def around(days: int = 1) -> str:
    """Return the query of a list from so many days ago to as many from now."""
    since, until = (datetime.now(UTC) + timedelta(days=sign * days) for sign in (-1, 1))
    return f"?fromDate={since:%Y-%m-%dT%H:%M:%SZ}&toDate={until:%Y-%m-%d}"


@pytest.fixture
def program(sender: Sender, house: None, tmp_path: Path, settings: Settings) -> Program:
    """Return a program, with a folder of its own for the files."""
    settings.EXPORTS = tmp_path / "exports"
    return Program(sender.client, Askers(sender))


def test_a_file_is_asked_for_made_and_fetched(program: Program) -> None:
    """The life of an export, member by member, in the order of the published API (usage-api 6.1)."""
    asked = program.ask({**SIMPLE, "downloadFileName": "monthly"})
    waiting = program.one(asked["requestKey"])[1]
    taken = made()
    status, ready = program.one(asked["requestKey"])
    content = b"".join(program.client.get(ready["downloadUrl"])).decode()  # type: ignore[arg-type]

    assert KEY.fullmatch(asked["requestKey"])
    assert list(asked) == ["requestKey", "requestStatus", "downloadFileName", "exportRequestDate", "rowsWritten"]
    assert (asked["requestStatus"], asked["downloadFileName"]) == ("Requested", "monthly.csv")
    assert waiting == {**asked, "readFlag": "N"}
    assert list(ready)[:7] == [
        "requestKey", "requestStatus", "downloadFileName", "downloadUrl", "downloadUrlExpireDate",
        "exportRequestDate", "readFlag",
    ]  # fmt: skip
    assert (taken, status, ready["requestStatus"], ready["rowsWritten"], ready["rowsExpected"]) == (
        1, 200, "Download", 2, 2,
    )  # fmt: skip
    assert MOMENT.fullmatch(ready["downloadUrlExpireDate"])
    assert MOMENT.fullmatch(ready["exportRequestDate"])
    assert ready["fileSizeBytes"] == len(content.encode())
    assert content == "productName,tokensConsumed\r\nProduct A,14\r\nProduct B,10\r\n"


def test_sessions_are_exported_with_their_times(program: Program) -> None:
    """Fields of single sessions are for exports, with the attribute that names their category (usage-api 6.2)."""
    header, *rows = program.file(SESSIONS).splitlines()

    assert header == "usageDate,userName,chargedItemID,sessionStartDate,tokensConsumed,usageHours"
    assert [row.split(",")[1::3] for row in rows] == [["ann@example.com", "7"], ["ben@example.com", "7"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**SESSIONS, "usageCategory": []}, "category_required"),
        ({**SESSIONS, "usageCategory": ["DESKTOP_PRODUCT", "CLOUD_SERVICE"]}, "categories_mixed"),
        ({**SESSIONS, "metrics": ["useCount"]}, "not_at_session_level"),
        ({**SESSIONS, "fields": ["chargedItemID", "tokenPool"]}, "not_at_session_level"),
        ({}, "nothing_asked"),
        ({"fields": ["productNam"]}, "unknown_field"),
        ({**SIMPLE, "orderBy": "x"}, "unknown_field"),
        ({**SIMPLE, "downloadFileName": "a\r\nX-Evil: 1"}, "invalid_value"),
        ({**SIMPLE, "downloadFileName": "a\u2028b"}, "invalid_value"),
        ({**SIMPLE, "downloadFileName": "x" * 151}, "too_long"),
        ({**SIMPLE, "where": "not productName = 'x'"}, "where_not"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_once(program: Program, body: object, code: str) -> None:
    """A request that can never become a file is not taken."""
    status, refusal = program.call("POST", "", body)

    assert (status, refusal["Code"]) == (400, "BadRequestError")
    assert code in {problem["code"] for problem in refusal["problems"]}
    assert not ExportRequest.objects.exists()


@pytest.mark.parametrize(
    ("name", "file"),
    [("", "API_Custom_Export.csv"), ("report", "report.csv"), ("report.csv", "report.csv"), ("R.CSV", "R.CSV"),
     ("../../a/b\\c", "_.._a_b_c.csv"), ('say "x"?.csv', "say _x__.csv"), (" ..", "API_Custom_Export.csv")],
)  # fmt: skip
def test_a_file_name_is_one_on_every_system(program: Program, name: str, file: str) -> None:
    """One ending is added, and none to a name that has it; signs that files do not have become underlines."""
    assert program.ask({**SIMPLE, "downloadFileName": name})["downloadFileName"] == file


def test_older_category_names_and_a_metric_among_the_fields_are_taken(program: Program) -> None:
    """What published programs send is understood (usage-api 9)."""
    body = {
        "fields": ["productName", "tokensConsumed"],
        "metrics": ["tokensConsumed"],
        "usageCategory": ["PRODUCT_CONSUMPTION"],
        "where": "",
    }
    assert program.file(body).splitlines()[0] == "productName,tokensConsumed"


def test_a_link_is_fresh_each_time(program: Program) -> None:
    """Asking again, by GET, list or refreshUrl, gives a link that lasts its full time."""
    key = program.ask()["requestKey"]
    made()

    links = {
        program.one(key)[1]["downloadUrl"],
        program.one(key, action="/refreshUrl", method="POST")[1]["downloadUrl"],
        program.call("GET", around())[1][0]["downloadUrl"],
    }

    assert len(links) == 3


def test_refreshing_what_is_not_there_yet_changes_nothing(program: Program) -> None:
    """Before Download there is no link to refresh, and no member for one."""
    key = program.ask()["requestKey"]

    assert program.one(key, action="/refreshUrl", method="POST") == program.one(key)


def test_a_list_is_of_a_stretch_of_time(program: Program) -> None:
    """From is included, to is not, and the order is that of asking (usage-api 6.3)."""
    keys = [program.ask()["requestKey"] for _ in range(3)]
    rows = ExportRequest.objects.order_by("pk")
    for nth, row in enumerate(rows):
        ExportRequest.objects.filter(pk=row.pk).update(requested_us=Instant(nth * DAY))

    status, listed = program.call("GET", "?fromDate=1970-01-01&toDate=1970-01-03T00:00:00 00:00")

    assert status == 200
    assert [one["requestKey"] for one in listed] == keys[:2]


@pytest.mark.parametrize("query", ["", "?fromDate=2026-01-01", "?toDate=2026-01-01", "?fromDate=x&toDate=2026-01-01"])
def test_a_list_needs_both_ends(program: Program, query: str) -> None:
    """Without both ends, or with one that is no moment, it is refused."""
    assert program.call("GET", query)[0] == 400


def test_exports_of_schedules_are_listed_under_null(program: Program) -> None:
    """What a schedule asked for is in the list of `null` and not in the contract's (usage-api 6.3, 6.9)."""
    key = program.ask()["requestKey"]
    boss = User.objects.get(email="primary@example.com")
    row = exports.add(
        contract_id=program.askers.sender.world.flex_contract.pk,
        owner_id=boss.pk,
        question=Question(fields=("productName",)),
        file_name="x.csv",
        now=now(),
        schedule_id="5f9c0a31-0000-4000-8000-000000000000",
    )

    by_number, by_null = (program.call("GET", around(), number=number)[1] for number in (program.askers.own, "null"))

    assert [one["requestKey"] for one in by_number] == [key]
    assert [(one["requestKey"], one["scheduleId"]) for one in by_null] == [(row.key, row.schedule)]
    assert program.one(row.key, number="null")[0] == 200
    assert program.one(key, number="null")[0] == 400


def test_retry_is_for_what_failed(program: Program) -> None:
    """An error becomes Requested once more and keeps its flag; anything else stays as it is (usage-api 6.7)."""
    key = program.ask()["requestKey"]
    untouched = program.one(key, action="/retry", method="POST")[1]
    ExportRequest.objects.update(state=ExportState.FAILED, reason="no room", read=True)
    failed = program.one(key)[1]
    status, again = program.one(key, action="/retry", method="POST")
    made()

    assert untouched["requestStatus"] == "Requested"
    assert (failed["requestStatus"], failed["errorMessage"], "downloadUrl" in failed) == ("Error", "no room", False)
    assert (status, again["requestStatus"], again["readFlag"]) == (200, "Requested", "Y")
    assert program.one(key)[1]["requestStatus"] == "Download"


def test_an_expired_file_is_an_error_that_retry_mends(program: Program) -> None:
    """After its days the file is gone, and can be made again."""
    key = program.ask()["requestKey"]
    made()
    ExportRequest.objects.update(expires_us=now() - 1)
    before = program.one(key)[1]
    removed = sweep(now=now())
    after = program.one(key)[1]
    program.one(key, action="/retry", method="POST")
    made()

    assert removed == 1
    assert before["requestStatus"] == after["requestStatus"] == "Error"
    assert "expired" in before["errorMessage"]
    assert program.one(key)[1]["requestStatus"] == "Download"


def test_a_deleted_export_is_gone_with_its_file(program: Program, settings: Settings) -> None:
    """204 and nothing in it; neither the request nor the link opens anything afterwards (usage-api 6.5)."""
    key = program.ask()["requestKey"]
    made()
    link = program.one(key)[1]["downloadUrl"]

    assert program.one(key, method="DELETE") == (204, None)
    assert list(settings.EXPORTS.iterdir()) == []
    assert program.client.get(link).status_code == 403
    assert program.one(key)[0] == 400
    assert program.one(key, method="DELETE")[0] == 400


def test_marking_as_read_tells_what_was_not(program: Program) -> None:
    """The answer has the keys that changed; those that were read, or are nobody's, are left out (usage-api 6.8)."""
    first, second = (program.ask()["requestKey"] for _ in range(2))

    assert program.call("POST", "/markRead", [first]) == (200, [first])
    assert program.call("POST", "/markRead", [first, second, "nobody's"]) == (200, [second])
    assert program.one(second)[1]["readFlag"] == "Y"


@pytest.mark.parametrize("body", [[], {}, "x", [1], None])
def test_marking_nothing_as_read_is_refused(program: Program, body: object) -> None:
    """An empty list, and a body that is no list of keys, mean nothing."""
    assert program.call("POST", "/markRead", body)[0] == 400


def test_fifty_may_be_under_way(program: Program) -> None:
    """The 51st is refused with 429 until one is done or deleted (usage-api 1.3)."""
    keys = [program.ask()["requestKey"] for _ in range(OUTSTANDING_MAX)]
    status, refusal = program.call("POST", "", SIMPLE)
    other = program.call("POST", "", SIMPLE, who=Who.SECONDARY)[0]
    program.one(keys[0], method="DELETE")
    ExportRequest.objects.filter(key=keys[1]).update(state=ExportState.FAILED)
    program.ask()
    program.ask()
    retried = program.one(keys[1], action="/retry", method="POST")[0]

    assert (status, refusal) == (429, {"developerMessage": "Quota limit exceeded."})
    assert other == 200
    assert retried == 429


def test_a_request_with_a_key_of_its_own_is_made_once(program: Program) -> None:
    """Sent again under the same Idempotency-Key it is the same request; another under it is refused (quality I7)."""
    headers = {"Idempotency-Key": "once"}
    first, again = (program.ask(headers=headers)["requestKey"] for _ in range(2))
    status, refusal = program.call("POST", "", SESSIONS, headers=headers)
    long, refused = program.call("POST", "", SIMPLE, headers={"Idempotency-Key": "x" * 201})

    assert first == again
    assert (status, long) == (400, 400)
    assert [(one["pointer"], one["code"]) for one in refusal["problems"] + refused["problems"]] == [
        ("/Idempotency-Key", "conflict"),
        ("/Idempotency-Key", "too_long"),
    ]
    assert ExportRequest.objects.count() == 1


def test_a_repetition_makes_nothing_of_what_was_deleted(program: Program) -> None:
    """However often it is sent under its key; under another it is a new request (quality I7)."""
    headers = {"Idempotency-Key": "once"}
    program.one(program.ask(headers=headers)["requestKey"], method="DELETE")

    refused = [program.call("POST", "", SIMPLE, headers=headers) for _ in range(2)]

    assert [status for status, _ in refused] == [400, 400]
    assert [(one["pointer"], one["code"]) for one in refused[1][1]["problems"]] == [
        ("/Idempotency-Key", "request_deleted")
    ]
    assert not ExportRequest.objects.exists()
    assert program.ask(headers={"Idempotency-Key": "twice"})


ALLOWED = {Who.SSO, Who.SECONDARY, Who.PRIMARY}


@pytest.mark.parametrize("who", list(Who))
def test_who_may_export(program: Program, who: Who) -> None:
    """Administrators with a token that may write; everybody else is refused (quality: authorization matrix)."""
    status, _ = program.call("POST", "", SIMPLE, who=who)
    reading, _ = program.call("GET", around(), who=who)

    may_read = ALLOWED | {Who.READER}
    expected = {True: 200, False: 401 if who is Who.ANONYMOUS else 403}
    assert status == expected[who in ALLOWED | {Who.WRITER}]
    assert reading == expected[who in may_read]


def test_foreign_and_unknown_contracts_look_the_same(program: Program) -> None:
    """Another team's contract, one that is gone and one that never was give the same answer (T2)."""
    key = program.ask()["requestKey"]
    numbers = [program.askers.foreign, program.askers.unknown, program.askers.deleted]

    assert len({str(program.call("POST", "", SIMPLE, number=number)) for number in numbers}) == 1
    assert len({str(program.one(key, number=number)) for number in numbers}) == 1
    assert program.one(key, number=program.askers.foreign, who=Who.STRANGER)[0] == 400


def test_the_primary_administrator_sees_what_others_export(program: Program) -> None:
    """Others see their own; the primary downloads everybody's of the team, and deletes and marks only his own."""
    key = program.ask(who=Who.SECONDARY)["requestKey"]
    made()

    by_primary = program.one(key)
    assert (by_primary[0], by_primary[1]["requestStatus"]) == (200, "Download")
    assert program.one(key, action="/refreshUrl", method="POST")[0] == 200
    assert [one["requestKey"] for one in program.call("GET", around())[1]] == [key]
    assert program.one(key, who=Who.SSO)[0] == 400
    assert program.call("GET", around(), who=Who.SSO) == (200, [])
    assert program.one(key, method="DELETE")[0] == 400
    assert program.one(key, action="/retry", method="POST")[0] == 400
    assert program.call("POST", "/markRead", [key]) == (200, [])


def test_a_file_is_not_made_for_who_lost_the_role(program: Program) -> None:
    """Rights are looked at when the file is made, not only when it is asked for."""
    program.ask(who=Who.SECONDARY)
    Membership.objects.filter(user__email="secondary@example.com").delete()
    made()

    row = ExportRequest.objects.get()
    assert (row.state, row.reason) == ("FAILED", "who asked for it may no longer read this contract")


def test_hidden_names_are_hidden_in_files(program: Program) -> None:
    """A file made while names are hidden has pseudonyms, and says so (quality P1)."""
    team = program.askers.sender.world.flex
    team.names_hidden = True
    team.save()
    key = program.ask({"fields": ["userName"]})["requestKey"]
    made()
    shown = program.one(key)[1]
    content = b"".join(program.client.get(shown["downloadUrl"])).decode()  # type: ignore[arg-type]

    assert shown["namesHidden"] is True
    assert "@" not in content
