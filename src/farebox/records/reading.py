"""Who may read which contract's usage: by the role that the person has now, in the team that the token is bound to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.errors import NotFound
from farebox.domain.rights import Action, Role, roles_for
from farebox.query.plan import Asker
from farebox.records.models import Contract, ContractField, Membership

REPORTING = roles_for(Action.USAGE)
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
    primary: bool = False
    """Whether who asks is the team's primary administrator."""

    @property
    def asker(self) -> Asker:
        """Who asks, as the query layer knows it: the contract comes from here, never from the question."""
        return Asker(contract_id=self.id, names_hidden=self.names_hidden, custom_names=self.fields)


def contracts_of(user: AbstractBaseUser, *, team: int | None = None) -> list[Readable]:
    """
    Return the contracts whose usage `user` may read now, Flex before enterprise, by team (domain C2).

    `team` is the one team that the token of the request is bound to, if it is bound to one.
    """
    roles = Membership.objects.filter(user_id=user.pk, user__is_active=True, role__in=REPORTING)
    held = dict((roles if team is None else roles.filter(team_id=team)).values_list("team_id", "role"))
    rows = Contract.objects.filter(team_id__in=list(held)).select_related("team").order_by("team__name", "-scheme")
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
            primary=held[row.team_id] == Role.PRIMARY,
        )
        for row in rows
    ]


def contract_of(user: AbstractBaseUser, number: str, *, team: int | None = None) -> Readable:
    """Return one contract that `user` may read. Raises `NotFound` for any other, whether or not it exists (T2)."""
    for contract in contracts_of(user, team=team):
        if contract.number == number:
            return contract
    raise NotFound("no such contract, or not yours to read")


def _custom_names(contracts: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {contract: [""] * 10 for contract in contracts}
    for field in ContractField.objects.filter(contract_id__in=contracts):
        found[field.contract_id][field.position - 1] = field.name
    return {contract: tuple(names) for contract, names in found.items()}
