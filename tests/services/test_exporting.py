"""The writing of export files: claimed once, given up cleanly, and never half (usage-api 6; quality X18, P1)."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from tests.filed import Filed
from tests.services.asking import readable
from tests.world import NOW, World, event

from farebox.domain.clock import DAY, MINUTE, Instant
from farebox.domain.errors import QuotaExceeded
from farebox.domain.rights import Role
from farebox.query.plan import Question
from farebox.records import db, exports
from farebox.records.exports import Written
from farebox.records.models import ContractField, ExportRequest, User
from farebox.records.models.exports import ExportState
from farebox.services import catalogue, export
from farebox.services.export import OUTSTANDING_MAX, Runner, Whose, files, sweep
from farebox.services.export.ahead import Ahead
from farebox.services.export.files import Part
from farebox.services.project import project
from farebox.warehouse.duck import Warehouse

QUESTION = Question(fields=("productName", "userName"), metrics=("tokensConsumed",))
LATER = Instant(NOW + 10 * MINUTE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


def boss_of(world: World) -> User:
    """Return the primary administrator of the Flex team."""
    return catalogue.add_account(
        "boss@example.com", "correct horse battery", "Boss", roles={world.flex: Role.PRIMARY}, now=NOW
    )


def asked(world: World, boss: User, question: Question = QUESTION) -> ExportRequest:
    """Ask for a file about the Flex team."""
    return export.request(boss, readable(world.flex_contract), question, now=NOW)


@pytest.fixture
def boss(world: World, house: Warehouse) -> User:
    """Return an administrator whose team used a product."""
    world.give("100")
    world.send(event("a", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    project()
    return boss_of(world)


def now() -> Instant:
    """Tell the time of the tests."""
    return NOW


def fresh(row: ExportRequest) -> ExportRequest:
    """Read a request again."""
    return ExportRequest.objects.get(pk=row.pk)


def names(folder: Path) -> list[str]:
    """Return what lies in the folder."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_finished_file_is_as_its_row_says(world: World, boss: User, folder: Path) -> None:
    """Rows, size, hash, position and the days for which it is kept; only the owner of the process may read it."""
    row = asked(world, boss)

    assert Runner(now).run() == 1

    row, path = fresh(row), folder / f"{row.pk}.1.csv"
    content = path.read_bytes()
    assert content == b"productName,userName,tokensConsumed\r\nProduct A,ann@example.com,7\r\n"
    assert (row.state, row.rows_written, row.rows_expected) == (ExportState.READY, 1, 1)
    assert (row.size_bytes, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert row.position > 0
    assert row.expires_us == NOW + 14 * DAY
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert names(folder) == [f"{row.pk}.1.csv"]


def test_a_claim_is_had_by_one(world: World, boss: User) -> None:
    """Who comes second finds nothing, until the first was not heard of for a while (X18)."""
    row = asked(world, boss)

    first = exports.claim(now=NOW, until=Instant(NOW + MINUTE))
    second = exports.claim(now=NOW, until=Instant(NOW + MINUTE))
    third = exports.claim(now=LATER, until=Instant(LATER + MINUTE))

    assert first is not None
    assert second is None
    assert third is not None
    assert (first.pk, first.attempt, third.pk, third.attempt) == (row.pk, 1, row.pk, 2)
    assert not exports.heard(first, rows=1, expected=1, until=LATER)
    assert not exports.finish(first, Written(1, 1, "x", 1, NOW), names_hidden=False, now=NOW, expires=LATER)
    assert not exports.fail(first, "late", now=NOW)
    assert exports.heard(third, rows=1, expected=1, until=LATER)


def test_who_was_overtaken_leaves_nothing(
    world: World, boss: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that slept while another took over ends without an effect, and its file is removed (X18)."""
    row = asked(world, boss)
    keep = Part.keep

    def slow(part: Part) -> str:
        monkeypatch.setattr(Part, "keep", keep)
        Runner(lambda: LATER).run()
        return keep(part)

    monkeypatch.setattr(Part, "keep", slow)
    Runner(now).run()

    assert fresh(row).attempt == 2
    assert fresh(row).state == ExportState.READY
    assert names(folder) == [f"{row.pk}.2.csv"]


def test_a_writer_that_dies_is_followed_by_another(world: World, boss: User, folder: Path) -> None:
    """What it left is never served; the next writer begins anew, and the sweep removes the rest."""
    row = asked(world, boss)
    dead = exports.claim(now=NOW, until=Instant(NOW + MINUTE))
    assert dead is not None
    part = files.folder() / f"{row.pk}.1.part"
    part.write_bytes(b"productName,user")
    assert sweep(now=NOW) == 0

    Runner(lambda: LATER).run()
    removed = sweep(now=LATER)

    assert removed == 1
    assert names(folder) == [f"{row.pk}.2.csv"]


def test_what_kills_its_writers_fails_in_the_end(world: World, boss: User) -> None:
    """After three writers that were never heard of again it is an error, and a retry starts counting anew."""
    row = asked(world, boss)
    for nth in range(3):
        assert exports.claim(now=Instant(NOW + nth * 10 * MINUTE), until=Instant(NOW + nth * 10 * MINUTE + 1))
    Runner(lambda: Instant(NOW + 60 * MINUTE)).run()

    assert fresh(row).state == ExportState.FAILED
    assert "stopped 3 times" in fresh(row).reason
    whose = Whose(boss, [readable(world.flex_contract)], named=True)
    assert export.retry(whose, row.key).state == ExportState.REQUESTED
    Runner(now).run()
    assert fresh(row).state == ExportState.READY


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "there was no room for the file"), (errno.EIO, "the file could not be written")],
)
def test_a_disk_that_is_full_or_fails_is_told(
    world: World, boss: User, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    """The request ends in an error with its reason, nothing is left of the file, and a retry can succeed."""
    row = asked(world, boss)
    honest = Part.write

    def full(part: Part, lines: bytes) -> None:
        honest(part, lines[:5])
        raise OSError(number, "no")

    monkeypatch.setattr(Part, "write", full)
    Runner(now).run()
    failed, left = fresh(row), names(folder)
    monkeypatch.setattr(Part, "write", honest)
    export.retry(Whose(boss, [readable(world.flex_contract)], named=True), row.key)
    Runner(now).run()

    assert (failed.state, failed.reason, left) == (ExportState.FAILED, reason, [])
    assert fresh(row).state == ExportState.READY


def stopped_by(act: Callable[[Runner], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a runner write, and do something when it has written the first lines."""
    runner, honest = Runner(now), Part.write

    def then(part: Part, lines: bytes) -> None:
        honest(part, lines)
        act(runner)

    monkeypatch.setattr(Part, "write", then)
    runner.run()
    monkeypatch.setattr(Part, "write", honest)


def test_deleting_stops_the_writer(world: World, boss: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is deleted while its file is written leaves neither (usage-api 6.5)."""
    row = asked(world, boss)
    whose = Whose(boss, [readable(world.flex_contract)], named=True)
    stopped_by(lambda _: ExportRequest.objects.filter(pk=row.pk).exists() and export.delete(whose, row.key, now=NOW),
               monkeypatch)  # fmt: skip

    assert not ExportRequest.objects.exists()
    assert names(folder) == []


def test_a_process_that_ends_gives_its_work_back(
    world: World, boss: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halted in the middle, the request waits for the next runner, and it does not count as a try."""
    row = asked(world, boss)
    stopped_by(Runner.halt, monkeypatch)
    between, left = fresh(row), names(folder)
    Runner(now).run()

    assert (between.state, between.tries, left) == (ExportState.REQUESTED, 0, [])
    assert fresh(row).state == ExportState.READY


def test_a_question_that_means_nothing_any_more_fails(world: World, boss: User) -> None:
    """A field that the contract has renamed since is an error with its reason."""
    named = ContractField.objects.create(contract=world.flex_contract, position=1, name="Site")
    contract = readable(world.flex_contract)
    row = exports.add(
        contract_id=contract.id,
        owner_id=boss.pk,
        question=Question(fields=("Site",)),
        file_name="x.csv",
        now=NOW,
    )
    named.delete()
    Runner(now).run()

    assert fresh(row).state == ExportState.FAILED
    assert "there is no field 'Site'" in fresh(row).reason


def test_the_sweep_removes_what_nobody_counts(world: World, boss: User, folder: Path) -> None:
    """Files of no request, of earlier attempts and half ones go; what is counted, and what is not ours, stays."""
    row = asked(world, boss)
    Runner(now).run()
    for name in (f"{row.pk}.0.csv", f"{row.pk}.7.part", "999.1.csv", "notes.txt", "1.x.csv"):
        (folder / name).write_bytes(b"x")

    assert sweep(now=NOW) == 3
    assert sweep(now=NOW) == 0
    assert names(folder) == sorted([f"{row.pk}.1.csv", "1.x.csv", "notes.txt"])


def test_an_expired_file_goes_and_its_request_stays(world: World, boss: User, folder: Path) -> None:
    """After its days the file is removed once, by however many sweeps."""
    row = asked(world, boss)
    Runner(now).run()

    assert [sweep(now=Instant(NOW + 14 * DAY)) for _ in range(2)] == [1, 0]
    assert (fresh(row).state, names(folder)) == (ExportState.EXPIRED, [])


def test_one_of_many_at_once_is_the_fiftieth(filed: Filed, tmp_path: Path) -> None:
    """Requests that meet at the limit do not pass it together (usage-api 1.3)."""

    def prepare() -> tuple[World, User]:
        world = World()
        boss = boss_of(world)
        with db.atomic():
            for _ in range(OUTSTANDING_MAX - 2):
                asked(world, boss)
        return world, boss

    world, boss = filed.run(prepare)

    def one() -> bool:
        try:
            db.insist(partial(asked, world, boss))
        except QuotaExceeded:
            return False
        return True

    taken = filed.run_together([one] * 6)

    assert sum(taken) == 2
    assert filed.run(ExportRequest.objects.count) == OUTSTANDING_MAX


def test_runners_at_once_write_each_file_once(filed: Filed, house: Warehouse) -> None:
    """Several runners share the requests: each file is written by one of them (X18)."""

    def prepare() -> None:
        world = World()
        boss = boss_of(world)
        for _ in range(6):
            asked(world, boss)

    filed.run(prepare)
    taken = filed.run_together([Runner(now).run for _ in range(4)])

    def found() -> list[tuple[str, int]]:
        return list(ExportRequest.objects.values_list("state", "attempt"))

    assert sum(taken) == 6
    assert filed.run(found) == [(ExportState.READY, 1)] * 6


def test_progress_is_told_while_it_is_written(world: World, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many lines there are and will be can be seen before the file is done."""
    row = asked(world, boss)
    told: list[tuple[int, int]] = []
    honest = exports.heard

    def hear(of: ExportRequest, *, rows: int, expected: int, until: Instant) -> bool:
        told.append((rows, expected))
        return honest(of, rows=rows, expected=expected, until=until)

    monkeypatch.setattr(exports, "heard", hear)
    ticking = iter(range(NOW, NOW + 10**9, 2_000_000))
    Runner(lambda: Instant(next(ticking))).run()

    assert told == [(0, 1), (1, 1)]
    assert fresh(row).state == ExportState.READY


def parts(fault: BaseException) -> Iterator[int]:
    """Yield a number, then fail."""
    yield 1
    raise fault


def test_what_fails_ahead_fails_where_it_is_read() -> None:
    """An error of the engine is raised in whoever writes the file, after what came before it."""
    with Ahead(parts(ValueError("no")), lambda: None) as ahead:
        items = ahead.items(pause_seconds=5)
        assert next(items) == 1
        with pytest.raises(ValueError, match="no"):
            next(items)
