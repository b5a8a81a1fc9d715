"""Two teams in one database: what the server shows to whom, with the program's own filters and without them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests import engine
from tests.filed import OnServer
from tests.world import START, World, event

from farebox.domain.errors import FareboxError
from farebox.domain.ids import charged_item_id
from farebox.domain.rights import Role
from farebox.records import db, tenancy
from farebox.records.models import Charge
from farebox.records.postgres import grants
from farebox.records.postgres.base import DatabaseWrapper
from farebox.records.postgres.rights import TABLES, Belongs
from farebox.records.tenancy import acting_for, everyone
from farebox.services import catalogue, sources, tokens
from farebox.services.verify import verify
from farebox.wallclock import now

T = TypeVar("T")
OURS, THEIRS = 1, 2
TENANT = sorted(table for table, rights in TABLES.items() if rights.belongs is not Belongs.ALL)
DENIED = "42501"


def columns(table: str) -> list[tuple[str, str]]:
    """Return the columns of a table with their types."""
    return [
        (name, kind)
        for name, kind in db.rows(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
            "AND table_schema = 'public' ORDER BY ordinal_position",
            (table,),
        )
    ]


def row_of(team: int, table: str) -> str:
    """Write a statement that appends a row to a table in which every number is the team's."""
    values = {
        "boolean": "false",
        "bytea": f"'\\x0{team}'",
        "jsonb": "'{}'",
        "timestamp with time zone": "now()",
        "uuid": "gen_random_uuid()",
    }
    named = columns(table)
    shown = [values.get(kind, f"'{team}'") for _, kind in named]
    names = ", ".join(f'"{name}"' for name, _ in named)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(shown)})"


def fill() -> None:
    """Give each of two teams one row in every table that has rows of teams; only whose they are has a meaning."""
    with tenancy.as_login(), transaction.atomic():
        db.execute("SET LOCAL session_replication_role = replica")
        checks = db.rows("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'")
        for table, name in checks:
            if table in TABLES:
                db.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for table in TENANT:
            for team in (OURS, THEIRS):
                db.execute(row_of(team, table))


@pytest.fixture
def filled(served: OnServer) -> OnServer:
    """Return a database in which two teams have one row in each of their tables."""
    served.run(fill)
    return served


NAMED_BY = {
    "records_ledgerhead": "team_id",
    "records_auditwaiting": "chain",
    "records_intake": "team",
    "records_schedule": "team_id",
    "records_reportschedule": "team_id",
}
"""What tells whose row it is, where the row's own number does not."""


def seen() -> dict[str, list[int]]:
    """Read every table of teams whole, and return whose rows are there."""
    found = {}
    for table in TENANT:
        key = NAMED_BY.get(table, "id")
        found[table] = sorted(int(one) for (one,) in db.rows(f"SELECT {key} FROM {table}"))
    return found


def alike(rows: list[int]) -> dict[str, list[int]]:
    """Return the same rows for every table."""
    return dict.fromkeys(TENANT, rows)


def test_without_any_filter_no_row_of_another_team_is_there(filled: OnServer) -> None:
    """Whole tables are read while acting for a team, inside a transaction and outside: only its rows come (T2)."""

    def read() -> list[dict[str, list[int]]]:
        with acting_for(OURS):
            outside = seen()
            with db.atomic():
                return [outside, seen()]

    assert filled.run(read) == [alike([OURS])] * 2
    assert filled.run(seen) == alike([OURS, THEIRS])


def test_who_acts_for_no_team_sees_none(filled: OnServer) -> None:
    """The role of requests without a team has no row at all: what is forgotten hides, and never shows."""

    def read() -> dict[str, list[int]]:
        with transaction.atomic():
            db.execute("SET LOCAL ROLE farebox_app")
            return seen()

    assert filled.run(read) == alike([])


def refusal(sql: str) -> str:
    """Return why a statement was refused, or nothing."""
    try:
        with db.atomic():
            db.execute(sql)
    except DatabaseError as error:
        cause = error.__cause__
        assert isinstance(cause, psycopg.Error)
        assert cause.sqlstate == DENIED
        return "no such row may be made" if "row-level security" in str(error) else "not for this role"
    return ""


