"""`/tokenflex/v1/export/{contract}/schedules`: kept as they are sent, for whoever made them (usage-api 6.9)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.world import World

from farebox.domain.rights import Role
from farebox.domain.schedules import Kind, Level
from farebox.records.models import Audit, Membership, Schedule, User
from farebox.services import catalogue, tokens
from farebox.services.schedule import SCHEDULES_MAX
from farebox.services.schedule.cron import RUNS_A_DAY_MAX
from farebox.wallclock import now

BODY: dict[str, Any] = {
    "dateRangeExpression": "Previous-1-Month",
    "enableFlag": "Y",
    "frequencyExpression": "0 0 18 5 * *",
    "scheduleObjects": [
        {"usageCategory": "DESKTOP_PRODUCT", "aggregationLevel": ["Transactional", "Daily"]},
        {"usageCategory": "CLOUD", "aggregationLevel": ["Monthly", "Daily"]},
    ],
}


@dataclass
class Owner:
    """Somebody with a token, and how they ask."""

    client: Client
    user: User
    number: str
    token: str

    def ask(self, method: str, id: str = "", body: object = None, *, number: str = "", token: str = "") -> Any:  # noqa: A002
        """Send a request to the schedules, or to one of them."""
        return self.client.generic(
            method,
            f"/tokenflex/v1/export/{number or self.number}/schedules{f'/{id}' if id else ''}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    def make(self, **changed: object) -> dict[str, Any]:
        """Make a schedule and return it."""
        got = self.ask("POST", body={**BODY, **changed})
        assert got.status_code == 200, got.content
        made: dict[str, Any] = got.json()
        return made


def an_owner(client: Client, world: World, email: str, role: Role = Role.SECONDARY) -> Owner:
    """Make somebody with a role in the Flex team and a token for reading and writing."""
    user = catalogue.add_account(email, "correct horse battery", "Owner", roles={world.flex: role}, now=now())
    _, token = tokens.make(user, name="script", days=30, now=now(), scopes="data:read data:write")
    return Owner(client, user, world.flex_contract.number, token)


@pytest.fixture
def owner(client: Client, world: World) -> Owner:
    """Return an administrator of the Flex team."""
    return an_owner(client, world, "boss@example.com", Role.PRIMARY)


def problems(got: Any) -> list[str]:
    """Return what is wrong as "pointer code", after checking the body that says so."""
    assert got.status_code == 400, got.content
    assert got.json()["Code"] == "BadRequestError"
    return [f"{one['pointer']} {one['code']}" for one in got.json()["problems"]]


def test_a_schedule_is_returned_as_it_was_sent(owner: Owner) -> None:
    """What was sent comes back, with an id, no last run, and the next run in UTC."""
    made = owner.make()

    assert {name: made[name] for name in BODY} == BODY
    assert list(made) == [*BODY, "scheduleID", "lastRanDate", "nextRunDate"]
    assert str(UUID(made["scheduleID"])) == made["scheduleID"]
    assert made["lastRanDate"] is None
    assert made["nextRunDate"][8:] == "05T18:00:00Z"
    assert owner.ask("GET", made["scheduleID"]).json() == made
    assert owner.ask("GET").json() == [made]


def test_several_schedules_are_listed_in_the_order_in_which_they_were_made(owner: Owner) -> None:
    """Any number up to a limit may exist at once."""
    made = [owner.make(frequencyExpression=f"0 0 {hour} 1 * *") for hour in (3, 1, 2)]

    assert owner.ask("GET").json() == made


def test_a_schedule_that_is_off_tells_when_it_would_run(owner: Owner) -> None:
    """Y is on; anything else, and nothing at all, is off; `nextRunDate` is there either way."""
    for flag in ("N", "y", ""):
        made = owner.make(enableFlag=flag)
        assert (made["enableFlag"], made["nextRunDate"][8:]) == ("N", "05T18:00:00Z")
    without = owner.ask("POST", body={name: said for name, said in BODY.items() if name != "enableFlag"}).json()
    assert without["enableFlag"] == "N"


def test_put_replaces_all_of_a_schedule(owner: Owner) -> None:
    """What is left out of the new one is as in a new one; what the server added may be sent back with it."""
    made = owner.make()
    changed = {
        **made,
        "frequencyExpression": "0 30 6 1 * ?",
        "scheduleObjects": [{"usageCategory": "CLOUD_SERVICE", "aggregationLevel": ["Monthly"]}],
    }
    del changed["enableFlag"]

    replaced = owner.ask("PUT", made["scheduleID"], changed)

    assert replaced.status_code == 200
    assert replaced.json() == changed | {"enableFlag": "N", "nextRunDate": replaced.json()["nextRunDate"]}
    assert replaced.json()["nextRunDate"][8:] == "01T06:30:00Z"
    assert owner.ask("GET", made["scheduleID"]).json() == replaced.json()


def test_put_with_less_than_a_schedule_changes_nothing(owner: Owner) -> None:
    """A replacement is checked like a new one."""
    made = owner.make()

    refused = owner.ask("PUT", made["scheduleID"], {"enableFlag": "N"})

    assert problems(refused) == [
        "/dateRangeExpression missing",
        "/frequencyExpression missing",
        "/scheduleObjects missing",
    ]
    assert owner.ask("GET", made["scheduleID"]).json() == made


def test_a_deleted_schedule_is_gone(owner: Owner) -> None:
    """204 without a body; afterwards it is not there to be read, replaced or deleted again."""
    kept, made = owner.make(), owner.make()

    gone = owner.ask("DELETE", made["scheduleID"])

    assert (gone.status_code, gone.content) == (204, b"")
    for method, body in (("DELETE", None), ("GET", None), ("PUT", BODY)):
        assert problems(owner.ask(method, made["scheduleID"], body)) == ["/schedule_id unknown_schedule"]
    assert owner.ask("GET").json() == [kept]


@pytest.mark.parametrize("id", ["x", "00000000-0000-0000-0000-000000000000", "%00", "null"])
def test_an_unknown_schedule_is_a_bad_request(owner: Owner, id: str) -> None:  # noqa: A002
    """The published API answers 400, not 404 (usage-api 1.2)."""
    assert problems(owner.ask("GET", id)) == ["/schedule_id unknown_schedule"]


def test_a_lone_object_is_a_list_of_one(owner: Owner) -> None:
    """The published pages have `scheduleObjects` both ways (usage-api 10)."""
    one = {"usageCategory": "CLOUD", "aggregationLevel": ["Transactional"]}

    assert owner.make(scheduleObjects=one)["scheduleObjects"] == [one]


def test_every_problem_is_listed(owner: Owner) -> None:
    """Range, expression, categories, levels and strangers are all named in one answer."""
    refused = owner.ask(
        "POST",
        body={
            "dateRangeExpression": "Previous-2-Months",
            "frequencyExpression": "every day",
            "enableFlag": True,
            "colour": "red",
            "scheduleObjects": [
                {"usageCategory": "MANUAL_ADJUSTMENT", "aggregationLevel": ["Daily"]},
                {"usageCategory": "CLOUD_PRODUCT", "aggregationLevel": ["Transactional"]},
                {"usageCategory": "CLOUD", "aggregationLevel": ["Daily", "Weekly", 3]},
                {"usageCategory": "CLOUD", "aggregationLevel": []},
                {"aggregationLevel": "Daily", "x": 1},
                "CLOUD",
            ],
        },
    )

    assert sorted(problems(refused)) == [
        "/colour unknown_field",
        "/dateRangeExpression invalid_value",
        "/enableFlag invalid_value",
        "/frequencyExpression invalid_value",
        "/scheduleObjects/0/usageCategory invalid_value",
        "/scheduleObjects/1 invalid_value",
        "/scheduleObjects/2/aggregationLevel/1 invalid_value",
        "/scheduleObjects/2/aggregationLevel/2 invalid_value",
        "/scheduleObjects/3/aggregationLevel invalid_value",
        "/scheduleObjects/4/aggregationLevel invalid_value",
        "/scheduleObjects/4/usageCategory missing",
        "/scheduleObjects/4/x unknown_field",
        "/scheduleObjects/5 invalid_value",
    ]
    assert Schedule.objects.count() == 0


def test_what_is_wrong_with_an_expression_is_said(owner: Owner) -> None:
    """The sentence tells what would be right."""
    refused = owner.ask("POST", body={**BODY, "frequencyExpression": "* * * * * *"})
    wrong = owner.ask("POST", body={**BODY, "frequencyExpression": "0 0 18 5 13 *"})
    short = owner.ask("POST", body={**BODY, "frequencyExpression": "0 18 5 * *"})

    assert problems(refused) == ["/frequencyExpression invalid_value"]
    assert "field 5, the month, is '13'" in wrong.content.decode()
    assert "this has 5 fields" in short.content.decode()
    assert refused.json()["problems"][0]["message"].startswith("a schedule runs at most 24 times a day")


@pytest.mark.parametrize("objects", [[], [BODY["scheduleObjects"][0]] * 21, None, "CLOUD", 1])
def test_a_schedule_makes_something_and_not_everything(owner: Owner, objects: object) -> None:
    """From one to twenty objects can be listed."""
    assert problems(owner.ask("POST", body={**BODY, "scheduleObjects": objects})) == ["/scheduleObjects invalid_value"]


def test_nobody_has_more_schedules_than_the_limit(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it one has to be deleted first."""
    monkeypatch.setattr("farebox.services.schedule.service.SCHEDULES_MAX", 2)
    first = owner.make()
    owner.make()

    assert problems(owner.ask("POST", body=BODY)) == [" too_many"]
    owner.ask("DELETE", first["scheduleID"])
    owner.make()


