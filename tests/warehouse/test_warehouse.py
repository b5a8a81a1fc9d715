"""The warehouse: batches count once, a rebuild is equal, one answer is one position (quality L8, X26; domain R4)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.query.codes import FUNDINGS
from farebox.query.plan import Asker, Plan, Question, make_plan
from farebox.query.present import json_rows
from farebox.warehouse import Batch, Fact, LabelRow, PersonRow, ProductRow, Warehouse, engine
from farebox.warehouse.engine import limited
from farebox.warehouse.schema import FACT_COLUMNS

ANN, BOB = PersonRow(1, "ann", "p-93f1"), PersonRow(2, "bob", "p-11aa")
DRAWING = ProductRow(1, "DRW", "Drawing")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse."""
    opened = Warehouse.open(tmp_path / "warehouse.duckdb", memory="500MB")
    yield opened
    opened.close()


def fact(charge_id: int, tokens: int = 7, person_id: int = 1, day: int = 20_100) -> Fact:
    """Make a fact of contract 1."""
    return Fact(
        charge_id=charge_id,
        contract_id=1,
        usage_date=Day(day),
        contract_year=1,
        usage_category=1,
        funding=FUNDINGS.code("TOKENS"),
        charged=1,
        tokens_micro=Tokens(tokens * 1_000_000),
        person_id=person_id,
        product_id=1,
    )


def batch(position: int, *facts: Fact, removed: Sequence[int] = ()) -> Batch:
    """Make a batch with its people and product."""
    return Batch(position, Instant(position * 1000), facts, removed, (ANN, BOB), (DRAWING,))


def plan(fields: str = "userName", metrics: str = "tokensConsumed", where: str = "") -> Plan:
    """Plan a question of contract 1."""
    question = Question(fields=tuple(fields.split()), metrics=tuple(metrics.split()), where=where)
    return make_plan(question, Asker(contract_id=1, names_hidden=False))


def answered(warehouse: Warehouse, asked: Plan | None = None) -> list[tuple[object, ...]]:
    """Return the rows of tokens by person, or of another plan."""
    asked = asked or plan()
    return list(json_rows(asked, warehouse.ask(asked).rows))


def test_a_new_warehouse_is_empty(warehouse: Warehouse) -> None:
    """It is at position 0 and answers with nothing, or with zeros."""
    assert warehouse.position() == 0
    assert answered(warehouse) == []
    metrics = "tokensConsumed uniqueUsers uniqueProducts usageMinutes usageHours useCount"
    assert answered(warehouse, plan("", metrics)) == [(0, 0, 0, 0, 0, 0)]


def test_an_answer_carries_its_position(warehouse: Warehouse) -> None:
    """Columns, rows, total, position and the moment it shows."""
    warehouse.apply(batch(5, fact(1), fact(2, person_id=2)))

    assert warehouse.ask(plan()) == (
        ("userName", "tokensConsumed"), [("ann", 7_000_000), ("bob", 7_000_000)], 2, 5, 5000,
    )  # fmt: skip


def test_a_batch_counts_once(warehouse: Warehouse) -> None:
    """The same batch again, or an older one, changes nothing."""
    assert warehouse.apply(batch(1, fact(1)))
    assert warehouse.apply(batch(2, fact(1, tokens=9)))
    before = warehouse.fingerprint()

    assert not warehouse.apply(batch(2, fact(1, tokens=9)))
    assert not warehouse.apply(batch(1, fact(1)))
    assert warehouse.fingerprint() == before
    assert answered(warehouse) == [("ann", 9)]


def test_a_later_fact_replaces_and_a_removed_one_goes(warehouse: Warehouse) -> None:
    """Corrections arrive by charge id; the last of several in a batch counts; a fact beats its own removal."""
    warehouse.apply(batch(1, fact(1), fact(2), fact(3)))
    warehouse.apply(batch(2, fact(2, tokens=1), fact(2, tokens=2), removed=[3, 99]))
    assert answered(warehouse) == [("ann", 9)]

    warehouse.apply(batch(3, fact(1), removed=[1, 2]))
    assert answered(warehouse) == [("ann", 7)]


