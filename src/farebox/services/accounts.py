"""Accounts of people who sign in: their passwords, and whether they may sign in at all."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Problem, Rejected
from farebox.domain.mails import MailKind
from farebox.domain.teams import email_or_empty
from farebox.records import audit, db, mails, sign_ins, single_sign_on
from farebox.records.audit import NOBODY, Same
from farebox.records.models import User
from farebox.records.standing import log_of


def set_password(address: str, password: str, *, now: Instant) -> User:
    """
    Give an account another password at the command line, which ends its sessions.

    Raises `NotFound` for an address without an account, `Rejected` for a password that is too weak.
    """
    with db.atomic():
        user = _named(address)
        _validate(user, password)
        _write(user, password, audit.COMMAND, "password.set", now)
        sign_ins.end_all(user.pk)
    return user


def change_password(user: User, password: str, *, keep: str, now: Instant) -> None:
    """
    Give oneself another password; every session but the one to `keep` ends, and a mail tells of it.

    Who asks has proven the old password. Raises `Forbidden` where single sign-on leaves no password, `Rejected` for
    one that is too weak.
    """
    with db.atomic():
        _validate(user, password)
        _write(user, password, f"account {user.pk}", "password.changed", now)
        sign_ins.end_all(user.pk, keep=keep)


def ask_reset(address: str, *, now: Instant) -> None:
    """
    Queue the mail with which an account gets a new password, to the address on record.

    Nobody learns whether there is such an account: for any address one row is written and committed. Nothing is sent
    where single sign-on leaves no password, or the account is disabled.
    """
    with db.atomic():
        user = User.objects.filter(email=email_or_empty(address), is_active=True).first()
        if user is not None and single_sign_on.enforced(user.email):
            user = None
        who = f"account {user.pk}" if user is not None else NOBODY
        audit.note_some(audit.Change(None, "password.reset_asked", who, {}), NOBODY, of=Same.OBJECT, at=now)
        if user is not None:
            mails.queue(None, None, user.pk, MailKind.RESET, {}, language=user.language, now=now)


def send_reset(address: str, *, now: Instant) -> User:
    """
    Queue that mail at the command line.

    Raises `NotFound` for an address without an account, `Conflict` for one that is disabled, `Forbidden` where single
    sign-on leaves no password.
    """
    with db.atomic():
        user = _named(address)
        if not user.is_active:
            raise Conflict(f"{user.email} is disabled")
        if single_sign_on.enforced(user.email):
            raise Forbidden(f"{user.email} signs in over single sign-on")
        _note(user, "password.reset_asked", {}, now)
        mails.queue(None, None, user.pk, MailKind.RESET, {}, language=user.language, now=now)
    return user


def reset(user: User, password: str, *, now: Instant) -> None:
    """
    Set a new password over a link that was mailed, once; it ends all sessions, and a mail tells of it.

    Raises `Conflict` where the link was used at the same moment, `Forbidden` where single sign-on leaves no password.
    """
    with db.atomic():
        _validate(user, password)
        _write(user, password, f"account {user.pk}", "password.reset", now)
        sign_ins.end_all(user.pk)


def disable(address: str, *, now: Instant) -> User:
    """Let nobody sign in to an account any more: its sessions, tokens and grants end at once (ASVS 7.4.2)."""
    with db.atomic():
        user = _named(address)
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            raise Conflict(f"{user.email} is disabled already")
        ended = sign_ins.end_all(user.pk) + sign_ins.end_tokens(user.pk, now=now)
        _note(user, "account.disabled", {"ended": ended}, now)
    return user


def enable(address: str, *, now: Instant) -> User:
    """Let an account that was disabled sign in again; what ended with it stays ended."""
    with db.atomic():
        user = _named(address)
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise Conflict(f"{user.email} is not disabled")
        _note(user, "account.enabled", {}, now)
    return user


def set_operator(address: str, *, operator: bool, now: Instant) -> User:
    """
    Make an account one of the operators of the installation, or no longer; its sessions end.

    Those that a provider began would be an operator's, whom no provider lets in.
    """
    with db.atomic():
        user = _named(address)
        if not User.objects.filter(pk=user.pk, is_operator=not operator).update(is_operator=operator):
            raise Conflict(f"{user.email} is {'an operator already' if operator else 'no operator'}")
        sign_ins.end_all(user.pk)
        _note(user, "operator.made" if operator else "operator.removed", {}, now)
    return user


def end_sessions(address: str, *, now: Instant) -> int:
    """End all sessions of an account at the command line; return how many."""
    with db.atomic():
        user = _named(address)
        ended = sign_ins.end_all(user.pk)
        _note(user, "sessions.ended", {"ended": ended}, now)
    return ended


def exists(address: str) -> bool:
    """Tell whether there is an account of an address."""
    return User.objects.filter(email=email_or_empty(address)).exists()


def _named(address: str) -> User:
    user = User.objects.filter(email=email_or_empty(address)).first()
    if user is None:
        raise NotFound(f"no account {address}")
    return user


def _validate(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Rejected(Problem("/password", "weak_password", message) for message in error.messages) from error


def _write(user: User, password: str, actor: str, verb: str, now: Instant) -> None:
    """Set a password, unless another was set since `user` was read; the hash there is decides."""
    if actor != audit.COMMAND and single_sign_on.enforced(user.email):
        raise Forbidden("this account signs in over single sign-on")
    before = user.password
    user.set_password(password)
    if not User.objects.filter(pk=user.pk, password=before, is_active=True).update(password=user.password):
        raise Conflict("the password was changed a moment ago")
    audit.note([audit.Change(log_of(user.pk), verb, f"account {user.pk}", {})], actor, at=now)
    if actor != audit.COMMAND:  # whoever runs commands tells people himself
        facts = {"what": verb}
        mails.queue(None, None, user.pk, MailKind.SIGN_IN_CHANGED, facts, language=user.language, now=now)


def _note(user: User, verb: str, facts: audit.Facts, now: Instant) -> None:
    audit.note([audit.Change(log_of(user.pk), verb, f"account {user.pk}", facts)], audit.COMMAND, at=now)
