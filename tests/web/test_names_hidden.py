"""Hidden names are hidden everywhere at once, and nothing tells who is behind a pseudonym (quality P1, P2)."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from tests.api.getting import Reader, reader_of
from tests.drawn import few
from tests.web.signed_in import signed_in
from tests.web.used import ago, written
from tests.world import START, World, event

from farebox.domain.clock import day_of, instant
from farebox.domain.errors import QueryRejected
from farebox.domain.ids import charged_item_id
from farebox.domain.rights import Role
from farebox.query.plan import Question
from farebox.records.models import Charge, Person, Team, User
from farebox.records.models.contracts import Scheme
from farebox.records.models.usage import Label
from farebox.services import catalogue, export, names, people, report
from farebox.services.export import Runner
from farebox.services.ingest import SourceKey
from farebox.services.join import join
from farebox.services.project import project
from farebox.wallclock import now

EVERYTHING = {"fields": ["userName", "machineName", "productName"], "metrics": ["tokensConsumed", "uniqueUsers"]}
CANARIES = ("canary", "Zebulon", "WS-77")
"""What must be nowhere once names are hidden: parts of an address, of a name, of a machine."""

PLACES = (
    "/reporting/token-usage",
    "/reporting/token-usage?tab=product",
    "/reporting/token-usage?tab=user",
    "/reporting/token-usage?tab=user&q=canary",
    "/reporting/token-usage?tab=user&format=csv",
    "/reporting/token-usage?contract=all&tab=user",
    "/reporting/token-usage/products/A",
    "/reporting/token-usage/users/{pseudonym}",
    "/reporting/balances?contract=all",
    "/reporting/export",
    "/settings",
    "/",
)


@dataclass
class House:
    """A team whose people have names that stand out, its primary administrator's token and browser."""

    world: World
    reader: Reader
    browser: Client

    @property
    def number(self) -> str:
        """The number of the contract."""
        return self.world.flex_contract.number

    def hide(self) -> None:
        """Hide the names of the team."""
        names.turn(self.reader.user, self.world.flex.pk, hidden=True, now=now())

    def read(self, place: str) -> str:
        """Return a page or a file, with all that its source says."""
        answer = self.browser.get(place, follow=True)
        return html.unescape(b"".join(answer).decode() if answer.streaming else answer.content.decode())


@pytest.fixture
def house(world: World, _warehouse: None, client: Client, tmp_path: object, settings: Settings) -> House:
    """Use products as two people on two machines."""
    settings.EXPORTS = tmp_path
    world.give("300", since=written(ago(300)))
    for nth, (key, machine) in enumerate((("canary@example.com", "WS-77"), ("zz@example.com", "WS-1"))):
        start = written(ago(3))
        use = event(f"e{nth}-canary", key, "A", start, written(ago(3, hour=11)), machine=machine, version="2026")
        world.send(use, now=instant(ago(0)))
    catalogue.add_person(world.flex, "canary@example.com", "Zebulon Canary", now=START)
    project()
    reader = reader_of(client, world.flex)
    return House(world, reader, signed_in(reader.user))