def test_a_dimension_row_replaces_the_earlier_one(warehouse: Warehouse) -> None:
    """A person who is renamed, or erased, is shown so everywhere, and no total changes."""
    warehouse.apply(batch(1, fact(1), fact(2, person_id=2)))
    warehouse.apply(Batch(2, Instant(0), people=[ANN._replace(name="p-93f1")]))

    assert answered(warehouse) == [("bob", 7), ("p-93f1", 7)]


def test_texts_of_every_kind_come_back(warehouse: Warehouse) -> None:
    """Quotes, backslashes, line breaks and signs beyond the first plane survive the load."""
    texts = ['"', "\\", "a\r\nb", "O'Brien", "[1,2]", "null", "日本語", "😀", "\t", "{}"]
    people = [PersonRow(place, text, f"p-{place}") for place, text in enumerate(texts, 1)]
    facts = [fact(place, person_id=place) for place in range(1, len(texts) + 1)]
    warehouse.apply(Batch(1, Instant(0), facts, people=people, labels=[LabelRow(1, "x")]))

    assert [row[0] for row in answered(warehouse)] == sorted(texts)


def test_a_fact_whose_text_is_not_there_keeps_its_tokens(warehouse: Warehouse) -> None:
    """A missing dimension row is shown as an empty text; the numbers stay right."""
    warehouse.apply(batch(1, fact(1, person_id=77)))

    assert answered(warehouse) == [("", 7)]


def test_only_rows_funded_by_tokens_count(warehouse: Warehouse) -> None:
    """Seats and trials are kept for seat reports and are in no answer of the usage API (domain R9)."""
    seats = [fact(2)._replace(funding=FUNDINGS.code("SEAT")), fact(3)._replace(funding=FUNDINGS.code("TRIAL"))]
    warehouse.apply(batch(1, fact(1), *seats))

    assert answered(warehouse, plan("", "tokensConsumed useCount")) == [(7, 1)]


def test_a_batch_that_fails_leaves_nothing(warehouse: Warehouse) -> None:
    """A batch is written whole or not at all, with its position."""
    warehouse.apply(batch(1, fact(1)))
    before = warehouse.fingerprint()

    with pytest.raises(duckdb.Error):
        warehouse.apply(batch(2, fact(2), fact(3)._replace(contract_id=2**40)))

    assert warehouse.fingerprint() == before
    assert warehouse.apply(batch(2, fact(2)))


def test_pages_add_up(warehouse: Warehouse) -> None:
    """Pages are cut from one order, and each tells the whole total, also past the end."""
    warehouse.apply(batch(1, *(fact(n, day=20_000 + n) for n in range(1, 8))))
    by_day = plan("usageDate")

    pages = [warehouse.ask(by_day, offset=start, limit=3) for start in (0, 3, 6, 9)]

    assert [len(page.rows) for page in pages] == [3, 3, 1, 0]
    assert [page.total for page in pages] == [7, 7, 7, 7]
    assert [row for page in pages for row in page.rows] == warehouse.ask(by_day).rows
    assert warehouse.ask(by_day, limit=0)[1:3] == ([], 7)


def test_a_snapshot_stays_where_it_is(warehouse: Warehouse) -> None:
    """Questions of one page, and a stream, see one position while batches arrive (domain R4)."""
    warehouse.apply(batch(1, fact(1)))

    with warehouse.snapshot() as snapshot, warehouse.stream(plan()) as stream:
        applied = threading.Thread(target=warehouse.apply, args=(batch(2, fact(2)),))
        applied.start()
        applied.join()
        assert (snapshot.position, snapshot.ask(plan()).rows) == (1, [("ann", 7_000_000)])
        assert (stream.position, list(stream.rows)) == (1, [("ann", 7_000_000)])

    assert warehouse.position() == 2
    assert answered(warehouse) == [("ann", 14)]


