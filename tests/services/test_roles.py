"""Roles given and taken, and the primary role handed over: at every commit a team has one primary (product B1, T4)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import settings as drawing
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.drawn import few
from tests.filed import Filed
from tests.world import NOW, START

from farebox.domain.clock import DAY, SECOND, Instant
from farebox.domain.errors import Conflict, FareboxError, Forbidden, NotFound, Rejected
from farebox.domain.rights import Role, covers
from farebox.records import db
from farebox.records.invitations import secret_of
from farebox.records.models import Audit, Handover, Invitation, Mail, Membership, Team, User
from farebox.services import catalogue, handover, invite, roles
from farebox.services.mail.letters import compose

PEOPLE = {"ann": Role.PRIMARY, "bo": Role.SECONDARY, "cy": Role.SSO, "di": Role.USER, "eve": Role.USER}


class Crew:
    """A team with one member of each role and another user, and somebody who is no member."""

    def __init__(self, slug: str = "crew") -> None:
        self.team = catalogue.add_team(slug, f"Team {slug}", now=START)
        self.users = {name: User.objects.create(email=f"{name}@{slug}.example.com") for name in (*PEOPLE, "zoe")}
        for name, role in PEOPLE.items():
            Membership.objects.create(team=self.team, user=self.users[name], role=role)

    def member(self, name: str) -> int:
        """Return the number of somebody's membership; 0 where there is none."""
        found = Membership.objects.filter(team=self.team, user=self.users[name]).values_list("pk", flat=True)
        return found.first() or 0

    def role(self, name: str) -> str:
        """Return the role that somebody has."""
        return Membership.objects.get(team=self.team, user=self.users[name]).role

    def give(self, by: str, to: str, role: Role) -> None:
        """Have somebody give a role."""
        roles.choose(self.users[by], self.team.pk, self.member(to), role, now=NOW)

    def offer(self, to: str, *, by: str = "ann", now: Instant = NOW) -> int:
        """Have somebody offer the primary role, and return the offer."""
        return handover.offer(self.users[by], self.team.pk, self.member(to), language="en", now=now).id

    def accept(self, who: str, offer: int, *, now: Instant = NOW) -> None:
        """Have somebody accept."""
        handover.accept(self.users[who], offer, now=now)


@pytest.fixture
def crew(db: None) -> Crew:
    """Return a team of five."""
    return Crew()


def told() -> list[tuple[str, str, str, object]]:
    """Return what the audit log says, in order."""
    return list(Audit.objects.order_by("pk").values_list("actor", "verb", "object", "facts"))


def test_an_administrator_is_made_and_unmade(crew: Crew) -> None:
    """Each change is one row of the log, with numbers only; the same role again is no change (T5)."""
    crew.give("ann", "di", Role.SSO)
    crew.give("ann", "di", Role.SSO)
    crew.give("cy", "di", Role.USER)

    ann, cy, di = (crew.users[name].pk for name in ("ann", "cy", "di"))
    assert crew.role("di") == Role.USER
    assert told() == [
        (f"account {ann}", "role.set", f"account {di}", {"before": "USER", "now": "SSO"}),
        (f"account {cy}", "role.set", f"account {di}", {"before": "SSO", "now": "USER"}),
    ]


@pytest.mark.parametrize(
    ("by", "to", "role", "refusal"),
    [
        ("bo", "di", Role.SSO, Forbidden),
        ("cy", "di", Role.SECONDARY, Forbidden),
        ("bo", "cy", Role.USER, Forbidden),
        ("bo", "bo", Role.SSO, Forbidden),
        ("bo", "ann", Role.USER, Forbidden),
        ("ann", "ann", Role.SECONDARY, Forbidden),
        ("ann", "bo", Role.PRIMARY, Forbidden),
        ("di", "eve", Role.SECONDARY, Forbidden),
        ("zoe", "di", Role.SECONDARY, NotFound),
        ("ann", "zoe", Role.SECONDARY, NotFound),
    ],
)
def test_nobody_gives_or_takes_what_they_lack(
    crew: Crew, by: str, to: str, role: Role, refusal: type[FareboxError]
) -> None:
    """A refused change changes nothing, for a stranger as if the team did not exist (T2, T4)."""
    with pytest.raises(refusal):
        crew.give(by, to, role)

    assert {name: crew.role(name) for name in PEOPLE} == PEOPLE
    assert told() == []


def test_a_member_of_another_team_is_not_there(crew: Crew) -> None:
    """The number of a membership elsewhere is as one that never was (T2)."""
    other = Crew("other")

    for number in (other.member("di"), 0, 10**9):
        with pytest.raises(NotFound, match="no such member of the team"):
            roles.choose(crew.users["ann"], crew.team.pk, number, Role.SECONDARY, now=NOW)


def test_who_is_listed_with_what(crew: Crew) -> None:
    """The list offers to each reader what they may give to each member, and nothing for the primary administrator."""
    offered = {one.member.email[:2]: set(one.offered) for one in roles.listed(crew.users["bo"], crew.team.pk)}

    both = {Role.USER, Role.SECONDARY}
    assert offered == {"an": set(), "cy": set(), "bo": both, "di": both, "ev": both}
    with pytest.raises(Forbidden):
        roles.listed(crew.users["di"], crew.team.pk)


