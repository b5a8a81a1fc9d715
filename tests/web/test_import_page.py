"""The page on which people are imported: looked at first, said yes to, and done while the page tells how far it is."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client
from django.utils import translation
from tests.web.used import person
from tests.world import World

from farebox.domain.errors import Rejected
from farebox.domain.people_list import FILE_BYTES_MAX
from farebox.domain.rights import Role
from farebox.domain.seat_list import KIND_WORDS
from farebox.domain.seats import KINDS
from farebox.importers.people import read_people, read_seats
from farebox.records.models import Group, Mail, Membership, PeopleList, Person
from farebox.services import people_list
from farebox.services.catalogue import add_person
from farebox.wallclock import now
from farebox.web.shown import seats as shown
from farebox.web.uploads import uploaded

PAGE = "/users/import"
LIST = "First name;Last name;Email address\nÅsa;Ek;asa@example.com\n=1+1;Al;ben@example.com\nCy;Ek;cy@exаmple.com\n"


@pytest.fixture
def admin(world: World) -> Client:
    """An administrator of both teams, signed in."""
    made = Client()
    made.force_login(person("ann@example.com", world, Role.SECONDARY))
    return made


def upload(client: Client, world: World, text: str, encoding: str = "utf-8") -> str:
    """Send a list, and return the address of the page that shows it."""
    sent = {"team": world.flex.pk, "list": SimpleUploadedFile("people.csv", text.encode(encoding))}
    return str(client.post(PAGE, sent)["Location"])


def text_of(client: Client, address: str) -> str:
    """Return a page's text, as it is read."""
    page = client.get(address)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_a_list_is_looked_at_and_imported_with_only_the_pages(world: World, admin: Client) -> None:
    """Every line has its verdict, problems first; what was shown is done; how far it is needs no scripts; no mail."""
    assert "Nobody gets a mail about an import" in text_of(admin, f"{PAGE}?team={world.flex.pk}")
    group = Group.objects.create(team=world.flex, name="Studio", created_us=now())
    address = upload(admin, world, LIST)
    looked = text_of(admin, address)
    assert "Email address: this is no e-mail address, or it has letters that look like others." in looked
    assert looked.index("Cy Ek") < looked.index("Åsa Ek")
    assert "Import 2 people" in looked
    (row,) = PeopleList.objects.all()
    form = {"team": world.flex.pk, "do": "import", "digest": row.digest, "which": "these"}

    nothing = admin.post(address, form)
    assert nothing.status_code == 400
    assert "Tick at least one product" in nothing.content.decode()
    done = admin.post(address, {**form, "product": ["A"], "group": group.pk}, follow=True)
    running = done.content.decode()
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in running
    assert 'value="0"' in running
    people_list.run_due(now=now())

    assert "2 people are imported." in text_of(admin, address)
    assert set(Person.objects.filter(team=world.flex).values_list("name", flat=True)) == {"Åsa Ek", "=1+1 Al"}
    assert not Mail.objects.exists()
    assert admin.post(address, {**form, "which": "all"}).status_code == 302, "said again, nothing happens"


def test_verdicts_are_a_file_that_no_spreadsheet_runs(world: World, admin: Client) -> None:
    """The file has every line, problems first; what a spreadsheet would run is neutralised (quality: CSV export)."""
    address = upload(admin, world, LIST)
    path, _, query = address.partition("?")
    rows = list(csv.reader(io.StringIO(admin.get(f"{path}/verdicts.csv?{query}").content.decode())))
    assert [row[0] for row in rows] == ["line", "4", "2", "3"]
    assert rows[3][1] == "'=1+1 Al"


