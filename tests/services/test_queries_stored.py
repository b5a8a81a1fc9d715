"""Queries that are answered once and read by page: equal questions, one moment, time-out, expiry, hidden names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.querying import WHO, Clock, Desk, name, use
from tests.world import World

from farebox.domain.clock import MINUTE, SECOND
from farebox.domain.errors import QueryRejected, QuotaExceeded, Rejected
from farebox.query.plan import Question
from farebox.records import answers
from farebox.records.answers import Submitted
from farebox.records.models import StoredPart, StoredQuery
from farebox.services import queries
from farebox.services.queries import FORGET_US, RESULT_US, Pool, QueryStatus
from farebox.services.queries import service as limits
from farebox.services.queries.running import CLAIM_US, PART_ROWS, carry_out
from farebox.services.queries.workers import Task
from farebox.services.report import answer
from farebox.warehouse.duck import Warehouse

MANY = 2 * PART_ROWS + 345


@pytest.fixture
def desk(world: World, house: Warehouse) -> Desk:
    """Return somebody who asks about a contract that three people use."""
    use(world.flex_contract.pk, range(1, 4), position=1)
    return Desk.of(world)


@pytest.fixture
def large(world: World, house: Warehouse) -> Desk:
    """Return somebody who asks about a contract of so many people that the answer has three parts."""
    use(world.flex_contract.pk, range(1, MANY + 1), position=1)
    return Desk.of(world)


def statuses() -> list[str]:
    """Return what became of every query on record, the oldest first."""
    return list(StoredQuery.objects.order_by("submitted_us", "pk").values_list("status", flat=True))


def test_pages_together_are_the_answer(large: Desk) -> None:
    """All pages in a row are what the question answers as a whole, cell by cell (R3, R4)."""
    query = large.submit()
    whole = answer(WHO, large.contract)

    pages = [large.rows(query, offset, 700) for offset in range(0, MANY, 700)]

    assert [row for page in pages for row in page] == [json.loads(json.dumps(row, default=float)) for row in whole.rows]
    assert StoredPart.objects.count() == 3
    standing = large.look(query, 0, 1)
    assert standing.page is not None
    assert (standing.page.columns, standing.page.total) == (whole.columns, whole.total)
    assert (standing.page.position, standing.page.as_of) == (whole.position, whole.as_of)


def test_any_page_is_that_part_of_the_answer(large: Desk) -> None:
    """Whatever offset and limit: the rows are those of a slice, past the end none."""
    query = large.submit()
    whole = large.rows(query)

    @given(st.integers(0, MANY + 10), st.integers(0, MANY + 10))
    def hold(offset: int, limit: int) -> None:
        assert large.rows(query, offset, limit) == whole[offset : offset + limit]

    hold()
    assert len(whole) == MANY


def test_numbers_are_stored_as_they_are(desk: Desk) -> None:
    """A number keeps every digit that it has: cells are kept as text, not as binary fractions."""
    standing = desk.look(desk.submit())

    assert standing.page is not None
    assert bytes(standing.page.rows[0]) == f'["{name(1)}",7,1]'.encode()


@pytest.mark.parametrize(
    "same",
    [
        Question(fields=WHO.fields, metrics=WHO.metrics, where="  "),
        Question(fields=("userName", "tokensConsumed"), metrics=WHO.metrics),
    ],
)
def test_questions_that_mean_the_same_are_one_query(desk: Desk, same: Question) -> None:
    """What is written differently and asks the same of unchanged usage has one id, and is answered once."""
    first = desk.submit()
    desk.clock.move(SECOND)

    assert desk.submit(same) == first
    assert len(first) == 56
    assert list(StoredQuery.objects.values_list("pk", "run")) == [(first, 1)]


def test_spelling_of_conditions_and_categories_makes_no_difference(desk: Desk) -> None:
    """Spaces, case of keywords, old names and order of categories are not part of a question."""
    one = Question(metrics=("useCount",), usage_categories=("CLOUD_SERVICE", "DESKTOP_PRODUCT"), where="1=1 AND 2=2")
    two = Question(
        metrics=("useCount",), usage_categories=("PRODUCT_CONSUMPTION", "CLOUD_SERVICE"), where="1 = 1 and 2  = 2"
    )

    assert desk.submit(one) == desk.submit(two)


def test_questions_that_differ_are_different_queries(desk: Desk) -> None:
    """Other columns, another order of them, another condition, hidden names: each is a query of its own."""
    asked = [
        WHO,
        Question(fields=WHO.fields, metrics=("usageHours", "tokensConsumed")),
        Question(fields=WHO.fields, metrics=WHO.metrics, where="contractYear = 1"),
        Question(fields=WHO.fields, metrics=WHO.metrics, where="contractYear = 2"),
    ]

    assert len({desk.submit(question) for question in asked} | {desk.submit(names_hidden=True)}) == 5


def test_pages_show_one_moment_though_usage_comes_in(desk: Desk) -> None:
    """Between two pages somebody else uses something: the pages stay as they were, a new query has it (R4)."""
    query = desk.submit()
    before = desk.rows(query)
    first = desk.rows(query, 0, 2)

    use(desk.contract.id, [2, 9], position=2)

    assert first + desk.rows(query, 2, 2) == before == desk.rows(query)
    later = desk.submit()
    assert later != query
    assert [row[:2] for row in desk.rows(later)] == [[name(1), 7], [name(2), 14], [name(3), 7], [name(9), 7]]


def test_an_answer_expires_and_can_be_asked_for_again(desk: Desk) -> None:
    """Kept for its time, then EXPIRED, then answered anew under its id, then unknown (usage-api 1.3)."""
    query = desk.submit()
    desk.clock.move(RESULT_US - 1)
    assert desk.look(query).status is QueryStatus.DONE

    desk.clock.move(1)
    assert desk.look(query).status is QueryStatus.EXPIRED
    assert queries.tend(now=desk.clock(), pool=desk.pool) == 1
    assert (desk.look(query).status, StoredPart.objects.count()) == (QueryStatus.EXPIRED, 0)

    assert desk.submit() == query
    assert len(desk.rows(query)) == 3
    assert StoredQuery.objects.get().run == 2
    desk.clock.move(RESULT_US + FORGET_US)
    queries.tend(now=desk.clock(), pool=desk.pool)
    with pytest.raises(Rejected) as caught:
        desk.look(query)
    assert [problem.code for problem in caught.value.problems] == ["unknown_query"]
    assert (StoredQuery.objects.count(), StoredPart.objects.count()) == (0, 0)


def test_whoever_is_handed_an_answer_has_time_to_read_it(desk: Desk) -> None:
    """A stored answer that is handed out shortly before its end is kept for five minutes more at least."""
    query = desk.submit()
    for _ in range(3):
        desk.clock.move(RESULT_US - MINUTE)
        assert desk.submit() == query
        desk.clock.move(5 * MINUTE - 1)
        assert desk.look(query).status is QueryStatus.DONE
        desk.clock.move(1 - 5 * MINUTE)

    assert StoredQuery.objects.get().run == 1


def test_a_clear_answer_is_not_shown_once_names_are_hidden(desk: Desk) -> None:
    """Stored names are as good as gone when the team hides names; the question is asked anew and shows pseudonyms."""
    query = desk.submit()

    assert desk.look(query, names_hidden=True).status is QueryStatus.EXPIRED
    hidden = desk.submit(names_hidden=True)
    standing = desk.look(hidden, names_hidden=True)
    assert standing.page is not None
    assert json.loads(bytes(standing.page.rows[0]))[0] == "pseudonym-000001"
    assert desk.look(hidden).status is QueryStatus.EXPIRED


def test_an_answer_under_a_name_that_means_something_else_now_is_not_shown(desk: Desk) -> None:
    """A custom field asked for by its own name: given to another field, or taken away, the answer has expired."""
    site = ("Site", *("",) * 9)
    asked = Question(fields=("Site",), metrics=("useCount",))
    query = desk.submit(asked, fields=site)

    assert desk.look(query, fields=site).status is QueryStatus.DONE
    assert desk.look(query, fields=("", *site[:9])).status is QueryStatus.EXPIRED
    assert desk.look(query).status is QueryStatus.EXPIRED


def test_a_query_belongs_to_its_contract(desk: Desk) -> None:
    """Under another contract its id is not known, like one that never was (T2)."""
    query = desk.submit()
    said = []
    for id, contract in ((query, desk.contract.id + 1), ("0" * 56, desk.contract.id), ("", desk.contract.id)):  # noqa: A001
        with pytest.raises(Rejected) as caught:
            queries.look(id, desk.seen(id=contract), asker=desk.asker, offset=0, limit=1, clock=desk.clock)
        said.append(str(caught.value))

    assert len(set(said)) == 1


def test_a_question_that_means_nothing_stores_nothing(desk: Desk) -> None:
    """Every problem is told before anything is put on record."""
    with pytest.raises(QueryRejected) as caught:
        desk.submit(Question(fields=("nothing",), metrics=("less",), where="not 1=1"))

    assert len(caught.value.problems) == 3
    assert not StoredQuery.objects.exists()


def test_a_query_that_takes_too_long_is_a_timeout(large: Desk) -> None:
    """A question whose time is over is interrupted, or stopped at its first part; asked again, it is tried again."""
    large.pool = Pool(0, run_seconds=-1.0)
    query = large.submit()

    assert large.look(query).status is QueryStatus.TIMEOUT
    large.pool = Pool(0)
    assert large.submit() == query
    assert len(large.rows(query)) == MANY
    assert StoredQuery.objects.get().run == 2


def test_time_runs_out_while_rows_are_stored_too(large: Desk) -> None:
    """The limit holds for the whole run: a clock that leaps past it between two parts ends the query."""
    leaps = iter([0, 0, 0, 0, 0, 301 * SECOND])
    still = large.clock.now

    class Leaping(Clock):
        def __call__(self) -> int:  # type: ignore[override]
            return still + next(leaps, 301 * SECOND)

    large.clock = Leaping()
    query = large.submit()

    assert statuses() == ["TIMEOUT"]
    assert large.look(query).status is QueryStatus.TIMEOUT
    assert queries.tend(now=large.clock(), pool=large.pool) == 0


def test_a_query_that_fails_says_so(desk: Desk, house: Warehouse) -> None:
    """Whatever goes wrong in a run is FAILED, and stands in the way of nothing."""
    house._connection.execute("DROP TABLE dim_person")
    query = desk.submit()

    assert desk.look(query).status is QueryStatus.FAILED
    assert desk.rows(desk.submit(Question(metrics=("useCount",)))) == [[3]]


def put_on_record(desk: Desk, id: str = "0" * 56, question: Question = WHO) -> str:  # noqa: A002
    """Put a query on record as a process does that then dies, or is another one."""
    statement = queries.asked.statement_of(question, desk.contract.asker)
    members = queries.asked.as_json(question)
    submitted = Submitted(id=id, contract=desk.contract.id, asked_by=desk.asker, question=members, statement=statement)
    until = desk.clock() + CLAIM_US
    assert answers.add(submitted, now=desk.clock(), claimed_until=until)  # type: ignore[arg-type]
    return id


def test_a_query_whose_process_died_is_taken_up_by_whoever_is_asked(desk: Desk) -> None:
    """As long as it is claimed it stands as it is; after that the next who looks has it carried out."""
    query = put_on_record(desk)
    desk.clock.move(CLAIM_US - 1)
    assert desk.look(query).status is QueryStatus.QUEUED

    desk.clock.move(1)
    desk.look(query)
    assert len(desk.rows(query)) == 3
    assert StoredQuery.objects.get().run == 2


def test_submitting_takes_up_what_died_as_well(desk: Desk) -> None:
    """Asked again after its process died, an equal question is carried out under the same id."""
    query = desk.submit()
    StoredQuery.objects.update(status=QueryStatus.PROCESSING, claimed_until_us=desk.clock(), expires_us=None)

    assert desk.submit() == query
    assert len(desk.rows(query)) == 3


def test_who_lost_a_query_changes_nothing_more(large: Desk) -> None:
    """A run that was given up as dead and goes on is not seen: neither its parts nor its end."""
    query = put_on_record(large)
    task = Task(
        query=query,
        run=1,
        team=large.contract.team_id,
        plan=queries.asked.plan_of(WHO, large.contract.asker),
        claimed_until=large.clock(),
    )
    large.clock.move(CLAIM_US)
    large.look(query)
    before = large.rows(query)
    answers.add_parts(query, 1, 0, [b"torn"])

    carry_out(task, clock=large.clock, run_seconds=300)

    assert large.rows(query) == before
    assert queries.tend(now=large.clock(), pool=large.pool) == 1
    assert large.rows(query) == before


def test_what_half_an_answer_left_is_removed(large: Desk) -> None:
    """Parts of a run that died are removed with its query, when nobody asked for it."""
    query = put_on_record(large)
    answers.add_parts(query, 1, 0, [b"half"])
    large.clock.move(CLAIM_US + FORGET_US)

    queries.tend(now=large.clock(), pool=large.pool)

    assert (StoredQuery.objects.count(), StoredPart.objects.count()) == (0, 0)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a person have three queries under way."""
    monkeypatch.setattr(limits, "UNFINISHED_MAX", 3)
    return 3


def test_a_person_may_have_so_many_queries_under_way(desk: Desk, few: int) -> None:
    """One more is refused with a time to come back; what is answered already is not, and others are not affected."""
    done = desk.submit()
    for nth in range(few):
        put_on_record(desk, str(nth) * 56)

    with pytest.raises(QuotaExceeded) as caught:
        desk.submit(Question(metrics=("useCount",)))
    assert caught.value.retry_seconds == 60
    assert desk.submit() == done
    other = Desk.of(desk.world, email="ben@example.com")
    assert other.rows(other.submit(Question(metrics=("useCount",)))) == [[3]]
    desk.clock.move(CLAIM_US)
    assert desk.rows(desk.submit(Question(metrics=("useCount",)))) == [[3]]


def test_a_persons_answers_take_so_much_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has too many large answers kept waits until some have expired."""
    desk.submit()
    monkeypatch.setattr(limits, "STORED_BYTES_MAX", 1)

    with pytest.raises(QuotaExceeded):
        desk.submit(Question(metrics=("useCount",)))
    desk.clock.move(RESULT_US)
    assert desk.rows(desk.submit(Question(metrics=("useCount",)))) == [[3]]
