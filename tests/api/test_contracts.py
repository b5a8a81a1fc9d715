"""`GET /tokenflex/v1/contract…`: which contracts there are, their years, custom fields, and the values of fields."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from tests.api.getting import Reader, a_job, reader_of
from tests.services.entries import teach
from tests.world import START, World, at, event, message

from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, as_date, day, day_of
from farebox.domain.packs import Pool
from farebox.domain.periods import add_months, contract_year_of
from farebox.domain.rights import Role
from farebox.records.models import Contract, Team
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey
from farebox.services.project import project
from farebox.wallclock import now

SPAN = ("2026-03-02 08:00", "2026-03-02 09:00")
FORBIDDEN = {"Code": "ForbiddenError", "Message": "ForbiddenError: Invalid contract or access level"}


@pytest.fixture
def reader(client: Client, world: World, house: None) -> Reader:
    """Return the primary administrator of the Flex team."""
    return reader_of(client, world.flex)


def of(world: World, rest: str = "") -> str:
    """Return the address of the Flex contract, or one below it."""
    return f"contract/{world.flex_contract.number}{rest}"


def this_year_of(start: Day) -> date:
    """Return the last day of the contract year that today lies in."""
    year = contract_year_of(start, day_of(now()))
    return as_date(Day(add_months(start, 12 * year) - 1))


def test_a_contract_has_a_first_and_a_last_day(reader: Reader, world: World) -> None:
    """One without an end lasts to the end of its present year, and is active (4.1)."""
    assert reader.body("contract") == [
        {
            "contractNumber": world.flex_contract.number,
            "contractName": "Flex team",
            "contractStartDate": "2026-01-01",
            "contractEndDate": this_year_of(day_of(START)).isoformat(),
            "isActive": True,
        }
    ]


def test_tokens_of_a_later_year_make_a_contract_longer(reader: Reader, world: World) -> None:
    """The year in which the last pack begins belongs to a contract without an end, and its table shows it."""
    start = day_of(START)
    later = contract_year_of(start, day_of(now())) + 2
    begins = as_date(add_months(start, 12 * (later - 1)))
    world.give("50", since=f"{begins} 00:00")

    listed, shown = reader.body("contract")[0], reader.body(of(world))

    last = as_date(Day(add_months(start, 12 * later) - 1)).isoformat()
    assert listed["contractEndDate"] == shown["contractEndDate"] == shown["contractYears"][-1]["endDate"] == last
    assert [year["year"] for year in shown["contractYears"]] == list(range(1, later + 1))
    assert shown["contractYears"][-1]["provisionedTokens"] == 50


def test_contracts_of_every_team_and_age_are_listed(client: Client, world: World) -> None:
    """Ended ones and those to come are there, and not active; a contract ends before the day of its end."""
    today = as_date(day_of(now()))
    spans = {
        "ended": (today - timedelta(days=400), today),
        "last day": (today - timedelta(days=400), today + timedelta(days=1)),
        "to come": (today + timedelta(days=1), today + timedelta(days=400)),
    }
    teams = [team_with_contract(name, since, until) for name, (since, until) in spans.items()]
    reader = reader_of(client, *teams)

    found = {one["contractName"]: one for one in reader.body("contract")}

    assert {name: one["isActive"] for name, one in found.items()} == {
        "ended": False,
        "last day": True,
        "to come": False,
    }
    assert found["last day"]["contractEndDate"] == today.isoformat()


def team_with_contract(name: str, since: date, until: date | None) -> Team:
    """Add a team with an enterprise contract."""
    team = catalogue.add_team(name.replace(" ", "-"), name, now=START)
    end = day(until) if until else None
    catalogue.add_contract(team, Scheme.ENTERPRISE, offer="all", card="ent", start=day(since), end=end)
    return team


def test_without_a_role_that_reads_there_are_no_contracts(client: Client, world: World) -> None:
    """A user of the team gets an empty list, not a refusal (1.1)."""
    assert reader_of(client, world.flex, role=Role.USER).body("contract") == []


@pytest.fixture
def published(world: World) -> Contract:
    """Return the contract of the published table: three years and a short fourth, packs, use, and an adjustment."""
    team = catalogue.add_team("works", "Works", now=START)
    big = catalogue.add_product(catalogue.NewProduct(code="BIG", name="Much at once"))
    catalogue.open_offer("big", [big], since=START)
    catalogue.set_rate("big", big, tokens("1"), since=START)
    end = day_of(at("2029-07-01 00:00"))
    contract = catalogue.add_contract(
        team, Scheme.ENTERPRISE, offer="big", card="big", start=day_of(START), end=end, name="Works, Lund"
    )
    for year in (2026, 2027, 2028):
        bought(contract, Pool.CY, "344000", f"{year}-01-01 00:00", f"{year + 1}-01-01 00:00")
    bought(contract, Pool.MY, "25000", "2026-01-01 00:00", "2029-07-01 00:00")
    used = {"2026-05-02": "149443", "2027-05-03": "149799", "2028-05-04": "142073"}
    events = [consumption(on, amount) for on, amount in used.items()]
    events += [adjustment("MY", "-3217"), adjustment("CY", "3217")]
    key = SourceKey(0, team.pk)
    assert world.states(*events, now=at("2029-04-01 00:00"), key=key) == ["accepted"] * 5
    return contract


def bought(contract: Contract, pool: Pool, amount: str, since: str, until: str | None = None) -> None:
    """Give a contract a pack."""
    ends = at(until) if until else None
    give(Purchase(contract=contract.number, pool=pool, tokens=tokens(amount), since=at(since), until=ends), now=START)


def consumption(on: str, amount: str) -> bytes:
    """Write a manual consumption."""
    data = {"person": "ana@example.com", "product": "BIG", "tokens": amount, "reasonType": "Off network"}
    return message("farebox.consumption", on, {**data, "transactionDate": on}, time=f"{on} 12:00")


def adjustment(pool: str, amount: str) -> bytes:
    """Write an adjustment of 2026."""
    data = {"pool": pool, "tokens": amount, "reasonType": "Transfer", "transactionDate": "2026-12-01"}
    return message("farebox.adjustment", pool, data, time="2026-12-01 12:00")


def test_the_published_table_is_answered(client: Client, house: None, published: Contract) -> None:
    """The years of the published example, to the token, with inclusive dates and the short last year (4.2, N6)."""
    body = reader_of(client, published.team).body(f"contract/{published.number}")

    years = body.pop("contractYears")
    assert body == {
        "contractNumber": published.number,
        "contractName": "Works, Lund",
        "contractStartDate": "2026-01-01",
        "contractEndDate": "2029-06-30",
        "isActive": day_of(now()) < day(date(2029, 7, 1)),
        "multiyearProvisionedTokens": 25_000,
    }
    assert [tuple(year.values()) for year in years] == [
        (1, "2026-01-01", "2026-12-31", 344_000, 146_226, 197_774, 25_000, 3_217),
        (2, "2027-01-01", "2027-12-31", 344_000, 149_799, 194_201, 21_783, 0),
        (3, "2028-01-01", "2028-12-31", 344_000, 142_073, 201_927, 21_783, 0),
        (4, "2029-01-01", "2029-06-30", 0, 0, 0, 21_783, 0),
    ]
    assert list(years[0]) == [
        "year", "startDate", "endDate", "provisionedTokens", "consumedTokens", "remainingTokens",
        "multiyearTokensAtStart", "multiyearConsumedTokens",
    ]  # fmt: skip


def test_amounts_are_exact_numbers(reader: Reader, world: World) -> None:
    """Whole tokens are whole numbers, and parts of tokens have just the decimals that they have."""
    world.give("100.000001")
    world.send(event("a", "ana@example.com", "A", *SPAN))

    text = reader.raw(of(world)).content.decode()

    assert '"provisionedTokens":100.000001,"consumedTokens":7,"remainingTokens":93.000001' in text
    assert '"multiyearProvisionedTokens":0' in text


def test_a_year_counts_what_was_booked_just_now(reader: Reader, world: World) -> None:
    """The table is read from the records: what the warehouse does not know yet is in it."""
    world.give("100")
    world.send(event("a", "ana@example.com", "A", *SPAN))

    assert reader.body(of(world))["contractYears"][0]["remainingTokens"] == 93
    assert reader.body(f"usage/{world.flex_contract.number}/summary") == []


def test_there_are_always_ten_names_of_custom_fields(reader: Reader, world: World) -> None:
    """By position, empty where the contract has no name of its own (4.3)."""
    assert reader.body(of(world, "/enrichment")) == [""] * 10

    catalogue.name_fields(world.flex_contract, {1: "Geo", 10: "Bereich Süd"})

    assert reader.body(of(world, "/enrichment")) == ["Geo", *[""] * 8, "Bereich Süd"]


OWN_NAMES = {1: "Geo", 2: "R&D / Länder", 3: "50 %", 4: "customs", 5: "国"}


def test_values_of_a_custom_field_are_listed_by_either_name(reader: Reader, world: World) -> None:
    """The contract's own name, encoded in the address, and customField1 to 10 list the same values (4.4)."""
    catalogue.name_fields(world.flex_contract, OWN_NAMES)
    for nth, value in enumerate(("Lund", "Äppelviken", "Lund", "")):
        told = dict.fromkeys(OWN_NAMES.values(), value) if value else {}
        world.send(event(str(nth), f"p{nth}@example.com", "A", *SPAN, attributes=told))
    project()

    for position, name in OWN_NAMES.items():
        for called in (name, f"customField{position}"):
            address = of(world, f"/enrichment/{quote(called, safe='')}")
            assert reader.body(address) == ["Lund", "Äppelviken"], called
    assert reader.body(of(world, "/enrichment/customField10")) == []


