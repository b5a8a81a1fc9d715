"""`GET /tokenflex/v1/usage/{contract}/summary` and `/last`: usage by month, and how fresh each kind of it is."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta, timezone

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from tests.api.getting import Reader, a_job, reader_of
from tests.services.entries import adjustment, consumption, teach
from tests.world import World, at, event

from farebox.api.tokenflex.parameters import month_of, year_of
from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import DAY, FIRST, LAST, Instant, as_date, day_of, moment
from farebox.domain.errors import Problem
from farebox.services.project import project

LONG = "2026-10-01 00:00"
"""When everything of these tests has been sent."""


@pytest.fixture
def reader(client: Client, world: World, house: None) -> Reader:
    """Return the primary administrator of both teams."""
    return reader_of(client, world.flex, world.ent)


@pytest.fixture
def used(reader: Reader, world: World) -> None:
    """Have both teams use products in several months and two contract years, a service, and entries by hand."""
    teach(world)
    world.give("300")
    world.give("300", ent=True)
    for ent in (False, True):
        events = [
            event("a", "ana@example.com", "A", "2026-03-31 22:00", "2026-04-01 01:00"),
            event("b", "ben@example.com", "A", "2026-04-02 08:00", "2026-04-02 08:02"),
            event("c", "ana@example.com", "B", "2026-04-01 08:00", "2026-04-01 09:00"),
            event("d", "ben@example.com", "B", "2026-05-02 08:00", "2026-05-02 09:00"),
            a_job("e", "2026-04-03 08:00", "ana@example.com", quantity="3"),
            consumption("f", on="2026-04-04", tokens="0.3"),
            adjustment("g", "-0.1", on="2026-05-05", pool="CY" if ent else "FLEX"),
        ]
        assert world.states(*events, ent=ent, now=at(LONG)) == ["accepted"] * len(events)
    project()


def flex(world: World, what: str) -> str:
    """Return an address about the usage of the Flex contract."""
    return f"usage/{world.flex_contract.number}/{what}"


def test_a_summary_has_a_row_for_each_month_and_category(reader: Reader, world: World, used: None) -> None:
    """Months in order; people, exact tokens, the year as a number; a session of two months belongs to its window's."""
    assert reader.body(flex(world, "summary")) == [
        month("2026-03-01", "DESKTOP_PRODUCT", 1, 7),
        month("2026-04-01", "CLOUD_SERVICE", 1, 1.5),
        month("2026-04-01", "DESKTOP_PRODUCT", 2, 10),
        month("2026-04-01", "MANUAL_CONSUMPTION", 1, 0.3),
        month("2026-05-01", "DESKTOP_PRODUCT", 1, 10),
        month("2026-05-01", "MANUAL_ADJUSTMENT", 0, 0.1),
    ]
    text = reader.raw(flex(world, "summary")).content.decode()
    assert text.startswith('[{"usageMonth":"2026-03-01","contractYear":1,"usageCategory":"DESKTOP_PRODUCT",')
    assert '"tokensConsumed":7}' in text
    assert '"tokensConsumed":0.3}' in text


def month(first: str, category: str, people: int, amount: float) -> dict[str, object]:
    """Return a row of the summary in the first contract year."""
    names = ("usageMonth", "contractYear", "usageCategory", "uniqueUsers", "tokensConsumed")
    return dict(zip(names, (first, 1, category, people, amount), strict=True))


