"""Who is to be invited, as it is typed: `Full Name <address>`, several at once (product B2, [S 003])."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import DAY, SECOND, Instant
from farebox.domain.errors import Rejected
from farebox.domain.invitations import PEOPLE_MAX, Named, entries_begin, has_lapsed, read_people
from farebox.domain.mails import PAUSES, next_try, on_one_line

SENT = Instant(10**15)


def codes(text: str) -> list[str]:
    """Return where and what the problems of a text are."""
    with pytest.raises(Rejected) as caught:
        read_people(text)
    return [f"{problem.pointer} {problem.code}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("John Doe <john.doe@email.example>", [("John Doe", "john.doe@email.example")]),
        ("Ann Ek <Ann@Example.com>, bo@example.com", [("Ann Ek", "ann@example.com"), ("", "bo@example.com")]),
        ("Ann <ann@example.com>; Bo <bo@example.com>", [("Ann", "ann@example.com"), ("Bo", "bo@example.com")]),
        ("Ann <ann@example.com>\r\n\r\nBo <bo@example.com>,\n", [("Ann", "ann@example.com"), ("Bo", "bo@example.com")]),
        ('"Ek, Ann" <ann@example.com>', [("Ek, Ann", "ann@example.com")]),
        ('"Ann \\"Nan\\" Ek" <ann@example.com>', [('Ann "Nan" Ek', "ann@example.com")]),
        ("François-René D’Août <fr@example.com>", [("François-René D’Août", "fr@example.com")]),
        (
            "山田\u3000花子 ＜hanako@example.com＞、佐藤 <sato@example.com>",
            [("山田 花子", "hanako@example.com"), ("佐藤", "sato@example.com")],
        ),
        ("  Ann   Ek  < ann@example.com > ", [("Ann Ek", "ann@example.com")]),
        ("<ann@example.com>", [("", "ann@example.com")]),
        ("Ann <ann+cad@example.com>", [("Ann", "ann+cad@example.com")]),
        ("Ann <ann@Bücher.example>", [("Ann", "ann@xn--bcher-kva.example")]),
    ],
)
def test_people_are_read_as_they_are_typed(text: str, people: list[tuple[str, str]]) -> None:
    """
    “Nouveaux utilisateurs : entrez le nom complet, suivi d'une adresse e-mail entre chevrons” [S 003].

    Names in quotes may hold commas; Japanese brackets and commas separate like ours; an address alone is enough.
    """
    assert read_people(text) == [Named(*one) for one in people]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["/people nobody"]),
        (" ;,\n", ["/people nobody"]),
        ("Ann Ek", ["/people/1 no_address"]),
        ("Ek, Ann <ann@example.com>", ["/people/1 no_address"]),
        ("Ann <>", ["/people/1 no_address"]),
        ("Ann <user07>", ["/people/1 no_address"]),
        ("Ann <ann@example.com", ["/people/1 no_address"]),
        ("Ann <ann@example.com> Ek", ["/people/1 no_address"]),
        ("Ann <ann@example.com>b@example.com>", ["/people/1 no_address"]),
        ("a@example.com)b@example.com", ["/people/1 invalid_person"]),
        ("Ann <ann@exаmple.com>", ["/people/1 invalid_person"]),
        ("Ann <ａnn@example.com>", ["/people/1 invalid_person"]),
        ("Ann <ann@example.com.>", ["/people/1 invalid_person"]),
        ("Ann <ann@[127.0.0.1]>", ["/people/1 invalid_person"]),
        ('Ann <"a b"@example.com>', ["/people/1 invalid_person"]),
        ("boss@example.com <ann@example.com>", ["/people/1 name_like_address"]),
        ("See https://example.org <ann@example.com>", ["/people/1 name_like_address"]),
        ("Ann\u202eke <ann@example.com>", ["/people/1 invalid_name"]),
        ("Ann\u200bEk <ann@example.com>", ["/people/1 invalid_name"]),
        ("A" + "\u0301" * 9 + " <ann@example.com>", ["/people/1 invalid_name"]),
        ("Ann\x00 <ann@example.com>", ["/people/1 invalid_name"]),
        ("A" * 201 + " <ann@example.com>", ["/people/1 name_too_long"]),
        ('"Ann <ann@example.com>', ["/people/1 quotes"]),
        ('An"n <ann@example.com>"', ["/people/1 quotes", "/people/1 no_address"]),
        ("a@example.com, A@EXAMPLE.com", ["/people/2 twice"]),
        ("Ann; Bo <bo@example.com>; Cy <cy@>", ["/people/1 no_address", "/people/3 invalid_person"]),
        (",".join(f"p{n}@example.com" for n in range(PEOPLE_MAX + 1)), ["/people too_many"]),
        ("a" * 60_001, ["/people too_long"]),
    ],
)
def test_every_problem_is_named_with_its_entry(text: str, found: list[str]) -> None:
    """Nothing is guessed: look-alikes, names that hide something and entries without an address are refused (A3)."""
    assert codes(text) == found


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_no_line_end_gets_into_a_name_or_an_address(ending: str) -> None:
    """What ends a line in any reading of it ends the entry, also in quotes: no header can follow a name (X27)."""
    assert codes(f'"Ann{ending}Bcc: eve@example.com" <ann@example.com>')
    assert codes(f"Ann <ann@example.com{ending}>")


@given(st.text(alphabet=st.sampled_from('ab<>@.,;"\\ \n\r\u3000＜＞\u202e\u0301é'), max_size=60) | st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    """What is read holds one plain address and a name on one line; everything else is refused with its problems."""
    try:
        people = read_people(text)
    except Rejected:
        return
    assert people
    for one in people:
        assert one.email.isascii()
        assert one.email.count("@") == 1
        assert one.name == on_one_line(one.name)
        assert not set(one.name + one.email) & set("<>\r\n")
    assert len({one.email for one in people}) == len(people)


def test_entries_are_quoted_by_their_beginning() -> None:
    """One line of at most 40 signs that can be seen, whatever was typed; of a text that is too long nothing."""
    typed = "Ann <ann@example.com>, ,Bo\u202e\tEk; " + "x" * 50

    assert entries_begin(typed) == ["Ann <ann@example.com>", "Bo Ek", "x" * 39 + "…"]
    assert entries_begin("x" * 60_001) == []


def test_an_invitation_lapses_after_seven_days() -> None:
    """“Si un nouvel utilisateur n'accepte pas une invitation dans un délai de sept jours” [S 003]: exactly then."""
    assert not has_lapsed(SENT, now=Instant(SENT + 7 * DAY - 1))
    assert has_lapsed(SENT, now=Instant(SENT + 7 * DAY))


def test_tries_grow_apart_and_end_after_two_days() -> None:
    """A mail that is not taken is tried for two days, never more than six hours apart, and then no more (X27)."""
    assert list(PAUSES) == sorted(PAUSES)
    assert 2 * DAY < sum(PAUSES) < 2 * DAY + DAY // 4
    assert next_try(1, now=SENT) == SENT + 60 * SECOND
    assert next_try(len(PAUSES) + 1, now=SENT) is None
