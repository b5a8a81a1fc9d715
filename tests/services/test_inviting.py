"""Inviting people into a team, and what an invitation is worth until when (product B2, [S 003])."""

from __future__ import annotations

import json

import pytest
from tests.filed import Filed
from tests.world import NOW, START, World, event

from farebox.domain.clock import DAY, MINUTE, Instant
from farebox.domain.errors import Conflict, FareboxError, Forbidden, NotFound, Rejected
from farebox.domain.mails import MailKind
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.records import access, invitations
from farebox.records.models import (
    Assignment,
    Audit,
    DefaultProduct,
    Entitlement,
    Invitation,
    Mail,
    Membership,
    Person,
    User,
)
from farebox.services import catalogue, groups, invite, seats
from farebox.services.assign import assign_people
from farebox.services.invite import Said
from farebox.services.mail.letters import compose

PASSWORD = "correct horse battery"
ANN = "Ann Ek <ann@example.com>"
WEEK = 7 * DAY


def account(world: World, address: str, role: Role | None = Role.SECONDARY) -> User:
    """Make an account with a role in the Flex team."""
    roles = {} if role is None else {world.flex: role}
    return catalogue.add_account(address, PASSWORD, address.partition("@")[0].title(), roles=roles, now=START)


def link_of(person: str = "ann@example.com") -> str:
    """Return the secret of the link that the latest mail to a person has."""
    return invitations.secret_of(Invitation.objects.filter(person__key=person).latest("pk"))


def opens(person: str) -> set[int]:
    """Return the products that a person may open; 0 is all of the offer."""
    pk = Person.objects.get(key=person).pk
    return access.in_force([pk]).get(pk, set())


def audited() -> list[str]:
    """Return the verbs of the audit log in order."""
    return list(Audit.objects.order_by("pk").values_list("verb", flat=True))


