"""Tokens offered to who leads another team: accepted once, by both, and nobody learns who has an account (L6, T2)."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from tests.filed import Filed
from tests.services.books import faults
from tests.world import NOW, START, World

from farebox.domain.amounts import tokens
from farebox.domain.clock import DAY, Instant, day_of
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records.models import Act, Audit, Mail, Membership, Pack, Team, TokenOffer, User
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue, handover, roles
from farebox.services.mail import letters, tending
from farebox.services.move import Move, move, offering
from farebox.services.move.offering import Offer


class Two(NamedTuple):
    """The lead of the Flex team with a pack there, and who leads another team."""

    giver: User
    taker: User
    flex: Team
    south: Team
    pack: int

    def offer(self, address: str = "south@example.com", amount: str | None = "40", key: str = "") -> int:
        """Offer tokens of the pack."""
        asked = Offer(pack=self.pack, address=address, tokens=tokens(amount) if amount else None, reason="agreed")
        return offering.offer(self.giver, self.flex.pk, asked, key=key, language="en", now=NOW).offer

    def left(self) -> int:
        """Return what the pack has left."""
        return Pack.objects.get(pk=self.pack).left_micro


def two_teams(world: World) -> Two:
    """Make both."""
    south = catalogue.add_team("south", "South", now=START)
    catalogue.add_contract(south, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
    giver, taker = (
        catalogue.add_account(f"{name}@example.com", "a long pass phrase", name, roles={team: Role.PRIMARY}, now=START)
        for name, team in (("flex", world.flex), ("south", south))
    )
    return Two(giver, taker, world.flex, south, world.give("100"))


@pytest.fixture
def two(world: World) -> Two:
    """Return two teams, each with its lead."""
    return two_teams(world)


def test_offered_tokens_move_when_they_are_accepted(two: Two) -> None:
    """Nothing is reserved; the receiver takes them into a team of theirs, with both people in both logs (L6, T5)."""
    number = two.offer(" South@Example.com ", key="n")
    assert two.offer(" South@Example.com ", key="n") == number
    with pytest.raises(Conflict):
        two.offer(amount="41", key="n")

    assert two.left() == tokens("100")
    found = offering.offered_to(two.taker, now=NOW)
    moved = offering.accept(two.taker, number, two.south.pk, now=NOW)

    assert [(one.id, one.team, one.tokens) for one in found] == [(number, "Flex team", tokens("40"))]
    assert (moved.tokens, two.left()) == ("40", tokens("60"))
    assert Pack.objects.get(pk=moved.part).contract.team_id == two.south.pk
    assert {act.actor for act in Act.objects.all()} == {f"account {two.taker.pk}"}
    offered = Audit.objects.get(verb="tokens.offer")
    assert (offered.team_id, offered.actor) == (two.flex.pk, f"account {two.giver.pk}")
    accepted = Audit.objects.filter(verb="tokens.offer.accept").order_by("team_id")
    assert [(row.team_id, row.actor, row.facts["account"]) for row in accepted] == [
        (team, f"account {two.taker.pk}", two.giver.pk) for team in (two.flex.pk, two.south.pk)
    ]
    with pytest.raises(NotFound):
        offering.accept(two.taker, number, two.south.pk, now=NOW)
    assert offering.is_over(two.taker, number, now=NOW)
    assert faults() == []


def test_whoever_has_no_account_gets_the_same_offer_and_no_mail(two: Two, world: World) -> None:
    """Unknown, leading nothing, or leading a team: the same rows are written, and only the last gets a mail (T2)."""
    catalogue.add_account("user@example.com", "a long pass phrase", "U", roles={world.ent: Role.USER}, now=START)
    written = []
    for address in ("nobody@example.com", "user@example.com", "south@example.com"):
        number = two.offer(address)
        row = Audit.objects.order_by("-pk")[0]
        mail = Mail.objects.select_related("user", "team", "person").get(facts={"offer": number})
        letter = letters.compose(mail, now=NOW)
        written.append((row.verb, row.team_id, sorted(row.facts), mail.team_id, mail.state, len(Mail.objects.all())))
        if address == "south@example.com":
            assert letter is not None
            assert letter.to == ["south@example.com"]
            assert f"/reporting/balances/offered/{number}" in str(letter.body)
        else:
            assert letter is None

    assert [one[:5] for one in written] == [
        ("tokens.offer", two.flex.pk, ["offer", "tokens_micro"], None, "WAITING")
    ] * 3
    assert [one[5] for one in written] == [1, 2, 3]
    assert len(offering.open_of(two.giver, two.flex.pk, now=NOW)) == 3


def test_an_offer_is_nobody_elses(two: Two, world: World) -> None:
    """Another's offer, an unknown one, a team one does not lead, a giver who leads no more: nothing is there (T2)."""
    number, other = two.offer(), two.offer("else@example.com")
    for act in (
        lambda: offering.accept(two.taker, other, two.south.pk, now=NOW),
        lambda: offering.accept(two.taker, 999, two.south.pk, now=NOW),
        lambda: offering.accept(two.taker, number, world.ent.pk, now=NOW),
        lambda: offering.refuse(two.taker, other, now=NOW),
        lambda: offering.withdraw(two.giver, two.flex.pk, 999, now=NOW),
        lambda: offering.withdraw(two.taker, two.flex.pk, number, now=NOW),
        lambda: offering.accept(two.taker, number, two.south.pk, now=Instant(NOW + 7 * DAY)),
    ):
        with pytest.raises(NotFound):
            act()
    Membership.objects.filter(user=two.giver).update(role=Role.SECONDARY)
    with pytest.raises(NotFound):
        offering.accept(two.taker, number, two.south.pk, now=NOW)
    with pytest.raises(Forbidden):
        two.offer()
    assert offering.offered_to(two.taker, now=NOW) == []
    assert (two.left(), Act.objects.count()) == (tokens("100"), 0)