def test_answers_are_of_one_position_under_load(warehouse: Warehouse) -> None:
    """While batches of two facts arrive, no answer ever shows half of one, and the position tells how many."""
    warehouse.apply(batch(1, fact(2, 1), fact(3, 1)))
    broken: list[object] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            answer = warehouse.ask(plan("", "tokensConsumed useCount"))
            if answer.rows != [(answer.position * 2_000_000, answer.position * 2)]:
                broken.append(answer)

    watchers = [threading.Thread(target=watch) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for position in range(2, 40):
        warehouse.apply(batch(position, fact(position * 2, 1), fact(position * 2 + 1, 1)))
    done.set()
    for watcher in watchers:
        watcher.join()

    assert broken == []
    assert warehouse.position() == 39


def test_a_file_is_found_again(tmp_path: Path) -> None:
    """What was applied is there after the file was closed and opened."""
    path = tmp_path / "warehouse.duckdb"
    first = Warehouse.open(path)
    first.apply(batch(3, fact(1)))
    before = first.fingerprint()
    first.close()

    again = Warehouse.open(path)

    assert again.fingerprint() == before
    again.close()


def test_a_file_of_another_schema_is_dropped(tmp_path: Path) -> None:
    """A projection of another version is not migrated: it starts empty, and the projector fills it."""
    path = tmp_path / "warehouse.duckdb"
    first = Warehouse.open(path)
    first.apply(batch(3, fact(1)))
    first.close()
    with duckdb.connect(str(path)) as raw:
        raw.execute("UPDATE meta SET schema = schema + 1")

    again = Warehouse.open(path)

    assert again.position() == 0
    assert answered(again) == []
    again.close()


CHANGES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(1, 12), st.integers(0, 9), st.integers(0, 2), st.integers(20_000, 20_003))),
        st.lists(st.integers(1, 12), max_size=3),
    ),
    max_size=5,
)


@given(changes=CHANGES, seen=st.integers(0, 5))
@settings(max_examples=few(20), deadline=None)
def test_rebuilt_equals_incremental(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[list[tuple[int, int, int, int]], list[int]]],
    seen: int,
) -> None:
    """Batch by batch, with replays, or rebuilt from nothing: the same contents and the same answers (L8)."""
    batches = [
        batch(position, *(fact(*values) for values in facts), removed=removed)
        for position, (facts, removed) in enumerate(changes, 1)
    ]
    folder = tmp_path_factory.mktemp("rebuilt")
    incremental, rebuilt = (Warehouse.open(folder / name, memory="500MB") for name in ("a.duckdb", "b.duckdb"))
    for each in (*batches[:seen], *batches):
        incremental.apply(each)
    rebuilt.apply(Batch(99, Instant(1), [fact(50)]))
    rebuilt.rebuild(batches)

    assert rebuilt.fingerprint() == incremental.fingerprint()
    by_day = plan("usageDate userName", "tokensConsumed useCount")
    assert rebuilt.ask(by_day) == incremental.ask(by_day)
    incremental.cluster()
    assert rebuilt.fingerprint() == incremental.fingerprint()
    for each in (incremental, rebuilt):
        each.close()


def test_a_rebuild_lays_facts_by_contract_and_date(warehouse: Warehouse, tmp_path: Path) -> None:
    """A rebuilt file holds the facts in clustered order."""
    warehouse.rebuild([batch(1, fact(3, day=20_002), fact(1, day=20_003), fact(2, day=20_001))])
    warehouse.close()

    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as raw:
        assert raw.execute("SELECT charge_id FROM fact ORDER BY rowid").fetchall() == [(2,), (3,), (1,)]


def test_questions_go_on_while_it_is_rebuilt(warehouse: Warehouse) -> None:
    """Until the fresh file is whole the old one answers, and afterwards everybody sees the fresh one."""
    warehouse.apply(batch(1, fact(1)))
    during: list[list[tuple[object, ...]]] = []

    def batches() -> Iterator[Batch]:
        during.append(answered(warehouse))
        yield batch(1, fact(1, tokens=8))
        during.append(answered(warehouse))
        yield batch(2, fact(2, tokens=1))

    warehouse.rebuild(batches())

    assert during == [[("ann", 7)], [("ann", 7)]]
    assert answered(warehouse) == [("ann", 9)]
    assert warehouse.apply(batch(3, fact(3)))


