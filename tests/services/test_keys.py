"""Keys of programs and of people: shown once, kept as hashes, ended at once (product A1, quality T3)."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.books import faults
from tests.services.deliveries import PLAIN
from tests.services.entries import WHO, consumption, costs
from tests.world import NOW, World, at, event, message, withdrawal

from farebox.domain.clock import DAY, MINUTE, Instant, day_of
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.packs import Pool
from farebox.records.models import Event, Pack, PersonalToken, Source, User
from farebox.services import accounts, catalogue, sources
from farebox.services import tokens as personal
from farebox.services.ingest import SourceKey
from farebox.services.ingest.by_hand import SOURCE, Adjustment, Consumption, Entry, enter


@pytest.fixture
def ann(world: World) -> User:
    """Return an account."""
    roles = {world.flex: catalogue.Role.PRIMARY}
    return catalogue.add_account("ann@example.com", "a password of some length", "Ann", roles=roles, now=NOW)


def test_a_source_key_names_its_source(world: World) -> None:
    """The key that was shown leads to its source, team and scopes; only its hash is kept."""
    secret = sources.add("licences", now=NOW, team="flex", interval_minutes=60)

    found = sources.of_key(secret, now=NOW)

    assert found is not None
    assert (found.team, found.name, found.scopes) == (world.flex.pk, "licences", {"events:write", "authorize"})
    assert secret.startswith("fbs_")
    assert secret not in str(Source.objects.values())


def test_an_unknown_key_opens_nothing(world: World) -> None:
    """Wrong keys of any look, and a person's token, are nobody's source key."""
    secret = sources.add("licences", now=NOW, team="flex")

    for wrong in ("", "fbs_", secret[:-1], secret + "x", secret.replace("fbs_", "fbp_"), secret.upper()):
        assert sources.of_key(wrong, now=NOW) is None


def test_a_revoked_key_ends_at_once(world: World) -> None:
    """Revoked, a key opens nothing; revoking it again, or what is not there, is told (T3)."""
    secret = sources.add("licences", now=NOW, team="flex")
    sources.revoke("licences", team="flex", now=NOW)

    assert sources.of_key(secret, now=NOW) is None
    for team in ("flex", "ent", None):
        with pytest.raises(NotFound):
            sources.revoke("licences", team=team, now=NOW)


def test_a_source_is_one_name_a_team(world: World) -> None:
    """A name is taken once in a team and once for the installation; a team has to exist."""
    for team in ("flex", "ent", None):
        sources.add("licences", now=NOW, team=team)
        with pytest.raises(Conflict):
            sources.add("licences", now=NOW, team=team)
    with pytest.raises(NotFound):
        sources.add("licences", now=NOW, team="none")
    assert [source.name for source in sources.listed()] == ["licences"] * 3


def test_when_a_source_spoke_is_kept_to_the_minute(world: World) -> None:
    """Speaking is noted, at most once a minute, so that a silent source can be seen."""
    secret = sources.add("licences", now=NOW, team="flex")
    seen = []

    for us in (0, MINUTE, 2 * MINUTE):
        sources.of_key(secret, now=Instant(NOW + us))
        seen.append(Source.objects.get().seen_us)

    assert seen == [NOW, NOW, NOW + 2 * MINUTE]


def test_a_personal_token_stands_for_its_person(ann: User) -> None:
    """The secret that was shown leads to the person and the scopes; only its hash is kept."""
    _, secret = personal.make(ann, name=" script ", days=30, now=NOW)

    assert personal.bearer(secret, now=NOW) == (ann, frozenset({"data:read"}))
    assert PersonalToken.objects.get().name == "script"
    assert secret not in str(PersonalToken.objects.values())


def test_a_personal_token_ends(ann: User) -> None:
    """At its end, when it is revoked, and when its person may no longer sign in, a token opens nothing (T3)."""
    _, short = personal.make(ann, name="short", days=1, now=NOW)
    row, secret = personal.make(ann, name="long", days=365, now=NOW)

    assert personal.bearer(short, now=Instant(NOW + DAY - 1)) is not None
    assert personal.bearer(short, now=Instant(NOW + DAY)) is None
    personal.revoke(ann, row.pk, now=NOW)
    assert personal.bearer(secret, now=NOW) is None
    _, third = personal.make(ann, name="third", days=30, now=NOW)
    User.objects.update(is_active=False)
    assert personal.bearer(third, now=NOW) is None


def test_nobody_ends_anothers_token(ann: User, world: World) -> None:
    """Another person's token is not found, and goes on."""
    row, secret = personal.make(ann, name="mine", days=30, now=NOW)
    ben = User.objects.create(email="ben@example.com", created_us=NOW)

    with pytest.raises(NotFound):
        personal.revoke(ben, row.pk, now=NOW)
    assert personal.bearer(secret, now=NOW) is not None


