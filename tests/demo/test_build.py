"""The demonstration as it is built: accepted to the last event, marked as what it is, and with something to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from farebox.cli.demo import what_to_try
from farebox.demo.build import Demo, prepare
from farebox.demo.cast import ITEMS
from farebox.domain.clock import DAY, Instant, day_of, read_instant
from farebox.domain.errors import Conflict
from farebox.domain.periods import last_days
from farebox.records.models import Charge, Contract, Event, Pack, Person, PersonalToken, Product, RateCard, Team, User
from farebox.services import balances, catalogue, sources
from farebox.services import tokens as personal
from farebox.warehouse import current

NOW = read_instant("2026-06-17T10:00:00Z")


def silent(_: str) -> None:
    """Hear how far the build is, and say nothing."""


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """Build the year once for all tests of this module; the records are put back as they were."""
    with django_db_blocker.unblock(), _put_back():
        current.place(tmp_path_factory.mktemp("demo") / "warehouse.duckdb", memory_mb=256)
        yield prepare(now=NOW, said=silent)
        current.close()


@contextmanager
def _put_back() -> Iterator[None]:
    connection.ensure_connection()
    kept = connection.Database.connect(":memory:")
    connection.connection.backup(kept)
    yield
    kept.backup(connection.connection)
    kept.close()


def contract(scheme: str) -> Contract:
    """Return the contract of a scheme."""
    return Contract.objects.get(scheme=scheme)


def test_there_is_what_is_promised(built: Demo) -> None:
    """Two teams, sixty people, fifteen products, one administrator of both teams."""
    assert sorted(Team.objects.values_list("slug", flat=True)) == ["demo-studio", "demo-works"]
    assert Person.objects.count() == 60
    assert Product.objects.count() == len(ITEMS) == 15
    assert User.objects.get().email == built.email
    assert {built.flex_contract, built.enterprise_contract} == set(Contract.objects.values_list("number", flat=True))


def test_everything_is_marked_as_demonstration(built: Demo) -> None:
    """Products, rate cards and people say what they are."""
    assert not Product.objects.filter(demo=False).exists()
    assert not RateCard.objects.filter(demo=False).exists()
    assert not Person.objects.exclude(key__endswith="@demo.example").exists()
    assert all("Demo" in team.name for team in Team.objects.all())


def test_every_event_is_accepted_and_charged(built: Demo) -> None:
    """Nothing waits, and every kind of charge occurs."""
    assert Event.objects.count() > 10_000
    assert set(Event.objects.values_list("state", flat=True)) == {"ACCEPTED"}
    found = set(Charge.objects.filter(ended_us__isnull=True).values_list("category", flat=True))
    assert found == {"CHARGED", "FREE", "CASUAL", "INCREMENTAL"}
    assert Charge.objects.filter(until_us__gt=NOW).count() == 0


def test_the_totals_are_the_same_every_time(built: Demo) -> None:
    """The same instant gives the same year, to the tenth of a token."""
    assert [_total("FLEX"), _total("ENTERPRISE")] == TOTALS


TOTALS = [33_357_700_000, 21_356_600_000]


def _total(scheme: str) -> int:
    live = Charge.objects.filter(contract=contract(scheme), ended_us__isnull=True)
    return sum(live.values_list("tokens_micro", flat=True))


def test_tokens_lapsed_within_the_week_and_the_rest_lasts_for_weeks(built: Demo) -> None:
    """There is a waste to see, no shortfall, and a run-out that is near and not tomorrow."""
    flex = contract("FLEX")
    standing = balances.balance(flex.pk, at=NOW)
    year = last_days(day_of(NOW), 365)
    lapses = [one for one in balances.pack_events(flex.pk, year, at=NOW) if one.kind == "EXPIRED"]

    assert 2_000_000_000 < sum(one.tokens for one in lapses) < 4_000_000_000
    assert all(4 <= day_of(NOW) - one.day <= 7 for one in lapses)
    assert standing.lapsed > 0
    assert (standing.shortfall, standing.added) == (0, 1_500_000_000)
    ends = balances.books(flex.pk, at=NOW).outlook.ends
    assert ends is not None
    assert 30 * DAY <= ends - NOW <= 65 * DAY


def test_the_enterprise_contract_has_tokens_left(built: Demo) -> None:
    """A year was closed with a lapse, the present one is not overdrawn, and the pool of several years is whole."""
    works = contract("ENTERPRISE")
    standing = balances.balance(works.pk, at=NOW)

    assert (standing.year, standing.shortfall) == (2, 0)
    assert 0 < standing.used < standing.available
    assert Pack.objects.get(contract=works, pool="MY").left_micro == 5_000_000_000


def test_starting_again_gives_fresh_secrets_and_what_was_used_since(built: Demo) -> None:
    """Old secrets end, what others made stays, and the days that passed have their uses."""
    user = User.objects.get()
    _, mine = personal.make(user, name="mine", days=30, now=NOW)
    other = sources.add("other", team="demo-works", now=NOW)
    later = Instant(NOW + 3 * DAY)
    before = Event.objects.count()

    again = prepare(now=later, said=silent)

    assert (again.flex_contract, again.enterprise_contract) == (built.flex_contract, built.enterprise_contract)
    assert again.password != built.password
    assert personal.bearer(built.token, now=later) is None
    assert sources.of_key(built.source_key, now=later) is None
    assert None not in (personal.bearer(mine, now=later), sources.of_key(other, now=later))
    assert before < Event.objects.count() < before + 300
    assert set(Event.objects.values_list("state", flat=True)) == {"ACCEPTED"}
    assert PersonalToken.objects.count() == 3


def test_the_screen_says_where_to_look_who_to_be_and_what_is_next(built: Demo) -> None:
    """Address, address of the person, password, three commands, how to stop, and the next step, in this order."""
    told = what_to_try(built, base="http://127.0.0.1:8000", folder=Path("demo-data"))

    places = [told.index(part) for part in ("http://127.0.0.1:8000\n", built.email, built.password, "Ctrl-C", "Next:")]
    assert places == sorted(places)
    assert told.count("curl -s") == 3
    assert built.source_key in told
    assert built.token in told


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[None]:
    """Give the process a warehouse of its own."""
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)
    yield
    current.close()


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (lambda: catalogue.add_team("mine", "Mine", now=NOW), "holds other data"),
        (lambda: catalogue.add_team("demo-studio", "Demo Studio", now=NOW), "was cut short"),
    ],
)
def test_other_data_is_left_alone(db: None, warehouse: None, before: Callable[[], object], says: str) -> None:
    """A folder with real data, or half a demonstration, is refused with what to do."""
    before()

    with pytest.raises(Conflict, match=says):
        prepare(now=NOW, said=silent)
    assert Event.objects.count() == 0
