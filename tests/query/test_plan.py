"""From question to plan: what may be asked where, and every refusal (usage-api 2 and 3, Q1 to Q7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.errors import QueryRejected
from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import FIELD_BY_NAME, METRIC_BY_NAME
from farebox.query.plan import NAMES_MAX, Asker, Plan, Question, make_plan
from farebox.query.render import render
from farebox.query.rules import Surface

ASKER = Asker(contract_id=7, names_hidden=False, custom_names=("Geo", "", "productName", "Geo"))
DESKTOP, CLOUD_PRODUCT, CLOUD_SERVICE = ("DESKTOP_PRODUCT",), ("CLOUD_PRODUCT",), ("CLOUD_SERVICE",)
MANUAL = ("MANUAL_ADJUSTMENT", "MANUAL_CONSUMPTION")


def ask(
    fields: str = "",
    metrics: str = "",
    categories: tuple[str, ...] = (),
    where: str = "",
    surface: Surface = Surface.QUERY,
    *,
    lenient: bool = False,
) -> Plan:
    """Make the plan of a question whose names are given as words."""
    question = Question(
        fields=tuple(fields.split()), metrics=tuple(metrics.split()), usage_categories=categories, where=where
    )
    return make_plan(question, ASKER, surface, lenient=lenient)


def test_a_plan_holds_declarations_in_the_order_asked_for() -> None:
    """Columns are the fields and then the metrics, as they were asked for; the contract is the asker's (Q1)."""
    plan = ask("userName usageMonth Geo", "uniqueProducts tokensConsumed")

    assert plan.names == ("userName", "usageMonth", "Geo", "uniqueProducts", "tokensConsumed")
    assert [field.name for field in plan.fields] == ["userName", "usageMonth", "customField1"]
    assert [metric.name for metric in plan.metrics] == ["uniqueProducts", "tokensConsumed"]
    assert (plan.contract_id, plan.names_hidden, plan.where) == (7, False, None)


def test_a_declared_name_wins_over_the_contracts_own() -> None:
    """A custom field that is called like a declared field does not replace it."""
    assert ask("productName").fields == (FIELD_BY_NAME["productName"],)


def test_old_names_of_categories_are_accepted() -> None:
    """The names of an older version mean the new ones, and each category counts once."""
    plan = ask("userName", "", ("PRODUCT_CONSUMPTION", "CLOUD_CONSUMPTION", "DESKTOP_PRODUCT"))

    assert plan.usage_categories == (UsageCategory.DESKTOP_PRODUCT, UsageCategory.CLOUD_SERVICE)


@pytest.mark.parametrize(
    ("question", "pointer", "code", "says"),
    [
        (Question(), "", "nothing_asked", "at least one"),
        (Question(where="1=1"), "", "nothing_asked", "at least one"),
        (Question(fields=("userNme",)), "/fields/0", "unknown_field", "did you mean userName?"),
        (Question(fields=("userName", "GEO")), "/fields/1", "unknown_field", "did you mean Geo?"),
        (Question(fields=("",)), "/fields/0", "unknown_field", "there is no field ''"),
        (Question(fields=("x" * 10_000,)), "/fields/0", "unknown_field", "there is no field"),
        (Question(fields=("tokensConsumed",)), "/fields/0", "metric_as_field", "metric"),
        (Question(fields=("userName", "userName")), "/fields/1", "named_twice", "twice"),
        (Question(fields=("userName",) * (NAMES_MAX + 1)), "/fields", "too_many_names", "at most"),
        (Question(metrics=("tokenConsumed",)), "/metrics/0", "unknown_metric", "did you mean tokensConsumed?"),
        (Question(metrics=("userName",)), "/metrics/0", "field_as_metric", "field"),
        (Question(fields=("userName",), usage_categories=("DESKTOP",)), "/usageCategory/0", "unknown_category",
         "did you mean DESKTOP_PRODUCT?"),
        (Question(fields=("userName",), where="x=1"), "/where", "where_unknown_field", "at position 1"),
    ],
)  # fmt: skip
def test_a_question_that_means_nothing_is_refused(question: Question, pointer: str, code: str, says: str) -> None:
    """Each refusal has a pointer, a code, and what was probably meant."""
    with pytest.raises(QueryRejected) as rejected:
        make_plan(question, ASKER)

    (problem,) = rejected.value.problems
    assert (problem.pointer, problem.code) == (pointer, code)
    assert says in problem.message


