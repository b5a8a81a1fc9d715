"""Signed links: whole files, parts of them, and links that open nothing (usage-api 6.1; quality: header injection)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from tests.services.asking import readable
from tests.world import World

from farebox.api.downloads import CHUNK_BYTES
from farebox.domain.clock import SECOND, Instant
from farebox.domain.rights import Role
from farebox.query.plan import Question
from farebox.records.models import ExportRequest, ExportTeam, Membership, User
from farebox.services import catalogue, export
from farebox.services.export import LINK_SECONDS, Runner, link_to
from farebox.wallclock import now

NAME = 'Månad "1"/2; 年.csv'
CONTENT = b"productName\r\n"


@pytest.fixture
def row(world: World, house: None, tmp_path: Path, settings: Settings) -> ExportRequest:
    """Return an export whose file is ready."""
    settings.EXPORTS = tmp_path / "exports"
    boss = catalogue.add_account("boss@example.com", "correct horse battery", "Boss",
                                 roles={world.flex: Role.PRIMARY}, now=now())  # fmt: skip
    contract = readable(world.flex_contract)
    made = export.request(boss, contract, Question(fields=("productName",)), name=NAME, now=now())
    Runner(now).run()
    return ExportRequest.objects.get(pk=made.pk)


def path_of(row: ExportRequest, *, at: Instant | None = None) -> str:
    """Return the path of a link that is made at a moment."""
    link = link_to(row, now=at or now())
    assert link is not None
    assert link.url.startswith("http://127.0.0.1:8000/downloads/")
    return link.url.removeprefix("http://127.0.0.1:8000")


def body(response: Any) -> bytes:
    """Return what was sent."""
    return b"".join(response) if response.streaming else response.content


def test_a_link_opens_its_file_without_any_header(row: ExportRequest, client: Client) -> None:
    """The whole file, under the name that was asked for, and nothing keeps a copy of it."""
    got = client.get(path_of(row))

    assert (got.status_code, body(got)) == (200, CONTENT)
    assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert got.headers["Content-Disposition"] == (
        "attachment; filename=\"Manad _1__2; .csv\"; filename*=utf-8''M%C3%A5nad%20_1__2%3B%20%E5%B9%B4.csv"
    )
    assert got.headers["Content-Length"] == str(len(CONTENT))
    assert got.headers["ETag"] == f'"{row.sha256}"'
    assert got.headers["Accept-Ranges"] == "bytes"
    assert got.headers["Cache-Control"] == "no-store"
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_asking_for_the_headers_gives_the_headers(row: ExportRequest, client: Client) -> None:
    """HEAD tells the size and the tag, and sends nothing."""
    got = client.head(path_of(row))

    assert (got.status_code, got.headers["Content-Length"], got.content) == (200, str(len(CONTENT)), b"")


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [("bytes=0-3", 0, 4), ("bytes=4-", 4, 13), ("bytes=-5", 8, 13), ("bytes=5-999", 5, 13), ("bytes=0-0", 0, 1)],
)
def test_a_part_is_sent_where_a_part_is_asked_for(
    row: ExportRequest, client: Client, asked: str, since: int, until: int
) -> None:
    """A download that broke off goes on where it was."""
    got = client.get(path_of(row), headers={"Range": asked})

    assert (got.status_code, body(got)) == (206, CONTENT[since:until])
    assert got.headers["Content-Range"] == f"bytes {since}-{until - 1}/{len(CONTENT)}"
    assert got.headers["Content-Length"] == str(until - since)


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=5-2", "bytes=-", "lines=1-2", "bytes=x-", "bytes=0-", ""])
def test_whatever_else_is_asked_for_gives_all_of_it(row: ExportRequest, client: Client, asked: str) -> None:
    """Several parts, parts that mean nothing, and the part that is everything are the whole file."""
    got = client.get(path_of(row), headers={"Range": asked})

    assert (got.status_code, body(got)) == (200, CONTENT)


@pytest.mark.parametrize("asked", ["bytes=13-", "bytes=99-100", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(row: ExportRequest, client: Client, asked: str) -> None:
    """416, with the size that there is."""
    got = client.get(path_of(row), headers={"Range": asked})

    assert (got.status_code, got.headers["Content-Range"]) == (416, "bytes */13")


def test_a_part_of_another_file_is_not_mixed_in(row: ExportRequest, client: Client) -> None:
    """If-Range: with the tag of this file a part, with any other the whole of it."""
    same, other = (
        client.get(path_of(row), headers={"Range": "bytes=4-", "If-Range": tag})
        for tag in (f'"{row.sha256}"', '"other"')
    )

    assert (same.status_code, other.status_code) == (206, 200)
    assert body(other) == CONTENT
    assert body(same) == CONTENT[4:]


def test_a_link_ends(row: ExportRequest, client: Client) -> None:
    """After five minutes, and never after the file's own time, it opens nothing."""
    old = path_of(row, at=Instant(now() - LINK_SECONDS * SECOND - 1))
    assert row.expires_us is not None
    late = link_to(row, now=Instant(row.expires_us - SECOND))

    assert client.get(old).status_code == 403
    assert "expired" in client.get(old).json()["Message"]
    assert late is not None
    assert late.expires == row.expires_us
    assert link_to(row, now=Instant(row.expires_us)) is None