def test_schedules_are_their_owners(owner: Owner, world: World) -> None:
    """Another administrator of the team, the primary one too, sees none of them (quality: authorization matrix)."""
    other = an_owner(owner.client, world, "second@example.com")
    made = other.make()["scheduleID"]

    assert owner.ask("GET").json() == []
    for method, body in (("GET", None), ("PUT", BODY), ("DELETE", None)):
        assert problems(owner.ask(method, made, body)) == ["/schedule_id unknown_schedule"]
    assert [one["scheduleID"] for one in other.ask("GET").json()] == [made]


def test_another_teams_contract_is_refused_as_one_that_is_not_there(owner: Owner, world: World) -> None:
    """A foreign contract and one that does not exist look the same, whatever is asked (T2)."""
    made = owner.make()["scheduleID"]
    foreign = world.ent_contract.number
    for method, id, body in (  # noqa: A001
        ("GET", "", None),
        ("POST", "", BODY),
        ("GET", made, None),
        ("PUT", made, BODY),
        ("DELETE", made, None),
    ):
        answers = [owner.ask(method, id, body, number=number) for number in (foreign, "none")]
        assert [got.status_code for got in answers] == [403, 403]
        assert answers[0].content == answers[1].content


def test_who_lost_the_role_has_no_schedules_to_see(owner: Owner) -> None:
    """The role of this moment counts."""
    made = owner.make()["scheduleID"]
    Membership.objects.filter(user=owner.user).update(role=Role.USER)

    assert owner.ask("GET", made).status_code == 403