def test_every_problem_is_told() -> None:
    """A question with several faults has all of them listed, in order."""
    with pytest.raises(QueryRejected) as rejected:
        ask("nope hubName", "nada", ("NIX",), "zip=1")

    assert [problem.pointer for problem in rejected.value.problems] == [
        "/fields/0", "/metrics/0", "/usageCategory/0", "/where", "/fields/1",
    ]  # fmt: skip


def test_a_filter_with_a_wrong_value_is_still_judged_by_its_field() -> None:
    """What is wrong with a value does not hide that the field cannot be filtered here."""
    with pytest.raises(QueryRejected) as rejected:
        ask("userName", where="chargeCategory = 'x'")

    assert [problem.code for problem in rejected.value.problems] == ["where_value", "export_only"]


@pytest.mark.parametrize(
    ("fields", "metrics", "categories", "where"),
    [
        ("machineName productVersion", "", (), ""),
        ("machineName", "", ("DESKTOP_PRODUCT", "CLOUD_PRODUCT"), ""),
        ("tokenPool", "", ("DESKTOP_PRODUCT", "CLOUD_PRODUCT"), "tokenPool = 'CY'"),
        ("reasonType", "tokensConsumed", (), ""),
        ("chargedItemID reasonComment transactionDate", "quantity", MANUAL, ""),
        ("reasonType", "", ("MANUAL_ADJUSTMENT",), "reasonComment LIKE 'abc%'"),
    ],
)
def test_a_query_may_ask(fields: str, metrics: str, categories: tuple[str, ...], where: str) -> None:
    """Fields of a category need no attribute; transaction-level ones need a manual category there (Q3)."""
    assert ask(fields, metrics, categories, where).names == (*fields.split(), *metrics.split())


@pytest.mark.parametrize(
    ("fields", "metrics", "categories", "where", "code"),
    [
        ("chargeCategory", "", (), "", "export_only"),
        ("chargeCategory", "", DESKTOP, "", "export_only"),
        ("sessionStartDate", "", DESKTOP, "", "export_only"),
        ("hubName", "", CLOUD_PRODUCT, "", "export_only"),
        ("jobStatus", "", CLOUD_SERVICE, "", "export_only"),
        ("userName", "", DESKTOP, "chargeCategory = 'FREE'", "export_only"),
        ("chargedItemID", "", (), "", "category_required"),
        ("chargedItemID", "", (), "usageCategory = 'MANUAL_ADJUSTMENT'", "category_required"),
        ("chargedItemID", "", DESKTOP, "", "export_only"),
        ("reasonComment", "", ("MANUAL_ADJUSTMENT", "DESKTOP_PRODUCT"), "", "export_only"),
        ("userName", "quantity", (), "", "category_required"),
        ("machineName", "", CLOUD_SERVICE, "", "wrong_category"),
        ("userName", "", CLOUD_SERVICE, "machineName = 'x'", "wrong_category"),
        ("reasonType", "", DESKTOP, "", "wrong_category"),
    ],
)
def test_a_query_may_not_ask(fields: str, metrics: str, categories: tuple[str, ...], where: str, code: str) -> None:
    """Session-level fields are for exports, and fields of a category are not asked for outside it (Q3)."""
    with pytest.raises(QueryRejected) as rejected:
        ask(fields, metrics, categories, where)

    assert [problem.code for problem in rejected.value.problems] == [code]


DESKTOP_SESSION_LEVEL = (
    "usageMonth usageDate contractYear productName productLineCode productVersion productFeatureCode userName "
    "machineName sessionStartDate sessionEndDate licenseServerTimeZoneOffset chargedItemID chargeCategory "
    "licenseServerName usageType usageCategory "
) + " ".join(f"customField{place}" for place in range(1, 11))


