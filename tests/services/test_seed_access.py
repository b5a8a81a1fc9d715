"""
Each sentence of [S 003] that states a rule about who may open what, with a test that names it (domain A1, A2).

The sentences on invitations, imports, seats and trials have theirs beside what they are about.
"""

from __future__ import annotations

import pytest
from tests.services.office import Office
from tests.world import NOW, World

from farebox.domain.clock import DAY, Instant
from farebox.services import assign, defaults, groups

LATER = Instant(NOW + DAY)


@pytest.fixture
def office(world: World) -> Office:
    """Return the Flex team, its administrator, and two members."""
    return Office(world)


def test_products_can_be_specified_per_person(office: Office) -> None:
    """« Vous pouvez spécifier les produits disponibles pour les utilisateurs occasionnels avec Flex. »"""
    office.tick(office.ann, "A")
    office.tick(office.ben, "B", "Z")

    assert (office.opens(office.ann), office.opens(office.ben)) == ("A", "B Z")
    assert [office.asks("ann", product) for product in "AB"] == ["tokens", "not_assigned"]


def test_a_persons_products_are_listed(office: Office) -> None:
    """« […] sélectionnez l'utilisateur […] pour afficher une liste de produits et de services. »"""
    office.tick(office.ann, "A")

    listed = assign.person(office.boss, office.team, office.ann, now=NOW)

    assert [(one.product.code, one.ticked, one.in_force) for one in listed.products] == [
        ("A", True, True),
        ("B", False, False),
        ("Z", False, False),
    ]
    assert [one.id for one in assign.holders(office.boss, office.team, "", now=NOW).rows] == [office.ann]


def test_products_are_ticked_and_cleared(office: Office) -> None:
    """« Sélectionnez les produits et services que vous souhaitez affecter ou effacez ceux dont vous souhaitez annuler
    l'affectation. » — « Cliquez sur Enregistrer les modifications. »"""
    office.tick(office.ann, "A")
    seen = assign.person(office.boss, office.team, office.ann, now=NOW).shown

    changed = assign.set_products(office.boss, office.team, office.ann, ["B"], shown=seen, now=NOW)

    assert changed == assign.Saved(("B",), ("A",), every=False, is_new=True)
    assert office.opens(office.ann) == "B"


@pytest.mark.parametrize("every", [True, False])
def test_with_all_products_selected_new_ones_are_accessible(office: Office, every: bool) -> None:
    """« […] si tous les produits sont sélectionnés, les nouveaux produits seront automatiquement accessibles lors de
    l'ajout de nouveaux produits à Flex […]. »"""
    office.tick(office.ann, *([] if every else "ABZ"), every=every)
    office.tick(office.ben, "A", "B")

    office.offer("C", since=LATER)

    assert (office.opens(office.ann), office.opens(office.ann, now=LATER)) == ("A B Z", "A B C Z")
    assert (office.opens(office.ben, now=LATER), office.asks("ann", "C", now=LATER)) == ("A B", "tokens")


def test_who_does_not_want_new_ones_unticks_them(office: Office) -> None:
    """« Si vous ne souhaitez pas que les utilisateurs puissent accéder automatiquement aux nouveaux produits, vous
    devez annuler l'affectation vous-même. »"""
    office.tick(office.ann, every=True)
    office.offer("C")

    office.tick(office.ann, "A", "B", "Z")
    office.offer("D")

    assert office.opens(office.ann) == "A B Z"


def test_who_is_assigned_individually_is_told_by_mail(office: Office) -> None:
    """« Lorsqu'ils sont affectés individuellement, les utilisateurs reçoivent un e-mail les informant qu'ils ont accès
    aux produits. » — once for all that is new."""
    a, b = (office.world.products[code].pk for code in "AB")
    assign.assign_people(office.boss, office.team, [office.ann, office.ben], ["A", "B"], now=NOW)
    office.tick(office.ann, "A", "B")
    office.tick(office.ann, every=True)
    office.tick(office.ben, "A")

    assert office.mails() == [(office.ann, f"{a},{b}"), (office.ben, f"{a},{b}"), (office.ann, "all")]


def test_defaults_can_be_all_products_or_some_for_new_and_existing_people(office: Office) -> None:
    """« […] vous pouvez configurer l'accès par défaut à tous les produits Flex ou à certains d'entre eux pour les
    utilisateurs nouveaux ou existants. »"""
    defaults.choose(office.boss, office.team, ["A", "Z"], now=NOW)
    cem = office.member("cem")
    some = (office.opens(office.ann), office.opens(cem))

    defaults.choose(office.boss, office.team, ["A", "B", "Z"], now=NOW)

    assert some == ("A Z", "A Z")
    assert (office.opens(office.ann), office.opens(cem)) == ("A B Z", "A B Z")


