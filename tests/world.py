"""A small world for tests: two teams, a few products, and short ways to send events and read the books."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import Instant, day_of, read_instant
from farebox.domain.packs import Pool
from farebox.records.models import Charge, Contract, Entry, Pack, Product, Team
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.give import Purchase, give
from farebox.services.ingest import Receipt, SourceKey, ingest

START = read_instant("2026-01-01T00:00:00Z")
NOW = read_instant("2026-06-01T00:00:00Z")


def at(text: str) -> Instant:
    """Read "2026-03-04 09:12" as an instant in UTC."""
    return read_instant(stamp(text))


def stamp(text: str) -> str:
    """Write "2026-03-04 09:12" or "2026-03-04 09:12:00.000001" as RFC 3339 in UTC."""
    return text.replace(" ", "T") + (":00Z" if len(text) == 16 else "Z")


def event(
    id: str,  # noqa: A002
    person: str,
    product: str,
    start: str,
    end: str | None,
    *,
    source: str = "test",
    revision: int = 0,
    **data: Any,
) -> bytes:
    """Write a session event."""
    body: dict[str, Any] = {"product": product, "start": stamp(start), **data}
    if end is not None:
        body["end"] = stamp(end)
    return message("farebox.session", id, body, time=start, source=source, subject=person, revision=revision)


def withdrawal(id: str, revision: int, *, source: str = "test") -> bytes:  # noqa: A002
    """Write the event that takes another back."""
    return message("farebox.withdrawal", id, {}, source=source, revision=revision)


def message(
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    data: dict[str, Any],
    *,
    time: str = "2026-03-02 08:00",
    source: str = "test",
    **members: Any,
) -> bytes:
    """Write an event of any type; `members` are further members of its envelope."""
    envelope = {"specversion": "1.0", "id": id, "source": source, "type": type, "time": stamp(time), **members}
    return json.dumps({**envelope, "data": data}).encode()


@dataclass
class World:
    """Two teams: `flex` with products A (7), B (10), Z (0); `ent` with A (6) and B (10) in one family."""

    flex: Team = field(init=False)
    ent: Team = field(init=False)
    flex_contract: Contract = field(init=False)
    ent_contract: Contract = field(init=False)
    products: dict[str, Product] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Build it."""
        self.flex = catalogue.add_team("flex", "Flex team", now=START)
        self.ent = catalogue.add_team("ent", "Enterprise team", now=START)
        for code, family in (("A", "F"), ("B", "F"), ("Z", "Z")):
            self.products[code] = catalogue.add_product(
                catalogue.NewProduct(code=code, name=f"Product {code}", family=family, codes={f"{code}_2026": "2026"})
            )
        catalogue.open_offer("all", self.products.values(), since=START)
        for code, flex_rate, ent_rate in (("A", "7", "6"), ("B", "10", "10"), ("Z", "0", "0")):
            catalogue.set_rate("flex", self.products[code], tokens(flex_rate), since=START)
            catalogue.set_rate("ent", self.products[code], tokens(ent_rate), since=START)
        day = day_of(START)
        self.flex_contract = catalogue.add_contract(self.flex, Scheme.FLEX, offer="all", card="flex", start=day)
        self.ent_contract = catalogue.add_contract(self.ent, Scheme.ENTERPRISE, offer="all", card="ent", start=day)

    def give(self, amount: str, *, since: str = "2026-01-01 00:00", until: str | None = None, ent: bool = False) -> int:
        """Give a pack and return its id."""
        contract = self.ent_contract if ent else self.flex_contract
        bought = Purchase(
            contract=contract.number,
            pool=Pool.CY if ent else Pool.FLEX,
            tokens=tokens(amount),
            since=at(since),
            until=at(until) if until else None,
        )
        return give(bought, now=at(since)).pack

    def send(self, *events: bytes, ent: bool = False, now: Instant = NOW, key: SourceKey | None = None) -> Receipt:
        """Send events as one request, with the key of the Flex team unless told otherwise."""
        key = key or SourceKey(0, (self.ent if ent else self.flex).pk)
        return ingest(events, key=key, now=now, with_charges=True)

    def states(self, *events: bytes, ent: bool = False, now: Instant = NOW, key: SourceKey | None = None) -> list[str]:
        """Send events as one request, and return what became of each: its state and the codes of its problems."""
        verdicts = self.send(*events, ent=ent, now=now, key=key).verdicts
        return [" ".join([one.state, *(problem.code for problem in one.problems)]) for one in verdicts]

    def charges(self) -> list[str]:
        """Return the charges that count, as short texts in order."""
        live = Charge.objects.filter(ended_us__isnull=True).order_by("since_us", "person_id", "product_id", "id")
        return [f"{charge.category} {as_text(charge.tokens_micro)}" for charge in live]

    def total(self) -> str:
        """Return the tokens of all charges that count."""
        return as_text(sum(Charge.objects.filter(ended_us__isnull=True).values_list("tokens_micro", flat=True)))

    def left(self, pack: int) -> str:
        """Return what a pack has left."""
        return as_text(Pack.objects.get(pk=pack).left_micro)

    def entries(self) -> list[str]:
        """Return the ledger in order: kind and amount."""
        return [f"{e.kind} {as_text(e.tokens_micro)}" for e in Entry.objects.order_by("team_id", "number")]