def test_no_row_can_be_made_for_another_team(filled: OnServer) -> None:
    """Rows of another team are refused by every table that this role may append to, and by every other at all."""

    def write() -> dict[str, str]:
        with acting_for(OURS):
            return {table: refusal(row_of(THEIRS, table)) for table in TENANT}

    assert filled.run(write) == {
        table: "no such row may be made" if "a" in TABLES[table].app else "not for this role" for table in TENANT
    }


def test_no_row_of_another_team_can_be_changed_or_deleted(filled: OnServer) -> None:
    """A change of all rows of a table touches the team's own."""

    def write() -> list[int]:
        with acting_for(OURS):
            return [
                db.execute(f"UPDATE {table} SET {column} = {column}")
                for table in TENANT
                for column in TABLES[table].changes
            ] + [db.execute("DELETE FROM records_window")]

    assert set(filled.run(write)) == {1}


def test_a_team_within_a_team_and_back(filled: OnServer) -> None:
    """Whoever acts for another inside a transaction is who he was afterwards, also when it failed half-way."""

    def read() -> list[list[int]]:
        found = []

        def look() -> None:
            found.append([one for (one,) in db.rows("SELECT id FROM records_team ORDER BY id")])

        with acting_for(OURS), db.atomic():
            with acting_for(THEIRS):
                look()
            look()
            with everyone():
                look()
            with suppress(DatabaseError), db.atomic(), acting_for(THEIRS):
                look()
                db.execute("SELECT 1 / 0")
            look()
        look()
        return found

    assert filled.run(read) == [[THEIRS], [OURS], [OURS, THEIRS], [THEIRS], [OURS], [OURS, THEIRS]]


def test_many_statements_outside_a_transaction_act_for_the_team(filled: OnServer) -> None:
    """What is run for many values at once sees what a single one does."""

    def write() -> list[tuple[Any, ...]]:
        with acting_for(OURS):
            db.many("UPDATE records_pack SET left_micro = %s WHERE id = %s", [(77, OURS), (77, THEIRS)])
        return db.rows("SELECT id FROM records_pack WHERE left_micro = 77")

    assert filled.run(write) == [(OURS,)]


def on_one_connection(name: str, job: Callable[[DatabaseWrapper], T]) -> T:
    """Run a job with a pool of one connection, so that whoever is next has the same."""
    settings = engine.settings_of(name, pooled=True)
    settings["OPTIONS"]["pool"] |= {"max_size": 1}
    wrapper = DatabaseWrapper(settings, "default")
    try:
        with engine.led_to(wrapper), everyone():
            return job(wrapper)
    finally:
        wrapper.close_pool()


def left_behind(wrapper: DatabaseWrapper) -> tuple[object, ...]:
    """Give the connection back, take it again, and return what it says of itself before anybody says anything."""
    wrapper.close()
    wrapper.ensure_connection()
    asked = "SELECT current_user::text, coalesce(current_setting('farebox.team', true), ''), pg_backend_pid()"
    found: tuple[object, ...] = wrapper.connection.execute(asked).fetchone()
    return found


def test_nothing_stays_on_a_pooled_connection(filled: OnServer) -> None:
    """After a read, a transaction and a failure for a team the next user of the connection finds it as new."""

    def use(wrapper: DatabaseWrapper) -> tuple[tuple[object, ...], tuple[object, ...]]:
        before = left_behind(wrapper)
        with acting_for(OURS):
            db.rows("SELECT 1")
            with db.atomic():
                db.execute("SELECT 1 FROM records_team")
            with suppress(DatabaseError):
                db.execute("SELECT 1 / 0")
            with suppress(DatabaseError), db.atomic():
                db.execute("SELECT 1 / 0")
        return before, left_behind(wrapper)

    before, after = on_one_connection(filled.name, use)
    assert before == after
    assert before[:2] == ("postgres", "")