def test_with_defaults_everybody_has_the_same_set(office: Office) -> None:
    """« Lorsque les affectations par défaut sont activées, tous les utilisateurs Flex ont accès au même ensemble de
    produits sélectionnés. » — whatever they or their groups were given."""
    office.tick(office.ann, every=True)
    group = groups.make(office.boss, office.team, "Building 2", now=NOW)
    groups.join(office.boss, office.team, group, [office.ben], now=NOW)
    groups.set_products(office.boss, office.team, group, ["Z"], now=NOW)

    defaults.choose(office.boss, office.team, ["B"], now=NOW)

    assert (office.opens(office.ann), office.opens(office.ben)) == ("B", "B")
    assert [office.asks("ann", product) for product in "AB"] == ["not_assigned", "tokens"]


def test_new_products_do_not_join_the_defaults(office: Office) -> None:
    """« […] lorsqu'Autodesk ajoute de nouveaux produits à Flex, les utilisateurs disposant d'affectations par défaut
    n'y ont pas automatiquement accès. » — also where all products were selected (case 14)."""
    defaults.choose(office.boss, office.team, ["A", "B", "Z"], now=NOW)

    office.offer("C")

    assert (office.opens(office.ann), office.asks("ann", "C")) == ("A B Z", "not_assigned")


def test_the_list_of_defaults_can_take_new_products_in(office: Office) -> None:
    """« Vous pouvez modifier la liste des affectations par défaut pour attribuer l'accès aux nouveaux produits. »"""
    defaults.choose(office.boss, office.team, ["A"], now=NOW)
    office.offer("C")
    seen = defaults.state(office.boss, office.team, now=NOW).shown

    defaults.choose(office.boss, office.team, [*seen, "C"], shown=seen, now=NOW)

    assert office.opens(office.ann) == "A C"


def test_saving_the_list_switches_the_defaults_on(office: Office) -> None:
    """« Cliquez sur Enregistrer les modifications. Les affectations par défaut sont désormais activées. »"""
    before = defaults.state(office.boss, office.team, now=NOW).on
    told = defaults.preview(office.boss, office.team, ["A"], now=NOW)

    defaults.choose(office.boss, office.team, ["A"], now=NOW)

    assert (before, told.turns_on, told.people) == (False, True, 2)
    assert defaults.state(office.boss, office.team, now=NOW).on


def test_nobody_is_told_of_changed_defaults(office: Office) -> None:
    """« Lorsque les affectations par défaut sont modifiées, aucune notification n'est envoyée par e-mail aux
    utilisateurs. » — nor of what is ticked while it rests under them."""
    for codes in (["A"], ["B"], []):
        defaults.choose(office.boss, office.team, codes, now=NOW)
    defaults.choose(office.boss, office.team, ["A"], now=NOW)
    office.tick(office.ann, "A", "B")

    assert office.mails() == []


def test_deselecting_all_switches_the_defaults_off(office: Office) -> None:
    """« […] pour désactiver les affectations par défaut ultérieurement, désélectionnez tous les produits […]. » — what
    each was given returns (case 14)."""
    office.tick(office.ann, every=True)
    office.tick(office.ben, "B")
    cem = office.member("cem")
    defaults.choose(office.boss, office.team, ["A", "B"], now=NOW)
    office.offer("C")
    under = [office.opens(person) for person in (office.ann, office.ben, cem)]

    defaults.choose(office.boss, office.team, [], now=NOW)

    assert under == ["A B", "A B", "A B"]
    assert [office.opens(person) for person in (office.ann, office.ben, cem)] == ["A B C Z", "B", ""]
    assert not defaults.state(office.boss, office.team, now=NOW).on


def test_existing_people_are_found_by_typing_a_name(office: Office) -> None:
    """« Utilisateurs existants : commencez à saisir le nom de l'utilisateur. Sélectionnez l'utilisateur dans la liste
    lorsqu'il s'affiche. »"""
    office.member("johannes", "Johannes Annerstedt")

    def typed(text: str) -> list[str]:
        return [one.name for one in assign.suggest(office.boss, office.team, text, now=NOW)]

    assert typed("ann") == ["Ann Ek", "Johannes Annerstedt"]
    assert (typed("EK ann"), typed("example ben"), typed("nobody"), typed(" ")) == (["Ann Ek"], ["Ben"], [], [])
