"""What takes two operators: proposed once, approved by another, carried out with the state of that moment."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.world import NOW, START, World

from farebox import desk
from farebox.domain.amounts import Tokens, tokens
from farebox.domain.approval import LIFE_US, Kind, State, lapses, takes_two
from farebox.domain.clock import Instant, day_of
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.packs import Pool
from farebox.domain.rights import Role
from farebox.records.models import Act, Audit, Membership, Pack, Proposal, User
from farebox.services import catalogue, proposals
from farebox.services.give import Purchase
from farebox.services.ingest.by_hand import Adjustment, Consumption
from farebox.services.move import Merge, Move

ONE, TWO = "account 1", "account 2"
LATER = Instant(NOW + 1)


@pytest.fixture(autouse=True)
def _two(settings: object, db: None) -> None:
    """Let more than 100 tokens take two operators, who have the first two accounts."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    for number in (1, 2):
        address = f"operator{number}@example.com"
        User.objects.create(pk=number, email=address, name="Operator", is_operator=True, created_us=START)


def giving(world: World, amount: str, *, until: Instant | None = None) -> desk.Giving:
    """Return a pack for the Flex contract."""
    contract = world.flex_contract.number
    return desk.Giving(Purchase(contract=contract, pool=Pool.FLEX, tokens=tokens(amount), until=until))


def add_third() -> None:
    """Add a team that can take packs of the Flex team."""
    third = catalogue.add_team("third", "Third", now=START)
    catalogue.add_contract(third, catalogue.Scheme.FLEX, offer="all", card="flex", start=day_of(START))


def proposed(asked: object, *, key: str = "", actor: str = ONE) -> int:
    """Propose something that takes two."""
    done = desk.act(asked, actor=actor, now=NOW, key=key)  # type: ignore[arg-type]
    assert isinstance(done, desk.Waits)
    return done.number


def verbs(number: int) -> list[tuple[str, str]]:
    """Return what the audit says of a proposal."""
    return list(Audit.objects.filter(object=f"proposal {number}").order_by("pk").values_list("verb", "actor"))


@given(st.lists(st.integers(-(10**12), 10**12).map(Tokens), max_size=3), st.integers(0, 10**12).map(Tokens))
def test_the_rule_counts_tokens_either_way(amounts: list[Tokens], threshold: Tokens) -> None:
    """Adding and taking count alike; 0 switches the rule off; a primary administrator takes two whenever it is on."""
    flipped = [Tokens(-amount) for amount in amounts]

    assert takes_two(Kind.ADJUST, amounts, threshold) == takes_two(Kind.ADJUST, flipped, threshold)
    assert takes_two(Kind.APPOINT, [], threshold) == (threshold > 0)
    assert not takes_two(Kind.GIVE, amounts, Tokens(0))
    assert lapses(NOW) == NOW + LIFE_US


def test_below_the_threshold_one_is_enough(world: World) -> None:
    """Exactly the threshold is done at once; a millionth more waits, and nothing has changed until then."""
    assert not isinstance(desk.act(giving(world, "100"), actor=ONE, now=NOW), desk.Waits)
    number = proposed(giving(world, "100.000001"))

    assert (Pack.objects.count(), proposals.found(number).state) == (1, State.OPEN)


def test_another_operator_approves_once(world: World) -> None:
    """The proposer cannot; another can, whose act it is then; nobody can a second time."""
    number = proposed(giving(world, "500"))

    with pytest.raises(Forbidden):
        desk.approve(number, actor=ONE, now=LATER)
    assert desk.approve(number, actor=TWO, now=LATER)["tokens"] == "500"
    with pytest.raises(Conflict):
        desk.approve(number, actor="account 3", now=LATER)
    with pytest.raises(Conflict):
        proposals.refuse(number, actor=TWO, now=LATER)
    with pytest.raises(NotFound):
        desk.approve(number + 1, actor=TWO, now=LATER)

    found = proposals.found(number)
    assert (found.state, found.decided_by, found.answer["pack"]) == (State.DONE, TWO, Pack.objects.get().pk)
    assert verbs(number) == [("proposal.make", ONE), ("proposal.approve", TWO)]
    assert list(Audit.objects.filter(verb="pack.give").values_list("actor", flat=True)) == [TWO]


