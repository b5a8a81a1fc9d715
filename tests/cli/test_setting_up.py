"""The commands with which an operator sets up an empty installation, in that order (docs/operating.md)."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cli.conftest import Run
from tests.world import event

from farebox.records.models import Charge, Contract, Membership, Pack, Product, Rate, Source, Team, User
from farebox.services.ingest import SourceKey, ingest
from farebox.wallclock import now

PASSWORD = "correct horse battery"
SINCE = ("--since", "2026-01-01")


@pytest.fixture
def number(run: Run) -> str:
    """Set up a product, its rate, a team and its Flex contract, and return the contract's number."""
    run("product", "add", "ACD", "AutoCAD", "--alias", "85730ACD_2026_0F=2026", "--offer", "all", *SINCE)
    run("product", "rate", "ACD", "7", "--card", "standard", *SINCE)
    run("team", "add", "design", "Design")
    made = run("contract", "add", "design", "flex", "--offer", "all", "--card", "standard", "--start", "2026-01-01")
    return made.stdout.strip()


def test_an_empty_installation_is_set_up_and_takes_a_use(run: Run, number: str, client: Client) -> None:
    """From nothing to a charged use, by commands alone; the key that a command prints opens ingest."""
    run("pack", "give", number, "500", "--order", "PO-1", *SINCE)
    key = run("source", "add", "licence server", "--team", "design").stdout.strip()
    body = event("e", "ann@example.com", "85730ACD_2026_0F", "2026-03-02 08:00", "2026-03-02 09:00")

    answer = client.post(
        "/v1/events", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )

    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert Pack.objects.get().left_micro == 493_000_000
    assert Charge.objects.get().use.event is not None


def test_each_step_names_the_next(run: Run) -> None:
    """A command that leaves something to do says which command does it."""
    assert "farebox product rate ACD" in run("product", "add", "ACD", "AutoCAD").stdout
    assert "farebox quarantine release" in run("product", "rate", "ACD", "0.1", "--card", "c").stdout
    assert "farebox contract add design flex" in run("team", "add", "design", "Design").stdout


def test_a_team_is_added_once(run: Run) -> None:
    """A slug is taken by the first; a slug and a name that are none are both told."""
    run("team", "add", "design", "Design")

    assert "there is a team 'design' already (conflict)" in run("team", "add", "design", "Other", code=1).stderr
    wrong = run("team", "add", "Design North", " ", code=1)
    assert [line.partition(":")[0] for line in wrong.stderr.splitlines()] == ["/slug", "/name"]
    assert wrong.stdout == ""
    assert Team.objects.count() == 1


def test_a_product_has_codes_of_its_own(run: Run) -> None:
    """Aliases may tell a version; no code stands for two products."""
    run("product", "add", "ACD", "AutoCAD", "--family", "DRAW", "--alias", "OLD", "--alias", "F_2026=2026")

    assert "F_2026 already (conflict)" in run("product", "add", "BCD", "B", "--alias", "F_2026", code=1).stderr
    assert list(Product.objects.get().codes.order_by("code").values_list("code", "version")) == [
        ("F_2026", "2026"),
        ("OLD", ""),
    ]


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("1e3", "invalid_amount"),
        ("7,5", "invalid_amount"),
        ("\u0661", "invalid_amount"),
        ("-8", "a rate is not negative"),
    ],
)
def test_a_rate_is_an_amount(run: Run, amount: str, says: str) -> None:
    """Rates are plain decimals and not negative; a rate that stands from an instant is not overwritten."""
    run("product", "add", "ACD", "AutoCAD")
    run("product", "rate", "ACD", "7", "--card", "c", *SINCE)

    assert says in run("product", "rate", "ACD", "--card", "c", "--", amount, code=1).stderr
    assert "conflict" in run("product", "rate", "ACD", "8", "--card", "c", *SINCE, code=1).stderr
    assert "no product 'XYZ'" in run("product", "rate", "XYZ", "8", "--card", "c", code=1).stderr
    assert Rate.objects.count() == 1


