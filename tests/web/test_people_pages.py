"""The pages on which a team is set up: inviting, a person's products, several at once, what is refused [S 003]."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings
from tests.web.team_pages import Office, key, words
from tests.web.used import Used, person
from tests.world import START, World

from farebox.domain.clock import DAY, Instant
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.records.models import Audit, Invitation, Mail, Membership, Person
from farebox.services import catalogue, groups, invite, names
from farebox.wallclock import now


@pytest.fixture
def office(world: World, client: Client) -> Office:
    """Return Ann at the pages."""
    return Office.of(world, client)


def test_an_empty_team_says_what_comes_next(office: Office) -> None:
    """Nobody is there yet: the page leads on, and the box to invite is open."""
    shown = office.client.get("/users/by-user").content

    assert "Nobody is in this team yet What comes next: Invite people here, several at once" in words(shown)
    assert b'id="invite" open' in shown
    assert "Default assignments are off" in office.get("default-assignments")
    assert "Nobody is assigned yet" in office.get("by-product/A")
    assert "There is no group yet" in office.get("groups")


def test_a_team_without_a_contract_can_invite_already(office: Office) -> None:
    """There is no offer to choose from yet: the pages say who adds one, and people are invited all the same."""
    bare = catalogue.add_team("bare", "Bare team", now=START)
    Membership.objects.create(team=bare, user=office.ann, role=Role.PRIMARY)

    assert "No contract yet The team has no contract" in office.get("by-product", team=bare.pk)
    assert office.client.get("/users/token-scheme", {"team": bare.pk}).status_code == 404
    assert "The offer of this team has no products yet." in office.get("default-assignments", team=bare.pk)
    assert "1 person is invited." in office.post("invite", team=bare.pk, people="Bo <bo@example.com>", which="none")


def test_new_people_are_invited_several_at_once(office: Office) -> None:
    """“entrez le nom complet, suivi d'une adresse e-mail entre chevrons” [S 003, product B2]."""
    typed = 'Bo Ek <bo@example.com>, "Lind, Cy" <cy@example.com>; Di <di@example.com>\nei@example.com'

    told = office.post("invite", people=typed, which="these", product=["A", "B"], language="fr")

    assert "4 people are invited. The link in each mail works for seven days." in told
    assert "Lind, Cy cy@example.com invited works until" in told
    assert "Product A and Product B individually Resend Withdraw" in told
    assert sorted(Mail.objects.values_list("kind", "language")) == [("INVITATION", "fr")] * 4
    assert office.opens(key("ei@example.com")) == "AB"


def test_nothing_is_half_done_and_what_was_typed_stays(office: Office) -> None:
    """Every problem is listed with its entry, nobody is invited, and the form is as it was sent."""
    typed = "Bo <bo@example.com>; Cy; Di <bo@example.com>, Ei <ei@ех.com>"

    answer = office.client.post("/users/invite", {"people": typed, "which": "these", "product": "B"})

    told = words(answer.content)
    assert answer.status_code == 400
    assert "Nobody is invited yet. What has to be mended: Entry 2, “Cy”: an e-mail address is missing." in told
    assert "Entry 3, “Di <bo@example.com>”: this address is named twice. Entry 4, “Ei <ei@" in told
    assert "Bo &lt;bo@example.com&gt;; Cy; Di" in answer.content.decode()
    assert 'value="B" checked' in answer.content.decode()
    assert '<a href="/users/by-user" aria-current="page">' in answer.content.decode()
    assert (Person.objects.count(), Mail.objects.count(), Invitation.objects.count()) == (0, 0, 0)
    assert "Tick at least one product" in office.post("invite", refused=400, people="Bo <bo@example.com>")
    both = office.post("invite", refused=400, people="Cy")
    assert "Entry 1, “Cy”: an e-mail address is missing." in both
    assert "Tick at least one product" in both


@pytest.mark.parametrize("name", ["A\rBcc: x", "A\u2028B", "A\u202eB"])
def test_a_name_that_breaks_or_turns_lines_is_refused(office: Office, name: str) -> None:
    """No name of an invitation ends a line, hides or turns around (quality: header injection)."""
    office.post("invite", refused=400, people=f"{name} <bo@example.com>", which="none")

    assert Person.objects.count() == 0


