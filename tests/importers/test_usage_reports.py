"""Usage reports read back: every schema says the same, and what is no usage report is refused with what to do."""

from __future__ import annotations

from io import BytesIO

import pytest

from farebox.domain.amounts import tokens
from farebox.domain.clock import read_instant
from farebox.domain.errors import Rejected
from farebox.domain.usage_report import Kind, Row, Said, read
from farebox.importers.usage_report import lines_of, read_usage_report

Y2022 = (
    "hashed_autodesk_id,first_name,last_name,email,autodesk_id,team_alias,group,offering_name,version,seat_assignment,"
    "assigned_date,unassigned_date,user_activity,days_inactive,access_option,days_used,monthly_average,tokens_used,"
    "last_accessed"
)
Y2025 = (
    "Access option,Assigned date,Days inactive,Days used,Email,First name,Group,Last accessed,Last name,"
    "Monthly average,Product,Seat assignment,Team,Tokens used,Unassigned date,User activity"
)
OWN = "team,userName,hashedUserId,productLineCode,productName,seatAssignment,assignedDate,accessOption,daysUsed,"


def said(heading: str, *lines: str) -> list[Said]:
    """Read a report."""
    raw = "\r\n".join((heading, *lines)).encode("utf-8-sig")
    return [read(row) for row in read_usage_report(lines_of(BytesIO(raw)))]


def refused(heading: str, *lines: str) -> list[str]:
    """Return why a report is refused."""
    with pytest.raises(Rejected) as error:
        said(heading, *lines)
    return [f"{problem.pointer} {problem.code}" for problem in error.value.problems]


def test_every_schema_says_the_same() -> None:
    """Columns are known by their names, with underscores, blanks or in the manner of the API, in any order."""
    since = read_instant("2024-05-10T21:20:32Z")
    found = [
        *said(
            Y2022, "h1,Ann,Ek,ANN@Example.com,A7,T,,AutoCAD,2026,assigned,2024-05-10T21:20:32Z,,active,,Flex,3,1.5,21,"
        ),
        *said(Y2025, "Flex,2024-05-10T21:20:32Z,,3,ann@example.com,Ann,,,Ek,1.5,AutoCAD,Assigned,T,21,,active"),
        *said(OWN + "tokensConsumed", "T,ann@example.com,h1,ACD,AutoCAD,assigned,2024-05-10T21:20:32Z,Flex,3,21"),
    ]

    assert {(one.person, one.kind, one.since, one.days_used, one.tokens_used) for one in found} == {
        ("ann@example.com", Kind.ASSIGNMENT, since, 3, tokens("21"))
    }
    assert [one.product for one in found] == ["autocad", "autocad", "acd"]
    assert [one.name for one in found] == ["Ann Ek", "Ann Ek", ""]


def test_what_is_hidden_or_empty_is_no_name() -> None:
    """Stars, nothing, and a pseudonym in the place of a name say not who it is; a blank count is none."""
    hidden = said(Y2022, "h1,*****,*****,*****,*****,T,,AutoCAD,,unassigned,,,inactive,,Subscription,0,0.0,,")
    own = said(OWN + "tokensConsumed", "T,u-12,u-12,ACD,AutoCAD,assigned,2024-05-10,Trial,3,0.5")

    assert [(one.person, one.name, one.pseudonym, one.kind) for one in (*hidden, *own)] == [
        ("", "", "h1", Kind.NOTHING),
        ("", "", "u-12", Kind.TRIAL),
    ]
    assert hidden[0].tokens_used == 0
    assert own[0].since == read_instant("2024-05-10T00:00:00Z")


def test_everything_wrong_with_a_line_is_told() -> None:
    """Each column has a problem of its own, at the line's number."""
    line = "h1,Ann,Ek,a@@b,A7,T,,,2026,perhaps,10/05/2024,,active,,Flex,three,1.5,1e3,"

    assert refused(Y2022, line) == [
        "/lines/2/offering missing_field",
        "/lines/2/email invalid_person",
        "/lines/2/seat_assignment invalid_value",
        "/lines/2/assigned_date invalid_value",
        "/lines/2/days_used invalid_value",
        "/lines/2/tokens_used invalid_value",
    ]
    with pytest.raises(Rejected):
        read(Row("/lines/3", fault="2 columns where the first line has 19"))


@pytest.mark.parametrize(
    ("heading", "why"),
    [
        ("Email,Product", "/lines/1 wrong_columns"),
        (Y2022.replace(",", ";"), "/lines/1 wrong_delimiter"),
        (Y2022, "/lines/1 no_rows"),
    ],
)
def test_what_is_no_usage_report_is_refused(heading: str, why: str) -> None:
    """Another list, another delimiter, and an empty one."""
    assert refused(heading) == [why]