def test_a_setting_that_does_stay_is_found_and_does_no_harm(filled: OnServer) -> None:
    """One made for the session outlives its user, which the check above would see; the next one's own goes first."""

    def use(wrapper: DatabaseWrapper) -> tuple[object, ...]:
        left_behind(wrapper)
        wrapper.connection.execute(f"SET ROLE farebox_app; SET farebox.team = '{THEIRS}'")
        leaked = left_behind(wrapper)[:2]
        with acting_for(OURS):
            mine = db.rows("SELECT id FROM records_team")
        return leaked, mine, db.rows("SELECT count(*) FROM records_team")

    assert on_one_connection(filled.name, use) == (("farebox_app", str(THEIRS)), [(OURS,)], [(2,)])


def test_a_connection_that_is_lost_before_a_transaction_begins_is_replaced(served: OnServer) -> None:
    """The transaction fails as it begins; the next try has another connection (X19)."""

    def lose_and_try() -> list[tuple[Any, ...]]:
        served.order("SELECT pg_terminate_backend(%s)", db.rows("SELECT pg_backend_pid()")[0][0])

        def count() -> list[tuple[Any, ...]]:
            with db.atomic():
                return db.rows("SELECT count(*) FROM records_team")

        return db.insist(count)

    assert served.run(lose_and_try) == [(0,)]


def two_teams() -> World:
    """Make two teams, each with a use that was charged."""
    world = World()
    world.give("100")
    world.give("100", ent=True)
    day = ("2026-03-02 08:00", "2026-03-02 17:00")
    world.send(event("e1", "ann@example.com", "A", *day))
    world.send(event("e1", "ann@example.com", "A", *day), ent=True)
    return world


def test_books_are_proven_of_every_team_whoever_asks(served: OnServer) -> None:
    """A fault in one team's books is found while somebody acts for the other, too (L9)."""

    def break_and_prove() -> list[list[str]]:
        world = two_teams()
        with tenancy.as_login(), db.atomic():
            db.execute("SET LOCAL session_replication_role = replica")
            db.execute("UPDATE records_entry SET tokens_micro = 1 WHERE team_id = %s", (world.ent.pk,))
        found = []
        for team in (None, world.flex.pk, world.ent.pk):
            with acting_for(team):
                found.append([f"{line.rule} {line.name}" for line in verify() if not line.is_sound])
        return found

    anybody, other, own = served.run(break_and_prove)
    assert anybody
    assert anybody == other == own


@pytest.mark.parametrize(
    "harm",
    [
        "DROP POLICY farebox_jobs ON records_entry",
        "ALTER POLICY farebox_jobs ON records_entry USING (team_id = 1)",
        "CREATE POLICY narrower ON records_entry AS RESTRICTIVE USING (team_id = 1)",
    ],
)
def test_rows_that_cannot_be_seen_are_not_called_sound(served: OnServer, harm: str) -> None:
    """Where somebody changed the policies so that rows may be hidden, nothing is proven and the table is named."""

    def hide_and_prove() -> None:
        with tenancy.as_owner():
            db.execute(harm)
        with pytest.raises(FareboxError, match="records_entry"):
            list(verify())

    served.run(hide_and_prove)
    served.run(lambda: [pytest.fail(name) for name in grants.unseen() if name != "records_entry"])