def test_an_invitation_is_sent_again_and_withdrawn(office: Office) -> None:
    """“Si un nouvel utilisateur n'accepte pas une invitation dans un délai de sept jours, vous devrez renvoyer
    l'invitation.” [S 003]
    """
    at = Instant(now() - 8 * DAY)
    invite.invite(office.ann, office.team, "Bo <bo@example.com>", every=True, now=at)
    number = Invitation.objects.get().pk
    assert "invitation lapsed not accepted in time; send it again" in office.get("by-user")
    assert "Bo" in office.get("by-user", state="lapsed")
    assert "Nobody is found so." in office.get("by-user", state="pending")

    told = office.post(f"invitations/{number}/resend")
    assert "The invitation is sent again, and works for seven days." in told
    assert "invited works until" in told
    assert Mail.objects.count() == 2
    assert "The invitation was sent a moment ago" in office.post(f"invitations/{number}/resend")
    assert Mail.objects.count() == 2

    asked = office.get(f"invitations/{number}/withdraw")
    assert "Withdraw the invitation of Bo? Flex team Its link works no more." in asked
    assert Invitation.objects.get().state == "OPEN"
    assert "The invitation is withdrawn" in office.post(f"invitations/{number}/withdraw")
    assert Invitation.objects.get().state == "WITHDRAWN"
    assert office.client.post(f"/users/invitations/{number}/withdraw").status_code == 404


def test_acts_on_an_invitation_come_back_to_the_list_as_it_was_asked(office: Office) -> None:
    """The filter, order and page stay, and nothing else that was sent leads anywhere (quality: open redirect)."""
    invite.invite(office.ann, office.team, "Bo <bo@example.com>", now=now())
    number = Invitation.objects.get().pk
    page = office.client.get("/users/by-user", {"q": "bo", "state": "pending", "sort": "-name"}).content.decode()
    kept = "q=bo&amp;state=pending&amp;sort=-name"
    assert f'name="list" value="{kept}"' in page
    assert "list=q%3Dbo%26state%3Dpending%26sort%3D-name" in page

    way = f"/users/invitations/{number}"
    again = office.client.post(f"{way}/resend", {"list": "q=bo&state=pending&sort=-name"})
    assert again["Location"] == "/users/by-user?q=bo&state=pending&sort=-name"
    away = office.client.post(f"{way}/resend", {"list": "https://example.com/?next=//example.com&page=2"})
    assert away["Location"] == "/users/by-user?page=2"
    many = office.client.post(f"{way}/resend", {"list": "&".join(["q=x"] * 2_000)})
    assert many["Location"].startswith("/users/by-user")
    sure = office.client.get(f"{way}/withdraw", {"list": "state=pending"}).content.decode()
    assert 'name="list" value="state=pending"' in sure
    assert 'href="/users/by-user?state=pending"' in sure
    done = office.client.post(f"{way}/withdraw", {"list": "state=pending"})
    assert done["Location"] == "/users/by-user?state=pending"


def test_without_a_mail_server_it_is_said_who_hands_mails_on(office: Office, settings: Settings) -> None:
    """An administrator learns that the operator does, an operator where the mails are; with a server nobody."""
    settings.DEMO, settings.MAIL_HOST = False, ""
    told = office.post("invite", people="Bo <bo@example.com>", which="none")
    assert "This installation has no mail server yet: its operator hands the mails on." in told
    office.ann.is_operator = True
    office.ann.save()
    page = office.client.post("/users/invite", {"people": "Cy <cy@example.com>", "which": "none"}, follow=True)
    assert '<a href="/operator/outbox">Read the mails</a>' in page.content.decode()
    settings.MAIL_HOST = "mail.example.com"
    assert "mail server" not in office.post("invite", people="Di <di@example.com>", which="none")