def test_a_custom_field_that_is_none_is_refused(reader: Reader, world: World) -> None:
    """Neither an unknown name nor another field is a custom field; the likeliest is named."""
    catalogue.name_fields(world.flex_contract, {1: "Geo"})

    for name in ("geo", "customField11", "customField0", "productName", "x" * 500, "%00", "tokensConsumed"):
        assert reader.problems(of(world, f"/enrichment/{name}")) == ["/category unknown_field"], name
    refused = reader.get(of(world, "/enrichment/customfield3")).body["problems"][0]
    assert refused["message"].endswith("did you mean customField3?")


@pytest.fixture
def used(reader: Reader, world: World) -> None:
    """Have two people use products on two machines of one server, and a service without either."""
    teach(world)
    desktop = {"machine": "WS-2", "server": "LIC-1"}
    events = [
        event("a", "ana@example.com", "B", *SPAN, **desktop),
        event("b", "ben@example.com", "A", *SPAN, **desktop | {"machine": "WS-1"}),
        event("c", "ben@example.com", "Z", *SPAN),
        a_job("d", SPAN[0], "cy@example.com"),
    ]
    assert world.states(*events) == ["accepted"] * 4
    project()


def test_values_of_fields_are_listed(reader: Reader, world: World, used: None) -> None:
    """Each distinct value that has usage, in order; usage without a machine adds no empty one (4.5)."""
    assert reader.body(of(world, "/productName")) == ["Product A", "Product B", "Product Z", "Translation"]
    assert reader.body(of(world, "/userName"))[:2] == ["ana@example.com", "ben@example.com"]
    assert reader.body(of(world, "/machineName")) == ["WS-1", "WS-2"]
    assert reader.body(of(world, "/licenseServerName")) == ["LIC-1"]


