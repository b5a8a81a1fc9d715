"""Who is signed in where, and what else lets somebody act in an account's name: seen and ended."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q
from django.utils import timezone
from django.utils.http import int_to_base36

from farebox.domain.clock import Instant, moment
from farebox.records.models import AccessToken, Grant, PersonalToken, RefreshToken, Session, User
from farebox.records.models.oauth import Hashed, HashedCode


class SignIn(NamedTuple):
    """One browser in which somebody is signed in; `key` names it and lets nobody in."""

    key: str
    browser: str
    began_us: int
    seen_us: int
    is_this: bool


def sign_ins_of(user_id: int, *, current: str = "", now: Instant) -> list[SignIn]:
    """Return where an account is signed in, what was last used first; `current` is the session that asks."""
    here = _hashed(current)
    rows = Session.objects.filter(user_id=user_id, expire_date__gt=moment(now)).order_by("-seen_us", "session_key")
    return [SignIn(row.session_key, row.browser, row.began_us, row.seen_us, row.session_key == here) for row in rows]


def end(user_id: int, key: str) -> int:
    """End one session of an account; return whether there was one."""
    ended: int = Session.objects.filter(user_id=user_id, session_key=Hashed(key)).delete()[0]
    return ended


def end_all(user_id: int, *, keep: str = "") -> int:
    """End every session of an account but the one to `keep`, in the caller's transaction; return how many ended."""
    ended: int = Session.objects.filter(user_id=user_id).exclude(session_key=keep).delete()[0]
    return ended


def end_all_at(domains: Iterable[str], *, keep: str = "") -> int:
    """End every session of accounts whose addresses are of some domains, as `end_all` does of one account."""
    theirs = reduce(or_, (Q(user__email__endswith=f"@{domain}") for domain in domains))
    ended: int = Session.objects.filter(theirs).exclude(session_key=keep).delete()[0]
    return ended


def end_tokens(user_id: int, *, now: Instant) -> int:
    """End what scripts and programs ask with in somebody's name, in the caller's transaction; return how many."""
    own = PersonalToken.objects.filter(user_id=user_id, revoked_us__isnull=True).update(revoked_us=now)
    chains = RefreshToken.objects.filter(user_id=user_id, revoked__isnull=True).update(revoked=timezone.now())
    Grant.objects.filter(user_id=user_id, spent_us__isnull=True).update(spent_us=now)
    live, _ = AccessToken.objects.filter(user_id=user_id).delete()
    return int(own + chains + live)


def forget(*, now: Instant) -> int:
    """Delete the sessions that are over; return how many."""
    gone: int = Session.objects.filter(expire_date__lte=moment(now)).delete()[0]
    return gone


def reset_path(user: User) -> str:
    """
    Return the address, without the host, at which the one who gets it sets a new password.

    It is made when the mail is sent and kept nowhere: it is signed with the installation's key over the password that
    there is now and the last sign-in, so that it works once, and for an hour.
    """
    return f"/accounts/password/reset/{int_to_base36(user.pk)}-{default_token_generator.make_token(user)}/"


def _hashed(key: str) -> str:
    return str(HashedCode().get_prep_value(key)) if key else ""