def test_who_gets_a_mail_and_who_does_not_is_counted(office: Office) -> None:
    """Given anew and told, given what a group opens already, and holding all of it: each is said by itself."""
    bo, cy, di = office.member("Bo Ek"), office.member("Cy Lind", "A"), office.member("Di Al")
    group = groups.make(office.ann, office.team, "Drawing office", now=now())
    groups.set_products(office.ann, office.team, group, ["A"], now=now())
    groups.join(office.ann, office.team, group, [di], now=now())

    told = office.post("by-product/A", do="assign", person=[bo, cy, di])

    assert "1 person was given products, and is told by mail." in told
    assert "1 person was given products and gets no mail: they may open nothing more than before" in told
    assert "1 person had all of it already, and gets no mail." in told
    assert list(Mail.objects.values_list("person_id", flat=True)) == [bo]


def test_the_box_to_invite_is_open_where_it_is_asked_for(office: Office) -> None:
    """The first page leads to it open, and it has the language of the mail (product B2)."""
    office.member("Bo Ek")
    is_open = 'id="invite" open>'
    assert is_open not in office.client.get("/users/by-user").content.decode()
    page = office.client.get("/users/by-user", {"invite": "1"}).content.decode()
    assert is_open in page
    assert '<select name="language"' in page


def test_who_is_known_from_usage_is_invited_from_the_list(office: Office) -> None:
    """An unclaimed person may open nothing; one button invites, and keeps the person (domain M1)."""
    person = Person.objects.create(team=office.world.flex, key="bo@example.com", pseudonym="p1", created_us=START)
    assert "known from usage may open nothing yet user none – Invite" in office.get("by-user")

    told = office.post(f"by-user/{person.pk}/invite")

    assert "1 person is invited." in told
    assert Person.objects.get().pk == person.pk
    assert office.opens(person.pk) == ""


def test_the_ticks_of_a_person_are_saved(office: Office) -> None:
    """“Sélectionnez les produits et services que vous souhaitez affecter ou effacez ceux dont vous souhaitez annuler
    l'affectation. Cliquez sur Enregistrer les modifications.” [S 003, product B3]
    """
    bo = office.member("Bo Ek", "A")
    page = office.get(f"by-user/{bo}")
    assert "Product A Held individually. Product B" in page

    told = office.post(f"by-user/{bo}", which="these", product=["B"], shown=["A"])
    assert "The changes are saved." in told
    assert office.opens(bo) == "B"
    assert list(Mail.objects.values_list("kind", flat=True)) == ["ASSIGNED"]
    assert "Nothing changed" in office.post(f"by-user/{bo}", which="these", product=["B"], shown=["B"])

    office.post(f"by-user/{bo}", which="these", product=["A", "B", "Z"], shown=["B"])
    assert office.opens(bo) == "*"  # “si tous les produits sont sélectionnés, les nouveaux … accessibles” [S 003]
    assert "Nothing changed" in office.post(f"by-user/{bo}", which="these", product=["B"], shown=["B"])
    told = office.post(f"by-user/{bo}", which="these", product=["A", "Z"], shown=["A", "B", "Z"], shown_every="1")
    assert (office.opens(bo), "The changes are saved." in told) == ("AZ", True)
    assert "not in the offer any more" in office.post(f"by-user/{bo}", refused=400, which="these", product=["A", "nix"])


def test_how_each_product_is_held_is_said(office: Office) -> None:
    """A group, a seat, a trial and the defaults are named; a seat says that no tokens are used, and why [S 003]."""
    bo = office.member("Bo Ek", "A")
    group = groups.make(office.ann, office.team, "Drawing office", now=now())
    groups.set_products(office.ann, office.team, group, ["A", "Z"], now=now())
    groups.join(office.ann, office.team, group, [bo], now=now())
    product = office.world.products["B"]
    catalogue.entitle(Person.objects.get(pk=bo), product, Funding.SEAT, since=START, until=Instant(now() + DAY))

    trial = Instant(now() + DAY)
    catalogue.entitle(Person.objects.get(pk=bo), office.world.products["A"], Funding.TRIAL, since=START, until=trial)

    page = office.get(f"by-user/{bo}")

    assert "Ask the person to ignore the message that the trial expires." in page  # “Demandez … d'ignorer” [S 003]
    assert "This will not use tokens, because the person tries it out until" in page
    assert "Product A Held individually and through the group Drawing office. This will not" in page
    assert "This will not use tokens, because the person has a seat for it until" in page
    assert "Groups Drawing office" in page
    assert "Product Z Held through the group Drawing office. This will not use tokens, because its rate is 0." in page
    assert "Product A, Product B, and Product Z" in office.get("by-user")


