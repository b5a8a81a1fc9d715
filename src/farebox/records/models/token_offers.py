"""Tokens that one team's primary administrator offers to another's: by address, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from farebox.records.models.fields import instant_us, one_of, tokens_column, word
from farebox.records.models.packs import Pack
from farebox.records.models.teams import Team
from farebox.records.models.users import User


class TokenOfferState(StrEnum):
    """What became of an offer; one that is open lapses by time alone."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class TokenOffer(models.Model):
    """
    Tokens of a pack for whoever signs in under `address` and leads a team; nothing is reserved meanwhile (domain L6).

    Nothing here tells whether there is such an account (quality T2).
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="+")
    tokens_micro = tokens_column()
    giver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=300, blank=True)
    state = word(TokenOfferState, default=TokenOfferState.OPEN)
    offered_us = instant_us()
    until_us = instant_us()
    closed_us = instant_us(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tokens_micro__gt=0), name="token_offer_of_something"),
            models.CheckConstraint(condition=Q(until_us__gt=F("offered_us")), name="token_offer_span"),
            one_of("state", TokenOfferState, name="token_offer_state"),
        ]
        indexes = [
            models.Index(fields=["team", "offered_us"], name="token_offer_of_team"),
            models.Index(fields=["address"], condition=Q(state="OPEN"), name="token_offer_to"),
        ]

    def __str__(self) -> str:
        return f"token offer {self.pk}"