def test_a_schedule_of_one_team_is_not_found_under_another(owner: Owner, world: World) -> None:
    """Who administers two teams finds each schedule under the team in which it was made."""
    Membership.objects.create(team=world.ent, user=owner.user, role=Role.PRIMARY)
    made = owner.make()["scheduleID"]

    assert owner.ask("GET", number=world.ent_contract.number).json() == []
    assert problems(owner.ask("GET", made, number=world.ent_contract.number)) == ["/schedule_id unknown_schedule"]


def test_changing_needs_the_scope_for_writing(owner: Owner) -> None:
    """Reading needs `data:read`; making, replacing and deleting need `data:write` (usage-api 1.1)."""
    made = owner.make()["scheduleID"]
    _, reader = tokens.make(owner.user, name="reader", days=1, now=now())

    assert owner.ask("GET", made, token=reader).status_code == 200
    for method, id, body in (("POST", "", BODY), ("PUT", made, BODY), ("DELETE", made, None)):  # noqa: A001
        got = owner.ask(method, id, body, token=reader)
        assert (got.status_code, got.json()["errorCode"]) == (403, "AUTH-010")
    assert len(owner.ask("GET").json()) == 1


def test_every_change_is_audited(owner: Owner) -> None:
    """Each change has one row, without a name (quality T5)."""
    made = owner.make()["scheduleID"]
    owner.ask("PUT", made, BODY)
    owner.ask("DELETE", made)

    rows = Audit.objects.filter(object=f"schedule {made}").order_by("pk").values_list("verb", "actor", "facts")
    assert list(rows) == [
        (verb, f"account {owner.user.pk}", {"exports": 6})
        for verb in ("schedule_made", "schedule_replaced", "schedule_ended")
    ]


def test_the_document_says_what_can_be_asked(owner: Owner) -> None:
    """The example of the page makes a schedule, and every member of one is described there (docs/schedules.md)."""
    page = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    made = owner.make(**json.loads(example))

    assert made["scheduleObjects"] == json.loads(example)["scheduleObjects"]
    names = [*made, "usageCategory", "aggregationLevel", "lastError"]
    assert [name for name in names if f"| `{name}` |" not in page] == []
    assert [word for word in (*Kind, *Level) if f"`{word}`" not in page] == []
    assert f"One person may have {SCHEDULES_MAX} schedules" in page
    assert f"at most {RUNS_A_DAY_MAX} times on a day" in page