def test_the_primary_role_is_handed_over(crew: Crew) -> None:
    """The receiver accepts, the giver becomes secondary; one mail, and a row for each step (product B1)."""
    offer = crew.offer("di")
    mail = Mail.objects.get()
    found = handover.offered_to(crew.users["di"], now=NOW)
    crew.accept("di", offer)

    assert (mail.kind, mail.user_id, mail.facts) == ("HANDOVER", crew.users["di"].pk, {"handover": offer})
    assert [(one.id, one.giver_id, one.until) for one in found] == [(offer, crew.users["ann"].pk, NOW + 7 * DAY)]
    assert (crew.role("ann"), crew.role("di")) == (Role.SECONDARY, Role.PRIMARY)
    assert [(verb, facts) for _, verb, _, facts in told()] == [
        ("handover.offer", {"handover": offer}),
        ("handover.accept", {"handover": offer}),
    ]
    assert Audit.objects.get(verb="handover.accept").object == f"account {crew.users['di'].pk}"
    assert handover.offered_to(crew.users["di"], now=NOW) == []


def test_the_receiver_is_told_by_mail(crew: Crew) -> None:
    """The mail names who offers which role of which team, and where to answer; once answered it is not sent."""
    offer = crew.offer("di")
    letter = compose(Mail.objects.get(), now=NOW)
    crew.accept("di", offer)

    assert letter is not None
    assert (letter.to, letter.subject) == (["di@crew.example.com"], "Primary administrator of Team crew?")
    assert f"/users/roles/handover/{offer}" in str(letter.body)
    assert "ann@crew.example.com offers you the role" in str(letter.body)
    assert compose(Mail.objects.get(), now=NOW) is None


def test_an_offer_lapses_after_seven_days(crew: Crew) -> None:
    """In the last microsecond it may be accepted, in the next not; another offer may be made then."""
    offer = crew.offer("di")

    with pytest.raises(NotFound):
        crew.accept("di", offer, now=Instant(NOW + 7 * DAY))
    assert handover.offered_to(crew.users["di"], now=Instant(NOW + 7 * DAY)) == []
    again = crew.offer("bo", now=Instant(NOW + 7 * DAY))
    crew.accept("bo", again, now=Instant(NOW + 14 * DAY - 1))
    assert Handover.objects.get(pk=offer).state == "LAPSED"
    assert crew.role("bo") == Role.PRIMARY


def test_one_offer_at_a_time(crew: Crew) -> None:
    """While one is open there is no other; refused or withdrawn, there may be."""
    first = crew.offer("di")
    with pytest.raises(Conflict):
        crew.offer("bo")
    handover.refuse(crew.users["di"], first, now=NOW)
    second = crew.offer("bo")
    handover.withdraw(crew.users["ann"], crew.team.pk, now=NOW)

    for who, offer in (("di", first), ("bo", second)):
        with pytest.raises(NotFound):
            crew.accept(who, offer)
    assert [verb for _, verb, _, _ in told()] == [
        "handover.offer",
        "handover.refuse",
        "handover.offer",
        "handover.withdraw",
    ]


def test_only_who_may_offers_and_only_who_is_asked_accepts(crew: Crew) -> None:
    """An offer to a stranger, to oneself, or by another administrator is refused; so is another's acceptance."""
    for by, to, refusal in (("bo", "di", Forbidden), ("zoe", "di", NotFound), ("ann", "zoe", NotFound)):
        with pytest.raises(refusal):
            crew.offer(to, by=by)
    with pytest.raises(Rejected):
        crew.offer("ann")
    offer = crew.offer("di")
    for who in ("bo", "ann", "zoe"):
        with pytest.raises(NotFound):
            crew.accept(who, offer)
    assert crew.role("ann") == Role.PRIMARY


def test_an_operator_appoints_where_the_primary_is_lost(crew: Crew) -> None:
    """Who was it becomes a user, an open offer ends, and the log names the command and both accounts."""
    offer = crew.offer("di")
    roles.appoint_primary(crew.team.pk, "EVE@crew.example.com", actor="command", now=NOW)

    assert (crew.role("ann"), crew.role("eve")) == (Role.USER, Role.PRIMARY)
    with pytest.raises(NotFound):
        crew.accept("di", offer)
    with pytest.raises(Conflict):
        roles.appoint_primary(crew.team.pk, "eve@crew.example.com", actor="command", now=NOW)
    ann, eve = crew.users["ann"].pk, crew.users["eve"].pk
    assert told()[-1] == ("command", "primary.appoint", f"account {eve}", {"before": ann, "was": "USER"})