def test_a_contract_needs_what_it_names(run: Run, number: str) -> None:
    """One contract a scheme and team, an offer and a card that exist, and an end after the start."""
    add = ("contract", "add", "design")
    named = ("--offer", "all", "--card", "standard")

    assert (len(number), number.isdecimal()) == (12, True)
    assert "conflict" in run(*add, "flex", *named, "--start", "2026-01-01", code=1).stderr
    assert (
        "no offer 'x'"
        in run(*add, "enterprise", "--offer", "x", "--card", "standard", "--start", "2026-01-01", code=1).stderr
    )
    assert "not a date like" in run(*add, "enterprise", *named, "--start", "1 January", code=1).stderr
    ends = ("--start", "2026-01-01", "--end", "2026-01-01")
    assert "/end: the contract ends before it starts" in run(*add, "enterprise", *named, *ends, code=1).stderr
    assert "no team 'x'" in run("contract", "add", "x", "flex", *named, "--start", "2026-01-01", code=1).stderr
    assert Contract.objects.count() == 1


def test_a_pack_is_given_once_for_a_key(run: Run, number: str) -> None:
    """The same purchase with the same key gives no second pack; another purchase with it is a conflict (L8)."""
    give = ("pack", "give", number)

    first = run(*give, "500", *SINCE, "--key", "k").stdout
    assert first == run(*give, "500", *SINCE, "--key", "k").stdout
    assert "500 tokens until 2027-01-01T00:00:00Z; 0 covered shortfalls" in first
    assert "conflict" in run(*give, "600", *SINCE, "--key", "k", code=1).stderr
    assert run(*give, "5", "--key", "now").stdout == run(*give, "5", "--key", "now").stdout
    assert Pack.objects.count() == 2


def test_every_problem_of_a_pack_is_told(run: Run, number: str) -> None:
    """One run tells all that is wrong with a purchase."""
    wrong = run("pack", "give", number, "0", "--pool", "my", *SINCE, "--until", "2025-01-01", code=1)

    assert [line.rsplit(" ", 1)[1] for line in wrong.stderr.splitlines()] == [
        "(invalid_value)",
        "(invalid_value)",
        "(end_before_start)",
    ]
    assert "no contract 1" in run("pack", "give", "1", "5", code=1).stderr
    assert "not a moment like" in run("pack", "give", number, "5", "--since", "yesterday", code=1).stderr


def test_a_pack_pays_open_shortfalls_first(run: Run, number: str) -> None:
    """The output says what of the pack went to uses that came before it (domain F8)."""
    body = event("e", "ann@example.com", "ACD", "2026-03-02 08:00", "2026-03-02 09:00")
    ingest([body], key=SourceKey(0, Team.objects.get().pk), now=now())

    assert "7 covered shortfalls" in run("pack", "give", number, "10", "--since", "2026-04-01").stdout


def test_an_account_signs_in_with_the_password_that_was_typed(run: Run, number: str, client: Client) -> None:
    """The password is asked for twice and never shown; the roles are those of the teams named."""
    typed = f"{PASSWORD}\n{PASSWORD}\n"

    done = run("account", "add", "Boss@Example.com", "The Boss", "--team", "design", "--role", "primary", typed=typed)

    assert "boss@example.com may sign in" in done.stdout
    assert PASSWORD not in done.output
    assert Membership.objects.get().role == "PRIMARY"
    assert client.login(email="boss@example.com", password=PASSWORD)


