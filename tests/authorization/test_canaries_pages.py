"""People with unmistakable names in every place that takes one: hidden names are told nowhere (quality P1)."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from tests.authorization.matrix import ROUTES
from tests.authorization.principals import House, Who
from tests.authorization.things import KINDS, Things, only_own
from tests.authorization.walking import Walker
from tests.web.used import ago, written
from tests.world import START, World, event

from farebox.domain.amounts import tokens
from farebox.domain.clock import day_of
from farebox.domain.ids import charged_item_id
from farebox.domain.people_list import Said
from farebox.domain.usage import Funding
from farebox.records.models import Charge, Group, Invitation, Membership, Person
from farebox.services import assign, catalogue, groups, invite, names, people_list, reveal, seats
from farebox.services import tokens as personal
from farebox.services.export import Runner
from farebox.services.ingest import by_hand
from farebox.services.project import project
from farebox.wallclock import now
from farebox.warehouse.duck import Warehouse

CANARY = "quetzal"
"""Part of every name and address that nothing may tell."""

SPENT = "4321"
"""Tokens that only one person spent, at once."""

MANAGING = ("PEOPLE", "ADMINISTRATORS", "HAND_OVER", "END_SESSIONS", "AUDIT")
"""What names people by their names, and tells nothing of their use."""

REPORT_FILES = ("", "&tab=product", "&tab=user", "&tab=user&q=" + CANARY)


class Aviary(House):
    """The house with canaries: a member with use, another administrator, somebody invited, a list, a group, a seat."""

    def __post_init__(self) -> None:
        """Let them in, and hide the names."""
        super().__post_init__()
        lead, team = self.accounts[Who.PRIMARY], self.world.flex
        for who in (Who.SSO, Who.SECONDARY, Who.USER):
            self.accounts[who].name = f"{CANARY.title()}ine {who}"
            self.accounts[who].save()
            Person.objects.filter(pk=self.people[who].pk).update(name=self.accounts[who].name)
        self.bird = catalogue.add_person(team, f"{CANARY}@example.com", f"{CANARY.title()} Example", now=now())
        self._spend()
        assign.assign_people(lead, team.pk, [self.bird.pk], ["A"], now=now())
        group = groups.make(lead, team.pk, "Visitors", now=now())
        groups.join(lead, team.pk, group, [self.bird.pk], now=now())
        invite.invite(lead, team.pk, f"{CANARY.title()} Invited <{CANARY}.invited@example.com>", now=now())
        said = Said(1, CANARY.title(), "Listed", f"{CANARY}.listed@example.com")
        self.list = people_list.check(lead, team.pk, [said], now=now())
        self.seat = seats.give(lead, team.pk, [self.bird.pk], "B", Funding.SEAT, now=now())[0]
        self._enter_by_hand()
        names.turn(lead, team.pk, hidden=True, now=now())
        reveal.reveal(lead, Person.objects.get(pk=self.bird.pk).pseudonym, "a complaint about a charge", now=now())

    def _enter_by_hand(self) -> None:
        asked = by_hand.Consumption(person=self.bird.key, product="Q", tokens=SPENT, reason="off network")
        actor = f"account {self.accounts[Who.OPERATOR].pk}"
        by_hand.enter(self.world.flex.pk, by_hand.Entry("hand", day_of(now())), asked, now=now(), actor=actor)

    def _spend(self) -> None:
        dear = catalogue.add_product(catalogue.NewProduct(code="Q", name="Product Q"))
        catalogue.set_rate("flex", dear, tokens(SPENT), since=START)
        catalogue.open_offer("all", [dear], since=START)
        self.world.give("9000", since=written(ago(100)))
        used = event("bird", self.bird.key, "Q", written(ago(3)), written(ago(3, 10)))
        assert self.world.states(used, now=now()) == ["accepted"]
        project()

    def things(self) -> dict[str, Things]:
        """Return one thing of each kind, the canaries' own where they have one."""
        made = {name: only_own(self, name) for name, kind in KINDS.items() if not kind.once}
        own = {
            "person": str(self.bird.pk),
            "pseudonym": Person.objects.get(pk=self.bird.pk).pseudonym,
            "group": str(Group.objects.get(name="Visitors").pk),
            "list": str(self.list),
            "seat": str(self.seat),
            "invitation": str(Invitation.objects.get(person__key__startswith=CANARY).pk),
            "membership": str(Membership.objects.get(user=self.accounts[Who.SECONDARY]).pk),
            "charge": charged_item_id(Charge.objects.filter(person=self.bird).order_by("pk")[0].pk),
        }
        return made | {kind: made[kind]._replace(own=name) for kind, name in own.items()}


