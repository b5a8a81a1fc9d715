"""One person who comes in twice at the same moment: one account, and nobody meets an error of ours."""

from __future__ import annotations

from tests.filed import Filed
from tests.world import NOW, World

from farebox.domain.errors import Conflict
from farebox.domain.invitations import InvitationState
from farebox.records import invitations
from farebox.records.models import Audit, Invitation, Membership, SsoConnection, SsoDomain, User
from farebox.services import invite
from farebox.services import single_sign_on as sso

ROUNDS = 4


def asked(world: World, nth: int) -> list[str]:
    """Invite somebody new into both teams, and return the secrets."""
    for team in (world.flex, world.ent):
        invite.invite(invite.Command.LINE, team.pk, f"ann{nth}@example.com", now=NOW)
    rows = Invitation.objects.filter(person__key=f"ann{nth}@example.com")
    return [invitations.secret_of(row) for row in rows]


def accepted(secrets: list[str]) -> int:
    """Accept each with a new account; return how often that made one."""
    made = 0
    for secret in secrets:
        try:
            invite.accept_new(secret, "Ann", "correct horse battery", now=NOW)
            made += 1
        except Conflict:
            pass  # the other one made it
    return made


def entered(key: str) -> list[int]:
    """Come in for the first time through the provider, as several people; return their accounts."""
    people = [f"bo{nth}@example.com" for nth in range(ROUNDS)]
    return [sso.enter(sso.Vouched(key, address, address, True, "Bo"), now=NOW) for address in people]


def test_two_invitations_make_one_account(filed: Filed) -> None:
    """Who accepts both at once has one account; the other invitation stays open, to be accepted with it."""
    world = filed.run(World)
    secrets = filed.run(lambda: [asked(world, nth) for nth in range(ROUNDS)])

    counts = filed.run_together([lambda mine=mine: accepted(list(mine)) for mine in zip(*secrets, strict=True)])  # type: ignore[misc]

    assert sum(counts) == ROUNDS
    assert filed.run(User.objects.count) == ROUNDS
    assert filed.run(Invitation.objects.filter(state=InvitationState.OPEN).count) == ROUNDS


def test_two_first_sign_ins_make_one_account(filed: Filed) -> None:
    """Whom a provider vouches for twice at once is let in twice, linked and made a member once."""

    def set_up() -> World:
        world = World()
        SsoDomain.objects.create(
            team=world.flex, domain="example.com", challenge="x", created_us=NOW, proven_us=NOW, checked_us=NOW
        )
        SsoConnection.objects.create(team=world.flex, key="key", name="N", joins=True, created_us=NOW)
        return world

    filed.run(set_up)

    first, second = filed.run_together([lambda: entered("key")] * 2)

    assert first == second
    assert len(set(first)) == filed.run(User.objects.count) == filed.run(Membership.objects.count) == ROUNDS
    assert filed.run(Audit.objects.filter(verb="sso.linked").count) == ROUNDS
