"""The authorization matrix, walked: every declared operation × everybody × contracts and things of all kinds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.apps import apps
from django.test import Client
from tests.api.askers import GONE, Askers, Who, undone
from tests.api.sending import Sender
from tests.api.usage_matrix import MATRIX, Operation, operations

from farebox.records import db

OPERATIONS = tuple(operations())
TABLES = [model._meta.db_table for model in apps.get_app_config("records").get_models()]
COUNTS = " UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM {table}" for table in TABLES)


@pytest.fixture
def askers(sender: Sender, house: None, client: Client) -> Askers:
    """Return everybody who may ask; what goes wrong is answered, not raised."""
    client.raise_request_exception = False
    return Askers(sender)


def state() -> dict[str, int]:
    """Count the rows of every table, in one statement: it is asked thousands of times."""
    return dict(db.rows(COUNTS))


def test_every_operation_is_in_the_matrix() -> None:
    """An endpoint without a row fails, and so does a row without an endpoint; each row has a cell for everybody."""
    assert sorted(one.name for one in OPERATIONS) == sorted(MATRIX["operations"])
    assert MATRIX["askers"] == list(Who)
    rows = [row[name] for row in MATRIX["operations"].values() for name in ("cells", "others") if name in row]
    assert [row for row in rows if len(row) != len(Who)] == []


LOG = ("records_audit", "records_auditwaiting")
WRITTEN = (403, 404)
"""Refusals to somebody who is known: each is written into the audit log, and nothing else is (T5)."""


def refused(client: Client, one: Operation, askers: Askers, who: Who, number: str, things: Mapping[str, str]) -> str:
    """Send an operation, hold that a refusal changed nothing but the audit log, and return its status and its body."""
    before = state()
    got = one.send(client, askers.headers(who), number, things)
    if got.status_code >= 400:
        rows = 1 if got.status_code in WRITTEN and who is not Who.ANONYMOUS else 0
        after = {table: count + (rows if table in LOG else 0) for table, count in before.items()}
        assert state() == after, f"{one.name} by {who} was refused, and changed something"
    return f"{got.status_code} {got.content.decode() if got.status_code >= 400 else ''}"


@pytest.mark.parametrize("who", list(Who))
def test_everybody_gets_what_the_matrix_says(client: Client, askers: Askers, who: Who) -> None:
    """Of the own team: own things, those of another administrator, and things that are not there."""
    wrong = []
    for one in OPERATIONS:
        for column, owner in (("cells", who), ("others", Who.SECONDARY if who != Who.SECONDARY else Who.SSO)):
            if column in one.told:
                with undone():
                    got = refused(client, one, askers, who, askers.own, askers.things(owner))
                if not got.startswith(f"{one.cell(who, column)} "):
                    wrong.append(f"{one.name} {column}: {one.cell(who, column)} wanted, got {got}")
        if "things" in one.told and one.cell(who) < 400:
            with undone():
                got = refused(client, one, askers, who, askers.own, GONE)
            if not got.startswith(f"{one.told['things']} "):
                wrong.append(f"{one.name} gone: {one.told['things']} wanted, got {got}")

    assert wrong == []


@pytest.mark.parametrize("who", [who for who in Who if who is not Who.ANONYMOUS])
def test_a_contract_that_is_not_ones_own_is_not_there(client: Client, askers: Askers, who: Who) -> None:
    """Another team's, an unknown and a deleted contract are answered byte for byte alike, and change nothing (T2)."""
    foreign = askers.own if who is Who.STRANGER else askers.foreign
    wrong = []
    for one in (one for one in OPERATIONS if one.is_about_a_contract):
        with undone():
            things = askers.things(who)
            numbers = (foreign, askers.unknown, askers.deleted, "null" if "schedules" in one.path else "")
            told = {refused(client, one, askers, who, number, things) for number in numbers if number}
        if len(told) != 1 or not next(iter(told)).startswith(("403 ", f"{one.missing} ")):
            wrong.append(f"{one.name}: {sorted(told)}")

    assert wrong == []


def test_somebody_elses_thing_is_as_one_that_is_not_there(client: Client, askers: Askers) -> None:
    """An export or a schedule of another administrator is refused in the same bytes as one that never was (T2)."""
    theirs = askers.things(Who.SECONDARY)
    for one in (one for one in OPERATIONS if "things" in one.told and one.cell(Who.SSO, "others") == 400):
        with undone():
            there = refused(client, one, askers, Who.SSO, askers.own, theirs)
            gone = refused(client, one, askers, Who.SSO, askers.own, GONE)
        assert there == gone, one.name