def test_a_forged_link_opens_nothing(row: ExportRequest, client: Client) -> None:
    """Another number, another time, another signature, or none."""
    good = path_of(row)
    value, _, signature = good.rpartition(":")
    number, _, rest = value.removeprefix("/downloads/").partition(".")
    forged = [
        f"/downloads/{int(number) + 1}.{rest}:{signature}",
        f"{value}9:{signature}",
        f"{value}:{signature[::-1]}",
        "/downloads/x",
        value,
    ]

    assert body(client.get(good)) == CONTENT
    assert [client.get(path).status_code for path in forged] == [403] * 5


def test_a_link_is_for_one_file(row: ExportRequest, client: Client) -> None:
    """Made again, the export is another file; the link to the first one opens nothing."""
    link = path_of(row)
    ExportRequest.objects.filter(pk=row.pk).update(attempt=row.attempt + 1)

    assert client.get(link).status_code == 403


def test_a_link_to_a_file_that_is_gone_opens_nothing(row: ExportRequest, client: Client, settings: Settings) -> None:
    """A file that somebody removed by hand is not an error of ours."""
    link = path_of(row)
    (settings.EXPORTS / f"{row.pk}.{row.attempt}.csv").unlink()

    assert client.get(link).status_code == 403


def test_only_reading_is_meant(row: ExportRequest, client: Client) -> None:
    """Other methods are refused."""
    assert client.post(path_of(row)).status_code == 405


def test_a_large_part_comes_in_pieces(row: ExportRequest, client: Client, settings: Settings) -> None:
    """A file is read piece by piece, and put together again byte for byte."""
    large = bytes(range(256)) * (CHUNK_BYTES // 128)
    (settings.EXPORTS / f"{row.pk}.{row.attempt}.csv").write_bytes(large)
    ExportRequest.objects.filter(pk=row.pk).update(size_bytes=len(large))

    got = client.get(path_of(row), headers={"Range": "bytes=100-"})

    assert body(got) == large[100:]


def test_a_link_ends_with_the_role_of_whom_it_was_given_to(row: ExportRequest, client: Client, world: World) -> None:
    """Whole, in part or by HEAD: nothing is opened once the role is lost, and each costs one question (T3)."""
    link = path_of(row)
    part = {"Range": "bytes=0-3"}
    held = Membership.objects.filter(user=row.owner)

    def told() -> list[int]:
        answers = [client.get(link), client.get(link, headers=part), client.head(link)]
        assert [len(body(answer)) for answer in answers if answer.status_code < 400] in ([13, 4, 0], [])
        return [answer.status_code for answer in answers]

    before = told()

    held.update(role=Role.USER)
    after = told()
    held.update(role=Role.SSO)
    with CaptureQueriesContext(connection) as asked:
        again = told()

    assert (before, after, again) == ([200, 206, 200], [403] * 3, [200, 206, 200])
    assert len(asked) == 3
    User.objects.filter(pk=row.owner_id).update(is_active=False)
    assert client.get(link).status_code == 403


def test_a_link_to_a_file_of_several_teams_takes_all_of_them(row: ExportRequest, client: Client, world: World) -> None:
    """Its owner has to administer each, and anybody else to lead each, when the link is opened (T3, matrix)."""
    chief = catalogue.add_account("chief@example.com", "correct horse battery", "Chief",
                                  roles={world.ent: Role.PRIMARY}, now=now())  # fmt: skip
    ExportTeam.objects.bulk_create(ExportTeam(export=row, team=team) for team in (world.flex, world.ent))

    def opens(reader: User) -> int:
        link = link_to(row, reader=reader.pk, now=now())
        assert link is not None
        return client.head(link.url.removeprefix("http://127.0.0.1:8000")).status_code

    first = opens(row.owner), opens(chief)
    Membership.objects.filter(team=world.flex).update(user=chief)
    Membership.objects.create(team=world.ent, user=row.owner, role=Role.SECONDARY)
    second = opens(row.owner), opens(chief)
    Membership.objects.create(team=world.flex, user=row.owner, role=Role.SECONDARY)

    assert (first, second, opens(row.owner)) == ((403, 403), (403, 200), 200)