def test_every_problem_of_a_token_is_named(ann: User) -> None:
    """A token without a name, of no length or beyond a year is refused; so is one more than fifty."""
    with pytest.raises(Rejected) as refused:
        personal.make(ann, name=" ", days=366, now=NOW)
    assert [problem.pointer for problem in refused.value.problems] == ["/name", "/days"]

    for nth in range(personal.TOKENS_MAX):
        personal.make(ann, name=f"token {nth}", days=1, now=NOW)
    with pytest.raises(Rejected) as one_more:
        personal.make(ann, name="one more", days=1, now=NOW)
    assert [problem.code for problem in one_more.value.problems] == ["too_many"]
    personal.make(ann, name="tomorrow", days=1, now=Instant(NOW + DAY))


def test_a_password_may_be_set_anew(ann: User) -> None:
    """The new password holds and the old one does not; an address without an account is not found."""
    user = accounts.set_password("ANN@example.com", "another password", now=NOW)

    assert user.check_password("another password")
    assert not user.check_password("a password of some length")
    with pytest.raises(NotFound):
        accounts.set_password("nobody@example.com", "another password", now=NOW)


IDS, SOURCES = ("plus", "used", "told", "session"), (SOURCE, "test", "other")
REPORTED: dict[str, dict[str, str]] = {
    "farebox.session": {"product": "A", "start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"},
    "farebox.adjustment": {"pool": "FLEX", "tokens": "500", "reasonType": "x", "transactionDate": "2026-03-02"},
    "farebox.consumption": {"person": WHO, "product": "A", "tokens": "0", "reasonType": "x",
                            "transactionDate": "2026-03-02"},
    "farebox.withdrawal": {},
}  # fmt: skip


def sent_by_keys() -> st.SearchStrategy[list[bytes]]:
    """Return requests of events that a program might try, under any identity and revision."""
    one = st.builds(
        lambda kind, name, source, revision: message(
            kind, name, REPORTED[kind], source=source, revision=revision, subject=WHO, team="flex"
        ),
        st.sampled_from(sorted(REPORTED)),
        st.sampled_from(IDS),
        st.sampled_from(SOURCES),
        st.integers(0, 3),
    )
    return st.lists(one, min_size=1, max_size=6)


def entered(world: World) -> tuple[int, list[tuple[object, ...]], list[str]]:
    """Return the sizes of all packs, the events by hand, and what they cost."""
    by_hand = Event.objects.filter(kind__in=("farebox.adjustment", "farebox.consumption"))
    rows = by_hand.order_by("pk").values_list("pk", "source", "event_id", "revision", "state", "payload")
    kept = [(*row[:-1], bytes(row[-1])) for row in rows]
    size = sum(Pack.objects.filter(contract=world.flex_contract).values_list("size_micro", flat=True))
    return size, kept, [cost for cost in costs() if cost.startswith("MANUAL")]


@pytest.fixture
def by_hand(world: World) -> World:
    """Return the world with a pack, entries by hand, and a session."""
    world.give("100")
    day = day_of(at("2026-03-02 00:00"))
    added = Adjustment(pool=Pool.FLEX, tokens="10", reason="x")
    used = Consumption(person=WHO, product="A", tokens="50", reason="x")
    for name, asked in (("plus", added), ("used", used)):
        enter(world.flex.pk, Entry(name, day), asked, now=NOW)
    world.send(consumption("told", tokens="3"), event("session", WHO, "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    return world


@given(requests=st.lists(st.tuples(st.booleans(), sent_by_keys()), min_size=1, max_size=3))
@settings(PLAIN, max_examples=few(40))
def test_no_key_adds_tokens_or_touches_what_was_entered_by_hand(
    by_hand: World, requests: list[tuple[bool, list[bytes]]]
) -> None:
    """Whatever keys send, no pack grows, and what was entered by hand stays (quality: authorization matrix)."""
    before = entered(by_hand)
    with transaction.atomic():
        for is_of_the_team, events in requests:
            by_hand.send(*events, key=SourceKey(7, by_hand.flex.pk) if is_of_the_team else SourceKey(8, None))
        after = entered(by_hand)
        transaction.set_rollback(True)

    assert after == before


def test_what_a_key_may_not_send_costs_it_nothing_else(by_hand: World) -> None:
    """Each such event is refused by itself, where it stands; the others of its request are charged (M2)."""
    data = REPORTED["farebox.adjustment"]
    sent = [
        message("farebox.adjustment", "a", data),
        message("farebox.consumption", "b", REPORTED["farebox.consumption"]),
        message("farebox.adjustment", "c", data | {"tokens": "many"}, source=SOURCE),
        withdrawal("used", 1, source=SOURCE),
        withdrawal("told", 1),
        event("told", WHO, "A", "2026-03-02 08:00", "2026-03-02 09:00", revision=1),
        event("mine", WHO, "B", "2026-03-02 08:00", "2026-03-02 09:00"),
    ]

    verdicts = by_hand.send(*sent, key=SourceKey(7, by_hand.flex.pk)).verdicts

    assert [[f"{one.pointer} {one.code}" for one in verdict.problems] for verdict in verdicts] == [
        ["/type entered_by_hand"],
        ["/type entered_by_hand"],
        ["/data/tokens invalid_value", "/type entered_by_hand"],
        ["/source entered_by_hand"],
        ["/id entered_by_hand"],
        ["/id entered_by_hand"],
        [],
    ]
    assert (verdicts[-1].state, faults()) == ("accepted", [])
