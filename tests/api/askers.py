"""Everybody who may ask the usage API, each with a token, and the contracts that they ask about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import transaction
from tests.api.sending import Sender, an_event
from tests.world import START

from farebox.domain.clock import day_of
from farebox.domain.rights import Role
from farebox.domain.schedules import Kind, Level, Wanted
from farebox.query.plan import Question
from farebox.records.models import ContractField, Team, User
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue, export, queries, report, schedule, tokens
from farebox.services.project import project
from farebox.wallclock import now

PASSWORD = "correct horse battery"
READ, WRITE = "data:read", "data:write"


class Who(StrEnum):
    """The eight who ask (quality: authorization matrix)."""

    ANONYMOUS = "anonymous"
    USER = "user"
    SSO = "sso"
    SECONDARY = "secondary"
    PRIMARY = "primary"
    READER = "reader"
    WRITER = "writer"
    STRANGER = "stranger"


MEMBERS = {Who.USER: Role.USER, Who.SSO: Role.SSO, Who.SECONDARY: Role.SECONDARY, Who.PRIMARY: Role.PRIMARY}
"""Those with a role in the team whose contract is asked about; their tokens may read and write."""

SCOPES = {Who.READER: READ, Who.WRITER: WRITE}
"""Tokens of the primary administrator that may do one thing only."""

REPORTING = (Who.SSO, Who.SECONDARY, Who.PRIMARY, Who.READER, Who.WRITER)
"""Those who may have things of their own in the Flex team."""

GONE = {
    "query_id": "0" * 56,
    "request_key": "2026-01-01T00:00:00#00000000-0000-4000-8000-000000000000",
    "schedule_id": "00000000-0000-4000-8000-000000000000",
}
"""Names of things that were never there."""


@dataclass
class Askers:
    """The Flex team as everybody sees it: `own` is its contract, `foreign` another team's, the others are none."""

    sender: Sender
    tokens: dict[Who, str] = field(default_factory=dict)
    unknown: str = "999999999999"
    deleted: str = field(init=False)

    def __post_init__(self) -> None:
        """Make accounts and tokens, a contract that is gone, and use of two products."""
        world = self.sender.world
        for who, role in MEMBERS.items():
            self.tokens[who] = _token(who, {world.flex: role}, f"{READ} {WRITE}")
        for who, scope in SCOPES.items():
            self.tokens[who] = _token(who, {world.flex: Role.SECONDARY}, scope)
        self.tokens[Who.STRANGER] = _token(Who.STRANGER, {world.ent: Role.PRIMARY}, f"{READ} {WRITE}")
        gone = catalogue.add_contract(world.flex, Scheme.ENTERPRISE, offer="all", card="ent", start=day_of(START))
        self.deleted = gone.number
        gone.delete()
        ContractField.objects.create(contract=world.flex_contract, position=1, name="Site")
        world.give("100")
        self._use()

    def _use(self) -> None:
        used = [("ann@example.com", "A", "Lund"), ("ben@example.com", "A", "Lyon"), ("ann@example.com", "B", "Lund")]
        events = [
            an_event(f"use-{nth}", subject=who, data={"product": what, "attributes": {"Site": site}})
            for nth, (who, what, site) in enumerate(used)
        ]
        assert self.sender.post(events).counts == (3, 3, 0, 0, 0)
        project()

    @property
    def own(self) -> str:
        """The number of the contract that is asked about."""
        return self.sender.world.flex_contract.number

    @property
    def foreign(self) -> str:
        """The number of another team's contract."""
        return self.sender.world.ent_contract.number

    def headers(self, who: Who) -> dict[str, str]:
        """Return the headers with which somebody asks."""
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def things(self, who: Who) -> dict[str, str]:
        """Make a query, an export and a schedule for somebody, or for the primary where they may not; name them."""
        if who is Who.STRANGER:
            return _made(who, self.foreign)
        return _made(who if who in REPORTING else Who.PRIMARY, self.own)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def account(who: Who) -> User:
    """Return somebody's account."""
    return User.objects.get(email=f"{who}@example.com")


def _made(who: Who, number: str) -> dict[str, str]:
    owner = account(who)
    contract = report.contract_of(owner, number)
    question = Question(fields=("productName",), metrics=("tokensConsumed",))
    wanted = Wanted(Kind.DESKTOP_PRODUCT, (Level.DAILY,))
    order = schedule.Order(frequency="0 0 18 5 * *", enabled=True, wanted=(wanted,))
    return {
        "query_id": queries.submit(question, contract, asker=owner.pk, clock=now),
        "request_key": export.request(owner, contract, question, now=now()).key,
        "schedule_id": str(schedule.make(owner, contract, order, now=now()).id),
    }


def _token(who: Who, roles: dict[Team, Role], scopes: str) -> str:
    user = catalogue.add_account(f"{who}@example.com", PASSWORD, f"The {who}", roles=roles, now=now())
    return tokens.make(user, name="script", days=30, now=now(), scopes=scopes)[1]
