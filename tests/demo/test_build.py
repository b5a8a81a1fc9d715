"""The demonstration as it is built: accepted to the last event, marked as what it is, and with something to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from farebox.cli.demo import what_to_try
from farebox.demo.build import BEFORE_DAYS, prepare, stock
from farebox.demo.cast import (
    ADMIN,
    ENTERPRISE_TEAM,
    FLEX_PEOPLE,
    FLEX_TEAM,
    GROUPS,
    IMPORTED,
    ITEMS,
    OPERATOR,
    ORDINARY,
    ORDINARY_SEAT,
    SEATED,
)
from farebox.demo.crew import people
from farebox.demo.given import Demo
from farebox.domain.amounts import tokens
from farebox.domain.clock import DAY, HOUR, Day, Instant, day_of, midnight, read_instant
from farebox.domain.errors import Conflict
from farebox.domain.left_open import Sign
from farebox.domain.packs import Pool
from farebox.domain.periods import last_days
from farebox.records.models import (
    Audit,
    Charge,
    Contract,
    Event,
    Handover,
    Mail,
    Membership,
    Pack,
    Person,
    PersonalToken,
    Product,
    RateCard,
    Team,
    User,
)
from farebox.services import balances, catalogue, defaults, groups, invite, left_open, people_list, seats, sources
from farebox.services import tokens as personal
from farebox.services.give import Purchase, give
from farebox.warehouse import current

NOW = read_instant("2026-06-17T10:00:00Z")


def silent(_: str) -> None:
    """Hear how far the build is, and say nothing."""


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """Build the year once for all tests of this module; the records are put back as they were."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), _put_back(), override_settings(OUTBOX=folder / "outbox"):
        current.place(folder / "warehouse.duckdb", memory_mb=256)
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
    """Two teams, sixty people and some besides, fifteen products, one administrator of both teams."""
    assert sorted(Team.objects.values_list("slug", flat=True)) == ["demo-studio", "demo-works"]
    assert Person.objects.count() == 60 + len(SEATED) + len(IMPORTED) + 3
    assert Product.objects.count() == len(ITEMS) == 15
    assert (built.admin.email, built.ordinary.email, built.operator.email) == (ADMIN, ORDINARY, OPERATOR)
    assert set(Membership.objects.filter(role="PRIMARY").values_list("user__email", flat=True)) == {ADMIN}
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


def test_there_are_people_and_access_to_see(built: Demo) -> None:
    """Groups, defaults of one team, seats and a trial that ends soon, invitations, a list, roles, a handover, links."""
    studio, works = (Team.objects.get(slug=slug) for slug in (FLEX_TEAM, ENTERPRISE_TEAM))
    line = groups.Command.LINE

    assert [(one.name, one.people > 0, len(one.products)) for one in groups.all_groups(line, studio.pk)] == [
        (name, True, len(codes)) for name, _, codes in GROUPS
    ]
    assert [defaults.state(line, one.pk, now=NOW).on for one in (studio, works)] == [False, True]
    held = seats.listed(line, studio.pk, now=NOW).rows
    assert sorted(one.kind for one in held) == ["SEAT", "SEAT", "SEAT", "SEAT", "TRIAL"]
    assert [one.product.code for one in held if one.key == ORDINARY] == [ORDINARY_SEAT]
    assert [0 < one.until - NOW < 7 * DAY for one in held if one.until] == [True]
    assert [[one.lapsed for one in invite.pending(line, team.pk, now=NOW)] for team in (studio, works)] == [
        [False, False],
        [True],
    ]
    assert [(one.state, one.taken) for one in people_list.lists(line, works.pk)] == [("DONE", len(IMPORTED))]
    assert sorted(Membership.objects.filter(team=works).values_list("role", flat=True)) == [
        "PRIMARY",
        "SECONDARY",
        "SSO",
    ]
    assert Handover.objects.get().state == "ACCEPTED"
    assert not Product.objects.exclude(where__startswith="https://example.com/").exists()
    assert not Audit.objects.filter(at_us__lt=400 * DAY).exists()


def test_seats_and_trials_were_used_and_took_no_tokens(built: Demo) -> None:
    """Each of those who hold one used its product, and nothing was charged for it (domain F9)."""
    live = Charge.objects.filter(ended_us__isnull=True)
    users = live.filter(person__name__endswith="Demo-Berg", tokens_micro=0).values_list("person__name", flat=True)

    assert len(set(users)) == len(SEATED)
    assert not live.filter(person__name__endswith="Demo-Berg").exclude(tokens_micro=0).exists()


def test_somebody_left_a_session_open(built: Demo) -> None:
    """The page of left-open sessions is not empty, and tells what such sessions cost (product B9)."""
    admin = User.objects.get(email=ADMIN)
    team = Team.objects.get(slug=FLEX_TEAM)
    found = left_open.overview(admin, team.pk, hours=8, now=NOW)

    assert [one.signs for one in found.left] == [(Sign.LONG,)]
    assert found.costs


