"""The chain of the audit log finds every change of what was sealed, and covers each row once (quality T5, X8)."""

from __future__ import annotations

import threading

import pytest
from django.db import Error as RecordsError
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.filed import Filed
from tests.services.deliveries import PLAIN
from tests.services.tampering import forgotten, tampering
from tests.world import NOW, World

from farebox.domain.clock import HOUR, Instant
from farebox.records import audit, audit_chain, db
from farebox.records.models import Audit, AuditLink
from farebox.services import refusals
from farebox.services.seal_audit import heads, seal
from farebox.services.verify import KeptAudit, verify

ROWS = 9


def line(name: str, *kept: KeptAudit) -> tuple[str, tuple[str, ...]]:
    """Return what a line looked at, and what it names."""
    found = next(one for one in verify((), kept) if one.name == name)
    assert found.breaks == len(found.offences)
    return found.looked_at, found.offences


def write(team: int | None, *numbers: int) -> None:
    """Write rows into a log."""
    for number in numbers:
        change = audit.Change(team, "role.set", f"account {number}", {"before": "USER", "now": "SSO", "n": number})
        audit.note([change], "account 1", at=Instant(NOW + number))


@pytest.fixture
def sealed(world: World) -> World:
    """Return a world with nine sealed rows of one team, and two of the installation between them."""
    write(world.flex.pk, *range(1, 5))
    write(None, 100)
    seal(now=NOW)
    write(world.flex.pk, *range(5, ROWS + 1))
    write(None, 101)
    seal(now=NOW)
    return world


def number_of(world: World, nth: int) -> int:
    """Return the number of a row of the team, counted from 1."""
    return Audit.objects.filter(team=world.flex).order_by("pk")[nth - 1].pk


def test_each_log_has_its_own_chain(sealed: World) -> None:
    """Every row has one link; numbers have no gap; what is new waits, is told, and is no break."""
    write(sealed.flex.pk, 50)

    for chain, many in ((sealed.flex.pk, ROWS), (0, 2)):
        assert list(AuditLink.objects.filter(chain=chain).order_by("audit_id").values_list("number", flat=True)) == [
            *range(1, many + 1)
        ]
    assert line("audit chain") == (f"{ROWS + 2} rows of 2 logs sealed; not yet: 1", ())
    assert (seal(now=NOW), seal(now=NOW)) == (1, 0)


