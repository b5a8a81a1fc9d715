"""The second factor of accounts: who needs one and lacks it, the secrets as they are kept, and taking one away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.domain.mails import MailKind
from farebox.domain.rights import ADMINISTRATORS
from farebox.domain.teams import email_or_empty
from farebox.records import audit, db, locked, mails, sign_ins
from farebox.records.models import Membership, User
from farebox.records.standing import log_of


def lock(secret: str) -> str:
    """Return the secret of a second factor as it may be kept."""
    return locked.lock(secret, locked.SECOND_FACTOR)


def unlock(kept: str) -> str:
    """Return the secret of a second factor."""
    return locked.unlock(kept, locked.SECOND_FACTOR)


def is_set(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether an account has a second factor."""
    return bool(Authenticator.objects.filter(user_id=user.pk or 0, type=Authenticator.Type.TOTP).exists())


def is_missing(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether an account leads a team or the installation and has no second factor."""
    leads = Membership.objects.filter(user_id=user.pk or 0, role__in=ADMINISTRATORS).exists()
    return (leads or bool(getattr(user, "is_operator", False))) and not is_set(user)


def use(user: User, code: str) -> bool:
    """Take a code of an account's app; tell whether it was right and not used before."""
    return bool(TOTP(Authenticator.objects.get(user_id=user.pk, type=Authenticator.Type.TOTP)).validate_code(code))


@contextmanager
def noted(user: User, verb: str, *, now: Instant) -> Iterator[None]:
    """Write down, with the change that is made inside, that a second factor came or went; its owner is told."""
    with db.atomic():
        yield
        audit.note([audit.Change(log_of(user.pk), verb, f"account {user.pk}", {})], f"account {user.pk}", at=now)
        _tell(user, verb, now)


def take_away(address: str, *, now: Instant) -> None:
    """
    Take the second factor from an account whose owner lost it, which ends its sessions; by command alone.

    Raises `NotFound` where there is no such account, or none with a second factor.
    """
    with db.atomic():
        user = User.objects.filter(email=email_or_empty(address)).first()
        if user is None or not Authenticator.objects.filter(user_id=user.pk).delete()[0]:
            raise NotFound(f"no account {address} with a second factor")
        sign_ins.end_all(user.pk)
        audit.note(
            [audit.Change(log_of(user.pk), "second_factor.taken", f"account {user.pk}", {})], audit.COMMAND, at=now
        )
        _tell(user, "second_factor.taken", now)


def _tell(user: User, verb: str, now: Instant) -> None:
    facts = {"what": verb}
    mails.queue(None, None, user.pk, MailKind.SIGN_IN_CHANGED, facts, language=user.language, now=now)