def test_by_product_begins_with_the_scheme(office: Office) -> None:
    """“cliquez sur Gestion des utilisateurs > Par produit. Sélectionnez Flex et cliquez sur Affecter des utilisateurs.”
    [S 003]
    """
    bo = office.member("Bo Ek", "A")
    assert "Flex 1 user assigned Assign users" in office.get("by-product")
    assert "Product A 1 1 0 0 0 Product B 0 0 0 0 0" in office.get("by-product")

    found = office.client.post("/users/token-scheme", {"do": "find", "find": "ek", "people": "Cy <cy@example.com>"})
    assert f'name="person" value="{bo}"' in found.content.decode()  # “commencez à saisir le nom … dans la liste”
    assert "Cy &lt;cy@example.com&gt;" in found.content.decode()
    told = office.post("token-scheme", do="assign", person=bo, people="Cy <cy@example.com>", which="all")

    assert "1 person is invited." in told
    assert "1 person was given products, and is told by mail." in told
    assert [office.opens(one) for one in (bo, key("cy@example.com"))] == ["*", "*"]
    # “Sous Utilisateurs affectés, sélectionnez l'utilisateur … pour afficher une liste de produits et de services.”
    assigned = office.client.get("/users/token-scheme").content.decode().partition("Assigned users")[2]
    assert f'href="/users/by-user/{bo}"' in assigned
    assert sorted(Mail.objects.values_list("kind", flat=True)) == ["ASSIGNED", "INVITATION"]


def test_users_are_assigned_to_one_product_and_unassigned(office: Office) -> None:
    """On a product's page people get that product alone; who holds it through a group keeps it, and it is said why."""
    bo, cy = office.member("Bo Ek"), office.member("Cy Lind", "B")
    group = groups.make(office.ann, office.team, "Drawing office", now=now())
    groups.set_products(office.ann, office.team, group, ["A"], now=now())
    groups.join(office.ann, office.team, group, [cy], now=now())
    assert "Tick at least one person, or type a new one." in office.post("by-product/A", refused=400, do="assign")

    told = office.post("by-product/A", refused=400, do="assign", person=[bo], people="Di; Ei <ei@example.com>")
    assert "Entry 1, “Di”: an e-mail address is missing." in told
    assert (office.opens(bo), Person.objects.count()) == ("", 2)  # nothing is half done
    office.post("by-product/A", do="assign", person=[bo])
    assert office.opens(bo) == "A"

    asked = office.get("selected", do="unassign", person=[bo, cy], product="A", **{"from": "product"})
    assert "Take products back from 2 people? Flex team Bo Ek bo@example.com Cy Lind" in asked
    told = office.post("selected", do="unassign", person=[bo, cy], product="A", **{"from": "product"})
    assert "Taken back from 1 person." in told
    assert "Cy Lind keeps it through the group Drawing office. Take them out of the group instead." in told
    assert (office.opens(bo), office.holds(cy)) == ("", "AB")


