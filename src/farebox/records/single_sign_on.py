"""What single sign-on means for an address: whose provider vouches for it, and whether it may have a password."""

from __future__ import annotations

from farebox.domain.teams import email_or_empty
from farebox.records.models import SsoConnection, SsoDomain, User


def serving(address: str) -> SsoConnection | None:
    """
    Return the identity provider that vouches for an address: of the team that has proven its domain.

    It depends on the domain alone, so that nobody learns from it whether an account exists.
    """
    domain = email_or_empty(address).partition("@")[2]
    if not domain:
        return None
    of_domain = SsoConnection.objects.select_related("team")
    return of_domain.filter(team__sso_domains__domain=domain, team__sso_domains__proven_us__isnull=False).first()


def enforced(address: str) -> bool:
    """
    Tell whether people of an address sign in through their team's identity provider and in no other way.

    Then no password counts: none is asked for, set, changed, reset, or taken with an invitation. Operators of the
    installation are not bound: no provider lets them in, and a team does not shut out who looks after all of them.
    """
    found = serving(address)
    if found is None or not found.enforced:
        return False
    return not User.objects.filter(email=email_or_empty(address), is_operator=True).exists()


def offered_anywhere() -> bool:
    """Tell whether single sign-on is set up for any domain, so that signing in begins with the address."""
    return SsoDomain.objects.filter(proven_us__isnull=False, team__sso__isnull=False).exists()