def test_a_rebuild_that_fails_keeps_the_old_file(warehouse: Warehouse, tmp_path: Path) -> None:
    """If the records cannot be read to the end, nothing is swapped and nothing is left over."""
    warehouse.apply(batch(1, fact(1)))

    def batches() -> Iterable[Batch]:
        yield batch(1, fact(1))
        raise OSError("the records went away")

    with pytest.raises(OSError, match="went away"):
        warehouse.rebuild(batches())

    assert answered(warehouse) == [("ann", 7)]
    assert [path.name for path in tmp_path.iterdir() if "rebuild" in path.name] == []


def test_a_question_that_takes_too_long_is_stopped(warehouse: Warehouse) -> None:
    """A question out of time raises, and the next one is answered."""
    endless = "SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b"
    with (
        warehouse._connection.cursor() as cursor,  # the endless question has no field to be asked by
        pytest.raises(TimeoutError),
        limited(cursor, 0.01),
    ):
        cursor.execute(endless)

    assert warehouse.ask(plan(), timeout_seconds=60).rows == []


def test_what_could_not_be_ended_is_not_used_again(warehouse: Warehouse) -> None:
    """Where an interrupt hits the end of a question, nobody gets its connection: it may be in an ended transaction."""
    with warehouse.snapshot() as snapshot:
        spoilt = snapshot._cursor
        spoilt.execute("ROLLBACK")  # its end fails now, as it does where it is interrupted

    with warehouse.snapshot() as snapshot:
        assert snapshot._cursor is not spoilt
    with warehouse.snapshot() as again:
        assert again._cursor is snapshot._cursor


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT * FROM read_csv('{file}')", "disabled by configuration"),
        ("COPY fact TO '{file}'", "disabled by configuration"),
        ("ATTACH '{file}' AS other", "disabled by configuration"),
        ("INSTALL httpfs", "disabled"),
        ("LOAD httpfs", "disabled"),
        ("SET enable_external_access = true", "locked|Cannot"),
    ],
)
def test_the_engine_reaches_nothing_else(warehouse: Warehouse, tmp_path: Path, sql: str, says: str) -> None:
    """No other file, no network, no extension, and no way to change that."""
    file = tmp_path / "facts.csv"
    file.write_text("1\n", encoding="utf-8")

    with pytest.raises(duckdb.Error, match=says), warehouse._connection.cursor() as cursor:
        cursor.execute(sql.format(file=file))


def test_the_columns_are_those_of_a_fact(tmp_path: Path) -> None:
    """The table has the fields of a fact, in their order, and everything but moments and offsets is there."""
    connection = engine.connect(tmp_path / "x.duckdb", "500MB", 1)
    described = connection.execute("DESCRIBE fact").fetchall()
    connection.close()

    assert tuple(row[0] for row in described) == Fact._fields == tuple(name for name, _ in FACT_COLUMNS)
    assert {row[0] for row in described if row[2] == "YES"} == {
        "since_us", "until_us", "offset_seconds", "transaction_date",
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"garbage" * 1_000, bytes(range(256)) * 200], ids=["empty", "text", "noise"])
def test_a_broken_file_is_dropped(tmp_path: Path, content: bytes) -> None:
    """A file that is no warehouse is replaced by an empty one, which the projector fills from the start."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(content)

    warehouse = Warehouse.open(path, memory="256MB")

    assert warehouse.position() == 0
    warehouse.close()


def test_a_cut_file_is_dropped(tmp_path: Path) -> None:
    """A file that lost its end is replaced as well."""
    path = tmp_path / "warehouse.duckdb"
    Warehouse.open(path, memory="256MB").close()
    path.write_bytes(path.read_bytes()[:5_000])

    warehouse = Warehouse.open(path, memory="256MB")

    assert warehouse.position() == 0
    warehouse.close()
