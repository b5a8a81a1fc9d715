"""CSV lists of people and seats: what is read, however a spreadsheet saved it, and what is refused with what to do."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few

from farebox.domain.errors import Rejected
from farebox.domain.people_list import FILE_BYTES_MAX, Known, Verdict, digest, full_name, judge, problems_first, read
from farebox.domain.seat_list import Asked, SeatVerdict, Team
from farebox.domain.seat_list import judge as judge_seats
from farebox.domain.seat_list import read as read_seat
from farebox.domain.usage import Funding
from farebox.importers.people import Table, read_people, read_seats

HEAD = "First name,Last name,Email address\n"
NOON = 1_790_000_000_000_000


def table(text: str, encoding: str = "utf-8") -> Table:
    """Read a list as a file of some encoding."""
    return read_people(BytesIO(text.encode(encoding)))


def people(text: str, encoding: str = "utf-8") -> list[tuple[str, str]]:
    """Return the names and addresses of a list, as its lines are read."""
    return [(row.name, row.email) for row in map(read, table(text, encoding).rows)]


def codes(text: str) -> list[list[str]]:
    """Return the places and codes of the problems of each line."""
    return [[f"{one.pointer} {one.code}" for one in read(said).problems] for said in table(text).rows]


def refused(raw: bytes) -> str:
    """Return why a list is refused as a whole: place and code."""
    with pytest.raises(Rejected) as error:
        read_people(BytesIO(raw))
    (problem,) = error.value.problems
    return f"{problem.pointer} {problem.code}"


@pytest.mark.parametrize(
    ("heading", "encoding", "delimiter"),
    [
        ("First name,Last name,Email address", "utf-8", ","),
        ("Förnamn;Efternamn;E-postadress", "cp1252", ";"),
        ("Prénom;Nom;Adresse e-mail", "cp1252", ";"),
        ("Prénom\tNom de famille\tCourriel", "utf-16", "\t"),
        ("名,姓,メールアドレス", "cp932", ","),
        ("First_Name;LAST NAME;E-mail", "utf-8-sig", ";"),
    ],
)
def test_a_spreadsheet_of_any_country_is_understood(heading: str, encoding: str, delimiter: str) -> None:
    """Columns, letters and the sign between columns are those under which the heading is understood (product B5)."""
    eastern = encoding == "cp932"
    name = ("太郎", "山田") if eastern else ("Zoë", "Åberg")
    text = f"{heading}\r\n{delimiter.join((*name, 'z@example.com'))}\r\n\r\n"

    assert people(text, encoding) == [("山田 太郎" if eastern else "Zoë Åberg", "z@example.com")]
    assert table(text, encoding).delimiter == delimiter


def test_columns_stand_in_any_order_and_others_are_named() -> None:
    """Three columns count [S 003]; what is passed over is told, so that nobody believes that it was read."""
    found = table('Department,Email address,Last name,First name\n"R&D, Lund",ann@example.com,Ek,Ann\n')

    assert [(one.first, one.last, one.email) for one in found.rows] == [("Ann", "Ek", "ann@example.com")]
    assert found.passed_over == ("Department",)
    assert table(HEAD + "Ann,Ek,ann@example.com\n, ,\n,,,\n\n").empty_lines == 2


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "/lines/1 no_rows"),
        (HEAD.encode(), "/lines/1 no_rows"),
        (b"First name,Email address\nAnn,ann@example.com\n", "/lines/1 wrong_columns"),
        (b"Ann,Ek,ann@example.com\n", "/lines/1 wrong_columns"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "/lines/1 invalid_text"),
        ("First name,Last name,Email address\n".encode("utf-16-le"), "/lines/1 invalid_text"),
        (HEAD.encode() + b"A\0nn,Ek,ann@example.com\n", "/lines/2 invalid_text"),
        (HEAD.encode() + b'Ann,"Ek,ann@example.com\n', "/lines/2 invalid_csv"),
        (HEAD.encode() + b"Ann," + b"x" * 200_000 + b",ann@example.com\n", "/lines/2 invalid_csv"),
        (HEAD.encode() + b"x" * FILE_BYTES_MAX, "/lines/1 too_large"),
        (b"First name,Last name,Email address" + b",x" * 100_000 + b"\n1\n", "/lines/1 wrong_columns"),
        (HEAD.encode() + b"Ann,Ek,ann@example.com\n" * 5_001, "/lines/5002 too_many"),
    ],
)
def test_what_is_no_list_is_refused_at_once(raw: bytes, why: str) -> None:
    """Whatever was uploaded, nothing of it is taken, and the reason says what to do (quality: CSV import)."""
    assert refused(raw) == why


def test_every_problem_of_a_line_is_told_and_the_others_stand() -> None:
    """A name that would end a line, turn text around or look like an address is refused, and so is its address."""
    text = (
        HEAD + '"Ann\r\nBcc: x@example.com",Ek,ann@exаmple.com\n'
        "Bo\u202e,,bo\nCy,Fall,cy@example.com\n,,dy@example.com\nEva,Gran\n"
        "Fia,Hed,＠example.com,\nGil,Ito,kelvin@example.com\n"
    )

    assert codes(text) == [
        ["/first invalid_name", "/first name_like_address", "/email invalid_person"],
        ["/first invalid_name", "/email no_address"],
        [],
        ["/first no_name"],
        ["/line wrong_columns"],
        ["/email invalid_person"],
        [],
    ]


def test_names_are_put_together_as_they_are_written() -> None:
    """First, then last; the family name first where both are written in eastern signs; blanks are single."""
    assert full_name("Ann", "Ek") == "Ann Ek"
    assert full_name("太郎", "山田") == "山田 太郎"
    assert full_name("Taro", "Yamada") == "Taro Yamada"
    assert people(HEAD + " Anna \u3000 Maria ,van  der Berg,A@Example.com\n") == [
        ("Anna Maria van der Berg", "a@example.com")
    ]


def test_each_line_gets_a_verdict_and_problems_come_first() -> None:
    """What the team knows of an address decides; a second line about a person is left out, by whichever address."""
    text = HEAD + "".join(
        f"P,Q,{who}@example.com\n" for who in ("new", "member", "gone", "asked", "used", "NEW", "alias", "")
    )
    knows = {
        "member@example.com": Known(1, Verdict.MEMBER, "Mia"),
        "alias@example.com": Known(1, Verdict.MEMBER, "Mia"),
        "gone@example.com": Known(2, Verdict.BACK),
        "asked@example.com": Known(3, Verdict.INVITED),
        "used@example.com": Known(4, Verdict.KNOWN),
    }
    judged = judge(map(read, table(text).rows), knows)

    found = [(one.row.line, one.verdict.value, one.of) for one in problems_first(judged)]
    assert found == [
        (9, "refused", 0),
        (7, "duplicate", 2),
        (8, "duplicate", 3),
        (2, "new", 0),
        (3, "member", 0),
        (4, "back", 0),
        (5, "invited", 0),
        (6, "known", 0),
    ]
    assert digest(judged) != digest(judge(map(read, table(text).rows), {}))


@settings(max_examples=few(200))
@given(st.binary(max_size=400), st.sampled_from(["", HEAD, "Förnamn;Efternamn;E-post\n"]))
def test_any_bytes_are_read_or_refused(raw: bytes, head: str) -> None:
    """Whatever a file holds, each line gets a verdict, or the file is refused; nothing else happens."""
    try:
        found = read_people(BytesIO(head.encode() + raw))
    except Rejected:
        return
    judged = judge(map(read, found.rows), {})
    assert [one.row.line for one in judged] == sorted({one.line for one in found.rows})
    assert all("\n" not in one.row.name and "@" in one.row.email for one in judged if one.is_taken)


def asked(text: str) -> list[Asked]:
    """Read a list of seats."""
    return [read_seat(said) for said in read_seats(BytesIO(text.encode())).rows]


def test_a_list_of_seats_is_judged_line_by_line() -> None:
    """Kinds in four languages, days as ISO writes them; what is held, or given by a line before, is not given twice."""
    text = (
        "Email address;Product code;Kind;Start;End\n"
        "ann@example.com;a;Seat;;\n"
        "ann@example.com;A;användarplats;;2999-01-01\n"
        "ann@example.com;A;essai;2999-01-01;2999/02/01\n"
        "bo@example.com;B;体験版;;\n"
        "cy@example.com;X;chair;2026-02-30;tomorrow\n"
        "ann@example.com;A\n"
    )
    team = Team({"ann@example.com": 1, "bo@example.com": 2}, {"a": 7, "b": 8}, {}, {})
    judged = judge_seats(asked(text), team, now=NOON)

    found = [(one.line, one.verdict, [problem.code for problem in one.problems]) for one in judged]
    assert found == [
        (2, SeatVerdict.GIVEN, []),
        (3, SeatVerdict.REFUSED, ["held"]),
        (4, SeatVerdict.GIVEN, []),
        (5, SeatVerdict.REFUSED, ["no_end"]),
        (6, SeatVerdict.REFUSED, ["invalid_kind", "invalid_date", "invalid_date", "unknown_person", "unknown_product"]),
        (7, SeatVerdict.REFUSED, ["wrong_columns"]),
    ]
    assert judged[2].kind == Funding.TRIAL
