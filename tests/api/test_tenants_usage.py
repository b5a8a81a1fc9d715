"""Teams cannot notice each other: answers are the same with and without another team's data (quality T1, T2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.api.askers import GONE, Askers, Who, account, undone
from tests.api.sending import Sender, an_event
from tests.api.usage_matrix import operations
from tests.world import World

from farebox.query.plan import Question
from farebox.records.models import ContractField
from farebox.services import report, sources
from farebox.services.project import project
from farebox.wallclock import now
from farebox.warehouse import current

QUESTIONS = (
    Question(fields=("productName", "userName", "usageMonth", "Site"), metrics=("tokensConsumed", "useCount")),
    Question(metrics=("uniqueUsers", "uniqueProducts", "usageMinutes"), where="userName LIKE 'ann%' OR contractYear=1"),
    Question(fields=("userName",), where="userName = 'zoe@example.com'"),
)
MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{56}\b"), "QUERY"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"/downloads/[^\"]+"), "LINK"),
    (re.compile(r"\b\d{12}\b"), "CONTRACT"),
)
"""Moments and ids, which two worlds cannot share."""


def busy_team(client: Client, world: World) -> None:
    """Let the other team use the same products, and people of the same names, fields, queries, exports, schedules."""
    used = [("ann@example.com", "A"), ("zoe@example.com", "B"), ("ben@example.com", "B")]
    events = [
        an_event(f"use-{nth}", subject=who, data={"product": what, "attributes": {"Site": "Oslo"}})
        for nth, (who, what) in enumerate(used)
    ]
    other = Sender(client, world, key=sources.add("licence server of the other team", team="ent", now=now()))
    assert other.post(events).counts == (3, 3, 0, 0, 0)
    ContractField.objects.create(contract=world.ent_contract, position=1, name="Site")
    ContractField.objects.create(contract=world.ent_contract, position=2, name="Zone")
    project()


def told(client: Client, folder: Path, *, busy: bool) -> dict[str, str]:
    """Return every answer to the primary administrator of the one team, in a world with or without the other's data."""
    current.place(folder / "warehouse.duckdb", memory_mb=256)
    with undone():
        world = World()
        if busy:
            busy_team(client, world)
        askers = Askers(Sender(client, world))
        if busy:
            askers.things(Who.STRANGER)
        answers = dict(_answers(client, askers))
    current.close()
    return answers


def _answers(client: Client, askers: Askers) -> Iterator[tuple[str, str]]:
    things = askers.things(Who.PRIMARY)
    headers = askers.headers(Who.PRIMARY)
    for one in operations():
        for number in (askers.own, askers.foreign, askers.unknown) if one.is_about_a_contract else (askers.own,):
            with undone():
                got = one.send(client, headers, number, things)
            yield f"{one.name} {askers.own == number}", f"{got.status_code} {masked(got.content.decode())}"
    for nth, question in enumerate(QUESTIONS):
        yield (
            f"question {nth}",
            repr(report.answer(question, report.contract_of(account(Who.PRIMARY), askers.own)).rows),
        )


def masked(text: str) -> str:
    """Return a text without the ids and moments in it."""
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def test_another_teams_data_changes_no_byte(client: Client, db: None, tmp_path: Path) -> None:
    """Each endpoint answers alike in both worlds, refusals and counts too, for own, foreign and unknown numbers."""
    (tmp_path / "alone").mkdir()
    (tmp_path / "busy").mkdir()

    alone = told(client, tmp_path / "alone", busy=False)
    beside = told(client, tmp_path / "busy", busy=True)

    assert sorted(alone) == sorted(beside)
    assert [name for name in alone if alone[name] != beside[name]] == []
    assert sum(answer.startswith("20") for answer in alone.values()) >= 20


def test_what_is_masked_is_nothing_else() -> None:
    """A difference beside ids and moments is seen."""
    key = "2026-03-04T09:12:00#00000000-0000-4000-8000-000000000000"

    assert masked(f'"{key}" 7 ann@example.com') == '"TIME#UUID" 7 ann@example.com'
    assert masked("900000000101 and 90000000010") == "CONTRACT and 90000000010"


def statements(client: Client, askers: Askers, number: str) -> list[list[str]]:
    """Return the statements that each operation about a contract runs, without their values."""
    found = []
    for one in (one for one in operations() if one.is_about_a_contract):
        with CaptureQueriesContext(connection) as ran, undone():
            one.send(client, askers.headers(Who.PRIMARY), number, GONE)
        found.append([re.sub(r"'[^']*'|\d+", "?", str(query["sql"])) for query in ran.captured_queries])
    return found


def test_a_foreign_contract_takes_the_way_of_an_unknown_one(sender: Sender, house: None, client: Client) -> None:
    """The same statements run for another team's contract as for one that is not there or is gone (T2)."""
    askers = Askers(sender)

    foreign, unknown, deleted = (
        statements(client, askers, number) for number in (askers.foreign, askers.unknown, askers.deleted)
    )

    assert any(foreign)
    assert foreign == unknown == deleted
