"""Invitations into a team."""

from __future__ import annotations

from django.db import models

from farebox.domain.invitations import InvitationState
from farebox.domain.rights import Role
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Person, Team
from farebox.records.models.users import User


class Invitation(models.Model):
    """
    One person asked to join a team, at `person.key`, in a role [S 003].

    It can be accepted for seven days from `sent_us`. The link is made of `nonce` and the key of the installation, so
    that neither the records nor a waiting mail holds a secret; sent again, it has another nonce, and the earlier link
    is dead. `by` is who asked, None for the operator at the command line.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    role = word(Role)
    language = models.CharField(max_length=5)
    state = word(InvitationState, default=InvitationState.OPEN.value)
    nonce = models.CharField(max_length=32)
    created_us = instant_us()
    sent_us = instant_us()
    ended_us = instant_us(null=True)

    class Meta:
        constraints = [
            one_of("role", Role, name="invitation_role"),
            one_of("state", InvitationState, name="invitation_state"),
            models.UniqueConstraint(fields=["person"], condition=models.Q(state="OPEN"), name="invitation_open_once"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