def test_new_people_are_invited_and_members_are_told(world: World) -> None:
    """
    “Les nouveaux utilisateurs sont invités à créer un compte” [S 003]: what was ticked is theirs once they accept.

    “Lorsqu'ils sont affectés individuellement, les utilisateurs reçoivent un e-mail” [S 003].
    """
    boss = account(world, "boss@example.com")
    world.send(event("known", "known@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    catalogue.add_person(world.flex, "mem@example.com", "Mem Ber", now=START)
    account(world, "mem@example.com", Role.USER)
    products = [world.products["A"].pk, world.products["B"].pk]
    text = f"{ANN}, Known Face <known@example.com>; <mem@example.com>, boss@example.com"

    outcomes = invite.invite(boss, world.flex.pk, text, products=products, language="fr", now=NOW)

    assert [(one.said, one.name) for one in outcomes] == [
        (Said.INVITED, "Ann Ek"),
        (Said.INVITED, "Known Face"),
        (Said.ASSIGNED, "Mem Ber"),
        (Said.ASSIGNED, "Boss"),
    ]
    assert opens("ann@example.com") == opens("known@example.com") == set()
    assert opens("mem@example.com") == opens("boss@example.com") == set(products)
    queued = list(Mail.objects.order_by("pk").values_list("kind", "language"))
    assert queued == [(kind, "fr") for kind in (MailKind.INVITATION,) * 2 + (MailKind.ASSIGNED,) * 2]
    assert audited() == ["invited", "invited", *["assigned"] * 4]

    again = invite.invite(boss, world.flex.pk, text, products=products, now=NOW)

    assert [one.said for one in again] == [Said.WAITING, Said.WAITING, Said.ALREADY, Said.ALREADY]
    assert Mail.objects.count() == 4
    assert len(audited()) == 6
    invite.accept_new(link_of(), "Ann Ek", PASSWORD, now=NOW)
    assert opens("ann@example.com") == set(products)


def test_a_member_without_an_account_is_invited_to_make_one(world: World) -> None:
    """Who was imported, silently [S 003], has the products at once and an account by accepting; resting is no news."""
    before = catalogue.add_person(world.flex, "ann@example.com", "Ann Ek", now=START)
    product = world.products["A"].pk

    assert invite.invite(invite.Command.LINE, world.flex.pk, ANN, products=[product], now=NOW)[0].said is Said.INVITED
    assert opens("ann@example.com") == {product}
    DefaultProduct.objects.create(team=world.flex, product=world.products["Z"], since_us=NOW)
    assert invite.invite(invite.Command.LINE, world.flex.pk, ANN, every=True, now=NOW)[0].said is Said.WAITING
    assert list(Mail.objects.values_list("kind", flat=True)) == [MailKind.INVITATION]

    invite.accept_new(link_of(), "Ann Ek", PASSWORD, now=NOW)

    assert Person.objects.get(pk=before.pk).member_us == START
    assert invite.invite(invite.Command.LINE, world.flex.pk, ANN, every=True, now=NOW)[0].said is Said.ALREADY


def test_nothing_that_is_kept_names_a_link_or_a_person(world: World) -> None:
    """Mails wait as numbers, the audit holds numbers, and no record has what the link is made of (quality T5)."""
    invite.invite(invite.Command.LINE, world.flex.pk, ANN, every=True, now=NOW)

    kept = json.dumps([*Mail.objects.values("facts"), *Audit.objects.values("facts"), *Invitation.objects.values()])

    assert "ann" not in kept.lower()
    assert link_of().partition("-")[2] not in kept
    assert len(link_of().partition("-")[2]) * 6 >= 256


def test_accepting_makes_the_account_the_role_and_the_member_once(world: World) -> None:
    """The use that was known before is theirs, the role is the one offered, and the link is dead after it."""
    world.send(event("known", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    before = Person.objects.get(key="ann@example.com").pk
    invite.invite(invite.Command.LINE, world.flex.pk, ANN, role=Role.SECONDARY, now=NOW)
    secret = link_of()

    user = invite.accept_new(secret, "Ann  Åsa Ek", PASSWORD, language="sv", now=Instant(NOW + WEEK - 1))

    person = Person.objects.get(key="ann@example.com")
    assert (person.pk, person.name, person.user_id, person.member_us) == (before, "Ann Åsa Ek", user.pk, NOW + WEEK - 1)
    assert (user.email, user.language, user.has_usable_password()) == ("ann@example.com", "sv", True)
    assert Membership.objects.get(user=user).role == Role.SECONDARY
    assert audited()[-1] == "invitation accepted"
    assert Audit.objects.latest("pk").actor == f"account {user.pk}"
    assert invite.look(secret, now=NOW).over
    for late in (
        lambda: invite.accept(user, secret, now=NOW),
        lambda: invite.accept_new(secret, "E", PASSWORD, now=NOW),
    ):
        with pytest.raises(Conflict):
            late()


def test_an_invitation_lasts_seven_days_and_is_sent_again(world: World) -> None:
    """“N'accepte pas une invitation dans un délai de sept jours, vous devrez renvoyer l'invitation” [S 003]."""
    boss = account(world, "boss@example.com")
    invite.invite(boss, world.flex.pk, ANN, now=NOW)
    first, late = link_of(), Instant(NOW + WEEK)
    with pytest.raises(Conflict):
        invite.accept_new(first, "Ann", PASSWORD, now=late)
    (pending,) = invite.pending(boss, world.flex.pk, now=late)
    assert (pending.email, pending.until, pending.lapsed) == ("ann@example.com", late, True)

    assert invite.resend(boss, world.flex.pk, pending.id, now=late)
    assert not invite.resend(boss, world.flex.pk, pending.id, now=Instant(late + MINUTE - 1))

    assert audited() == ["invited", "invited again"]
    assert Mail.objects.filter(kind=MailKind.INVITATION).count() == 2
    (pending,) = invite.pending(boss, world.flex.pk, now=late)
    assert (pending.until, pending.lapsed) == (late + WEEK, False)
    with pytest.raises(NotFound):
        invite.look(first, now=late)
    invite.accept_new(link_of(), "Ann", PASSWORD, now=late)
    assert invite.pending(boss, world.flex.pk, now=late) == []


def test_typed_again_after_it_lapsed_it_is_sent_anew(world: World) -> None:
    """Whoever types the address again need not know that an invitation lapsed; one who left is invited as new."""
    boss = account(world, "boss@example.com")
    invite.invite(boss, world.flex.pk, ANN, now=NOW)
    left = catalogue.add_person(world.flex, "left@example.com", "Left Once", now=START)
    Person.objects.filter(pk=left.pk).update(left_us=START)

    outcomes = invite.invite(boss, world.flex.pk, f"{ANN}, left@example.com", now=Instant(NOW + WEEK))

    assert [one.said for one in outcomes] == [Said.INVITED, Said.INVITED]
    assert Invitation.objects.count() == 2
    invite.accept_new(link_of("left@example.com"), "Left Once", PASSWORD, now=Instant(NOW + WEEK))
    assert Person.objects.get(pk=left.pk).left_us is None


def test_a_withdrawn_invitation_leaves_nothing(world: World) -> None:
    """The link is dead, and what was ticked is gone; a member's ticks stay."""
    boss = account(world, "boss@example.com")
    invite.invite(boss, world.flex.pk, f"{ANN}, bo@example.com", every=True, now=NOW)
    ann, bo = Invitation.objects.order_by("pk")
    Person.objects.filter(key="bo@example.com").update(member_us=NOW)

    invite.withdraw(boss, world.flex.pk, ann.pk, now=NOW)
    with pytest.raises(Conflict):
        invite.accept_new(link_of(), "Ann", PASSWORD, now=NOW)
    invite.withdraw(boss, world.flex.pk, bo.pk, now=NOW)

    assert list(Assignment.objects.values_list("person__key", flat=True)) == ["bo@example.com"]
    assert invite.look(invitations.secret_of(Invitation.objects.get(pk=ann.pk)), now=NOW).over
    with pytest.raises(NotFound):
        invite.withdraw(boss, world.flex.pk, ann.pk, now=NOW)
    assert audited()[-2:] == ["invitation withdrawn", "invitation withdrawn"]


def test_withdrawn_it_takes_all_back_and_a_tick_makes_no_member(world: World) -> None:
    """Seats and groups end with it; who was only ever invited is a member by accepting alone (domain M1)."""
    boss = account(world, "boss@example.com")
    (asked,) = invite.invite(boss, world.flex.pk, ANN, products=[world.products["A"].pk], now=NOW)
    seats.give(boss, world.flex.pk, [asked.person], "B", Funding.SEAT, now=NOW)
    group = groups.make(boss, world.flex.pk, "Group", now=NOW)
    groups.join(boss, world.flex.pk, group, [asked.person], now=NOW)

    invite.withdraw(boss, world.flex.pk, asked.invitation, now=Instant(NOW + 1))

    facts = Audit.objects.get(verb="invitation withdrawn").facts
    assert facts == {"person": asked.person, "assignments": 1, "groups": 1, "seats": 1}
    assert not Entitlement.objects.exclude(until_us=NOW + 1).exists()
    assign_people(boss, world.flex.pk, [asked.person], ["A"], now=Instant(NOW + 2))
    assert Person.objects.get(pk=asked.person).member_us is None
    assert opens("ann@example.com") == set()


def test_only_who_may_give_a_role_asks_again_for_it(world: World) -> None:
    """An SSO administrator neither sends nor withdraws what makes another kind; no administrator the primary's (T4)."""
    boss, cy = account(world, "boss@example.com"), account(world, "cy@example.com", Role.SSO)
    (second,) = invite.invite(boss, world.flex.pk, ANN, role=Role.SECONDARY, now=NOW)
    (first,) = invite.invite(invite.Command.LINE, world.flex.pk, "bo@example.com", role=Role.PRIMARY, now=NOW)

    assert [one.may_change for one in invite.pending(boss, world.flex.pk, now=NOW)] == [False, True]
    for who, row in ((cy, second), (cy, first), (boss, first)):
        for job in (invite.resend, invite.withdraw):
            with pytest.raises(Forbidden):
                job(who, world.flex.pk, row.invitation, now=Instant(NOW + DAY))
    invite.resend(boss, world.flex.pk, second.invitation, now=Instant(NOW + DAY))
    invite.withdraw(boss, world.flex.pk, second.invitation, now=Instant(NOW + DAY))

    assert audited() == ["invited", "invited", "invited again", "invitation withdrawn"]


def test_a_lapsed_invitation_is_replaced_by_who_may_give_its_role(world: World) -> None:
    """
    Typed again, it is refused to whom sending it again is (quality T4); it stays as it was, and nobody is invited.

    Who may give the role asks anew, into that role or another; what lapsed is listed to every administrator anyway.
    """
    boss, first = account(world, "boss@example.com"), account(world, "first@example.com", Role.PRIMARY)
    (asked,) = invite.invite(first, world.flex.pk, ANN, role=Role.SSO, now=NOW)
    lapsed = Instant(NOW + WEEK)
    before = Invitation.objects.values().get(pk=asked.invitation)

    for job in (
        lambda: invite.resend(boss, world.flex.pk, asked.invitation, now=lapsed),
        lambda: invite.invite(boss, world.flex.pk, f"bo@example.com, {ANN}", now=lapsed),
    ):
        with pytest.raises(Forbidden):
            job()
    assert list(Invitation.objects.values()) == [before]

    for who, role, at in ((first, Role.SSO, lapsed), (invite.Command.LINE, Role.USER, Instant(lapsed + WEEK))):
        assert invite.invite(who, world.flex.pk, ANN, role=role, now=at)[0].said is Said.INVITED
        assert Invitation.objects.get(pk=asked.invitation).role == role


def test_who_may_invite_whom(world: World) -> None:
    """Nobody gives a right they lack, and nobody learns of another team (quality T2, T4)."""
    user, boss = account(world, "user@example.com", Role.USER), account(world, "boss@example.com")
    stranger, operator = account(world, "else@example.com", None), account(world, "op@example.com", None)
    User.objects.filter(pk=operator.pk).update(is_operator=True)
    operator.refresh_from_db()
    row = invite.invite(invite.Command.LINE, world.ent.pk, ANN, now=NOW)[0]
    refusals = [
        (lambda: invite.invite(user, world.flex.pk, ANN, now=NOW), Forbidden),
        (lambda: invite.invite(stranger, world.flex.pk, ANN, now=NOW), NotFound),
        (lambda: invite.invite(boss, 10**6, ANN, now=NOW), NotFound),
        (lambda: invite.invite(boss, world.flex.pk, ANN, role=Role.PRIMARY, now=NOW), Forbidden),
        (lambda: invite.pending(user, world.flex.pk, now=NOW), Forbidden),
        (lambda: invite.resend(boss, world.flex.pk, row.invitation, now=NOW), NotFound),
        (lambda: invite.withdraw(boss, world.ent.pk, row.invitation, now=NOW), NotFound),
        (lambda: invite.invite_primary(boss, world.flex.pk, ANN, now=NOW), NotFound),
        (lambda: invite.invite_primary(operator, world.flex.pk, f"{ANN}, b@example.com", now=NOW), Rejected),
        (lambda: invite.invite_primary(operator, world.flex.pk, "boss@example.com", now=NOW), Conflict),
        (lambda: invite.accept(boss, invitations.secret_of(Invitation.objects.get()), now=NOW), Forbidden),
    ]
    for job, refusal in refusals:
        with pytest.raises(refusal):
            job()
    assert Invitation.objects.count() == 1

    first = invite.invite_primary(operator, world.flex.pk, ANN, now=NOW)
    letter = compose(Mail.objects.get(person=first.person), now=NOW)
    assert letter is not None
    for told in (letter.body, letter.alternatives[0].content):
        assert "You will be its primary administrator." in str(told)

    with pytest.raises(Conflict):
        invite.invite_primary(operator, world.flex.pk, "bo@example.com", now=NOW)
    assert first.said is Said.INVITED
    invite.accept_new(invitations.secret_of(Invitation.objects.get(pk=first.invitation)), "Ann", PASSWORD, now=NOW)
    assert Membership.objects.get(team=world.flex, role=Role.PRIMARY).user.email == "ann@example.com"


def test_every_problem_is_told_and_then_nobody_is_invited(world: World) -> None:
    """A product that is not offered, and entries that cannot be read, are named together."""
    with pytest.raises(Rejected) as caught:
        invite.invite(invite.Command.LINE, world.flex.pk, "Ann; bo@example.com; c@", products=[10**9], now=NOW)

    assert [one.code for one in caught.value.problems] == ["no_address", "invalid_person", "unknown_product"]
    assert not Person.objects.exists()


def test_what_a_link_shows(world: World) -> None:
    """It tells who invites, to what and until when; with defaults on, their products [S 003]; no other link tells."""
    boss = account(world, "boss@example.com")
    invite.invite(boss, world.flex.pk, ANN, products=[world.products["B"].pk], now=NOW)
    look = invite.look(link_of(), now=NOW)
    assert (look.team, look.inviter, look.email, look.name) == ("Flex team", "Boss", "ann@example.com", "Ann Ek")
    assert (look.products, look.every, look.until, look.has_account) == (("Product B",), False, NOW + WEEK, False)

    DefaultProduct.objects.create(team=world.flex, product=world.products["A"], since_us=NOW)
    assert invite.look(link_of(), now=NOW).products == ("Product A",)

    secret = link_of()
    number, _, mac = secret.partition("-")
    others = (
        "",
        "x",
        number,
        f"{number}-",
        f"{secret}x",
        secret[:-1],
        f"{int(number) + 1}-{mac}",
        "9" * 30 + "-x",
        "²-x",
    )
    for other in others:
        with pytest.raises(NotFound):
            invite.look(other, now=NOW)


def test_a_weak_password_or_name_makes_no_account(world: World) -> None:
    """Every problem is told, and the invitation stays open."""
    invite.invite(invite.Command.LINE, world.flex.pk, ANN, now=NOW)

    for name, password, codes in (
        ("", "short", {"no_name", "weak_password"}),
        ("Ann\u202e", "ann@example.com", {"invalid_name", "weak_password"}),
        ("Ann", "long enough " * 22, {"weak_password"}),
    ):
        with pytest.raises(Rejected) as caught:
            invite.accept_new(link_of(), name, password, now=NOW)
        assert {one.code for one in caught.value.problems} == codes
    assert not User.objects.exists()
    assert not invite.look(link_of(), now=NOW).over


def test_of_several_who_accept_at_once_one_does(filed: Filed) -> None:
    """A link is good once, however many open it together: one account, one role, one row of the audit."""
    world = filed.run(World)
    filed.run(lambda: invite.invite(invite.Command.LINE, world.flex.pk, ANN, now=NOW))
    secret = filed.run(link_of)

    def accept() -> str:
        try:
            return invite.accept_new(secret, "Ann", PASSWORD, now=NOW).email
        except FareboxError as error:
            return error.code
        except Exception as error:
            return type(error).__name__

    answers = filed.run_together([accept] * 4)

    assert sorted(answers) == ["ann@example.com", *["conflict"] * 3]
    assert filed.run(lambda: (User.objects.count(), Membership.objects.count())) == (1, 1)
    assert filed.run(audited) == ["invited", "invitation accepted"]