def test_an_account_is_held_to_the_rules_of_the_pages(run: Run, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No account without an e-mail address, with a weak password, or twice; no second primary administrator."""
    monkeypatch.setenv("FAREBOX_PASSWORD", "123")
    weak = run("account", "add", "boss", "Boss", "--team", "design", code=1).stderr
    assert [line.partition(":")[0] for line in weak.splitlines()] == ["/email", "/password", "/password"]

    monkeypatch.setenv("FAREBOX_PASSWORD", PASSWORD)
    run("account", "add", "boss@example.com", "Boss", "--team", "design", "--role", "primary")
    assert "has an account already" in run("account", "add", "BOSS@example.com", "B", "--team", "design", code=1).stderr
    assert run("account", "add", "b@example.com", "Ben", "--team", "design", "--role", "primary", code=1).stderr
    assert "no team 'x'" in run("account", "add", "c@example.com", "Cy", "--team", "x", code=1).stderr
    assert Membership.objects.count() == 1


def test_a_source_is_listed_and_revoked(run: Run, number: str) -> None:
    """The key is shown once; the list shows its first characters, and whether it is in force."""
    key = run("source", "add", "srv", "--team", "design", "--interval-minutes", "60").stdout.strip()
    run("source", "add", "proxy")

    assert run("source", "list").stdout.splitlines() == [
        f"proxy\t(installation)\t{Source.objects.get(name='proxy').prefix}…\tin force",
        f"srv\tdesign\t{key[:10]}…\tin force",
    ]
    assert key not in run("source", "list").stdout
    assert "conflict" in run("source", "add", "srv", "--team", "design", code=1).stderr
    run("source", "revoke", "srv", "--team", "design")
    assert "no source 'srv'" in run("source", "revoke", "srv", "--team", "design", code=1).stderr
    assert "no source 'proxy'" in run("source", "revoke", "proxy", "--team", "design", code=1).stderr
    assert "revoked" in run("source", "list").stdout


def test_waiting_events_are_listed_and_released(run: Run, number: str) -> None:
    """What waits is counted by what it waits for; once the catalogue knows it, it is charged."""
    bodies = [event(str(nth), "ann@example.com", "NEW", "2026-03-02 08:00", "2026-03-02 09:00") for nth in range(3)]
    ingest(bodies, key=SourceKey(0, Team.objects.get().pk), now=now())

    assert run("quarantine", "list").stdout == "3\tunknown_product\tdesign\tNEW\tfarebox.session\n"
    assert run("quarantine", "release").stdout == "0 events released\n"
    run("product", "add", "NEW", "New", "--offer", "all", *SINCE)
    run("product", "rate", "NEW", "5", "--card", "standard", *SINCE)

    assert run("quarantine", "release").stdout == "3 events released\n"
    assert run("quarantine", "list").stdout == ""
    assert run("quarantine", "release").stdout == "0 events released\n"


def test_the_warehouse_is_filled_anew(run: Run, number: str) -> None:
    """A rebuild ends at the last position of the records, and may be repeated."""
    body = event("e", "ann@example.com", "ACD", "2026-03-02 08:00", "2026-03-02 09:00")
    ingest([body], key=SourceKey(0, Team.objects.get().pk), now=now())

    first = run("warehouse", "rebuild").stdout

    assert first.startswith("rebuilt to position ")
    assert first == run("warehouse", "rebuild").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("team", "add"),
        ("team", "add", "a", "b", "c"),
        ("contract", "add", "design", "prepaid", "--offer", "a", "--card", "b", "--start", "2026-01-01"),
        ("source", "add", "x", "--interval-minutes", "0"),
        ("source", "add", "x", "--interval-minutes", "soon"),
        ("import", "flexnet", "no-such-file", "--team", "a", "--zone", "UTC"),
        ("pack", "give", "1", "5", "--pool", "gold"),
    ],
)
def test_a_command_line_that_makes_no_sense_ends_with_2(run: Run, words: tuple[str, ...]) -> None:
    """Usage errors are told apart from refusals, and name the help."""
    assert "Error" in run(*words, code=2).stderr


def test_contracts_are_listed(run: Run, number: str) -> None:
    """A number that was lost is found again."""
    assert run("contract", "list").stdout.splitlines() == [f"{number}\tdesign\tflex\t2026-01-01\t-"]


def test_a_forgotten_password_is_replaced(run: Run, number: str) -> None:
    """The operator gives another one; a weak one and an unknown address are refused."""
    add = ("account", "add", "ann@example.com", "Ann", "--team", "design")
    run(*add, "--password", "the first long password")

    run("account", "password", "ann@example.com", "--password", "another long password")

    assert User.objects.get().check_password("another long password")
    assert "weak_password" in run("account", "password", "ann@example.com", "--password", "x", code=1).stderr
    assert "no account" in run("account", "password", "bo@example.com", "--password", "x" * 20, code=1).stderr
