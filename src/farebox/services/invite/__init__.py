"""Inviting people into a team, and accepting: nobody gets an account or a place in a team in another way by mail."""

from farebox.services.invite.accepting import Look, accept, accept_new, look
from farebox.services.invite.inviting import Outcome, Said, invite, invite_as_command, invite_primary
from farebox.services.invite.pending import (
    Pending,
    pending,
    pending_of,
    resend,
    resend_as_command,
    role_asked,
    withdraw,
    withdraw_as_command,
)

__all__ = [
    "Look",
    "Outcome",
    "Pending",
    "Said",
    "accept",
    "accept_new",
    "invite",
    "invite_as_command",
    "invite_primary",
    "look",
    "pending",
    "pending_of",
    "resend",
    "resend_as_command",
    "role_asked",
    "withdraw",
    "withdraw_as_command",
]
