"""Who may read which contract, and that names may be hidden (quality T2, P1, authorization matrix)."""

from __future__ import annotations

import pytest
from tests.services.asking import readable
from tests.world import NOW, World, event

from farebox.domain.errors import NotFound
from farebox.domain.rights import Role
from farebox.records.models import Membership, Team, User
from farebox.services import catalogue, report
from farebox.services.project import project
from farebox.warehouse.duck import Warehouse

SPAN = ("2026-03-02 08:00", "2026-03-02 09:00")


def member(world: World, role: Role) -> User:
    """Return an account with a role in the Flex team."""
    user = User.objects.create(email=f"{role}@example.com".lower(), created_us=NOW)
    Membership.objects.create(team=world.flex, user=user, role=role)
    return user


@pytest.mark.parametrize(("role", "reads"), [(Role.PRIMARY, 1), (Role.SECONDARY, 1), (Role.SSO, 1), (Role.USER, 0)])
def test_administrators_read_their_own_team(world: World, role: Role, reads: int) -> None:
    """Each kind of administrator reads the contract of the team, a user does not."""
    numbers = [contract.number for contract in report.contracts_of(member(world, role))]

    assert numbers == [world.flex_contract.number] * reads


def test_foreign_and_unknown_contracts_look_the_same(world: World) -> None:
    """Another team's number and one that nobody has get the same answer (T2)."""
    user = member(world, Role.PRIMARY)
    said = []

    for number in (world.ent_contract.number, "000000000000", ""):
        with pytest.raises(NotFound) as refused:
            report.contract_of(user, number)
        said.append(str(refused.value))

    assert len(set(said)) == 1
    assert report.contract_of(user, world.flex_contract.number).team_id == world.flex.pk


def test_a_contract_knows_the_names_of_its_fields(world: World) -> None:
    """Charge-back fields that the contract has named are known to the question, at their places."""
    catalogue.name_fields(world.flex_contract, {1: "job", 10: "cost centre"})

    (contract,) = report.contracts_of(member(world, Role.PRIMARY))

    assert (contract.fields[0], contract.fields[9], set(contract.fields[1:9])) == ("job", "cost centre", {""})


def test_hidden_names_are_pseudonyms_everywhere(world: World, house: Warehouse) -> None:
    """With names hidden the answer has none; counts and tokens stay (P1, P2)."""
    world.send(event("a", "ana@example.com", "A", *SPAN), event("b", "ben@example.com", "B", *SPAN))
    project()
    user = member(world, Role.PRIMARY)
    question = report.Question(fields=("userName",), metrics=("tokensConsumed",))
    clear = report.answer(question, report.contract_of(user, world.flex_contract.number))
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)

    hiding = report.contract_of(user, world.flex_contract.number)
    hidden = report.answer(question, hiding)

    assert {row[0] for row in clear.rows} == {"ana@example.com", "ben@example.com"}
    assert sorted(row[1] for row in hidden.rows) == sorted(row[1] for row in clear.rows)
    assert all(str(row[0]).startswith("u-") for row in hidden.rows)


def test_an_answer_says_where_it_stands(world: World, house: Warehouse) -> None:
    """An answer carries the position and the instant of the last batch that it knows (R4, I8)."""
    world.send(event("a", "ana@example.com", "A", *SPAN))
    position = project()
    question = report.Question(metrics=("tokensConsumed",))

    pages = report.answers([question, question], readable(world.flex_contract), offset=0, limit=1)

    assert [(page.position, page.as_of, page.total) for page in pages] == [(position, NOW, 1)] * 2
