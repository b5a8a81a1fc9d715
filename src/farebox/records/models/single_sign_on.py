"""Sessions of people who are signed in, and the identity providers of teams."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q

from farebox.records.models.fields import instant_us
from farebox.records.models.oauth import HashedCode
from farebox.records.models.teams import Team
from farebox.records.models.users import User


class Session(AbstractBaseSession):
    """What the server remembers of one browser; the key is kept as its hash (quality: sessions)."""

    session_key = HashedCode(primary_key=True, max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    began_us = instant_us()
    seen_us = instant_us()
    browser = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"session of account {self.user_id}"


class SsoConnection(models.Model):
    """
    The identity provider of a team, as OpenID Connect knows it.

    `key` names it in addresses and in the links of accounts; another issuer or client is another connection with
    another key, so that nobody is taken for who had the same subject there: some providers tell each client other
    subjects. `secret` is locked. `joins` lets everybody in whom the provider vouches for in a proven domain; otherwise
    only who was invited or is known. `tested_us` is when an administrator first came in through it; only then can it
    be `enforced`.
    """

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="sso")
    key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    issuer = models.CharField(max_length=400)
    client_id = models.CharField(max_length=200)
    secret = models.TextField()
    joins = models.BooleanField(default=False)
    enforced = models.BooleanField(default=False)
    tested_us = instant_us(null=True)
    created_us = instant_us()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(enforced=False) | Q(tested_us__isnull=False), name="sso_tested_first"),
        ]

    def __str__(self) -> str:
        return f"single sign-on of team {self.team_id}"


class SsoDomain(models.Model):
    """
    A domain of e-mail addresses that a team says is its own, and the text in the DNS by which it proves that.

    A domain is proven for one team at a time, and for the provider that the team had then: with another one it has
    another text. `missed_us` is since when the text has not been found any more.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="sso_domains", db_index=False)
    domain = models.CharField(max_length=253)
    challenge = models.CharField(max_length=64)
    created_us = instant_us()
    proven_us = instant_us(null=True)
    checked_us = instant_us(null=True)
    missed_us = instant_us(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "domain"], name="sso_domain_once"),
            models.UniqueConstraint(
                fields=["domain"], condition=Q(proven_us__isnull=False), name="sso_domain_one_team"
            ),
        ]

    def __str__(self) -> str:
        return f"domain {self.pk}"
