"""Keys of programs and of people: shown once, kept as hashes, ended at once (product A1, quality T3)."""

from __future__ import annotations

import pytest
from tests.world import NOW, World

from farebox.domain.clock import DAY, MINUTE, Instant
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.records.models import PersonalToken, Source, User
from farebox.services import accounts, catalogue, sources
from farebox.services import tokens as personal


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
