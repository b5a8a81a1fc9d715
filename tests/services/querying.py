"""Queries asked of the service: a clock that tests move, people in the warehouse, and short ways to submit and look."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.services.asking import readable
from tests.world import NOW, World

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.usage import Funding, UsageCategory
from farebox.query.codes import FUNDINGS, USAGE_CATEGORIES
from farebox.query.plan import Question
from farebox.records.models import User
from farebox.records.reading import Readable
from farebox.services import queries
from farebox.services.queries import Pool, QueryStatus, Standing
from farebox.warehouse import Batch, Fact, PersonRow
from farebox.warehouse.current import warehouse

WHO = Question(fields=("userName",), metrics=("tokensConsumed", "usageHours"))


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: Instant = NOW

    def __call__(self) -> Instant:
        """Tell the time."""
        return self.now

    def move(self, us: int) -> None:
        """Let time pass."""
        self.now = Instant(self.now + us)


def use(contract: int, people: Iterable[int], *, position: int) -> None:
    """Tell the warehouse of an hour's use by each of some people, as one batch."""
    listed = list(people)
    facts = [
        Fact(
            charge_id=position * 1_000_000 + person,
            contract_id=contract,
            usage_date=day_of(NOW),
            contract_year=1,
            usage_category=USAGE_CATEGORIES.code(UsageCategory.DESKTOP_PRODUCT),
            funding=FUNDINGS.code(Funding.TOKENS),
            charged=1,
            duration_us=3_600_000_000 + person,
            tokens_micro=Tokens(7_000_000),
            person_id=person,
        )
        for person in listed
    ]
    rows = [PersonRow(person, name(person), f"pseudonym-{person:06}") for person in listed]
    assert warehouse().apply(Batch(position, NOW, facts, people=rows))


def name(person: int) -> str:
    """Return the name of a person."""
    return f"person-{person:06}@example.com"


@dataclass
class Desk:
    """Somebody who asks about the Flex contract; their queries are carried out at once, or by threads of a pool."""

    world: World
    clock: Clock
    asker: int
    contract: Readable
    pool: Pool

    @classmethod
    def of(cls, world: World, *, pool: Pool | None = None, email: str = "ann@example.com") -> Desk:
        """Make an account and a desk for it."""
        user = User.objects.create_user(email, name="Ann")
        return cls(world, Clock(), user.pk, readable(world.flex_contract), pool or Pool(0))

    def submit(self, question: Question = WHO, **changes: bool | tuple[str, ...]) -> str:
        """Submit a question and return its id."""
        contract = self.seen(**changes)
        return queries.submit(question, contract, asker=self.asker, clock=self.clock, pool=self.pool)

    def look(self, query: str, offset: int = 0, limit: int = 10_000, **changes: bool | tuple[str, ...]) -> Standing:
        """Look at a query."""
        contract = self.seen(**changes)
        return queries.look(
            query, contract, asker=self.asker, offset=offset, limit=limit, clock=self.clock, pool=self.pool
        )

    def rows(self, query: str, offset: int = 0, limit: int = 10_000) -> list[list[object]]:
        """Return a page of a finished query."""
        standing = self.look(query, offset, limit)
        assert (standing.status, standing.page is None) == (QueryStatus.DONE, False)
        assert standing.page is not None
        return [json.loads(bytes(row)) for row in standing.page.rows]

    def seen(self, **changes: bool | tuple[str, ...]) -> Readable:
        """Return the contract, with something about it changed."""
        return replace(self.contract, **changes)  # type: ignore[arg-type]