@pytest.fixture
def aviary(world: World, house: Warehouse) -> Aviary:
    """Return the house with canaries."""
    return Aviary(world)


def looked_at(walker: Walker) -> Iterator[tuple[str, str, str]]:
    """Yield what every address shows to somebody: its name, what it is for, and the words."""
    for name, row in ROUTES.items():
        if "get" in row and not any(KINDS[row[key]].once for key in ("thing", "needs") if key in row):
            got = walker.ask(row, "GET", thing=walker.things(row["thing"]).own if "thing" in row else "")
            yield name, row["action"], got.response.content.decode(errors="replace")


def test_hidden_names_stand_nowhere_but_where_people_are_managed(
    aviary: Aviary, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No page, file or record of the log names anybody; pages that do tell neither a pseudonym nor a figure (P1)."""
    caplog.set_level(logging.DEBUG)
    walker = Walker(aviary, Who.PRIMARY, fresh=True)
    walker.made = aviary.things()
    pseudonym = walker.things("pseudonym").own
    telling, naming = [], []
    for name, action, text in looked_at(walker):
        if CANARY in text.lower() and action not in MANAGING:
            telling.append(name)
        if CANARY in text.lower() and action in MANAGING:
            naming.append(name)
            if pseudonym in text or SPENT in text or "4,321" in text:
                telling.append(f"{name} tells what somebody used")
    for query in REPORT_FILES:
        for kind in ("", "&format=csv"):
            found = walker.client.get(f"/reporting/token-usage?contract=all{query}{kind}")
            shown = found.content.decode()
            telling += [query] if CANARY.title() in shown or f"{CANARY}@" in shown else []  # what is sought is echoed
    for path in ("/users/by-user", "/users/seats", "/users/roles"):
        walker.client.get(path, {"q": CANARY})
        walker.client.post(path, {"q": CANARY, "people": f"{CANARY} <", "person": CANARY})

    assert telling == []
    assert {"users-by-user", "users-person", "users-group", "users-import-list", "users-seats", "users-roles"} <= {
        *naming
    }
    assert [one.getMessage() for one in caplog.records if CANARY in f"{one.getMessage()} {one.__dict__}".lower()] == []
    assert CANARY not in "".join(capfd.readouterr()).lower()


def test_hidden_names_stand_in_no_file_and_no_answer(aviary: Aviary, settings: Settings) -> None:
    """Files of all reports, and answers of the usage API to whoever leads the team, have pseudonyms of use (P1, R5)."""
    lead, contract = aviary.accounts[Who.PRIMARY], aviary.world.flex_contract.number
    client = aviary.client(Who.PRIMARY, fresh=False)
    every = ["subscriptions", "users", "usage", "usage-report", "seat-usage"]
    for format in ("csv", "xlsx"):  # noqa: A001
        form = ROUTES["export"]["body"] | {"types": every, "contract": contract, "format": format, "nonce": format}
        assert client.post("/reporting/export", form).status_code == 302
    Runner(now).run()
    token = personal.make(lead, name="script", days=1, now=now())[1]
    told = [told for path in sorted(Path(settings.EXPORTS).rglob("*")) if path.is_file() for told in _inside(path)]
    told += _answers(token, contract)

    assert sum(SPENT in one for one in told) >= 3
    assert [one[:200] for one in told if CANARY in one.lower()] == []
    used = Charge.objects.values_list("person_id", flat=True)
    others = Person.objects.filter(team=aviary.world.flex).exclude(pk__in=used)
    unused = others.values_list("pseudonym", flat=True)
    assert unused
    assert [one for one in unused if one in "".join(told)] == []  # whoever invited them would know them


def _inside(path: Path) -> list[str]:
    if not zipfile.is_zipfile(path):
        return [path.read_text(encoding="utf-8")]
    with zipfile.ZipFile(path) as packed:
        return [packed.read(name).decode() for name in packed.namelist()]


def _answers(token: str, contract: str) -> list[str]:
    client, headers = Client(), {"Authorization": f"Bearer {token}"}
    body = {"fields": ["userName", "productName"], "metrics": ["tokensConsumed"]}
    asked = client.post(
        f"/tokenflex/v1/usage/{contract}/query", json.dumps(body), content_type="application/json", headers=headers
    )
    assert asked.status_code == 200
    paths = [f"/tokenflex/v1/contract/{contract}/userName", f"/tokenflex/v1/usage/{contract}/summary", "/v1/catalogue"]
    return [asked.content.decode(), *(client.get(path, headers=headers).content.decode() for path in paths)]