@pytest.mark.parametrize("language", ["en", "sv", "fr", "ja"])
def test_the_words_of_each_language_are_read(world: World, admin: Client, language: str) -> None:
    """What the pages call columns and kinds is what a list may call them, so that an empty list can be filled in."""
    answer = admin.get(f"{PAGE}/empty.csv", headers={"accept-language": language})
    assert "people.csv" in answer["Content-Disposition"]
    people = read_people(io.BytesIO(answer.content + b"A,B,a@example.com\r\n"))
    with translation.override(language):
        heading = ",".join(map(str, shown.COLUMNS))
        kinds = {shown.kind(kind).casefold(): kind for kind in KINDS}
    seats = read_seats(io.BytesIO(f"{heading}\na@example.com,A,x,2026-01-01,2026-01-02\n".encode()))

    assert [(one.first, one.last) for one in people.rows] in ([("A", "B")], [("B", "A")])
    assert (seats.rows[0].kind, seats.rows[0].start, seats.rows[0].end) == ("x", "2026-01-01", "2026-01-02")
    assert {name: KIND_WORDS[name] for name in kinds} == kinds


def test_what_differs_by_now_is_shown_and_asked_again(world: World, admin: Client) -> None:
    """Somebody added Åsa since the list was looked at: nothing is imported before that was seen."""
    address = upload(admin, world, LIST)
    digest = PeopleList.objects.get().digest
    add_person(world.flex, "asa@example.com", "Åsa Björk", now=now())

    answer = admin.post(address, {"team": world.flex.pk, "do": "import", "digest": digest, "which": "all"})

    said = answer.content.decode()
    assert answer.status_code == 400
    assert "since you looked, 1 line turned into something else" in said
    assert "stays Åsa Björk" in said
    assert "was shown before as: New people" in said
    assert 'value="all" checked' in said, "what was chosen stays"
    assert Person.objects.filter(team=world.flex).count() == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Choose a file first."),
        (b"Name,Mail\nAnn,ann@example.com\n", "It has: Name, Mail"),
        (b"First name,Last name,Email address\n" + b"A,B,a@example.com\n" * 5001, "Line 5,002: A list has at most"),
        (b"x" * (FILE_BYTES_MAX + 1), "The file is larger than any list"),
        (b"PK\x03\x04\0\0", "Save the list as CSV, not as a workbook."),
    ],
)
def test_what_is_no_list_is_said_and_nothing_is_kept(world: World, admin: Client, content: bytes, why: str) -> None:
    """Whatever is uploaded, the page says what to do about it (quality: CSV import)."""
    sent = {"team": world.flex.pk} | ({"list": SimpleUploadedFile("x.csv", content)} if content else {})
    answer = admin.post(PAGE, sent)

    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert not PeopleList.objects.exists()


def test_a_file_that_did_not_arrive_whole_is_too_large() -> None:
    """What is beyond the size of any request is cut off on its way; the page says that, and not that it is missing."""
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": io.BytesIO()}
    codes = []
    for length in (FILE_BYTES_MAX + 1, 0):
        with pytest.raises(Rejected) as error:
            uploaded(WSGIRequest({**environ, "CONTENT_LENGTH": str(length)}))
        codes += [problem.code for problem in error.value.problems]
    assert codes == ["too_large", "no_file"]


def test_lists_are_of_their_team_and_for_its_administrators(world: World, admin: Client) -> None:
    """Another team's list is as if it were not there; a user of the team may not look (quality T2, matrix)."""
    address = upload(admin, world, LIST)
    other, user = Client(), Client()
    stranger, member = person("other@example.com"), person("user@example.com")
    Membership.objects.create(team=world.ent, user=stranger, role=Role.PRIMARY)
    Membership.objects.create(team=world.flex, user=member, role=Role.USER)
    other.force_login(stranger)
    user.force_login(member)
    path = address.partition("?")[0]

    unknown = f"{PAGE}/999999"
    for where in (path, f"{path}/verdicts.csv", unknown, f"{unknown}/verdicts.csv"):
        assert other.get(where).status_code == 404
        assert user.get(where).status_code == 403
    assert other.post(path, {"do": "discard"}).status_code == 404
    assert admin.post(path, {"team": world.ent.pk, "do": "discard"}).status_code == 404
    assert admin.post(path, {"team": world.flex.pk, "do": "other"}).status_code == 404
    assert admin.post(path, {"team": world.flex.pk, "do": "discard"}).status_code == 302
    assert not PeopleList.objects.exists()