def test_several_are_dealt_with_at_once(office: Office) -> None:
    """Each act asks once more and names everybody: products, a group, removal; nothing happens before."""
    people = [office.member("Bo Ek", "A"), office.member("Cy Lind", "B"), office.member("Di Ask")]
    group = groups.make(office.ann, office.team, "Drawing office", now=now())

    asked = office.get("selected", do="assign", person=people)
    assert "Assign products to 3 people Flex team Bo Ek bo@example.com" in asked
    assert "Tick at least one product" in office.post("selected", refused=400, do="assign", person=people)
    assert "3 people were given products" in office.post(
        "selected", do="assign", person=people, which="these", product="Z"
    )
    assert [office.opens(one) for one in people] == ["AZ", "BZ", "Z"]
    assert "3 people joined the group." in office.post("selected", do="group", person=people, group=group)
    assert "Their products, groups, seats, trials and invitations end at once." in office.get(
        "selected", do="remove", person=people[:2]
    )
    assert "2 people were removed from the team." in office.post("selected", do="remove", person=people[:2])
    assert [one.left_us is None for one in Person.objects.order_by("pk")] == [False, False, True]
    assert "Bo Ek" in office.get("by-user", state="left")
    assert "Nothing changed" in office.post("selected", do="remove", person=people[0])
    assert "Somebody of them has left the team." in office.post(
        "selected", refused=400, do="assign", person=people[0], which="all"
    )
    for before in ({}, {"from": "product", "product": "\n"}):
        answer = office.client.get("/users/selected", {"do": "assign", **before}, follow=True)
        assert "Nobody was selected." in words(answer.content)


def test_who_administers_the_team_is_not_removed(office: Office) -> None:
    """The role is taken first, the primary one handed over; then nobody of those selected goes (quality T4)."""
    bo = office.member("Bo Ek")
    ann = catalogue.add_person(office.world.flex, "ann@example.com", "Ann", now=START)

    page = office.client.get("/users/selected", {"do": "remove", "person": [bo, ann.pk]})
    told = office.post("selected", refused=400, do="remove", person=[bo, ann.pk])

    assert page.status_code == 400
    assert '<button class="button danger">' not in page.content.decode()
    assert "Ann administers the team, so nobody is removed. Take the role first" in words(page.content)
    assert "Ann administers the team, so nobody is removed." in told
    assert "take the role first" in office.get(f"by-user/{ann.pk}")
    assert not Person.objects.filter(left_us__isnull=False).exists()


def test_the_list_is_searched_filtered_sorted_and_paged(office: Office) -> None:
    """All of it is in the address, which the links keep; what it cannot mean is as if it were not there."""
    for number in range(52):
        office.member(f"P{number:02} Ek", *("A" if number < 3 else ""))
    assert "1–50 of 52" in office.get("by-user")
    assert "51–52 of 52" in office.get("by-user", page=2)
    assert "P51 Ek p51@example.com active" in office.get("by-user", sort="-name")
    assert "Found: 1 person. Show all" in office.get("by-user", q="p07@")
    assert "Found: 3 people." in office.get("by-user", product="A")
    assert "1–50 of 52" in office.get("by-user", sort="x", page="9" * 30, state="?", product="")
    assert "Remove 3 people from the team?" in office.get("selected", do="remove", everyone=1, product="A", person=1)
    assert "Add 52 people to a group" in office.get("selected", do="group", everyone=1, q="ek")
    shown = office.client.get("/users/by-user", {"q": "ek", "page": 2}).content.decode()
    assert 'href="/users/by-user?q=ek"' in shown


def test_names_are_text(office: Office) -> None:
    """What somebody is called shows as it is, and never becomes a part of the page (quality: names shown)."""
    bo = office.member("Bo <b>x</b> {{ 7 }} </script>", "A")

    for path in ("by-user", f"by-user/{bo}", "by-product/A", f"selected?do=remove&person={bo}"):
        shown = office.client.get(f"/users/{path}").content.decode()
        assert "Bo &lt;b&gt;x&lt;/b&gt; {{ 7 }} &lt;/script&gt;" in shown, path
        assert "<b>x" not in shown, path


PAGES = ("by-user", "by-product", "token-scheme", "by-product/A", "groups", "default-assignments")
OF_SOMEBODY = ("by-user/{person}", "by-user/{person}/invite", "groups/{group}", "groups/{group}/delete",
               "invitations/{invitation}/resend", "invitations/{invitation}/withdraw",
               "selected?do=remove&person={person}", "reported/{pseudonym}")  # fmt: skip


