"""Questions about usage: names to a plan, the plan to the warehouse, and what comes back with its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.present import JsonCell, json_rows
from farebox.records.models import Contract, ContractField, Membership
from farebox.records.models.teams import Role
from farebox.warehouse import Answer
from farebox.warehouse.current import warehouse

QUERY_SECONDS = 300.0
"""How long a question may run (usage-api 1.3)."""

REPORTING = (Role.PRIMARY, Role.SECONDARY, Role.SSO)
"""The roles that may read a team's usage (quality: authorization matrix)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """A contract that somebody may ask about."""

    id: int
    number: str
    name: str
    team: str
    team_id: int
    scheme: str
    start_day: int
    names_hidden: bool
    fields: tuple[str, ...]

    @property
    def asker(self) -> Asker:
        """Who asks, as the query layer knows it: the contract comes from here, never from the question."""
        return Asker(contract_id=self.id, names_hidden=self.names_hidden, custom_names=self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An answer ready to show: columns, rows of cells, how many rows there are in all, and what moment it shows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[JsonCell, ...], ...]
    total: int
    position: int
    as_of: Instant


def contracts_of(user: AbstractBaseUser) -> list[Readable]:
    """Return the contracts whose usage `user` may read, Flex before enterprise, by team (domain C2)."""
    teams = Membership.objects.filter(user_id=user.pk, role__in=REPORTING).values_list("team_id", flat=True)
    rows = Contract.objects.filter(team_id__in=list(teams)).select_related("team").order_by("team__name", "-scheme")
    names = _custom_names([row.pk for row in rows])
    return [
        Readable(
            id=row.pk,
            number=row.number,
            name=row.name,
            team=row.team.name,
            team_id=row.team_id,
            scheme=row.scheme,
            start_day=row.start_day,
            names_hidden=row.team.names_hidden,
            fields=names.get(row.pk, ()),
        )
        for row in rows
    ]


def contract_of(user: AbstractBaseUser, number: str) -> Readable:
    """Return one contract that `user` may read. Raises `NotFound` for any other, whether or not it exists (T2)."""
    for contract in contracts_of(user):
        if contract.number == number:
            return contract
    raise NotFound("no such contract, or not yours to read")


def _custom_names(contracts: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {contract: [""] * 10 for contract in contracts}
    for field in ContractField.objects.filter(contract_id__in=contracts):
        found[field.contract_id][field.position - 1] = field.name
    return {contract: tuple(names) for contract, names in found.items()}


def answer(question: Question, contract: Readable, *, offset: int = 0, limit: int | None = None) -> Table:
    """
    Answer one question about one contract, all rows or a page of them.

    Raises `QueryRejected` with every problem of the question, `TimeoutError` when it runs for too long.
    """
    return answers([question], contract, offset=offset, limit=limit)[0]


def answers(
    questions: Sequence[Question], contract: Readable, *, offset: int = 0, limit: int | None = None
) -> list[Table]:
    """Answer several questions about one contract, all at one ledger position (domain R4)."""
    plans = [make_plan(question, contract.asker, lenient=True) for question in questions]
    with warehouse().snapshot() as snapshot:
        found = [snapshot.ask(plan, offset=offset, limit=limit, timeout_seconds=QUERY_SECONDS) for plan in plans]
    return [_table(one, tuple(json_rows(plan, one.rows))) for plan, one in zip(plans, found, strict=True)]


def _table(found: Answer, rows: tuple[tuple[JsonCell, ...], ...]) -> Table:
    return Table(columns=found.columns, rows=rows, total=found.total, position=found.position, as_of=found.as_of)
