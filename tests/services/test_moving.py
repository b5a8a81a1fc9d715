"""Tokens go to another team whole, and only those that may (domain L6, L8, F8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.services.books import faults
from tests.world import NOW, START, World, at, event

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import DAY, Instant, day_of
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.packs import Pool
from farebox.domain.rights import Role
from farebox.records.models import Account, Act, Entry, Membership, Pack, Team
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey
from farebox.services.move import Merge, Move, leaving, merge, move


@pytest.fixture
def south(world: World) -> Team:
    """Add a second team with a Flex contract, managed by the same person as the Flex team."""
    team = catalogue.add_team("south", "South", now=START)
    catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
    roles = {world.flex: Role.PRIMARY, team: Role.PRIMARY}
    catalogue.add_account("admin@example.com", "a long pass phrase", "Admin", roles=roles, now=START)
    return team


def asked(pack: int, amount: str | None = None, **more: object) -> Move:
    """Ask for a move to the second team."""
    plain = Move(pack=pack, to="south", tokens=tokens(amount) if amount else None)
    return replace(plain, **more)  # type: ignore[arg-type]


def codes(raised: pytest.ExceptionInfo[Rejected]) -> list[str]:
    """Return the codes of the problems of a refusal."""
    return [problem.code for problem in raised.value.problems]


def test_a_part_keeps_order_end_and_size(world: World, south: Team) -> None:
    """The part names its pack, its order, its price, its end and its original size, and pays from the move on (L6)."""
    bought = Purchase(
        contract=world.flex_contract.number, pool=Pool.FLEX, tokens=tokens("100"), since=START,
        order_number="PO 7", price_minor=30_000, currency="EUR",
    )  # fmt: skip
    pack = give(bought, now=START).pack

    moved = move(asked(pack, "40", reason="reorganised"), actor="account 1", now=NOW)

    part = Pack.objects.get(pk=moved.part)
    assert (part.order_number, part.price_minor, part.currency) == ("PO 7", 30_000, "EUR")
    assert (part.size_micro, part.left_micro, part.since_us) == (tokens("100"), tokens("40"), NOW)
    assert (part.until_us, part.origin, part.part_of_id) == (Pack.objects.get(pk=pack).until_us, "MOVED", pack)
    assert (moved.tokens, moved.covered, world.left(pack)) == ("40", "0", "60")
    assert faults() == []


def test_each_team_books_its_side(world: World, south: Team) -> None:
    """Each ledger has one transfer with another team, and an act that says who, why and how much (L2, L6)."""
    pack = world.give("100")

    moved = move(asked(pack, "40", reason="reorganised"), actor="account 1", now=NOW)

    entries = Entry.objects.filter(kind="MOVED").order_by("team_id")
    sides = [(Account.objects.get(pk=e.source_id).kind, Account.objects.get(pk=e.target_id).kind) for e in entries]
    assert [(e.team_id, e.tokens_micro) for e in entries] == [
        (world.flex.pk, tokens("40")),
        (south.pk, tokens("40")),
    ]
    assert sides == [("PACK", "OTHER_TEAMS"), ("OTHER_TEAMS", "PACK")]
    acts = Act.objects.order_by("team_id")
    facts = {"pack": pack, "part": moved.part, "tokens_micro": 40_000_000}
    assert [(act.kind, act.actor, act.reason) for act in acts] == [("MOVE", "account 1", "reorganised")] * 2
    assert [act.facts for act in acts] == [facts | {"to_team": south.pk}, facts | {"from_team": world.flex.pk}]
    assert [act.pk for act in acts] == [e.act_id for e in entries]


def test_without_an_amount_all_that_is_left_goes(world: World, south: Team) -> None:
    """What was drawn stays drawn, and the rest moves (L6)."""
    pack = world.give("100")
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))

    assert move(asked(pack), actor="operator", now=NOW).tokens == "93"
    assert world.left(pack) == "0"
    assert faults() == []


def test_reserved_tokens_do_not_move(world: World, south: Team) -> None:
    """What is reserved is not left, and so stays (L6)."""
    pack = world.give("100")
    Pack.objects.filter(pk=pack).update(left_micro=tokens("90"), reserved_micro=tokens("10"))

    with pytest.raises(Rejected) as raised:
        move(asked(pack, "91"), actor="operator", now=NOW)

    assert codes(raised) == ["insufficient_tokens"]
    assert move(asked(pack), actor="operator", now=NOW).tokens == "90"
    assert Pack.objects.get(pk=pack).reserved_micro == tokens("10")


def test_a_part_covers_what_the_other_team_is_short_of(world: World, south: Team) -> None:
    """Open shortfalls of the team that gets the tokens are covered first, at the move (F8)."""
    pack = world.give("100")
    sent = world.send(
        event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), key=SourceKey(0, south.pk)
    )

    moved = move(asked(pack, "40"), actor="operator", now=NOW)

    assert sent.tally.accepted == 1
    assert (moved.covered, world.left(moved.part)) == ("7", "33")
    covering = Entry.objects.get(kind="COVERED")
    assert (covering.team_id, covering.at_us, covering.tokens_micro) == (south.pk, NOW, tokens("7"))
    assert faults() == []


def test_moved_tokens_pay_from_the_move_on(world: World, south: Team) -> None:
    """A use from before the move is paid by the part only as a shortfall is; one from after it draws (L5, L6)."""
    pack = world.give("100")
    moved = move(asked(pack, "40"), actor="operator", now=at("2026-05-01 00:00"))
    world.send(event("a", "ana@example.com", "A", "2026-04-30 08:00", "2026-04-30 09:00"), key=SourceKey(0, south.pk))
    world.send(event("b", "ana@example.com", "A", "2026-05-02 08:00", "2026-05-02 09:00"), key=SourceKey(0, south.pk))

    kinds = Entry.objects.filter(team=south, charge__isnull=False).order_by("number").values_list("kind", "at_us")
    assert list(kinds) == [("COVERED", at("2026-05-01 00:00")), ("DRAWN", at("2026-05-02 08:00"))]
    assert world.left(moved.part) == "26"
    assert faults() == []


def test_a_pack_that_starts_later_starts_later_there_too(world: World, south: Team) -> None:
    """A part never pays before its pack would have."""
    pack = world.give("100", since="2026-07-01 00:00")

    moved = move(asked(pack, "40"), actor="operator", now=NOW)

    assert Pack.objects.get(pk=moved.part).since_us == at("2026-07-01 00:00")


def test_a_part_lapses_at_the_end_of_its_pack(world: World, south: Team) -> None:
    """Both halves end together, and each team books its own lapse (L5, L6)."""
    pack = world.give("100", until="2026-06-02 00:00")
    moved = move(asked(pack, "40"), actor="operator", now=NOW)

    assert expire(now=Instant(NOW + DAY)) == 2

    lapsed = Pack.objects.filter(pk__in=[pack, moved.part]).order_by("pk").values_list("lapsed_micro", flat=True)
    assert [as_text(one) for one in lapsed] == ["60", "40"]
    assert faults() == []


def test_a_part_can_move_on_and_back(world: World, south: Team) -> None:
    """Tokens that went and came back are a part of a part; nothing is lost on the way (L3)."""
    pack = world.give("100")
    there = move(asked(pack, "40"), actor="operator", now=NOW)

    back = move(Move(pack=there.part, to="flex", tokens=tokens("15")), actor="operator", now=NOW)

    assert [world.left(one) for one in (pack, there.part, back.part)] == ["60", "25", "15"]
    assert Pack.objects.get(pk=back.part).part_of_id == there.part
    assert faults() == []


def test_enterprise_tokens_go_to_the_enterprise_contract(world: World, south: Team) -> None:
    """A yearly or multi-year part goes to the other team's enterprise contract, in the same pool; no other will do."""
    pack = world.give("100", ent=True)
    with pytest.raises(Rejected) as raised:
        move(asked(pack, "40", across=True), actor="operator", now=NOW)

    other = catalogue.add_contract(south, Scheme.ENTERPRISE, offer="all", card="ent", start=day_of(START))
    moved = move(asked(pack, "40", across=True), actor="operator", now=NOW)

    part = Pack.objects.get(pk=moved.part)
    assert codes(raised) == ["not_found"]
    assert (part.contract_id, part.pool, part.left_micro) == (other.pk, "CY", tokens("40"))
    assert faults() == []