def test_the_table_refuses_one_who_decides_alone(world: World) -> None:
    """Whatever the program does, no row says done by its own proposer, or by nobody."""
    number = proposed(giving(world, "500"))

    for who in (ONE, ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=number).update(state="DONE", decided_by=who)


def test_a_proposal_lapses_after_seven_days(world: World) -> None:
    """To the microsecond: approved just before, refused by time from then on, and listed among what is over."""
    first, second = proposed(giving(world, "500"), key="a"), proposed(giving(world, "501"), key="b")
    end = Instant(NOW + LIFE_US)

    desk.approve(first, actor=TWO, now=Instant(end - 1))
    with pytest.raises(Conflict):
        desk.approve(second, actor=TWO, now=end)

    assert (proposals.waiting(at=Instant(end - 1)), proposals.waiting(at=end)) == (1, 0)
    assert {one.number for one in proposals.listed(is_open=False, at=end)} == {first, second}


def test_the_same_key_proposes_once(world: World) -> None:
    """A form that is sent twice makes one proposal; the key of another is refused (domain L8)."""
    assert proposed(giving(world, "500"), key="k") == proposed(giving(world, "500"), key="k")
    with pytest.raises(Conflict):
        proposed(giving(world, "600"), key="k")
    assert Proposal.objects.count() == 1


def test_nobody_takes_the_key_of_an_approval_or_of_anothers_form(world: World) -> None:
    """A form sent with the words of an approval blocks and repeats nothing; a command's own key still does (L8)."""
    number = proposed(giving(world, "500"))
    for key in (f"proposal {number}", f"proposal:{number}"):
        desk.act(giving(world, "1"), actor=ONE, now=NOW, key=key)
        desk.act(giving(world, "1"), actor="command", now=NOW, key=key)
    for actor in (ONE, TWO, "command", "command"):
        desk.act(giving(world, "2"), actor=actor, now=NOW, key="k")

    assert desk.approve(number, actor=TWO, now=LATER)["tokens"] == "500"

    amounts = sorted(Pack.objects.values_list("size_micro", flat=True))
    assert amounts == [1_000_000] * 4 + [2_000_000] * 3 + [500_000_000]
    with pytest.raises(Conflict):
        desk.act(giving(world, "3"), actor="command", now=NOW, key="k")


def test_the_same_key_does_nothing_more_once_it_was_proposed_or_done(world: World, settings: object) -> None:
    """Whatever became of the threshold and of what is left since; a key is of one kind of act and one team (L8)."""
    add_third()
    world.give("150")
    merge = desk.Merging(Merge(team="flex", into="third", across=True))
    number = proposed(merge, key="k" * 200)
    desk.approve(number, actor=TWO, now=LATER)
    world.give("20")
    settings.APPROVAL_TOKENS = 0  # type: ignore[attr-defined]

    again = desk.act(merge, actor=ONE, now=LATER, key="k" * 200)

    assert again == desk.Waits(number, State.DONE)
    desk.act(giving(world, "500"), actor=ONE, now=NOW, key="g")
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    assert not isinstance(desk.act(giving(world, "500"), actor=ONE, now=NOW, key="g"), desk.Waits)
    assert proposed(using(quantity="100"), key="k" * 200) != number
    assert Pack.objects.filter(size_micro=500_000_000).count() == 1


def test_an_amendment_by_hand_takes_two_and_is_written_down(world: World) -> None:
    """A revision says less than it changes; one of an id that nobody used has its row as any entry has (T5)."""
    world.give("1000")
    desk.act(adding("50"), actor=ONE, now=NOW)
    amended = proposed(adding("49", revision=1))

    desk.approve(amended, actor=TWO, now=LATER)
    desk.approve(proposed(adding("5", id="new", revision=1)), actor=TWO, now=LATER)

    rows = Audit.objects.filter(verb__in=("tokens.adjust", "amended")).order_by("pk").values_list("verb", "actor")
    assert list(rows) == [("tokens.adjust", ONE), ("amended", TWO), ("tokens.adjust", TWO)]