@pytest.mark.parametrize(
    ("asked", "months"),
    [
        ({}, ["03", "04", "05"]),
        ({"minUsageMonth": "", "maxUsageMonth": "", "contractYear": "", "usageCategory": ""}, ["03", "04", "05"]),
        ({"minUsageMonth": "2026-04"}, ["04", "05"]),
        ({"minUsageMonth": "2026-04-01"}, ["04", "05"]),
        ({"minUsageMonth": "2026-04-30"}, ["04", "05"]),
        ({"minUsageMonth": "2026-04-01T00:00:00"}, ["04", "05"]),
        ({"minUsageMonth": "2026-03-31T22:00:00.000Z"}, ["03", "04", "05"]),
        ({"minUsageMonth": "2026-04-01T00:00:00+02:00"}, ["03", "04", "05"]),
        ({"minUsageMonth": "2026-04-01T00:00:00 02:00"}, ["03", "04", "05"]),
        ({"maxUsageMonth": "2026-04"}, ["03", "04"]),
        ({"maxUsageMonth": "2026-04-01T12:00Z"}, ["03", "04"]),
        ({"minUsageMonth": "2026-04", "maxUsageMonth": "2026-04"}, ["04"]),
        ({"minUsageMonth": "2026-05", "maxUsageMonth": "2026-04"}, []),
        ({"minUsageMonth": "9999-12"}, []),
        ({"contractYear": "1"}, ["03", "04", "05"]),
        ({"contractYear": "2"}, []),
        ({"contractYear": "9999"}, []),
        ({"usageCategory": "CLOUD_SERVICE"}, ["04"]),
        ({"usageCategory": "CLOUD_CONSUMPTION"}, ["04"]),
        ({"usageCategory": "CLOUD_PRODUCT"}, []),
        ({"somethingElse": "x"}, ["03", "04", "05"]),
    ],
)
def test_bounds_are_inclusive_and_months_are_written_in_many_ways(
    reader: Reader, world: World, used: None, asked: dict[str, str], months: list[str]
) -> None:
    """A month, a date or a moment in it (UTC without a zone) mean the month; empty and unknown parameters nothing."""
    found = reader.body(flex(world, "summary"), asked)

    assert list(dict.fromkeys(row["usageMonth"] for row in found)) == [f"2026-{month}-01" for month in months]


def test_every_problem_of_the_parameters_is_listed(reader: Reader, world: World) -> None:
    """Each is named by its parameter."""
    asked = {"minUsageMonth": "March", "maxUsageMonth": "2026-13", "contractYear": "one", "usageCategory": "DESKTOP"}

    assert reader.problems(flex(world, "summary"), asked) == [
        "/minUsageMonth invalid_value",
        "/maxUsageMonth invalid_value",
        "/contractYear invalid_value",
        "/usageCategory unknown_category",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026", "2026-1", "202604", "2026-02-30", "2026-00", "0000-01", "26-04-01", "2026-04-01T",
        "2026-04-01T25:00:00Z",
        "2026-04-01T00:00:60Z", "2026-W14-3", "2026-04-01 08:00:00", "٢٠٢٦-٠٤", "2026-04\x00", "' OR 1=1", "9" * 10_000,
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-04-01T00:00:00+99:99",
    ],
)  # fmt: skip
def test_what_is_no_month_is_refused(reader: Reader, world: World, text: str) -> None:
    """Neither another way to write dates nor a date outside the calendar is guessed at."""
    assert reader.problems(flex(world, "summary"), {"minUsageMonth": text}) == ["/minUsageMonth invalid_value"]


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "1e3", "10000", "١", "+1", " 1", "0x1", "1" * 5_000])
def test_what_is_no_contract_year_is_refused(reader: Reader, world: World, text: str) -> None:
    """A contract year is a whole number from 1, in ASCII digits."""
    assert reader.problems(flex(world, "summary"), {"contractYear": text}) == ["/contractYear invalid_value"]


@given(st.integers(FIRST + DAY, LAST - DAY).map(Instant), st.integers(-840, 840))
@example(at("2026-04-01 00:00"), 120)
def test_a_moment_means_the_month_that_it_has_in_utc(sent: Instant, minutes: int) -> None:
    """Whatever the zone that it is written in, and with or without it."""
    in_utc = moment(sent)
    problems: list[Problem] = []

    zoned = month_of("minUsageMonth", in_utc.astimezone(timezone(timedelta(minutes=minutes))).isoformat(), problems)
    plain = month_of("minUsageMonth", in_utc.replace(tzinfo=None).isoformat(), problems)

    assert problems == []
    assert zoned == plain == in_utc.date().replace(day=1)


@given(st.text(max_size=40))
def test_any_text_is_a_month_or_a_problem(text: str) -> None:
    """Nothing else comes out of reading a parameter."""
    problems: list[Problem] = []

    month, year = month_of("min", text, problems), year_of("year", text, problems)

    assert [month is None, year is None].count(True) == len(problems) or not text


