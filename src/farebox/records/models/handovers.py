"""Offers of the primary role of a team: from whom, to whom, and what became of them."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Team
from farebox.records.models.users import User


class HandoverState(StrEnum):
    """What became of an offer; one that is open lapses by time alone."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


class Handover(models.Model):
    """The primary role of a team, offered by who has it to another member; one open offer a team (product B1)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="handovers", db_index=False)
    giver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    receiver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="handovers")
    state = word(HandoverState, default=HandoverState.OPEN)
    offered_us = instant_us()
    until_us = instant_us()
    closed_us = instant_us(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], condition=Q(state="OPEN"), name="handover_one_open"),
            models.CheckConstraint(condition=Q(until_us__gt=F("offered_us")), name="handover_span"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="handover_two_people"),
            one_of("state", HandoverState, name="handover_state"),
        ]
        indexes = [models.Index(fields=["team", "offered_us"], name="handover_of_team")]

    def __str__(self) -> str:
        return f"handover {self.pk}"
