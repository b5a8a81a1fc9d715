"""Teams, who administers them, the people whose use is metered, and what people hold besides tokens."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from farebox.domain.recurring import UTC_ZONE
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.users import User


class Team(models.Model):
    """Those who share one balance, and see one set of reports."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    names_hidden = models.BooleanField(default=False)
    two_legged = models.BooleanField(default=False, db_default=False)
    """Whether programs may act as an administrator of the team without anybody signing in."""
    exporting_us = instant_us(default=0, db_default=0)
    """When the writing of one of its exports last began: teams take turns."""
    time_zone = models.CharField(max_length=64, default=UTC_ZONE, db_default=UTC_ZONE)
    """The clock by which its recurring exports run, as IANA names it; usage dates are UTC whatever it is."""
    created_us = instant_us()

    def __str__(self) -> str:
        return f"team {self.slug}"


class Membership(models.Model):
    """One account's role in one team; exactly one primary administrator at most."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = word(Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.UniqueConstraint(fields=["team"], condition=Q(role="PRIMARY"), name="membership_one_primary"),
            one_of("role", Role, name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"


class Person(models.Model):
    """
    Somebody whose use is metered, in one team; the one place where a name stands.

    `key` is the canonical e-mail address or login (domain A3, M1). `member_us` tells since when one is a member; who
    has none is unclaimed, known from an event alone, or invited and has not accepted yet. `pseudonym` is random, so
    that it tells nothing about the name. Who left has `left_us`; a name that turned out to be another person's is
    `joined` to that person (domain M1).
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="people", db_index=False)
    key = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    pseudonym = models.CharField(max_length=24)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="people")
    created_us = instant_us()
    member_us = instant_us(null=True)
    left_us = instant_us(null=True)
    joined = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="aliases")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], name="person_once"),
            models.UniqueConstraint(fields=["team", "pseudonym"], name="person_pseudonym_once"),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"


class Assignment(models.Model):
    """A product that one person may open; without a product: all that the offer has at any time (domain A2)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    product = models.ForeignKey("records.Product", on_delete=models.PROTECT, null=True, related_name="+")
    since_us = instant_us()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "product"], name="assignment_once"),
            models.UniqueConstraint(fields=["person"], condition=Q(product__isnull=True), name="assignment_every_once"),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"


class Entitlement(models.Model):
    """A seat or a trial that one person holds for one product over a span; it beats tokens (domain F9)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="entitlements", db_index=False)
    product = models.ForeignKey("records.Product", on_delete=models.PROTECT, related_name="+")
    kind = word(Funding)
    since_us = instant_us()
    until_us = instant_us(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "product"], name="entitlement_of")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["SEAT", "TRIAL"]), name="entitlement_kind"),
            models.CheckConstraint(
                condition=Q(until_us__isnull=True) | Q(until_us__gt=F("since_us")), name="entitlement_span"
            ),
        ]

    def __str__(self) -> str:
        return f"entitlement {self.pk}"
