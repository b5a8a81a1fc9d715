"""What the fault tests charge: two teams, a product, a pack that does not run out, and keys of sources."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.faults.zygote import RECORDS, Zygote

from farebox.domain.amounts import tokens
from farebox.domain.clock import day_of, read_instant
from farebox.domain.packs import Pool
from farebox.records.models import Assignment, Person, Team
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue, sources
from farebox.services.give import Purchase, give

SINCE = read_instant("2020-01-01T00:00:00Z")
UNTIL = read_instant("2099-01-01T00:00:00Z")
RATE_TOKENS = 7
SIZE_TOKENS = 10_000_000
LIVE = "live-"
"""What the names of members, and so of launches, begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """An installation on which faults are tried: where it is prepared, and what opens it."""

    folder: Path
    key: str
    contract: str
    enterprise_key: str
    enterprise_contract: str

    def copy_to(self, folder: Path) -> Path:
        """Put a copy of the prepared records into a new data folder."""
        return copied(self.folder, folder)


def copied(folder: Path, to: Path) -> Path:
    """Copy the records of a folder that nobody has open into a new one, and return that."""
    to.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / RECORDS, to / RECORDS)
    return to


def prepare(zygote: Zygote) -> Estate:
    """Fill the zygote's own folder, which is copied from then on."""
    return Estate(folder=zygote.folder, **zygote.call(zygote.folder, "tests.faults.estate:build"))


def build() -> dict[str, str]:
    """Make the teams, their contracts, packs and keys, and return what opens them."""
    product = catalogue.add_product(catalogue.NewProduct(code="A", name="Product A", family="F", codes={}))
    catalogue.open_offer("all", [product], since=SINCE)
    catalogue.set_rate("card", product, tokens(str(RATE_TOKENS)), since=SINCE)
    facts: dict[str, str] = {}
    for slug, scheme, pool, prefix in (
        ("fleet", Scheme.FLEX, Pool.FLEX, ""),
        ("works", Scheme.ENTERPRISE, Pool.CY, "enterprise_"),
    ):
        team = catalogue.add_team(slug, slug.capitalize(), now=SINCE)
        contract = catalogue.add_contract(team, scheme, offer="all", card="card", start=day_of(SINCE))
        give(
            Purchase(contract=contract.number, pool=pool, tokens=tokens(str(SIZE_TOKENS)), since=SINCE, until=UNTIL),
            now=SINCE,
        )
        facts |= {
            f"{prefix}key": sources.add("faults", now=SINCE, team=slug),
            f"{prefix}contract": contract.number,
        }
    return facts


def add_members(clients: list[str], each: int) -> None:
    """Make people to whom everything is assigned, so many for each client, for it to launch products for."""
    team = Team.objects.get(slug="fleet")
    names = [member(client, nth) for client in clients for nth in range(each)]
    since = {"created_us": SINCE, "member_us": SINCE}
    Person.objects.bulk_create(
        Person(team=team, key=f"{name}@example.com", pseudonym=f"u-{name}", **since) for name in names
    )
    ours = Person.objects.filter(key__startswith=LIVE)
    Assignment.objects.bulk_create(Assignment(person=one, product=None, since_us=SINCE) for one in ours)


def member(client: str, nth: int) -> str:
    """Return the name of the n-th of a client's members."""
    return f"{LIVE}{client}-{nth}"