def adding(amount: str, *, id: str = "x", revision: int = 0) -> desk.Adjusting:  # noqa: A002
    """Return tokens for the Flex pool, by hand."""
    asked = Adjustment(pool=Pool.FLEX, tokens=amount, reason="pilot")
    return desk.Adjusting(team="flex", asked=asked, on=day_of(NOW), id=id, revision=revision)


def using(*, product: str = "A", tokens: str = "", quantity: str = "", id: str = "x") -> desk.Consuming:  # noqa: A002
    """Return a use by hand, of so many tokens or units."""
    asked = Consumption(person="bo@example.com", product=product, reason="off", tokens=tokens, quantity=quantity)
    return desk.Consuming(team="flex", asked=asked, on=day_of(NOW), id=id)


def test_a_use_by_hand_counts_what_it_draws(world: World) -> None:
    """Tokens that are said, or units at their rate; what has no rate yet takes two; sent again it draws once (N6)."""
    pack = world.give("1000")
    below = using(tokens="100")
    for _ in range(2):
        assert not isinstance(desk.act(below, actor=ONE, now=NOW, key="k"), desk.Waits)
    assert world.left(pack) == "900"

    numbers = [
        proposed(using(tokens="100.000001", id="y"), key="a"),
        proposed(using(quantity="100", id="z"), key="b"),
        proposed(using(product="unknown", quantity="1", id="w"), key="c"),
    ]
    with pytest.raises(Rejected):
        desk.act(using(id="v"), actor=ONE, now=NOW)
    assert (world.left(pack), len(set(numbers))) == ("900", 3)
    assert Audit.objects.filter(verb="tokens.consume").count() == 1

    assert desk.approve(numbers[0], actor=TWO, now=LATER)["tokens"] == 100_000_001
    assert world.left(pack) == "799.999999"
    assert list(Audit.objects.filter(verb="tokens.consume").order_by("pk").values_list("actor", flat=True)) == [
        ONE,
        TWO,
    ]


def test_refused_and_withdrawn_change_nothing(world: World) -> None:
    """Another operator refuses; the proposer withdraws; both are written down."""
    refused, withdrawn = proposed(giving(world, "500"), key="a"), proposed(giving(world, "501"), key="b")

    assert proposals.refuse(refused, actor=TWO, now=LATER) is State.REFUSED
    assert proposals.refuse(withdrawn, actor=ONE, now=LATER) is State.WITHDRAWN

    assert verbs(refused)[1] == ("proposal.refuse", TWO)
    assert verbs(withdrawn)[1] == ("proposal.withdraw", ONE)
    assert not Pack.objects.exists()


def test_what_cannot_be_is_refused_when_it_is_proposed(world: World) -> None:
    """All problems at once, and no proposal; whoever approves never meets a form's mistake."""
    with pytest.raises(Rejected, match="ends before"):
        desk.act(giving(world, "500", until=Instant(NOW - 1)), actor=ONE, now=NOW)
    with pytest.raises(Rejected, match="nothing left"):
        desk.act(desk.Merging(Merge(team="flex", into="ent", across=True)), actor=ONE, now=NOW)
    pack = world.give("150")
    with pytest.raises(Forbidden):
        desk.act(desk.Moving(Move(pack=pack, to="ent")), actor=ONE, now=NOW)
    taking = Adjustment(pool=Pool.FLEX, tokens="-151", reason="too many")
    with pytest.raises(Rejected, match="too few"):
        desk.act(desk.Adjusting(team="flex", asked=taking, on=day_of(NOW), id="x"), actor=ONE, now=NOW)
    assert not Proposal.objects.exists()


def test_it_is_carried_out_with_the_state_of_the_approval(world: World) -> None:
    """Tokens that are gone by then are not taken; the problems are shown and the proposal stays open."""
    pack = world.give("150")
    taking = Adjustment(pool=Pool.FLEX, tokens="-140", reason="too many")
    number = proposed(desk.Adjusting(team="flex", asked=taking, on=day_of(NOW), id="x"))
    few = Adjustment(pool=Pool.FLEX, tokens="-50", reason="too many")
    desk.act(desk.Adjusting(team="flex", asked=few, on=day_of(NOW), id="y"), actor=ONE, now=NOW)

    with pytest.raises(Rejected, match="too few"):
        desk.approve(number, actor=TWO, now=LATER)

    assert (world.left(pack), proposals.found(number).state) == ("100", State.OPEN)
    assert verbs(number) == [("proposal.make", ONE)]