def test_a_long_log_is_sealed_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much waits, one transaction seals a page of it, and the hashes are as if it had been one."""
    write(world.flex.pk, *range(1, 8))
    with forgotten():
        seal(now=NOW)
        whole = heads()
    monkeypatch.setattr(audit_chain, "PAGE", 3)

    assert seal(now=NOW) == 7
    assert heads() == whole
    assert line("audit chain") == ("7 rows of 1 logs sealed", ())


COLUMNS = {
    "team_id": "NULL",
    "at_us": "at_us + 1",
    "actor": "'account 2'",
    "verb": "'role.remove'",
    "object": "'account 999'",
    "facts": "'{}'",
}


@pytest.mark.parametrize("column", COLUMNS)
@given(nth=st.integers(1, ROWS))
@settings(PLAIN, max_examples=few(12))
def test_any_change_is_named(sealed: World, column: str, nth: int) -> None:
    """Whichever column of whichever sealed row is changed, that row is named."""
    row = number_of(sealed, nth)
    with forgotten(), tampering():
        db.execute(f"UPDATE records_audit SET {column} = {COLUMNS[column]} WHERE id = %s", (row,))
        _, named = line("audit chain")

    assert [f"row {row} " in one for one in named] == [True]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records_audit WHERE id = {row}",
        "DELETE FROM records_auditlink WHERE audit_id = {row}",
        "UPDATE records_auditlink SET number = number + 1000 WHERE audit_id = {row}",
        "UPDATE records_auditlink SET hash = (SELECT hash FROM records_auditlink WHERE chain = 0 AND number = 1) "
        "WHERE audit_id = {row}",
    ],
)
def test_any_loss_is_named(sealed: World, statement: str) -> None:
    """A row or a link that is taken away, moved or written anew is a break, in the middle and at the end."""
    for nth in (1, 4, ROWS):
        with forgotten(), tampering():
            db.execute("PRAGMA defer_foreign_keys = ON" if connection.vendor == "sqlite" else "SELECT 1")
            db.execute(statement.format(row=number_of(sealed, nth)))
            assert line("audit chain")[1], nth


def test_two_rows_that_change_places_are_named(sealed: World) -> None:
    """Rows that were swapped under their links are named from the first of them."""
    one, two = number_of(sealed, 2), number_of(sealed, 6)
    with tampering():
        for was, becomes in ((one, -1), (two, -2), (-1, two), (-2, one)):
            db.execute("UPDATE records_auditlink SET audit_id = %s WHERE audit_id = %s", (becomes, was))
        db.execute("SELECT 1")

    assert line("audit chain")[1] == (f"team {sealed.flex.pk}: row {two} is not what was sealed as link 2",)


def test_rows_cannot_be_hidden_from_the_sealer(sealed: World) -> None:
    """A row that was put in without waiting, and one taken away before it was sealed, are named."""
    write(sealed.flex.pk, 60, 61)
    first, second = number_of(sealed, ROWS + 1), number_of(sealed, ROWS + 2)
    with tampering():
        db.execute("DELETE FROM records_auditwaiting WHERE audit_id = %s", (first,))
        db.execute("DELETE FROM records_audit WHERE id = %s", (second,))
    seal(now=NOW)

    assert line("audit chain")[1] == (
        f"row {first} has no link and waits for none",
        f"row {second} was taken away before it was sealed",
    )


def test_a_kept_head_finds_a_log_that_lost_its_end(sealed: World) -> None:
    """Logs set back as a whole, links and all, look sound; heads kept elsewhere say that they are not (L9)."""
    with forgotten():
        write(sealed.flex.pk, 70)
        seal(now=NOW)
        kept = [KeptAudit(one.team, one.number, one.hash) for one in heads()]
        assert line("kept audit heads", *kept) == ("2 heads", ())

    assert line("audit chain")[1] == ()
    assert line("kept audit heads", *kept)[1] == (f"log of flex: it ends or breaks at {ROWS}, before the kept 10",)
    write(sealed.flex.pk, 71)
    seal(now=NOW)
    assert line("kept audit heads", *kept, KeptAudit("gone", 1, "00"))[1] == (
        "log of flex: the hash of link 10 is not the one that was kept",
        "log of gone: it is gone; 1 rows were kept",
    )


@pytest.mark.parametrize("table", ["records_audit", "records_auditlink"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_log(sealed: World, table: str, statement: str) -> None:
    """Rows and links are appended to and never changed (L6)."""
    with pytest.raises(RecordsError, match="never changed"), transaction.atomic():
        db.execute(statement.format(table))


def test_rows_that_commit_late_are_sealed_too(filed: Filed) -> None:
    """A row with a smaller number that becomes visible after others were sealed gets its link (T5)."""
    begun, others_sealed = threading.Event(), threading.Event()

    def late() -> int:
        with db.atomic():
            if connection.vendor == "postgresql":
                write(None, 1)
            begun.set()
            others_sealed.wait(20)
            if connection.vendor != "postgresql":
                write(None, 1)
        return 0

    def others() -> int:
        begun.wait(20)
        if connection.vendor == "postgresql":
            write(None, 2, 3)
            done = seal(now=NOW)
        else:
            done = 0  # one writer follows another there
        others_sealed.set()
        return done

    early = filed.run_together([late, others])
    rest = filed.run(lambda: seal(now=NOW))

    assert sum(early) + rest == filed.run(Audit.objects.count)
    assert filed.run(lambda: [one.name for one in verify() if not one.is_sound]) == []


def test_sealers_and_writers_run_side_by_side(filed: Filed) -> None:
    """Several sealers beside several writers leave chains without a gap, over everything that was written."""
    world = filed.run(World)

    def writer(team: int | None) -> int:
        for number in range(12):
            db.insist(lambda number=number: write(team, number))  # type: ignore[misc]
        return 0

    def sealer() -> int:
        return sum(seal(now=NOW) for _ in range(15))

    done = filed.run_together([lambda: writer(world.flex.pk), lambda: writer(None), sealer, sealer])
    rest = filed.run(lambda: seal(now=NOW))

    assert sum(done) + rest == filed.run(Audit.objects.count) >= 24
    assert filed.run(lambda: [one.name for one in verify() if not one.is_sound]) == []


def test_refusals_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is refused without end leaves so many rows an hour and one that says so; another hour, more."""
    monkeypatch.setattr(audit, "OFTEN", 3)

    for nth in range(10):
        at = Instant(NOW + nth)
        refusals.refused(refusals.Asked(7), route="roles", method="GET", status=403, team=None, now=at)
        refusals.failed("nobody@example.com", now=at)
    refusals.refused(refusals.Asked(8), route="roles", method="GET", status=403, team=None, now=NOW)
    refusals.refused(refusals.Asked(7), route="roles", method="GET", status=403, team=None, now=Instant(NOW + 2 * HOUR))

    rows = list(Audit.objects.order_by("pk").values_list("actor", "verb", "object"))
    assert rows.count(("account 7", "refused", "roles")) == 4
    assert rows.count(("account 7", "refused.more", "roles")) == 1
    assert rows.count(("account 8", "refused", "roles")) == 1
    assert rows.count(("nobody", "sign_in.failed", "account unknown")) == 3
    assert rows.count(("nobody", "sign_in.failed.more", "account unknown")) == 1