def test_names_are_hidden_everywhere_at_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Pages, queries, values, explanations, exports, refusals, logs: what was clear is a pseudonym a moment later."""
    shown = house.reader.rows(house.number, EVERYTHING)
    assert "canary@example.com" in {row[0] for row in shown}
    asked, pseudonym = _question(), Person.objects.get(key="canary@example.com").pseudonym
    _file(house, asked, "before")
    clear = [place for place in PLACES if "canary@example.com" in house.read(place.format(pseudonym=pseudonym))]
    assert [place for place in clear if "tab=user" in place or "users/" in place or "products/" in place]

    house.hide()

    hidden = house.reader.rows(house.number, EVERYTHING)
    assert sorted(row[2:] for row in hidden) == sorted(row[2:] for row in shown)
    assert all(re.fullmatch("u-[0-9a-f]{12}", row[0]) and re.fullmatch("m-[0-9a-f]{12}", row[1]) for row in hidden)
    items = [charged_item_id(pk) for pk in Charge.objects.values_list("pk", flat=True)]
    said = [
        json.dumps(hidden),
        *(json.dumps(house.reader.body(f"contract/{house.number}/{field}")) for field in ("userName", "machineName")),
        *(house.reader.raw(f"/v1/charges/{item}/explanation").content.decode() for item in items),
        _refusal(house),
        _file(house, asked, "after"),
        *(house.read(place.format(pseudonym=pseudonym)) for place in PLACES),
        *(record.getMessage() for record in caplog.records),
    ]
    assert [canary for canary in CANARIES for text in said if canary in _without_search(text)] == []


def _question() -> Question:
    return Question(fields=("userName", "machineName"), metrics=("tokensConsumed",))


def _refusal(house: House) -> str:
    answer = _ask(house.reader, house.number, "userName = 5 AND userNam = 'x'")
    assert answer.status_code == 400
    return str(answer.content.decode())


def _file(house: House, asked: Question, name: str) -> str:
    """Have a file made and return what its link opens."""
    contract = report.contract_of(house.reader.user, house.number)
    key = export.request(house.reader.user, contract, asked, name=name, now=now()).key
    Runner(now).run()
    link = export.link_to(export.find(export.Whose(house.reader.user, [contract], True), key), now=now())
    assert link is not None
    return b"".join(house.browser.get(link.url.removeprefix("http://127.0.0.1:8000"))).decode()  # type: ignore[arg-type]


def _without_search(text: str) -> str:
    """Return a page without what was typed into its search, which it shows again and links to."""
    return re.sub(r"(q=|value=\"|“)canary", "", text)


def test_a_file_made_before_keeps_its_names_until_it_is_removed(house: House) -> None:
    """Links open what was made while names were shown; once the files are taken away they open nothing (docs)."""
    contract = report.contract_of(house.reader.user, house.number)
    made = export.request(house.reader.user, contract, _question(), name="old", now=now())
    Runner(now).run()
    made.refresh_from_db()
    link = export.link_to(made, now=now())
    assert link is not None
    place = link.url.removeprefix("http://127.0.0.1:8000")
    house.hide()

    before = b"".join(house.browser.get(place))  # type: ignore[arg-type]
    house.browser.post(f"/settings/names/{house.world.flex.pk}/files")

    assert b"canary" in before
    assert house.browser.get(place).status_code == 403


def test_pages_get_names_or_nobody(house: House) -> None:
    """By pseudonym: the name or the key, and the key; nobody as soon as one of the teams hides its names (case 12)."""
    contracts = report.contracts_of(house.reader.user)
    found = people.named(contracts)
    by_key = {one.key: one.name for one in found.values()}

    assert by_key == {"canary@example.com": "Zebulon Canary", "zz@example.com": "zz@example.com"}
    assert set(found) == set(Person.objects.values_list("pseudonym", flat=True))
    catalogue.add_account("both@example.com", "correct horse battery", "Both", now=now(),
                          roles={house.world.flex: Role.SECONDARY, house.world.ent: Role.SECONDARY})  # fmt: skip
    Team.objects.filter(pk=house.world.ent.pk).update(names_hidden=True)
    both = report.contracts_of(User.objects.get(email="both@example.com"))
    assert (len(both), people.hides(both), people.named(both)) == (2, True, {})


def test_a_pseudonym_stays_through_all_that_happens_to_a_person(house: House) -> None:
    """A name, another name, later use, hiding and showing change nothing; a joined person's use is the other's (P2)."""
    flex = house.world.flex
    before = _pseudonyms(flex)

    catalogue.add_person(flex, "canary@example.com", "Zebulon Renamed", now=START)
    for hidden in (True, False, True):
        names.turn(house.reader.user, flex.pk, hidden=hidden, now=now())
    late = event("late", "CANARY@example.com", "B", written(ago(1)), written(ago(1, hour=11)))
    house.world.send(late, now=instant(ago(0)))
    one, other = (Person.objects.get(team=flex, key=key) for key in ("zz@example.com", "canary@example.com"))
    join(one.pk, other.pk, actor="t", now=now(), preview=False)
    project()

    assert _pseudonyms(flex) == before
    assert {row[0] for row in house.reader.rows(house.number, EVERYTHING)} == {before["canary@example.com"]}


def test_a_pseudonym_tells_nothing_of_the_same_person_elsewhere(house: House) -> None:
    """The same address in another team has another pseudonym, which nothing derives from it (P2)."""
    house.world.send(event("e", "canary@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)

    here, there = _pseudonyms(house.world.flex), _pseudonyms(house.world.ent)

    assert here["canary@example.com"] != there["canary@example.com"]
    assert len({*here.values(), *there.values()}) == 3


def _pseudonyms(team: Team) -> dict[str, str]:
    return dict(Person.objects.filter(team=team).values_list("key", "pseudonym"))


NAMES = ("ann@example.com", "Zoe Berg", "zoe@example.com", "adam@example.com", "WS-A", "WS-B", "PC-9")
WORDS = st.sampled_from([*NAMES, "ann", "example", "zoe", "u-00", "u-000000000001", "m-", "Product A", "2026", "%", ""])
TYPED = WORDS | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@pytest.mark.usefixtures("_warehouse")
def test_no_search_tells_one_name_from_another(world: World, client: Client) -> None:
    """Two teams with the same use by people of other names give equal bytes to whatever is asked or searched (P1)."""
    twin = catalogue.add_team("twin", "Flex team", now=START)
    contract = catalogue.add_contract(twin, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
    _use_as(world, world.flex, ("ann@example.com", "zoe@example.com"), ("", "Zoe Berg"), "WS-A")
    _use_as(world, twin, ("zz@example.com", "adam@example.com"), ("Adam", ""), "PC-9")
    project()
    readers = [reader_of(client, team, email=f"{team.slug}@example.com") for team in (world.flex, twin)]
    browsers = [signed_in(reader.user) for reader in readers]
    Team.objects.filter(pk__in=[world.flex.pk, twin.pk]).update(names_hidden=True)
    numbers = (world.flex_contract.number, contract.number)
    contracts = [report.contracts_of(reader.user)[0] for reader in readers]

    @settings(max_examples=few(40), deadline=None)
    @given(TYPED)
    def hold(typed: str) -> None:
        one, other = (_answered(contract, typed) for contract in contracts)
        assert one == other

    hold()
    for typed in ("zoe@example.com", "Zoe Berg", "WS-A", "u-0"):
        one, other = (_found(*desk, typed) for desk in zip(readers, browsers, numbers, strict=True))
        assert one == other


def _use_as(world: World, team: Team, keys: tuple[str, str], called: tuple[str, str], machine: str) -> None:
    """Use products as two people whose pseudonyms are given, as those of a machine are."""
    for nth, (key, name) in enumerate(zip(keys, called, strict=True)):
        Person.objects.create(team=team, key=key, name=name, pseudonym=f"u-{nth:012}", created_us=START)
        Label.objects.create(team=team, kind="machine", text=f"{machine}{nth}", pseudonym=f"m-{nth:012}")
        start, end = written(ago(3 + nth)), written(ago(3 + nth, hour=12))
        use = event(f"e{nth}", key, "AB"[nth], start, end, machine=f"{machine}{nth}")
        ingested = world.send(use, now=instant(ago(0)), key=SourceKey(0, team.pk))
        assert [one.state for one in ingested.verdicts] == ["accepted"]


def _answered(contract: report.Readable, typed: str) -> list[object]:
    """Ask the service with conditions on names and machines; what is refused is told in its own words."""
    literal = typed.replace("'", "''")
    clauses = [f"{field} {sign} '{literal}'" for field in ("userName", "machineName") for sign in ("=", "!=", "<", ">")]
    clauses += [f"userName LIKE '%{literal}%'", f"machineName IN ('{literal}', 'x')", typed]
    return [_rows(contract, clause) for clause in clauses]


def _rows(contract: report.Readable, where: str) -> object:
    asked = Question(fields=("userName", "machineName"), metrics=("tokensConsumed", "uniqueUsers"), where=where)
    try:
        return report.answer(asked, contract).rows
    except QueryRejected as rejected:
        return rejected.problems


def _ask(reader: Reader, number: str, where: str) -> Any:
    body = json.dumps({**EVERYTHING, "where": where})
    headers = {"Authorization": f"Bearer {reader.token}"}
    address = f"/tokenflex/v1/usage/{number}/query?limit=100"
    return reader.client.post(address, body, content_type="application/json", headers=headers)


def _asked(reader: Reader, number: str, typed: str) -> tuple[int, str]:
    """Ask the API with a condition on names; return status and answer, without the number and the id."""
    got = _ask(reader, number, f"userName LIKE '%{typed}%' OR machineName >= '{typed}'")
    told = got.content.decode().replace(number, "")
    return got.status_code, re.sub("[0-9a-f]{56}", "", told)


def _found(reader: Reader, browser: Client, number: str, typed: str) -> list[object]:
    """Ask the API and search the pages."""
    told = [text.replace(reader.user.email, "") for text in _searched(browser, number, typed)]
    return [_asked(reader, number, typed), *told]


def _searched(browser: Client, number: str, typed: str) -> list[str]:
    """Search the pages and files of users; return them without the number, the minute, and what is drawn by chance."""
    usage, asked = "/reporting/token-usage", f"contract={number}&q={quote(typed)}"
    places = [f"{usage}?tab=user&{asked}{more}" for more in ("", "&sort=userName", "&format=csv")]
    places += [f"{usage}/products/A?{asked}&sort=-userName", f"{usage}/users/u-{1:012}?{asked}", "/"]
    found = [browser.get(place) for place in places]
    assert {answer.status_code for answer in found} == {200}
    told = [f"{one.status_code} {one.content.decode()}" for one in found]
    by_chance = r'((?:csrf\w+|nonce)" value=")[\w-]+|[\d:]+.[AP]M UTC|[?]team=\d+'
    return [re.sub(by_chance, r"\1", one.replace(number, "")) for one in told]