@pytest.mark.parametrize(
    ("amount", "until", "to", "expected"),
    [
        ("100.000001", None, "south", ["insufficient_tokens"]),
        ("0", None, "south", ["invalid_value"]),
        ("-1", None, "south", ["invalid_value"]),
        ("1", "2026-06-01 00:00", "south", ["pack_ended"]),
        ("1", None, "flex", ["invalid_value"]),
        ("200", "2026-06-01 00:00", "flex", ["pack_ended", "invalid_value", "insufficient_tokens"]),
    ],
)
def test_what_cannot_move_is_refused_whole(
    world: World, south: Team, amount: str, until: str | None, to: str, expected: list[str]
) -> None:
    """A dead pack, the same team, or more than is left: every problem is named, and nothing changes (L6)."""
    pack = world.give("100", until=until)
    before = Entry.objects.count()

    with pytest.raises(Rejected) as raised:
        move(asked(pack, amount, to=to, across=True), actor="operator", now=NOW)

    assert codes(raised) == expected
    assert (Entry.objects.count(), Act.objects.count(), Pack.objects.count()) == (before, 0, 1)


def test_strangers_do_not_get_tokens(world: World, south: Team) -> None:
    """Teams without a primary administrator in common exchange nothing, unless the operator says so (L6)."""
    pack = world.give("100")
    Membership.objects.filter(team=south).delete()

    with pytest.raises(Forbidden):
        move(asked(pack, "40"), actor="account 1", now=NOW)

    assert move(asked(pack, "40", across=True), actor="operator", now=NOW).tokens == "40"