@pytest.mark.parametrize(
    ("fields", "metrics", "categories"),
    [
        (DESKTOP_SESSION_LEVEL, "tokensConsumed usageMinutes usageHours", DESKTOP),
        ("chargedItemID hubId hubName projectId projectName chargeCategory", "uniqueUsers", CLOUD_PRODUCT),
        ("chargedItemID jobStatus chargeCategory", "useCount", CLOUD_SERVICE),
        ("chargedItemID reasonType reasonComment transactionDate tokenPool", "tokensConsumed quantity", MANUAL),
        ("machineName tokenPool", "uniqueUsers", ()),
    ],
)
def test_an_export_may_ask(fields: str, metrics: str, categories: tuple[str, ...]) -> None:
    """Session level is exported per kind of category, with the published lists (usage-api 6.2)."""
    plan = ask(fields, metrics, categories, surface=Surface.EXPORT)

    assert plan.names == (*fields.split(), *metrics.split())


@pytest.mark.parametrize(
    ("fields", "metrics", "categories", "where", "code"),
    [
        ("sessionStartDate", "", (), "1=1", "category_required"),
        ("sessionStartDate", "", (), "usageCategory = 'DESKTOP_PRODUCT'", "category_required"),
        ("chargedItemID", "", ("DESKTOP_PRODUCT", "CLOUD_PRODUCT"), "", "categories_mixed"),
        ("userName", "", ("DESKTOP_PRODUCT", "CLOUD_PRODUCT"), "chargeCategory = 'FREE'", "categories_mixed"),
        ("sessionStartDate", "", CLOUD_SERVICE, "", "wrong_category"),
        ("chargeCategory", "", MANUAL, "", "wrong_category"),
        ("sessionStartDate hubId", "", DESKTOP, "", "wrong_category"),
        ("sessionStartDate tokenPool", "", DESKTOP, "", "not_at_session_level"),
        ("sessionStartDate", "uniqueUsers", DESKTOP, "", "not_at_session_level"),
        ("userName", "useCount", DESKTOP, "chargeCategory = 'FREE'", "not_at_session_level"),
    ],
)
def test_an_export_may_not_ask(fields: str, metrics: str, categories: tuple[str, ...], where: str, code: str) -> None:
    """Kinds of usage are not mixed at session level, and the attribute says which one is meant (Q3)."""
    with pytest.raises(QueryRejected) as rejected:
        ask(fields, metrics, categories, where, Surface.EXPORT)

    assert [problem.code for problem in rejected.value.problems] == [code]


def test_the_lenient_switch_drops_a_metric_among_the_fields() -> None:
    """A client that repeats a metric among the fields is served, if the switch is on (Q7)."""
    plan = ask("userName tokensConsumed", "tokensConsumed", lenient=True)

    assert plan.names == ("userName", "tokensConsumed")
    with pytest.raises(QueryRejected):
        ask("userName tokensConsumed", lenient=True)


@given(
    st.lists(st.sampled_from([*sorted(FIELD_BY_NAME), "Geo", "nope"]) | st.text(max_size=10), max_size=5),
    st.lists(st.sampled_from(sorted(METRIC_BY_NAME)) | st.text(max_size=10), max_size=3),
    st.lists(st.sampled_from([*UsageCategory, "CLOUD_CONSUMPTION", "x"]).map(str), max_size=3),
    st.sampled_from(Surface),
)
def test_any_question_is_planned_or_refused(
    fields: list[str], metrics: list[str], categories: list[str], surface: Surface
) -> None:
    """Nothing but a plan or our own refusal comes out, and every plan renders, bound to the asker's contract."""
    question = Question(fields=tuple(fields), metrics=tuple(metrics), usage_categories=tuple(categories))
    try:
        plan = make_plan(question, ASKER, surface)
    except QueryRejected:
        return

    statement = render(plan)
    assert plan.names == (*fields, *metrics)
    assert statement.values[0] == ASKER.contract_id
    assert statement.sql.count("?") == len(statement.values)
