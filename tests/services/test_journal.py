"""The ledger as a journal: beancount loads it without an error, its balances are ours, and it sees what is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data, realization
from beancount.core.amount import Amount
from tests.services.test_verify import busy
from tests.world import World

from farebox.domain.errors import NotFound
from farebox.domain.ids import charged_item_id
from farebox.records.models import Charge, Entry, Pack
from farebox.services.journal import beancount


def load(text: str) -> tuple[data.Directives, list[str]]:
    """Load a journal with the published package; return its directives and what it complains about."""
    entries, errors, _ = loader.load_string(text, dedent=False)
    return entries, [str(error.message) for error in errors]


def journal(team: str = "") -> str:
    """Write the journal as one text."""
    return "".join(beancount(team=team))


@pytest.fixture
def written(world: World) -> str:
    """Return the journal of busy books."""
    busy(world)
    return journal()


def test_the_journal_loads_without_an_error(written: str) -> None:
    """Every transaction balances, every account is open, and every balance that our books state is proven."""
    directives, errors = load(written)

    assert errors == []
    kinds = [type(one) for one in directives]
    assert kinds.count(data.Transaction) == Entry.objects.count()
    assert kinds.count(data.Balance) == kinds.count(data.Open) == 10


def test_its_balances_are_ours(written: str) -> None:
    """What beancount adds up for each pack is what the pack says is left."""
    directives, _ = load(written)
    root = realization.realize(directives)

    for pack in Pack.objects.select_related("contract__team"):
        name = f"Assets:Team-{pack.contract.team.slug}:{pack.pool}:Pack:{pack.pk}"
        held = realization.get(root, name).balance.get_currency_units("TOKEN")
        assert held == Amount(Decimal(pack.left_micro) / 1_000_000, "TOKEN")


def test_a_transaction_says_what_caused_it(written: str) -> None:
    """The entries of a charge carry its id, as reports show it; others their hold; all their number and instant."""
    directives, _ = load(written)
    found = [one for one in directives if isinstance(one, data.Transaction)]
    charged = {charged_item_id(charge) for charge in Charge.objects.values_list("pk", flat=True)}

    assert {one.meta["charge"] for one in found if one.narration == "DRAWN"} <= charged
    assert all("hold" in one.meta for one in found if one.narration == "RESERVED")
    assert all({"number", "at"} <= one.meta.keys() for one in found)


def test_one_team_alone(written: str) -> None:
    """The journal of one team has nothing of another's; both together are the whole."""
    one, other = journal("flex"), journal("ent")

    assert "Team-ent" not in one
    assert "Team-flex" not in other
    assert load(one)[1] == load(other)[1] == []
    assert len(load(one)[0]) + len(load(other)[0]) == len(load(written)[0])
    with pytest.raises(NotFound):
        journal("nobody")


def test_nothing_says_who(written: str) -> None:
    """A journal may be given away: no person is named in it."""
    assert "ana" not in written
    assert "example.com" not in written


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("  100.000000 TOKEN", "  100.000001 TOKEN"),
        ("100.000000 TOKEN", "99.999999 TOKEN"),
        ("Consumed", "Expired"),
        ('* "DRAWN"', '* "DRAWN" ; lost\n\n1990-01-01 *'),
        ("balance Assets", "balance Equity"),
    ],
)
def test_a_changed_journal_fails(written: str, was: str, becomes: str) -> None:
    """A millionth more, an amount or an account that is another: the published program complains."""
    assert was in written

    _, errors = load(written.replace(was, becomes, 1))

    assert errors


def test_a_pack_that_says_something_else_fails(world: World) -> None:
    """The balances are what the packs say of themselves, so that a wrong one is proven wrong."""
    busy(world)
    Pack.objects.filter(size_micro=100_000_000).update(left_micro=1)

    _, errors = load(journal())

    assert len(errors) == 1
    assert errors[0].startswith("Balance failed")


def test_books_without_an_entry(world: World, tmp_path: Path) -> None:
    """Empty books are an empty journal."""
    file = tmp_path / "empty.beancount"
    file.write_text(journal(), encoding="utf-8")

    entries, errors, _ = loader.load_file(str(file))

    assert (entries, errors) == ([], [])