def test_what_is_not_there_cannot_move(world: World, south: Team) -> None:
    """An unknown pack or team is not found."""
    pack = world.give("100")

    for missing in (asked(pack + 1, "1"), asked(pack, "1", to="north")):
        with pytest.raises(NotFound):
            move(missing, actor="operator", now=NOW)


def test_the_same_key_moves_once(world: World, south: Team) -> None:
    """Asked again with its key, a move answers as before and moves nothing; another move under it is refused (L8)."""
    pack = world.give("100")
    first = move(asked(pack, "40"), actor="operator", now=NOW, key="k")

    assert move(asked(pack, "40"), actor="operator", now=Instant(NOW + DAY), key="k") == first
    with pytest.raises(Conflict):
        move(asked(pack, "41"), actor="operator", now=NOW, key="k")
    assert world.left(pack) == "60"


def test_a_merge_moves_every_living_pack(world: World, south: Team) -> None:
    """All that lives goes, an act each and in each team, in one transaction; what is dead or empty stays (L6)."""
    world.give("100", until="2026-05-01 00:00")
    packs = [world.give("100", until="2026-09-01 00:00"), world.give("50")]
    preview = leaving(Merge(team="flex", into="south"), now=NOW)

    moved = merge(Merge(team="flex", into="south", reason="one office"), actor="operator", now=NOW)

    assert [(one.pack, as_text(one.tokens)) for one in preview] == [(packs[0], "100"), (packs[1], "50")]
    assert [(one.pack, one.tokens) for one in moved] == [(packs[0], "100"), (packs[1], "50")]
    assert [world.left(pack) for pack in packs] == ["0", "0"]
    assert list(Act.objects.values_list("kind", "reason")) == [("MERGE", "one office")] * 4
    assert faults() == []


def test_a_merge_takes_both_contracts_or_nothing(world: World, south: Team) -> None:
    """Where the other team lacks a contract for one of the packs, none moves; with it, all do (L6)."""
    catalogue.add_contract(world.flex, Scheme.ENTERPRISE, offer="all", card="ent", start=day_of(START))
    number = catalogue.contract_numbers(world.flex)[1]
    world.give("100")
    give(Purchase(contract=number, pool=Pool.MY, tokens=tokens("30"), since=START), now=START)
    with pytest.raises(Rejected) as raised:
        merge(Merge(team="flex", into="south"), actor="operator", now=NOW)
    assert codes(raised) == ["not_found"]
    assert Act.objects.count() == 0

    catalogue.add_contract(south, Scheme.ENTERPRISE, offer="all", card="ent", start=day_of(START))
    moved = merge(Merge(team="flex", into="south"), actor="operator", now=NOW, key="k")

    assert [one.tokens for one in moved] == ["100", "30"]
    assert merge(Merge(team="flex", into="south"), actor="operator", now=NOW, key="k") == moved
    assert faults() == []


def test_an_empty_team_has_nothing_to_merge(world: World, south: Team) -> None:
    """A merge that would move nothing is refused, in the preview too."""
    for attempt in (lambda asked: leaving(asked, now=NOW), lambda asked: merge(asked, actor="operator", now=NOW)):
        with pytest.raises(Rejected):
            attempt(Merge(team="flex", into="south"))
