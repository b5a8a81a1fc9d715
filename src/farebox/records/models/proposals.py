"""What an operator proposed, and whether another one approved it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from farebox.domain.approval import Kind, State
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Team


class Proposal(models.Model):
    """
    One act that takes two operators (domain/approval).

    `payload` is what is to be done, by numbers and codes; `answer` what came of it. `proposed_by` and `decided_by` are
    actors as the audit names them. The table itself refuses that both are the same where something was done.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    kind = word(Kind)
    payload = models.JSONField()
    key = models.CharField(max_length=80, blank=True)
    proposed_by = models.CharField(max_length=60)
    proposed_us = instant_us()
    lapses_us = instant_us()
    state = word(State, default=State.OPEN.value, db_default=State.OPEN.value)
    decided_by = models.CharField(max_length=60, blank=True, db_default="")
    decided_us = instant_us(null=True)
    answer = models.JSONField(default=dict)

    class Meta:
        constraints = [
            one_of("kind", Kind, name="proposal_kind"),
            one_of("state", State, name="proposal_state"),
            models.UniqueConstraint(fields=["proposed_by", "key"], condition=~Q(key=""), name="proposal_key_once"),
            models.CheckConstraint(
                condition=~Q(state="DONE") | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by="")),
                name="proposal_takes_two",
            ),
        ]
        indexes = [models.Index(fields=["state", "proposed_us"], name="proposal_of_state")]

    def __str__(self) -> str:
        return f"proposal {self.pk}"