def test_what_is_gone_cannot_be_accepted_and_what_is_refused_is_over(two: Two) -> None:
    """An offer of what is there no more stays open and moves nothing; refused and withdrawn ones cannot be taken."""
    gone = two.offer(amount="90")
    move(Move(pack=two.pack, to="south", tokens=tokens("20"), across=True), now=NOW)
    with pytest.raises(Rejected) as raised:
        offering.accept(two.taker, gone, two.south.pk, now=NOW)
    assert [one.code for one in raised.value.problems] == ["insufficient_tokens"]
    assert TokenOffer.objects.get(pk=gone).state == "OPEN"

    offering.refuse(two.taker, gone, now=NOW)
    taken = two.offer()
    offering.withdraw(two.giver, two.flex.pk, taken, now=NOW)
    for number in (gone, taken):
        with pytest.raises(NotFound):
            offering.accept(two.taker, number, two.south.pk, now=NOW)
    assert two.left() == tokens("80")
    for wrong, code in (
        ({"address": "flex@example.com"}, "invalid_value"),
        ({"address": "n\u043ebody@example.com"}, "invalid_person"),
        ({"amount": "81"}, "insufficient_tokens"),
    ):
        with pytest.raises(Rejected) as raised:
            two.offer(**wrong)
        assert [one.code for one in raised.value.problems] == [code]


@pytest.mark.parametrize("is_appointed", [False, True])
def test_offers_end_with_the_primary_role_of_who_made_them(two: Two, *, is_appointed: bool) -> None:
    """Who leads next finds none open; a change back makes none live again (B1)."""
    number = two.offer()
    following = catalogue.add_account(
        "next@example.com", "a long pass phrase", "Next", roles={two.flex: Role.SECONDARY}, now=START
    )

    if is_appointed:
        roles.appoint_primary(two.flex.pk, following.email, actor="operator", now=NOW)
    else:
        member = Membership.objects.get(user=following)
        made = handover.offer(two.giver, two.flex.pk, member.pk, language="en", now=NOW)
        handover.accept(following, made.id, now=NOW)

    assert TokenOffer.objects.get(pk=number).state == "WITHDRAWN"
    roles.appoint_primary(two.flex.pk, two.giver.email, actor="operator", now=NOW)
    assert offering.open_of(two.giver, two.flex.pk, now=NOW) == []
    with pytest.raises(NotFound):
        offering.accept(two.taker, number, two.south.pk, now=NOW)


def test_a_team_makes_twenty_offers_within_a_day(two: Two) -> None:
    """Taken back they count as well, since each was a mail; a day later there is room, a lost lead's take none."""
    for _ in range(offering.DAILY_MAX):
        offering.withdraw(two.giver, two.flex.pk, two.offer(), now=NOW)
    for full, problem in (("DAY", "/day"), ("OPEN", "")):
        if full == "OPEN":
            TokenOffer.objects.update(state="OPEN", offered_us=NOW - DAY)
        with pytest.raises(Rejected) as raised:
            two.offer()
        assert [(one.code, one.pointer) for one in raised.value.problems] == [("too_many", problem)]

    TokenOffer.objects.update(giver=two.taker)
    assert offering.open_of(two.giver, two.flex.pk, now=NOW) == []
    assert two.offer()


def test_an_offer_accepted_by_several_hands_moves_once(filed: Filed) -> None:
    """Eight times at once, or against its withdrawal: the tokens move once or not at all (L8)."""
    world = filed.run(World)
    two = filed.run(lambda: two_teams(world))
    first, second = filed.run(two.offer), filed.run(two.offer)

    def take(number: int) -> int:
        try:
            offering.accept(two.taker, number, two.south.pk, now=NOW)
        except NotFound:
            return 0
        return 1

    def withdraw() -> int:
        try:
            offering.withdraw(two.giver, two.flex.pk, second, now=NOW)
        except NotFound:
            return 0
        return 1

    taken = filed.run_together([lambda: take(first) for _ in range(4)])
    either = filed.run_together([withdraw, *[lambda: take(second) for _ in range(2)]])

    assert (sum(taken), sum(either)) == (1, 1)
    moved = filed.run(lambda: Pack.objects.filter(part_of=two.pack).count())
    assert moved == 1 + (either[0] == 0)
    assert filed.run(faults) == []


def test_an_offer_is_forgotten_with_its_address(two: Two) -> None:
    """Thirty days after its seven nothing is left of an offer; until then it is there (data no longer than needed)."""
    two.offer()
    tending.prune(now=Instant(NOW + 37 * DAY))
    assert TokenOffer.objects.count() == 1
    tending.prune(now=Instant(NOW + 37 * DAY + 1))
    assert not TokenOffer.objects.exists()
