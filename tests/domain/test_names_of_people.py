"""One person, one canonical form; what only looks like another name is refused (A3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH

from farebox.domain.errors import Rejected
from farebox.domain.teams import canonical, email_or_empty, is_email


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" ann@example.com\t", "ann@example.com"),
        ("ann+cad@example.com", "ann+cad@example.com"),
        ("o'neil_1@sub.example.co.uk", "o'neil_1@sub.example.co.uk"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@BU\N{COMBINING DIAERESIS}CHER.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
        ("USER07", "user07"),
        ("DOMAIN\\Ann", "domain\\ann"),
        ("Jörg.Müller", "jörg.müller"),
        ("ann smith", "ann smith"),
    ],
)
def test_names_have_one_form(text: str, form: str) -> None:
    """Case, outer blanks and the spelling of accents make no difference; a tag does."""
    assert canonical(text) == form
    assert canonical(form) == form
    assert is_email(form) == ("@" in text)
    assert email_or_empty(text) == (form if "@" in text else "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "@",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@example..com",
        "ann@.example.com",
        "ann@example.com.",
        ".ann@example.com",
        "ann.@example.com",
        "a..n@example.com",
        "ann@exa mple.com",
        "an n@example.com",
        "ann@-example.com",
        "ann@example-.com",
        "ann@exam_ple.com",
        '"ann"@example.com',
        "ann@[192.0.2.1]",
        "ann@192.0.2.1",
        "a@x)b@y.example",
        "ann@example.com@example.org",
        "Ann <ann@example.com>",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann\0@example.com",
        "\N{CYRILLIC SMALL LETTER A}nn@example.com",
        "ann@ex\N{CYRILLIC SMALL LETTER A}mple.com",
        "ann@\N{FULLWIDTH LATIN SMALL LETTER E}xample.com",
        "\N{LATIN SMALL LETTER DOTLESS I}an@example.com",
        "ann@m\N{LATIN SMALL LETTER DOTLESS I}n.example",
        "ann@\N{KELVIN SIGN}elvin.example",
        "\N{KELVIN SIGN}elvin@example.com",
        "ann@\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}stanbul.example",
        "ann@stra\N{LATIN SMALL LETTER SHARP S}e.example",
        "ann@example\N{IDEOGRAPHIC FULL STOP}com",
        "jörg@example.com",
        "ann@xn--example-.com",
        "ann@xn--a.com",
        "ann@xn--\x80.com",
        "a" * 65 + "@example.com",
        "ann@" + "a" * 64 + ".com",
        "ann@" + ".".join(["a" * 60] * 5) + ".com",
        "user\N{ZERO WIDTH SPACE}07",
        "user\N{RIGHT-TO-LEFT OVERRIDE}07",
        "\N{CYRILLIC SMALL LETTER A}nn",
        "user\n07",
        "user\x1b07",
        "user  07",
        "user;07",
        "u" * 105,
    ],
)
def test_what_could_be_another_person_is_refused(text: str) -> None:
    """Look-alike letters, quotes, comments, literal addresses and control characters, with a pointer (A3)."""
    with pytest.raises(Rejected) as refused:
        canonical(text, pointer="/subject")

    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [("/subject", "invalid_person")]


@given(st.text(max_size=30) | st.text("aAzZ09@.-_+\\ üÜ\N{KELVIN SIGN}", max_size=30))
@THOROUGH
def test_a_form_is_its_own_form(text: str) -> None:
    """Whatever is accepted is printable, in its own canonical form, and the same in any case (A3)."""
    try:
        form = canonical(text)
    except Rejected:
        return
    assert form.isprintable()
    assert form == canonical(form) == canonical(form.upper())
    assert form.isascii() or not is_email(form)