def test_nobody_gets_in_who_does_not_belong(office: Office) -> None:
    """Another team's things are not found exactly as what does not exist; a user is refused; guests sign in (T2)."""
    other = person("boss@example.com")
    Membership.objects.create(team=office.world.ent, user=other, role=Role.PRIMARY)
    invite.invite(other, office.world.ent.pk, "Xi <xi@example.com>", now=now())
    theirs = {
        "person": key("xi@example.com"),
        "pseudonym": Person.objects.get().pseudonym,
        "invitation": Invitation.objects.get().pk,
        "group": groups.make(other, office.world.ent.pk, "Theirs", now=now()),
    }
    nowhere = {"person": 10**12, "pseudonym": "nobody", "invitation": 10**12, "group": 10**12}
    rows = Audit.objects.filter(verb__startswith="refused").count()
    for path in OF_SOMEBODY:
        for method in (office.client.get, office.client.post):
            found = [method(f"/users/{path.format(**one)}") for one in (theirs, nowhere)]
            assert {one.status_code for one in found} <= {404, 405}, path
            assert found[0].status_code == found[1].status_code, path
    assert office.client.post("/users/invite", {"team": office.world.ent.pk, "people": "x"}).status_code == 404
    assert office.client.get("/users/by-user", {"team": "0" * 5_000}).status_code == 404
    assert Person.objects.filter(left_us__isnull=False).count() == 0
    assert Invitation.objects.get().state == "OPEN"
    assert rows <= Audit.objects.filter(verb__startswith="refused").count()

    office.client.force_login(person("user@example.com", office.world, Role.USER))
    assert {office.client.get(f"/users/{path}").status_code for path in PAGES} == {403}
    office.client.logout()
    assert {office.client.get(f"/users/{path}").status_code for path in PAGES} == {302}


def test_an_administrator_of_several_teams_switches(office: Office) -> None:
    """The switch names the teams; links and answers stay with the team that was chosen (product B1)."""
    Membership.objects.create(team=office.world.ent, user=office.ann, role=Role.SECONDARY)
    bo = office.member("Bo Ek", "A")

    assert "Nobody is in this team yet" in office.get("by-user")  # the first by name
    shown = office.client.get("/users/by-user", {"team": office.team}).content.decode()
    assert f'href="/users/by-user/{bo}?team={office.team}"' in shown
    assert f'<option value="{office.team}" selected>Flex team' in shown
    assert "Enterprise 0 users assigned" in office.get("by-product", team=office.world.ent.pk)
    sent = office.client.post(f"/users/by-user/{bo}", {"team": office.team, "which": "all", "shown": "A"})
    assert sent["Location"] == f"/users/by-user/{bo}?team={office.team}"
    assert office.client.get(f"/users/by-user/{bo}").status_code == 404  # of the other team


def test_a_report_leads_to_the_person_only_while_names_are_shown(used: Used, client: Client) -> None:
    """From a report one manages access; hidden names stay hidden: no link, and no act by pseudonym (quality P1)."""
    team, bo = used.world.flex, Person.objects.get(key="bo@example.com")
    client.force_login(used.ann)
    report = f"/reporting/token-usage/users/{bo.pseudonym}?range=12m"
    assert b"Manage access" in client.get(report).content
    assert client.get(f"/users/reported/{bo.pseudonym}?team={team.pk}")["Location"].startswith(
        f"/users/by-user/{bo.pk}"
    )
    assert (
        f"/users/by-product/A?team={team.pk}"
        in client.get(f"/reporting/token-usage/products/A?contract={used.number}").content.decode()
    )
    people = client.get(f"/users/by-user?team={team.pk}").content.decode()
    assert bo.pseudonym not in people  # pages about people show no pseudonym, and no usage

    sent = {"team": team.pk, "pseudonym": bo.pseudonym, "product": "A"}
    question = client.get("/users/unassign", sent).content
    assert "Take products back from 1 person?" in words(question)
    assert ("bo@example.com" in words(question), bo.pseudonym in words(question)) == (True, False)
    told = client.post("/users/unassign", sent, follow=True).content
    assert "Nothing changed: it was so already." in words(told)

    names.turn(used.ann, team.pk, hidden=True, now=now())
    assert b"Manage access" not in client.get(report).content
    assert client.get(f"/users/reported/{bo.pseudonym}?team={team.pk}").status_code == 404
    assert client.post("/users/unassign", sent).status_code == 404
