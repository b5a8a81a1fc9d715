"""
Who a person is, by the name that a use or an invitation gives: an e-mail address, or a login of a licence server.

One person has one canonical form, whatever the case; names that only look alike are refused, not guessed. A tag
(`ann+cad@…`) is part of the name. Whether a person is known, or is a member, is not decided here.  (domain A3, M1)

Accepted: ASCII, and Latin letters with accents in domains and logins. A domain in another script is accepted in its
`xn--` form, which is also the canonical form of every accented domain.
"""

from __future__ import annotations

import re
import unicodedata

from farebox.domain.errors import Problem, Rejected

EMAIL_LENGTH_MAX = 254
LOGIN_LENGTH_MAX = 104
PASSWORD_LENGTH_MAX = 256
"""Characters; longer ones cost the server more than they are worth (quality: passwords)."""

_WORD = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}\Z){_WORD}(?:\.{_WORD})*", re.ASCII)
_LABEL = re.compile(r"(?=.{1,63}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_LOGIN = re.compile(r"[^\s@<>\"(),;]+(?: [^\s@<>\"(),;]+)*")


def canonical(text: str, *, pointer: str = "") -> str:
    """
    Return the one form of an e-mail address or login; the same person gives the same form.

    Raises `Rejected` with a problem at `pointer`, code `invalid_person`, for anything that could be taken for
    another person: letters of other scripts, full-width forms, quotes, comments, addresses in brackets.
    """
    name = text.strip(" \t")
    form = _email(name) if "@" in name else _login(name)
    if form is None:
        message = "this is neither an e-mail address nor a login, or it has letters that look like others"
        raise Rejected([Problem(pointer, "invalid_person", message)])
    return form


def email_or_empty(text: str) -> str:
    """Return the one form of an e-mail address; empty for what is none, or is a login."""
    try:
        form = canonical(text)
    except Rejected:
        return ""
    return form if is_email(form) else ""


def is_email(form: str) -> bool:
    """Tell whether a canonical form is an e-mail address, to which mail can be sent."""
    return "@" in form


def _email(name: str) -> str | None:
    """Return the canonical form of an e-mail address, if it is one."""
    local, _, domain = name.partition("@")
    labels = [_label(label) for label in domain.split(".")]
    plain = [label for label in labels if label is not None]
    if not local.isascii() or not _LOCAL.fullmatch(local.lower()) or len(plain) < max(2, len(labels)):
        return None
    form = f"{local.lower()}@{'.'.join(plain)}"
    return form if len(form) <= EMAIL_LENGTH_MAX and not plain[-1].isdigit() else None


def _login(name: str) -> str | None:
    """Return the canonical form of a licence server's login, such as `domain\\ann` or `user07`."""
    form = _latin(name)
    fits = form is not None and len(form) <= LOGIN_LENGTH_MAX and form.isprintable() and _LOGIN.fullmatch(form)
    return form if fits else None


def _label(text: str) -> str | None:
    """Return the ASCII form of one label of a domain, if it can be one."""
    form = _latin(text)
    if form is None:
        return None
    label = form if form.isascii() else "xn--" + form.encode("punycode").decode("ascii")
    if _LABEL.fullmatch(label) is None or (label.startswith("xn--") and not _is_punycode(label[4:])):
        return None
    return label


def _is_punycode(text: str) -> bool:
    """Tell whether a label's `xn--` form stands for something that plain letters could not say."""
    try:
        decoded = text.encode("ascii").decode("punycode")
        again = unicodedata.normalize("NFKC", decoded.lower()).encode("punycode").decode("ascii")
    except UnicodeError:
        return False
    return again == text and decoded.isprintable() and not decoded.isascii()


def _latin(text: str) -> str | None:
    """Return `text` in lower case, composed, if it is all ASCII or accented Latin letters."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFC", text)
    if text not in (composed, unicodedata.normalize("NFD", composed)):
        return None  # a sign that stands for a letter, such as the one for kelvin
    form = unicodedata.normalize("NFC", composed.lower())
    return form if all(_is_latin(character) for character in composed + form) else None


def _is_latin(character: str) -> bool:
    """Tell whether a character is ASCII, or an ASCII letter with accents; both look like nothing else."""
    base = unicodedata.normalize("NFD", character)
    return character.isascii() or (len(base) > 1 and base[0].isascii() and base[0].isalpha())