def test_mails_of_a_month_are_in_the_outbox(built: Demo) -> None:
    """Whoever was invited or given a trial was told, and nobody of the list or the defaults; nothing waits [S 003]."""
    told = list(Mail.objects.order_by("pk").values_list("kind", "state"))

    assert {kind for kind, _ in told} == {"SEAT", "INVITATION", "HANDOVER"}
    assert {state for _, state in told} == {"SENT"}
    assert sum(kind == "INVITATION" for kind, _ in told) == 3


def test_starting_again_gives_fresh_secrets_and_what_was_used_since(built: Demo) -> None:
    """Old secrets end, what others made stays, and the days that passed have their uses."""
    user = User.objects.get(email=ADMIN)
    _, mine = personal.make(user, name="mine", days=30, now=NOW)
    other = sources.add("other", team="demo-works", now=NOW)
    later = Instant(NOW + 3 * DAY)
    before, set_before = Event.objects.count(), Audit.objects.filter(verb="password.set").count()

    again = prepare(now=later, said=silent)

    assert Audit.objects.filter(verb="password.set").count() == set_before + 3
    assert (again.flex_contract, again.enterprise_contract) == (built.flex_contract, built.enterprise_contract)
    assert again.admin.password != built.admin.password
    assert personal.bearer(built.token, now=later) is None
    assert sources.of_key(built.source_key, now=later) is None
    given = [one.name for one in sources.listed() if one.name.startswith("Workstations (demo)")]
    assert given == ["Workstations (demo)", "Workstations (demo) 2"]
    assert None not in (personal.bearer(mine, now=later), sources.of_key(other, now=later))
    assert before < Event.objects.count() < before + 300
    assert set(Event.objects.values_list("state", flat=True)) == {"ACCEPTED"}
    assert PersonalToken.objects.count() == 3


def test_the_screen_says_where_to_look_who_to_be_and_what_is_next(built: Demo) -> None:
    """Address, three people with passwords, three commands, how to stop, and the next step, in this order."""
    told = what_to_try(built, base="http://127.0.0.1:8000", folder=Path("demo-data"))

    people = [part for one in (built.admin, built.ordinary, built.operator) for part in (one.email, one.password)]
    places = [told.index(part) for part in ("http://127.0.0.1:8000\n", *people, "Ctrl-C", "Next:")]
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


def test_a_folder_that_was_built_before_gets_people_and_access(
    db: None, warehouse: None, tmp_path: Path, settings: Settings
) -> None:
    """What it lacks is added, once; the administrator leads both teams as before, and the others help."""
    settings.OUTBOX = tmp_path / "outbox"
    built_before(midnight(Day(day_of(NOW) - BEFORE_DAYS)))

    first = prepare(now=NOW, said=silent)
    people = Person.objects.count()
    again = prepare(now=Instant(NOW + HOUR), said=silent)

    assert (first.operator.email, again.operator.email) == (OPERATOR, OPERATOR)
    assert Person.objects.count() == people == 60 + len(SEATED) + len(IMPORTED) + 3
    assert set(Membership.objects.filter(role="PRIMARY").values_list("user__email", flat=True)) == {ADMIN}
    assert Membership.objects.filter(role="SECONDARY").count() == 2
    assert set(Event.objects.values_list("state", flat=True)) == {"ACCEPTED"}

    User.objects.filter(email=OPERATOR).delete()
    with pytest.raises(Conflict, match="was cut short"):
        prepare(now=NOW, said=silent)


def built_before(start: Instant) -> None:
    """Build what a folder had before there were people and access, without the use of the year."""
    stock(start)
    roles = {}
    for slug, scheme, cast in (
        (FLEX_TEAM, "FLEX", people(day_of(NOW))[:FLEX_PEOPLE]),
        (ENTERPRISE_TEAM, "ENTERPRISE", people(day_of(NOW))[FLEX_PEOPLE:]),
    ):
        team = catalogue.add_team(slug, slug, now=start)
        end = {"end": Day(day_of(start) + 1095)} if scheme == "ENTERPRISE" else {}
        kind, card = catalogue.Scheme(scheme), f"demo-{scheme.lower()}"
        made = catalogue.add_contract(team, kind, offer="demo", card=card, start=day_of(start), **end)
        ends = {} if scheme == "FLEX" else {"until": midnight(Day(day_of(NOW) + 90))}
        pool = Pool.FLEX if scheme == "FLEX" else Pool.MY
        give(Purchase(contract=made.number, pool=pool, tokens=tokens("900"), since=start, **ends), now=start)
        for one in cast:
            catalogue.add_person(team, one.login, one.name, now=start)
        roles[team] = catalogue.Role.PRIMARY
    catalogue.add_account(ADMIN, "correct horse battery", "Demo Admin", roles=roles, now=start)