def test_a_move_of_all_that_is_left_counts_what_is_left(world: World) -> None:
    """A move without an amount takes two where the pack has more than the threshold; nothing of it moves till then."""
    add_third()
    pack = world.give("150")

    number = proposed(desk.Moving(Move(pack=pack, to="third", reason="merger", across=True)))

    assert (world.left(pack), proposals.found(number).payload["asked"]["reason"]) == ("150", "merger")
    assert (Act.objects.count(), Pack.objects.count()) == (0, 1)
    desk.approve(number, actor=TWO, now=LATER)
    assert (world.left(pack), Pack.objects.get(part_of=pack).left_micro) == ("0", 150_000_000)
    assert set(Act.objects.values_list("actor", "reason")) == {(TWO, "merger")}


def test_the_host_may_do_it_alone(world: World) -> None:
    """What the command line proposed of the very same is taken back, so that nobody approves it as well."""
    same, other = proposed(giving(world, "500"), actor="command"), proposed(giving(world, "600"), actor="command")
    entry = proposed(adding("500", id=""), actor="command")

    done = desk.act(giving(world, "500"), actor="command", now=NOW, alone=True)
    desk.act(adding("500", id=""), actor="command", now=NOW, alone=True)

    assert not isinstance(done, desk.Waits)
    states = [proposals.found(number).state for number in (same, other, entry)]
    assert states == [State.WITHDRAWN, State.OPEN, State.WITHDRAWN]
    assert list(Audit.objects.filter(verb="pack.give").values_list("actor", flat=True)) == ["command"]
    with pytest.raises(Conflict):
        desk.approve(same, actor=TWO, now=LATER)


def test_alone_does_nothing_more_once_another_operator_approved(world: World) -> None:
    """The same key with `alone`, after the approval: the tokens are there already (L8)."""
    asked = giving(world, "500")
    number = proposed(asked, actor="command", key="k")
    desk.approve(number, actor=TWO, now=LATER)

    again = desk.act(asked, actor="command", now=LATER, key="k", alone=True)

    assert (again, Pack.objects.count()) == (desk.Waits(number, State.DONE), 1)


def test_what_a_former_operator_proposed_is_not_carried_out(world: World) -> None:
    """Two who are operators at that moment stand by it; it stays open, to be refused."""
    number = proposed(giving(world, "500"))
    User.objects.filter(pk=1).update(is_operator=False)

    with pytest.raises(Rejected, match="no operator any more"):
        desk.approve(number, actor=TWO, now=LATER)

    assert (proposals.found(number).state, Pack.objects.count()) == (State.OPEN, 0)


def test_a_proposal_of_an_earlier_version_is_refused_clearly(world: World) -> None:
    """What it keeps cannot be read any more; it stays open, to be refused."""
    number = proposed(giving(world, "500"))
    Proposal.objects.filter(pk=number).update(payload={"contract": "1"})

    with pytest.raises(Rejected, match="earlier version"):
        desk.approve(number, actor=TWO, now=LATER)

    assert proposals.refuse(number, actor=TWO, now=LATER) is State.REFUSED


def test_a_lead_is_appointed_by_two(world: World) -> None:
    """A member's account becomes the lead when another operator has approved it; a stranger cannot be proposed."""
    before, member = (User.objects.create_user(f"{who}@example.com", "x", name=who) for who in ("ann", "bo"))
    Membership.objects.create(team=world.flex, user=before, role=Role.PRIMARY)
    Membership.objects.create(team=world.flex, user=member, role=Role.USER)

    with pytest.raises(NotFound):
        proposals.account_of(world.ent.pk, "bo@example.com")
    account = proposals.account_of(world.flex.pk, " BO@example.com")
    number = proposed(desk.Appointing(team="flex", account=account))
    assert proposals.found(number).appointed == "bo@example.com"
    desk.approve(number, actor=TWO, now=LATER)

    assert Membership.objects.get(team=world.flex, role=Role.PRIMARY).user == member
    assert "bo@example.com" not in str(Proposal.objects.values().get())
