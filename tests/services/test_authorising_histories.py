"""Whatever happens to live sessions, the books are sound, and end as the rules have them (domain F7, F7a; E1, E2)."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.books import faults
from tests.world import World, at, event

from farebox.domain.amounts import Tokens
from farebox.domain.charging.flex import Denial as DenialAt
from farebox.domain.charging.flex import rate_flex
from farebox.domain.clock import HOUR, MINUTE, Instant
from farebox.domain.errors import Conflict
from farebox.domain.rates import Rate as RateAt
from farebox.domain.usage import Use as UseAt
from farebox.records.models import Assignment, Charge, Denial, Hold, LiveSession, Pack, Rate, Use
from farebox.records.models.contracts import PolicyName
from farebox.records.usage import read_spans
from farebox.services.authorise import Beat, Close, Launch, authorise, review_due
from farebox.services.catalogue import add_person, set_policy
from farebox.services.expire import expire

START = at("2026-03-02 08:00")
SAVE_US = 15 * MINUTE

steps = st.lists(
    st.tuples(
        st.integers(1, 400).map(lambda minutes: minutes * MINUTE) | st.just(20 * HOUR),
        st.sampled_from(("launch", "beat", "idle", "close", "report", "job", "expire", "give")),
        st.sampled_from(("ann", "ben")),
        st.sampled_from("AB"),
        st.integers(0, 7),
    ),
    min_size=4,
    max_size=25,
)

brief = st.lists(
    st.tuples(
        st.integers(0, 12).map(lambda minutes: minutes * MINUTE),
        st.sampled_from(("launch", "beat", "beat", "close", "job", "job")),
        st.integers(0, 2),
    ),
    min_size=2,
    max_size=8,
)


class History:
    """A team with little, how long silence and grace are in minutes, and what two people do with it."""

    def __init__(self, world: World, silence: int = 30, grace: int = 5) -> None:
        self.world = world
        self.now = START
        self.sessions: list[tuple[str, str, str, Instant]] = []
        set_policy(world.flex_contract, PolicyName.SILENCE_MINUTES, silence, since=at("2026-02-20 00:00"))
        set_policy(world.flex_contract, PolicyName.GRACE_MINUTES, grace, since=at("2026-02-20 00:00"))
        world.give("24", since="2026-02-20 00:00", until="2026-03-04 00:00")
        for name in ("ann", "ben"):
            person = add_person(world.flex, name, name, now=START)
            Assignment.objects.create(person=person, since_us=START)

    def step(self, what: str, person: str, product: str, nth: int) -> None:
        """Let one thing happen now; what is answered is checked against the balance."""
        team = self.world.flex.pk
        if what == "launch":
            answer = authorise(Launch(team, person, product), now=self.now)
            assert answer.available >= 0
            if answer.decision == "allow":
                self.sessions.append((answer.session, person, product, self.now))
        elif what == "job":
            review_due(now=self.now)
        elif what == "expire":
            expire(now=self.now)
        elif what == "give":
            self.world.give("9", since=_text(self.now))
        elif self.sessions:
            self._to_session(what, *self.sessions[nth % len(self.sessions)])

    def _to_session(self, what: str, code: str, person: str, product: str, since: Instant) -> None:
        team = self.world.flex.pk
        try:
            if what == "close":
                authorise(Close(team, code), now=self.now)
            elif what == "report":
                told = event(code, person, product, _text(since), _text(self.now))
                assert self.world.states(told, now=self.now)[0] in ("accepted", "rejected conflict")
            else:
                authorise(Beat(team, code, what == "beat"), now=self.now)
        except Conflict:
            assert LiveSession.objects.get(code=code).closed_us is not None

    def rest(self) -> None:
        """Let days pass in which nobody does anything."""
        for _ in range(4):
            self.now = Instant(self.now + 13 * HOUR)
            review_due(now=self.now)


def _text(when: Instant) -> str:
    from farebox.domain.clock import as_iso

    return as_iso(when).removesuffix("Z").replace("T", " ")


def _by_the_rules() -> list[tuple[int, int, int]]:
    """Rate every chain from its uses and denials alone: (person, instant, tokens) of what costs something."""
    found = []
    for person, product in Use.objects.values_list("person_id", "product_id").distinct():
        denials = [DenialAt(Instant(at), SAVE_US) for at in _denied(person, product)]
        rates = [
            RateAt(rate.pk, Instant(rate.since_us), Tokens(rate.tokens_micro))
            for rate in Rate.objects.filter(product=product, card__code="flex")
        ]
        rows = rate_flex(_uses(person, product), rates, product, denials=denials).rows
        found += [(person, row.at, row.tokens) for row in rows if row.tokens]
    return sorted(found)


def _uses(person: int, product: int) -> list[UseAt]:
    return [
        UseAt(u.pk, Instant(u.since_us), Instant(u.until_us), u.tie, u.grace_us, read_spans(u.active))
        for u in Use.objects.filter(person_id=person, product_id=product, ended_us=None)
    ]


def _denied(person: int, product: int) -> list[int]:
    denied = Denial.objects.filter(person=person, product=product, rolled_us__isnull=False)
    return [at for at in denied.values_list("rolled_us", flat=True) if at is not None]


@pytest.mark.django_db
@settings(max_examples=few(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_books_are_sound_after_every_step(db: None, history: list[tuple[int, str, str, str, int]]) -> None:
    """After each step no invariant is broken; at rest nothing is reserved, and the charges are those of the rules."""
    with transaction.atomic():
        told = History(World())
        for passed, what, person, product, nth in history:
            told.now = Instant(told.now + passed)
            told.step(what, person, product, nth)
            assert faults() == []
        _assert_at_rest(told)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=few(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(brief, st.integers(0, 15), st.integers(0, 40))
def test_silence_may_be_shorter_than_the_grace(
    db: None, history: list[tuple[int, str, int]], silence: int, grace: int
) -> None:
    """For any silence and grace, no hold outlives its sessions; what was brief ends by its last word (F3, F7, M4)."""
    with transaction.atomic():
        told = History(World(), silence, grace)
        told.step("launch", "ann", "A", 0)
        for passed, what, nth in history:
            told.now = Instant(told.now + passed)
            told.step(what, "ann", "A", nth)
            assert faults() == []
        _assert_at_rest(told)
        for one in LiveSession.objects.exclude(seen_us=F("since_us")):
            if one.seen_us + silence * MINUTE <= one.since_us + grace * MINUTE:
                assert Use.objects.get(event=one.event, ended_us=None).until_us == one.seen_us
        transaction.set_rollback(True)


def _assert_at_rest(told: History) -> None:
    """Let all fall silent: nothing runs, nothing is reserved, and what was charged is what the rules say."""
    told.rest()
    assert faults() == []
    assert not Hold.objects.filter(ended_us=None).exists()
    assert not LiveSession.objects.filter(closed_us=None).exists()
    assert sum(Pack.objects.values_list("reserved_micro", flat=True)) == 0
    counting = Charge.objects.filter(ended_us=None, tokens_micro__gt=0)
    assert sorted(counting.values_list("person_id", "at_us", "tokens_micro")) == _by_the_rules()