@pytest.mark.parametrize(
    ("category", "field", "values"),
    [
        ("DESKTOP_PRODUCT", "productName", ["Product A", "Product B", "Product Z"]),
        ("PRODUCT_CONSUMPTION", "productName", ["Product A", "Product B", "Product Z"]),
        ("CLOUD_SERVICE", "productName", ["Translation"]),
        ("CLOUD_CONSUMPTION", "productName", ["Translation"]),
        ("MANUAL_ADJUSTMENT", "productName", []),
        ("CLOUD_SERVICE", "machineName", []),
        ("", "machineName", ["WS-1", "WS-2"]),
    ],
)
def test_values_may_be_those_of_one_category(
    reader: Reader, world: World, used: None, category: str, field: str, values: list[str]
) -> None:
    """New and old names are accepted; a category that has no machines lists none."""
    assert reader.body(of(world, f"/{field}"), {"usageCategory": category}) == values


def test_values_of_other_fields_are_not_listed(reader: Reader, world: World) -> None:
    """Both the field and the category are refused at once."""
    asked = {"usageCategory": "DESKTOP"}

    assert reader.problems(of(world, "/username"), asked) == ["/field unknown_field", "/usageCategory unknown_category"]
    assert reader.problems(of(world, "/productLineCode")) == ["/field unknown_field"]
    assert "did you mean userName?" in json.dumps(reader.get(of(world, "/username")).body)


def test_hidden_names_are_pseudonyms_in_lists_of_values(reader: Reader, world: World, used: None) -> None:
    """People and machines are pseudonyms, as many as there are; products and servers stay (P1)."""
    Team.objects.update(names_hidden=True)

    people, machines = reader.body(of(world, "/userName")), reader.body(of(world, "/machineName"))

    assert "@" not in "".join(people)
    assert "WS" not in "".join(machines)
    assert (len(set(people)), len(set(machines))) == (len(people), 2)
    assert people == sorted(people)
    assert reader.body(of(world, "/licenseServerName")) == ["LIC-1"]


PATHS = [
    "contract/{}", "contract/{}/enrichment", "contract/{}/enrichment/customField1", "contract/{}/enrichment/nothing",
    "contract/{}/productName", "contract/{}/nothing?usageCategory=nothing", "usage/{}/summary",
    "usage/{}/summary?contractYear=x", "usage/{}/last",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_contract_is_as_if_it_were_not_there(reader: Reader, world: World, path: str) -> None:
    """Foreign and unknown numbers get equal bytes, also where more is wrong with the request (T2)."""
    numbers = (world.ent_contract.number, "900000000000", "null", "x%20y", "%00", "\u0661")

    got = [reader.raw(path.format(number)) for number in numbers]

    assert {(answer.status_code, answer.content) for answer in got} == {(403, got[0].content)}
    assert got[0].json() == FORBIDDEN
    assert len({tuple(sorted(answer.headers.items())) for answer in got}) == 1


@pytest.mark.parametrize("path", ["contract", *PATHS])
def test_nobody_reads_without_a_token(reader: Reader, path: str) -> None:
    """A missing and a wrong token are told apart; the contract is not looked at (1.2)."""
    address = path.format("900000000000")

    assert [reader.get(address, token=token).status for token in ("", "fbp_wrong")] == [401, 401]
    assert [reader.get(address, token=token).body["errorCode"] for token in ("", "fbp_wrong")] == [
        "AUTH-012",
        "AUTH-006",
    ]