class Asker:
    """Somebody who may do everything for the Flex team, and knows the ids of the other team's things."""

    def __init__(self) -> None:
        self.world = two_teams()
        boss = catalogue.add_account(
            "boss@example.com", "correct horse battery", "Boss", roles={self.world.flex: Role.PRIMARY}, now=START
        )
        self.client = Client()
        self.client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.key = sources.add("ours", team="flex", now=START)
        self.their_key = sources.add("theirs", team="ent", now=START)
        self.token = tokens.make(boss, name="script", days=1, now=now())[1]
        self.charge = Charge.objects.get(contract=self.world.ent_contract).pk
        self.number = self.world.ent_contract.number
        catalogue.add_person(self.world.ent, "eve@example.com", "Eve", now=START)

    def post(self, path: str, body: object, key: str) -> tuple[int, Any]:
        """Send something, and return the status and what came back."""
        headers = {"Authorization": f"Bearer {key}"}
        got = Client().generic("POST", path, json.dumps(body), content_type="application/json", headers=headers)
        return got.status_code, got.json()

    def session_of_theirs(self) -> str:
        """Start a session of the other team and return its code."""
        with tenancy.as_login():
            db.execute(
                "INSERT INTO records_livesession (id, team_id, contract_id, person_id, product_id, code, version, "
                "machine, since_us, seen_us, check_us) SELECT 1, %s, %s, id, %s, 'ses_theirs', '', '', 1, 1, 1 "
                "FROM records_person WHERE key = 'eve@example.com'",
                (self.world.ent.pk, self.world.ent_contract.pk, self.world.products["A"].pk),
            )
        return "ses_theirs"

    def answers(self) -> dict[str, int]:
        """Ask for the other team's things in each way that there is, and return the statuses."""
        session = self.session_of_theirs()
        sent = json.loads(event("e2", "eve@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
        who = {"person": "eve@example.com", "product": "A", "team": "ent"}
        many = {"pairs": [["eve@example.com", "A"]], "team": "ent"}
        bearer = {"Authorization": f"Bearer {self.token}"}
        explained = f"/v1/charges/{charged_item_id(self.charge)}/explanation"
        asked = {"metrics": ["tokensConsumed"]}
        return {
            "event": self.post("/v1/events", {**sent, "team": "ent"}, self.key)[0],
            "launch": self.post("/v1/authorizations", who, self.key)[0],
            "quote": self.post("/v1/authorizations", {**who, "mode": "quote"}, self.key)[0],
            "many": self.post("/v1/authorizations/batch", many, self.key)[0],
            "heartbeat": self.post(f"/v1/authorizations/{session}/heartbeat", {"active": True}, self.key)[0],
            "close": self.post(f"/v1/authorizations/{session}/close", {}, self.key)[0],
            "explanation": Client().get(explained, headers=bearer).status_code,
            "explanation by session": self.client.get(explained).status_code,
            "usage": self.post(f"/tokenflex/v1/usage/{self.number}/query", asked, self.token)[0],
            "page": self.client.get("/reporting/token-usage", {"contract": self.number}).status_code,
        }


def kept() -> list[int]:
    """Count what the other team's things are made of."""
    tables = ("records_event", "records_use", "records_charge", "records_entry", "records_hold", "records_denial")
    return [int(db.rows(f"SELECT count(*) FROM {table}")[0][0]) for table in tables]


@pytest.mark.parametrize("is_on", [True, False], ids=["with policies", "without policies"])
def test_no_request_reaches_another_team(served: OnServer, is_on: bool) -> None:
    """One request of each kind asks for the other team's things; it is refused, policies or not (T2)."""

    def ask() -> tuple[dict[str, int], bool]:
        asker = Asker()
        if not is_on:
            with tenancy.as_owner():
                for table in TENANT:
                    db.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        before = kept()
        return asker.answers(), kept() == before

    answers, is_as_before = served.run(ask)
    assert answers == {
        "event": 422,
        "launch": 400,
        "quote": 400,
        "many": 400,
        "heartbeat": 404,
        "close": 404,
        "explanation": 404,
        "explanation by session": 404,
        "usage": 403,
        "page": 404,
    }
    assert is_as_before


def test_a_key_of_a_team_works_with_that_teams_rows_alone(served: OnServer) -> None:
    """What a request of a team's key writes is written as the role that sees one team."""

    def send() -> set[tuple[str, str]]:
        world = World()
        roles: set[tuple[str, str]] = set()

        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            done = execute(sql, *rest)
            if "INSERT INTO records_event" in sql:
                cursor = connection.connection.execute(
                    "SELECT current_user::text, current_setting('farebox.team', true)"
                )
                roles.add(cursor.fetchone())
            return done

        with connection.execute_wrapper(note):
            world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 17:00"))
        assert roles == {("farebox_app", str(world.flex.pk))}
        return roles

    assert len(served.run(send)) == 1