def test_commands_give_and_take_roles_but_never_the_primary(crew: Crew) -> None:
    """At the command line a role is given by address, and a membership taken away; the primary's stays."""
    roles.choose_for("crew", "di@crew.example.com", Role.SECONDARY, actor="command", now=NOW)
    roles.choose_for("crew", "eve@crew.example.com", None, actor="command", now=NOW)

    assert crew.role("di") == Role.SECONDARY
    assert crew.member("eve") == 0
    for address, role in (("ann@crew.example.com", None), ("di@crew.example.com", Role.PRIMARY)):
        with pytest.raises(Rejected):
            roles.choose_for("crew", address, role, actor="command", now=NOW)


def test_an_invitation_gives_no_right_that_the_inviter_lacks(crew: Crew) -> None:
    """Who may not make an SSO administrator may not invite one; who may not any more has invited a user (T4)."""
    with pytest.raises(Forbidden):
        invite.invite(crew.users["bo"], crew.team.pk, "Fay <fay@example.com>", role=Role.SSO, now=NOW)
    invite.invite(crew.users["cy"], crew.team.pk, "Fay <fay@example.com>", role=Role.SSO, now=NOW)
    crew.give("ann", "cy", Role.USER)
    fay = invite.accept_new(secret_of(Invitation.objects.get()), "Fay", "correct horse battery", now=NOW)

    assert Membership.objects.get(team=crew.team, user=fay).role == Role.USER


class Histories(RuleBasedStateMachine):
    """Any order of offers, answers, changes of role, leaves and appointments."""

    names = st.sampled_from([*PEOPLE, "zoe"])

    @initialize()
    def found(self) -> None:
        """Found a team, and remember what became of each commit."""
        self.crew, self.now = Crew(f"team-{Team.objects.count()}"), NOW
        self.offers: list[int] = [0]

    @rule(by=names, to=names)
    def offer(self, by: str, to: str) -> None:
        """Somebody offers the role to somebody."""
        with suppress(FareboxError):
            self.offers.append(self.crew.offer(to, by=by, now=self.now))

    @rule(who=names, nth=st.integers(0, 5), yes=st.booleans())
    def answer(self, who: str, nth: int, *, yes: bool) -> None:
        """Somebody answers one of the offers."""
        with suppress(FareboxError):
            answered = handover.accept if yes else handover.refuse
            answered(self.crew.users[who], self.offers[-1 - nth % len(self.offers)], now=self.now)

    @rule(by=names, to=names, role=st.sampled_from(Role))
    def give(self, by: str, to: str, role: Role) -> None:
        """Somebody gives somebody a role; what they won they could give, and their rights they had themselves."""
        held = dict(Membership.objects.filter(team=self.crew.team).values_list("user_id", "role"))
        with suppress(FareboxError):
            self.crew.give(by, to, role)
            giver, before = Role(held[self.crew.users[by].pk]), Role(held[self.crew.users[to].pk])
            assert before is role or (covers(giver, role) and covers(giver, before)), "a right was given that one lacks"

    @rule(who=names)
    def leave(self, who: str) -> None:
        """Somebody is taken out of the team by a command."""
        with suppress(FareboxError):
            roles.choose_for(self.crew.team.slug, self.crew.users[who].email, None, actor="command", now=self.now)

    @rule(who=names)
    def appoint(self, who: str) -> None:
        """An operator appoints somebody."""
        with suppress(FareboxError):
            roles.appoint_primary(self.crew.team.pk, self.crew.users[who].email, actor="command", now=self.now)

    @rule(by=names, days=st.integers(0, 4))
    def withdraw(self, by: str, days: int) -> None:
        """Somebody takes an offer back, and time goes on."""
        with suppress(FareboxError):
            handover.withdraw(self.crew.users[by], self.crew.team.pk, now=self.now)
        self.now = Instant(self.now + days * DAY + SECOND)

    @invariant()
    def one_primary(self) -> None:
        """The team has exactly one primary administrator, and one open offer at most."""
        assert Membership.objects.filter(team=self.crew.team, role=Role.PRIMARY).count() == 1
        assert Handover.objects.filter(team=self.crew.team, state="OPEN").count() <= 1


@pytest.mark.django_db
def test_any_history_leaves_one_primary() -> None:
    """Whatever happens in whatever order, the team has exactly one primary administrator after each step (T4)."""
    run_state_machine_as_test(Histories, settings=drawing(max_examples=few(40), stateful_step_count=12))


def test_two_acceptances_at_once(filed: Filed) -> None:
    """Of several who answer an offer in the same moment, in two windows or by a removal, one changes the role (T4)."""
    crew = filed.run(Crew)
    offer = filed.run(lambda: crew.offer("di"))

    def once(job: Callable[[], object]) -> bool:
        try:
            db.insist(job)
        except FareboxError:
            return False
        return True

    accepting = [lambda: once(lambda: crew.accept("di", offer)) for _ in range(3)]
    refusing = lambda: once(lambda: handover.refuse(crew.users["di"], offer, now=NOW))  # noqa: E731
    done = filed.run_together([*accepting, refusing])
    rows = filed.run(lambda: list(Membership.objects.filter(role=Role.PRIMARY).values_list("user_id", flat=True)))

    assert sum(done) == 1
    assert rows == [crew.users["ann"].pk if done[3] else crew.users["di"].pk]