def test_summary_query_and_page_say_the_same(reader: Reader, world: World, used: None) -> None:
    """Tokens and people of each month, and the totals, are those of the same question and of the page's file (R3)."""
    reader.client.force_login(reader.user)
    for contract in (world.flex_contract, world.ent_contract):
        summary = reader.body(f"usage/{contract.number}/summary")
        question = {
            "fields": ["usageMonth", "contractYear", "usageCategory"], "metrics": ["uniqueUsers", "tokensConsumed"]
        }  # fmt: skip
        whole = reader.rows(contract.number, {"metrics": ["tokensConsumed"]})

        assert [list(row.values()) for row in summary] == reader.rows(contract.number, question)
        total = sum(tokens(str(row["tokensConsumed"])) for row in summary)
        assert as_text(total) == str(whole[0][0]) == page_total(reader, contract.number)  # type: ignore[arg-type]
        assert total > 0


def page_total(reader: Reader, number: str) -> str:
    """Return the total of the report page's file over the dates of these tests."""
    asked = {"contract": number, "range": "custom", "since": "2026-03-01", "until": "2026-05-31", "format": "csv"}
    answer = reader.client.get("/reporting/token-usage", asked)
    rows = list(csv.reader(io.StringIO(answer.content.decode())))[1:]
    return as_text(sum(tokens(amount) for _, amount in rows))  # type: ignore[arg-type]


def test_the_last_usage_of_each_kind(reader: Reader, world: World, used: None) -> None:
    """Sessions by charge category, all else under N/A; the day of the last usage, and of its recording (5.2)."""
    assert reader.body(flex(world, "last")) == [
        last("CLOUD_SERVICE", "N/A", "2026-04-03"),
        last("DESKTOP_PRODUCT", "CASUAL", "2026-04-02"),
        last("DESKTOP_PRODUCT", "CHARGED", "2026-05-02"),
        last("MANUAL_ADJUSTMENT", "N/A", "2026-05-05"),
        last("MANUAL_CONSUMPTION", "N/A", "2026-04-04"),
    ]
    ent = reader.body(f"usage/{world.ent_contract.number}/last")
    assert {row["chargeCategory"] for row in ent if row["usageCategory"] == "DESKTOP_PRODUCT"} >= {
        "CHARGED",
        "INCREMENTAL",
    }


def last(category: str, charged: str, on: str, recorded: str = "2026-10-01") -> dict[str, str]:
    """Return a row of the last usage."""
    names = ("usageCategory", "chargeCategory", "lastUsageDate", "lastProcessDate")
    return dict(zip(names, (category, charged, on, recorded), strict=True))


def test_what_comes_in_late_is_recorded_when_it_comes(reader: Reader, world: World) -> None:
    """A late use moves the day of recording on, and leaves the last date of usage; other kinds keep theirs."""
    world.give("100")
    first, second = at("2026-04-10 12:00"), at("2026-06-01 12:00")
    world.send(
        event("a", "ana@example.com", "A", "2026-04-09 08:00", "2026-04-09 09:00"),
        event("b", "ben@example.com", "A", "2026-04-09 08:00", "2026-04-09 08:01"),
        now=first,
    )
    world.send(event("c", "cy@example.com", "B", "2026-02-01 08:00", "2026-02-01 09:00"), now=second)
    project()

    assert reader.body(flex(world, "last")) == [
        last("DESKTOP_PRODUCT", "CASUAL", "2026-04-09", recorded=on(first)),
        last("DESKTOP_PRODUCT", "CHARGED", "2026-04-09", recorded=on(second)),
    ]


def on(instant: Instant) -> str:
    """Write the UTC date of an instant."""
    return as_date(day_of(instant)).isoformat()


def test_nothing_used_has_no_last_usage(reader: Reader, world: World) -> None:
    """A contract without usage has neither months nor kinds."""
    assert reader.body(flex(world, "last")) == reader.body(flex(world, "summary")) == []


def test_dates_are_dates(reader: Reader, world: World, used: None) -> None:
    """All dates are of the form YYYY-MM-DD, and months begin on the first."""
    for row in reader.body(flex(world, "last")):
        assert date.fromisoformat(row["lastUsageDate"]) <= date.fromisoformat(row["lastProcessDate"])
    assert {date.fromisoformat(row["usageMonth"]).day for row in reader.body(flex(world, "summary"))} == {1}
